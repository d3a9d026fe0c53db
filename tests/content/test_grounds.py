"""Reasons and phrases: what staff choose from instead of writing it anew each time."""

from pathlib import Path

import pytest

from civic.reports import MOVES
from content.grounds import GROUNDED, fitting, read_grounds
from content.library import Library
from content.sheets import Shelf

OWN_WORDS = {"note", "hide", "supervise"}  # each time something else


def test_whatever_needs_words_has_some_to_choose_from_in_both_languages(library: Library) -> None:
    offered = {move for one in library.phrases for move in one.moves}
    offered |= {move for one in library.grounds for move in one.moves}
    assert {name for name, rule in MOVES.items() if rule.note} - offered == OWN_WORDS
    assert {name for name, rule in MOVES.items() if "ground" in rule.takes} == set(GROUNDED)


@pytest.mark.parametrize("move", GROUNDED)
def test_a_reason_for_some_categories_is_offered_only_there_and_first(library: Library, move: str) -> None:
    for category in library.categories:
        offered = fitting(library.grounds, move, category)
        own = [bool(one.categories) for one in offered]
        assert offered and own == sorted(own, reverse=True)
        assert all(category in one.categories for one in offered if one.categories)


def test_a_slip_in_the_list_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "grounds.toml").write_text(
        '[[ground]]\nid = "gone"\nmoves = ["reject", "fly"]\ncategories = ["boats"]\nname = "没了"\nwords = "没有了"\n'
        '[ground.en]\nname = "Gone"\nwords = "It is gone"\n',
        encoding="utf-8",
    )
    shelf = Shelf(tmp_path, {})
    read_grounds(shelf, {"litter"})
    assert [(one.line, one.reason.split("，")[0]) for one in shelf.problems] == [
        (3, "fly 不用理由"),
        (4, "没有 boats 这个类别（categories.toml）"),
    ]
