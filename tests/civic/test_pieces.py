"""What the public is told apart: whole weeks or months that are over, cut at campaigns."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.catalogue import BY_KEY
from civic.figures import Cell, Value
from civic.periods import Period
from civic.pieces import Grid, hidden, nearest, pieces, together, veil

TODAY = date(2026, 11, 25)  # a Wednesday
ACCURACY = BY_KEY["accuracy"]
CAMPAIGNS = {"autumn": (date(2026, 10, 14), date(2026, 10, 25))}


def span(start: str, end: str) -> Period:
    return Period("", date.fromisoformat(start), date.fromisoformat(end), TODAY)


@pytest.mark.parametrize(
    ("start", "end", "grid", "found"),
    [
        ("2026-11-16", "2026-11-22", "week", ["2026-11-16..2026-11-22"]),
        ("2026-11-09", "2026-11-22", "week", ["2026-11-09..2026-11-15", "2026-11-16..2026-11-22"]),
        ("2026-11-16", "2026-11-23", "week", []),
        ("2026-11-23", "2026-11-29", "week", []),  # not over
        ("2026-10-12", "2026-10-18", "week", ["2026-10-12..2026-10-13", "2026-10-14..2026-10-18"]),
        ("2026-10-14", "2026-10-25", "week", ["2026-10-14..2026-10-18", "2026-10-19..2026-10-25"]),
        ("2026-10-01", "2026-10-31", "week", []),
        ("2026-09-01", "2026-09-30", "month", ["2026-09-01..2026-09-30"]),
        ("2026-10-01", "2026-10-13", "month", ["2026-10-01..2026-10-13"]),
        ("2026-11-16", "2026-11-22", "month", []),
        ("2026-01-05", "2026-11-22", "week", []),  # more pieces than are looked at
    ],
)
def test_a_period_is_told_apart_if_it_is_made_of_whole_pieces(
    start: str, end: str, grid: Grid, found: list[str]
) -> None:
    assert [one.key for one in pieces(span(start, end), grid, CAMPAIGNS)] == found


@pytest.mark.parametrize(
    ("start", "end", "grid", "found"),
    [
        ("2026-10-27", "2026-11-25", "week", "2026-11-02..2026-11-22"),
        ("2026-11-19", "2026-11-25", "week", "2026-11-16..2026-11-22"),
        ("2026-11-01", "2026-11-30", "week", "2026-11-02..2026-11-22"),
        ("2026-10-27", "2026-11-25", "month", "2026-10-01..2026-10-31"),
        ("2026-07-01", "2026-09-30", "month", "2026-07-01..2026-09-30"),
    ],
)
def test_else_the_nearest_that_is_told_apart_is_named(start: str, end: str, grid: Grid, found: str) -> None:
    assert nearest(span(start, end), grid, CAMPAIGNS).key == found


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(0, 366), st.sampled_from(("week", "month")))
def test_what_is_named_is_told_apart(start: date, days: int, grid: Grid) -> None:
    there = nearest(Period("", start, start + timedelta(days=days), TODAY), grid, CAMPAIGNS)
    assert pieces(there, grid, CAMPAIGNS) and there.end < TODAY


def test_a_cell_is_shown_if_every_piece_shows_it() -> None:
    whole = Value("accuracy", 0.5, 10, 20, {"topic": [Cell("a", 0.5, 5, 10, 9), Cell("b", 0.5, 5, 10, 9)]}, 9)
    piece = Value("accuracy", 0.5, 1, 2, {"topic": [Cell("a", None, None, None, hidden=True)]}, 3)
    [shown] = veil([whole], together([hidden([whole]), hidden([piece])], [ACCURACY]))
    assert shown.by is not None
    assert [(cell.key, cell.value, cell.hidden) for cell in shown.by["topic"]] == [("b", 0.5, False), ("a", None, True)]
    assert [value.by for value in veil([whole], together([], [ACCURACY]))] == [None]


def test_days_of_the_whole_city_stay_whatever_the_pieces_tell() -> None:
    days = Value("active", 9, 9, None, {"day": [Cell("2026-11-16", 9, 9, None, 9)]}, 9)
    for told in ([], [[days], [Value("active", 9, 9, None, None, 9)]]):
        assert [value.by for value in veil([days], together([hidden(one) for one in told], [ACCURACY]))] == [days.by]
