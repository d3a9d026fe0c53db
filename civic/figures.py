"""The statistics as data: a figure is one ``Figure`` here and its words in content/texts/*/stats.toml.

A figure is made of counts that db.figures delivers, named ``set.measure``. A set is a deed of the journal
(``quiz_answer``), with the measures lines, people, right, graded and points; or one of

* people: ``residents``, ``newcomers``, ``active`` (person_days, days), ``active_weekly``, ``active_monthly``
* learning: ``tip_followed`` (delivered, and read on the same day)
* reports: ``received``, ``due`` for 应结案 (closed, on_time), ``resolved`` (reopened, median, p90)
* ``all``: all deeds together (points)
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median
from typing import Literal

from civic.errors import Refused

Unit = Literal["people", "times", "reports", "points", "rate", "daily", "hours"]
Counts = Mapping[tuple[str, str], Mapping[str, Mapping[str, float]]]
"""(dimension, set) → cell → measure → number. The dimension "" is the whole; elsewhere "" is unknown."""

LONGEST = 366  # days in one period: a leap year
SMALL = 5  # people; a public cell with fewer is not shown
DONE_FOR_THEM = ("tip_delivered", "report_accepted")  # by the bot and the staff: nobody is active by these
# Deeds that are not written in the journal but follow from it (db.sums).
ACTIVE, FOLLOWED, AGAIN, BEFORE = "active", "tip_followed", "answered_again", "answered_before"
UNCOUNTED = ("rejected", "referred", "duplicate", "withdrawn")  # reports that nobody has to close


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the city's calendar, both ends included. ``until`` is the last day that has begun."""

    key: str
    start: date
    end: date
    until: date

    @property
    def days(self) -> list[str]:
        """The ISO dates from the start to today, or to the end when that is past; none of the future."""
        length = (self.until - self.start).days + 1
        return [(self.start + timedelta(days=n)).isoformat() for n in range(length)]


def parse_period(text: str, today: date) -> Period:
    """«today», «last-7» (with today), 2026-11-22, 2026-W47, 2026-11 or 2026-11-01..2026-11-15.

    Raises Refused("stats.bad_period") for anything else, for a day that is none, and for more than 366 days.
    """
    try:
        start, end = _span(text.strip(), today)
        if not 0 <= (end - start).days < LONGEST or not 2000 <= start.year <= end.year < 2100:
            raise ValueError
    except (ValueError, OverflowError):
        raise Refused("stats.bad_period", period=text[:40], longest=LONGEST) from None
    return Period(text.strip(), start, end, min(end, today))


def _span(text: str, today: date) -> tuple[date, date]:
    if text == "today":
        return today, today
    if match := re.fullmatch(r"last-([0-9]{1,3})", text):
        return today - timedelta(days=int(match[1]) - 1), today
    if match := re.fullmatch(r"([0-9]{4})-W([0-9]{2})", text):
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return monday, monday + timedelta(days=6)
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{2})", text):
        first = date(int(match[1]), int(match[2]), 1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    start, _, end = text.partition("..")
    return _day(start), _day(end if ".." in text else start)


def _day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):  # fromisoformat takes more than we promise
        raise ValueError
    return date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Figure:
    """A statistic. ``by`` are its breakdowns, ``source`` says whose definition it is (empty: our own)."""

    key: str
    section: str
    unit: Unit
    numerator: str
    denominator: str | None = None
    by: tuple[str, ...] = ()
    source: str = ""

    @property
    def base(self) -> str:
        """The set that the figure is about: that of the denominator."""
        return (self.denominator or self.numerator).partition(".")[0]

    @property
    def sets(self) -> frozenset[str]:
        """The sets that it is made of."""
        return frozenset(name.partition(".")[0] for name in (self.numerator, self.denominator) if name)


_PLACES = ("area", "channel")
FIGURES: tuple[Figure, ...] = (
    Figure("participants", "people", "people", "residents.people", by=_PLACES),
    Figure("newcomers", "people", "people", "newcomers.people", by=("day", *_PLACES, "source")),
    Figure("arrivals", "people", "people", "arrive.people", by=("source", "day", *_PLACES)),
    Figure("active", "people", "people", "active.people", by=("day", *_PLACES)),
    Figure("active_daily", "people", "daily", "active.person_days", "active.days"),
    Figure("active_weekly", "people", "people", "active_weekly.people"),
    Figure("active_monthly", "people", "people", "active_monthly.people"),
    Figure("tips_delivered", "learning", "times", "tip_delivered.lines", by=("day", "topic", *_PLACES)),
    Figure("tips_read", "learning", "times", "tip_read.lines", by=("day", "topic", *_PLACES)),
    Figure("read_rate", "learning", "rate", "tip_followed.lines", "tip_delivered.lines", ("topic", *_PLACES)),
    Figure("quiz_answers", "learning", "times", "quiz_answer.lines", by=("topic", "day", *_PLACES)),
    Figure("accuracy", "learning", "rate", "quiz_answer.right", "quiz_answer.graded", by=("topic", *_PLACES)),
    Figure(
        "answer_rate",
        "learning",
        "rate",
        "quiz_answer.people",
        "active.people",
        by=_PLACES,
        source="U-Report: response rate = responded / polled",
    ),
    Figure(
        "reports_received",
        "reports",
        "reports",
        "received.lines",
        by=("category", "status", "day", *_PLACES),
    ),
    Figure(
        "closing_rate",
        "reports",
        "rate",
        "due.closed",
        "due.lines",
        by=("category", *_PLACES),
        source="数字城管: 结案率 = 结案数 / 应结案数, 应结案 = 处置数 + 超时未处置数",
    ),
    Figure(
        "on_time_rate",
        "reports",
        "rate",
        "due.on_time",
        "due.lines",
        by=("category", *_PLACES),
        source="数字城管: 按期结案率 = 按期结案数 / 应结案数",
    ),
    Figure(
        "hours_median",
        "reports",
        "hours",
        "resolved.median",
        "resolved.lines",
        by=("category", *_PLACES),
        source="DIGIT: percentiles of time to resolution, never means",
    ),
    Figure(
        "hours_p90",
        "reports",
        "hours",
        "resolved.p90",
        "resolved.lines",
        by=("category", *_PLACES),
        source="DIGIT: percentiles of time to resolution, never means",
    ),
    Figure(
        "reopened_rate",
        "reports",
        "rate",
        "resolved.reopened",
        "resolved.lines",
        by=("category", *_PLACES),
        source="DIGIT: cl_reopen_rate_count = reopened / resolved (重办率)",
    ),
    Figure(
        "satisfaction",
        "reports",
        "rate",
        "report_rated.right",
        "report_rated.graded",
        by=("category", *_PLACES),
        source="12345: 解决率 = 已解决 / 有效回访; one survey for each round, as Signalen has it",
    ),
    Figure("points", "points", "points", "all.points", by=("deed", *_PLACES)),
)

