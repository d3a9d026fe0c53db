"""A figure beside the same one of another period."""

from civic.comparing import changes
from civic.figures import Cell, Value


def value(number: float | None, *cells: Cell, hidden: bool = False) -> Value:
    return Value("accuracy", number, None, None, {"topic": cells}, hidden=hidden)


def cell(key: str, number: float | None, *, hidden: bool = False) -> Cell:
    return Cell(key, number, None, None, hidden=hidden)


def test_a_change_is_a_difference_and_its_share_of_what_was_before() -> None:
    change = changes([value(0.75)], [value(0.5)])["accuracy"]
    assert (change.before, change.difference, change.ratio) == (0.5, 0.25, 0.5)


def test_from_nothing_there_is_a_difference_but_no_share() -> None:
    change = changes([value(3)], [value(0)])["accuracy"]
    assert (change.before, change.difference, change.ratio) == (0, 3, None)


def test_what_has_no_value_in_one_of_the_periods_has_no_change() -> None:
    assert changes([value(None)], [value(0.5)])["accuracy"].difference is None
    assert changes([value(0.5)], [value(None)])["accuracy"].before is None


def test_cells_are_compared_with_the_cell_of_the_same_key() -> None:
    found = changes([value(1, cell("waste", 3), cell("dogs", 2))], [value(1, cell("dogs", 4))])["accuracy"]
    assert found.by["topic"]["dogs"].ratio == -0.5
    assert found.by["topic"]["waste"].before is None


def test_what_was_hidden_is_not_told_by_the_change_from_it() -> None:
    now, before = value(9, cell("dogs", 8)), value(1, cell("dogs", None, hidden=True), hidden=True)
    found = changes([now], [before])["accuracy"]
    assert (found.before, found.difference, found.by["topic"]["dogs"].before) == (None, None, None)
