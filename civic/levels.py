"""Days, weeks and months in which the journal is added up, and of which a period is made with as few as can be."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

DAY, WEEK, MONTH = "day", "week", "month"
LEVELS = (DAY, WEEK, MONTH)
Built = Collection[tuple[str, str]]  # (level, first day) of the weeks and months that are added up


Span = tuple[str, str]  # level and first day (ISO)


class Run(NamedTuple):
    """Spans of one level in a row: the first days (ISO) of the first and of the last of them."""

    level: str
    first: str
    last: str


def first_day(level: str, day: date) -> date:
    """The first day of the span in which a day lies: itself, its Monday, the first of its month."""
    if level == MONTH:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if level == WEEK else day


def last_day(level: str, first: date) -> date:
    """The last day of the span that begins on ``first``."""
    if level == MONTH:
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first + timedelta(days=6) if level == WEEK else first


def runs(spans: Iterable[Span]) -> list[Run]:
    """Spans in a row, as few runs as can be."""
    found: list[Run] = []
    for level, some in groupby(spans, itemgetter(0)):
        days = [first for _, first in some]
        found.append(Run(level, days[0], days[-1]))
    return found


def spans(start: date, end: date, built: Built) -> Iterator[Span]:
    """The days from ``start`` to ``end`` (both included) as built months and weeks, and as single days."""
    day = start
    while day <= end:
        level = next(level for level in reversed(LEVELS) if level == DAY or _whole(level, day, end, built))
        if level == WEEK and _hides_a_month(day, end, built):
            level = DAY
        yield level, day.isoformat()
        day = last_day(level, day) + timedelta(days=1)


def _whole(level: str, day: date, end: date, built: Built) -> bool:
    """Whether a built span begins on this day and ends in time."""
    return day == first_day(level, day) and last_day(level, day) <= end and (level, day.isoformat()) in built


def _hides_a_month(monday: date, end: date, built: Built) -> bool:
    """Whether a month that can be taken whole begins within this week."""
    following = last_day(MONTH, first_day(MONTH, monday)) + timedelta(days=1)
    return following <= last_day(WEEK, monday) and _whole(MONTH, following, end, built)


def over(day: date, today: date) -> Iterator[tuple[str, date]]:
    """The week and the month of a day, as (level, first day), where they ended before ``today``."""
    for level in (WEEK, MONTH):
        first = first_day(level, day)
        if last_day(level, first) < today:
            yield level, first
