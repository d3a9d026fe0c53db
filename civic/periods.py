"""Periods as people write them."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from civic.errors import Refused

LONGEST = 366  # days in one period: a leap year


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the city's calendar, both ends included, seen on a day."""

    key: str
    start: date
    end: date
    today: date

    @property
    def until(self) -> date:
        """The last day that has begun."""
        return min(self.end, self.today)

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
    return Period(text.strip(), start, end, today)


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