# Sets whose people are a number of some figure; of the others it matters only whether they are few.
EXACT = frozenset(
    name.partition(".")[0]
    for figure in FIGURES
    for name in (figure.numerator, figure.denominator or "")
    if name.endswith((".people", ".person_days"))
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure for one value of a dimension. ``people`` stand behind it; ``hidden``: too few to be shown."""

    key: str
    value: float | None
    numerator: float | None
    denominator: float | None
    people: float = 0
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A figure in numbers; rates are between 0 and 1. ``value`` is None where the denominator is empty («—»).

    A plain count has no denominator; a median or percentile has no numerator, its denominator is the sample.
    """

    key: str
    value: float | None
    numerator: float | None
    denominator: float | None
    by: Mapping[str, Sequence[Cell]] | None
    people: float = 0
    hidden: bool = False


def evaluate(figure: Figure, counts: Counts, days: Sequence[str] = ()) -> Value:
    """A figure from its counts. ``days`` are those of the series by day, also where nothing happened."""
    head = _cell(figure, counts, "", "")
    by = {dimension: _breakdown(figure, counts, dimension, days) for dimension in figure.by}
    return Value(figure.key, head.value, head.numerator, head.denominator, by or None, head.people)


def _breakdown(figure: Figure, counts: Counts, dimension: str, days: Sequence[str]) -> list[Cell]:
    if dimension == "day":
        return [_cell(figure, counts, dimension, day) for day in days]
    cells = [_cell(figure, counts, dimension, key) for key in counts.get((dimension, figure.base), {})]
    kept = [cell for cell in cells if cell.denominator or (cell.denominator is None and cell.numerator)]
    return sorted(kept, key=lambda cell: (-(cell.denominator or cell.numerator or 0), cell.key))


def _cell(figure: Figure, counts: Counts, dimension: str, key: str) -> Cell:
    numerator = _number(figure.numerator, counts, dimension, key)
    people = _number(f"{figure.base}.people", counts, dimension, key)
    if figure.denominator is None:
        return Cell(key, numerator, numerator, None, people)
    denominator = _number(figure.denominator, counts, dimension, key)
    if figure.unit == "hours":
        return Cell(key, numerator if denominator else None, None, denominator, people)
    return Cell(key, share(numerator, denominator), numerator, denominator, people)


def _number(name: str, counts: Counts, dimension: str, key: str) -> float:
    group, _, measure = name.partition(".")
    return counts.get((dimension, group), {}).get(key, {}).get(measure, 0)


def share(numerator: float, denominator: float) -> float | None:
    """The quotient; None, not 0, when there is nothing to divide by."""
    return numerator / denominator if denominator else None


def middle(samples: Iterable[float]) -> float:
    """The median: half took as long or less. Raises StatisticsError for none."""
    return median(samples)


def percentile(samples: Iterable[float], part: float) -> float:
    """The smallest sample that at least this part of all do not exceed (nearest rank); never of none."""
    ranked = sorted(samples)
    return ranked[max(0, math.ceil(part * len(ranked)) - 1)]


def publish(values: Iterable[Value], *, filtered: bool) -> Iterator[Value]:
    """The values as the public may see them: a cell with 1 to 4 people behind it is hidden.

    With a filter (``filtered``) the head figure itself is such a cell.
    """
    for value in values:
        by = value.by and {name: [_hide(cell) for cell in cells] for name, cells in value.by.items()}
        if filtered and _few(value):
            by = by and dict.fromkeys(by, ())
            yield Value(value.key, None, None, None, by, hidden=True)
        else:
            yield replace(value, by=by)


def _hide(cell: Cell) -> Cell:
    return Cell(cell.key, None, None, None, hidden=True) if _few(cell) else cell


def _few(shown: Value | Cell) -> bool:
    something = shown.numerator or shown.denominator
    return bool(something) and shown.people < SMALL
