"""Periods, formulas, and what the public may see."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.catalogue import FIGURES
from civic.errors import Refused
from civic.figures import Cell, Figure, Value, evaluate, publish, publish_part
from civic.periods import LONGEST, parse_period

MONDAY = date(2026, 11, 23)
RATE = Figure("accuracy", "learning", "rate", "quiz_answer.right", "quiz_answer.graded", by=("topic",))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", MONDAY, MONDAY),
        ("last-7", date(2026, 11, 17), MONDAY),
        ("last-30", date(2026, 10, 25), MONDAY),
        ("last-1", MONDAY, MONDAY),
        ("2026-11-22", date(2026, 11, 22), date(2026, 11, 22)),
        ("2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-11-01..2026-11-15", date(2026, 11, 1), date(2026, 11, 15)),
        (" 2026-11 ", date(2026, 11, 1), date(2026, 11, 30)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2024-01-01..2024-12-31", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_period_is_written_in_many_ways(text: str, start: date, end: date) -> None:
    period = parse_period(text, MONDAY)
    assert (period.start, period.end, period.key) == (start, end, text.strip())


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "last-0", "last-367", "last-", "2026", "2026-13", "2026-00", "2026-11-31"),
        *("2026-W00", "2025-W53", "20261123", "2026-Q5", "autumn", "2026-11-15..2026-11-01", "2026-11-01.."),
        *("..2026-11-01", "2026-11..2026-12", "2025-01-01..2026-01-02", "0001-01-01", "9999-12-31"),
        *("２０２６-11", "2026-11-01\n2026-11-02", "<script>", "x" * 5000),
    ],
)
def test_what_is_no_period_is_refused_with_what_would_be_one(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_period(text, MONDAY)
    assert refused.value.key == "stats.bad_period"
    assert refused.value.params == {"period": text.strip()[:40], "longest": LONGEST}


@given(st.dates(date(2000, 1, 1), date(2098, 12, 31)), st.integers(0, LONGEST - 1))
def test_any_span_up_to_a_year_is_read_as_it_was_written(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    period = parse_period(f"{start}..{end}", end)
    assert (period.start, period.end, len(period.days)) == (start, end, length + 1)


@given(st.text(max_size=40))
def test_any_text_is_a_period_or_refused(text: str) -> None:
    try:
        period = parse_period(text, MONDAY)
    except Refused:
        return
    assert period.start <= period.end


CAMPAIGN = {"autumn": (date(2026, 9, 15), date(2026, 11, 15))}


@pytest.mark.parametrize(
    ("text", "previous", "year_ago"),
    [
        ("2026-11-22", "2026-11-21", "2025-11-22"),
        ("2024-02-29", "2024-02-28", "2023-02-28"),
        ("2026-W47", "2026-W46", "2025-W47"),
        ("2027-W01", "2026-W53", "2026-W02"),  # after a year of 53 weeks
        ("2026-10", "2026-09", "2025-10"),
        ("2025-03", "2025-02", "2024-03"),
        ("2026-Q1", "2025-Q4", "2025-Q1"),
        ("2026-11-01..2026-11-10", "2026-10-22..2026-10-31", "2025-11-01..2025-11-10"),
        ("autumn", "2026-07-15..2026-09-14", "2025-09-15..2025-11-15"),
        # Still running: as many days as have begun.
        ("2026-11", "2026-10-01..2026-10-23", "2025-11-01..2025-11-23"),
        ("2026-Q4", "2026-07-01..2026-08-23", "2025-10-01..2025-11-23"),
        ("2026-W48", "2026-11-16..2026-11-16", "2025-11-24..2025-11-24"),
        ("last-7", "2026-11-10..2026-11-16", "2025-11-17..2025-11-23"),
    ],
)
def test_a_period_is_compared_with_the_one_before_and_the_year_before(text: str, previous: str, year_ago: str) -> None:
    period = parse_period(text, MONDAY, CAMPAIGN)
    assert (period.previous.key, period.year_ago.key) == (previous, year_ago)
    for one in (period.previous, period.year_ago):
        again = parse_period(one.key, MONDAY)
        assert (again.start, again.end) == (one.start, one.end)


def test_a_campaign_is_a_period_by_its_name() -> None:
    period = parse_period("autumn", MONDAY, CAMPAIGN)
    assert (period.start, period.end, period.kind) == (*CAMPAIGN["autumn"], "campaign")


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.sampled_from(("%Y-W{}", "%Y-%m", "Q", "day")))
def test_the_period_before_ends_where_a_period_begins(day: date, kind: str) -> None:
    year, week, _ = day.isocalendar()
    quarter = f"{day.year}-Q{(day.month + 2) // 3}"
    text = {"%Y-W{}": f"{year}-W{week:02}", "%Y-%m": f"{day:%Y-%m}", "Q": quarter, "day": str(day)}[kind]
    period = parse_period(text, date(2099, 12, 31))
    assert period.start <= day <= period.end
    assert period.previous.end == period.start - timedelta(days=1)
    assert period.previous.kind == period.kind


def test_days_of_the_future_are_not_counted() -> None:
    running, coming = parse_period("2026-W48", MONDAY), parse_period("2027-01", MONDAY)
    assert [*running.days] == ["2026-11-23"]
    assert not coming.days


def test_a_rate_comes_with_its_numerator_and_denominator() -> None:
    numbers = {"right": 3, "graded": 4, "people": 2}
    counts = {("", f"quiz_answer.{measure}"): {"": number} for measure, number in numbers.items()}
    value = evaluate(RATE, counts)
    assert (value.value, value.numerator, value.denominator, value.people) == (0.75, 3, 4, 2)


def test_an_empty_denominator_gives_no_rate_and_not_zero() -> None:
    value = evaluate(RATE, {})
    assert (value.value, value.numerator, value.denominator) == (None, 0, 0)


def test_a_breakdown_shows_the_largest_first_and_leaves_out_what_has_no_denominator() -> None:
    counts = {
        ("topic", "quiz_answer.right"): {"waste": 1, "dogs": 0, "fire": 0},
        ("topic", "quiz_answer.graded"): {"waste": 2, "dogs": 9, "fire": 0},
        ("topic", "quiz_answer.people"): {"waste": 1, "dogs": 6, "fire": 1},
    }
    by = evaluate(RATE, counts).by
    assert by is not None
    assert [(cell.key, cell.value) for cell in by["topic"]] == [("dogs", 0), ("waste", 0.5)]


def test_a_series_has_every_day_also_the_quiet_ones() -> None:
    figure = Figure("active", "people", "people", "active.people", by=("day",))
    value = evaluate(figure, {("day", "active.people"): {"2026-11-22": 4}}, ["2026-11-21", "2026-11-22"])
    assert value.by is not None
    assert [(cell.key, cell.value) for cell in value.by["day"]] == [("2026-11-21", 0), ("2026-11-22", 4)]


def _value(people: float, *cells: Cell) -> Value:
    return Value("accuracy", 0.5, 5, 10, {"topic": cells}, people)


def _shown(*cells: Cell) -> list[str]:
    """The cells of a breakdown that the public sees."""
    value = next(iter(publish([_value(99, *cells)])))
    if value.by is None:  # nothing is told apart
        return []
    assert [cell for cell in value.by["topic"] if cell.hidden and (cell.value, cell.people) != (None, 0)] == []
    return [cell.key for cell in value.by["topic"] if not cell.hidden]


def _cell(key: str, people: int) -> Cell:
    return Cell(key, 1.0, people, people, people)


def test_the_public_does_not_see_a_cell_with_fewer_than_five_people() -> None:
    none = Cell("d", 0, 0, None, 0)
    assert _shown(_cell("a", 4), _cell("b", 3), _cell("c", 5), none) == ["c", "d"]


def test_nor_one_by_which_such_a_cell_could_be_reckoned() -> None:
    assert _shown(_cell("a", 4), _cell("b", 9), _cell("c", 5)) == ["b"]  # else 4 = all - 9 - 5
    assert _shown(_cell("a", 1), _cell("b", 2), _cell("c", 9), _cell("d", 7)) == ["c"]  # three people together
    assert _shown(_cell("a", 4), _cell("b", 9)) == []
    assert _shown(_cell("a", 5), _cell("b", 9)) == ["a", "b"]


def test_what_is_hidden_tells_its_size_neither_by_a_mark_nor_by_its_place() -> None:
    cells = (_cell("b", 9), _cell("d", 8), _cell("c", 6), _cell("a", 4))
    [value] = publish([_value(99, *cells)])
    found = (value.by or {})["topic"]
    assert [cell.key for cell in found] == [
        "b",
        "d",
        "a",
        "c",
    ]
    assert found[2]._replace(key="") == found[3]._replace(key="") == Cell("", None, None, None, hidden=True)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=8))
def test_what_is_hidden_is_never_one_cell_nor_few_people(people: list[int]) -> None:
    cells = [_cell(str(number), count) for number, count in enumerate(people)]
    hidden = {cell.key for cell in cells} - set(_shown(*cells))
    together = sum(count for number, count in enumerate(people) if str(number) in hidden)
    assert not hidden or (len(hidden) > 1 and together >= 5) or len(hidden) == len(people)


def test_a_part_with_few_people_is_hidden_altogether() -> None:
    shown = next(iter(publish_part([_value(4, _cell("b", 5))], ())))
    assert (shown.value, shown.numerator, shown.denominator, shown.hidden) == (None, None, None, True)
    assert shown.by is None


def test_and_so_is_one_that_the_whole_does_not_show() -> None:
    shown = next(iter(publish_part([_value(9, _cell("b", 9))], {"accuracy"})))
    assert shown.hidden


def test_what_the_erased_left_behind_is_not_shown_when_nobody_else_stands_beside() -> None:
    shown = next(iter(publish_part([_value(0)], ())))
    assert shown.hidden


def test_every_figure_has_its_own_key() -> None:
    assert len({figure.key for figure in FIGURES}) == len(FIGURES)
