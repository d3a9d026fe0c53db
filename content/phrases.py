"""Short words for work on reports: what staff often write to residents (phrases.toml), and why a resident is not
satisfied (reasons.toml)."""

from pydantic import Field

from civic.reports import MOVES
from content.items import Named
from content.sheets import Shelf


class Phrase(Named):
    """``moves`` are those of a report that the words go with, or "reply"."""

    id: str
    moves: tuple[str, ...] = Field(min_length=1)


class Reason(Named):
    """Why somebody is not satisfied with how their report was dealt with."""

    id: str


def read_phrases(shelf: Shelf) -> tuple[Phrase, ...]:
    """In the order of the file; a move that there is not is a problem."""
    entries = shelf.entries(shelf.sheet("phrases.toml", ("phrase",), optional=True), "phrase", Phrase)
    for entry in entries:
        for move in entry.item.moves:
            if move not in {*MOVES, "reply"}:
                known = "、".join((*MOVES, "reply"))
                shelf.problems.append(entry.problem("moves", f"没有 {move} 这个动作，可以写 {known}"))
    return tuple(shelf.unique(entries).values())
