"""Why a report is rejected, or returned among colleagues: grounds.toml, to choose from instead of writing each anew."""

from collections.abc import Collection, Sequence

from pydantic import Field

from content.items import Localised, Record
from content.sheets import Shelf

GROUNDED = ("reject", "return")  # the moves that are explained by a ground


class GroundWords(Record):
    """``words`` go into the form and may be changed: to the resident (reject), or to a colleague (return)."""

    name: str = Field(min_length=1)
    words: str = Field(min_length=1)


class Ground(Localised[GroundWords]):
    """``id`` stays in the history; ``categories`` are those it makes sense for, none: all."""

    id: str = Field(pattern=r"^[a-z_]{1,32}$")
    moves: tuple[str, ...] = Field(min_length=1)
    categories: tuple[str, ...] = ()


def read_grounds(shelf: Shelf, categories: Collection[str]) -> tuple[Ground, ...]:
    """In the order of the file; a move that takes no ground, or a category that there is not, is a problem."""
    entries = shelf.entries(shelf.sheet("grounds.toml", ("ground",), optional=True), "ground", Ground)
    for entry in entries:
        for move in set(entry.item.moves).difference(GROUNDED):
            shelf.problems.append(entry.problem("moves", f"{move} 不用理由，可以写 {'、'.join(GROUNDED)}"))
        for category in set(entry.item.categories).difference(categories):
            shelf.problems.append(entry.problem("categories", f"没有 {category} 这个类别（categories.toml）"))
    return tuple(shelf.unique(entries).values())


def fitting(grounds: Sequence[Ground], move: str, category: str) -> list[Ground]:
    """Those for a move of a report of this category, the category's own first."""
    fits = [one for one in grounds if move in one.moves and (not one.categories or category in one.categories)]
    return sorted(fits, key=lambda one: not one.categories)
