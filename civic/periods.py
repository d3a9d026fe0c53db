"""Periods as people write them, and those they are compared with."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from civic.errors import Refused

LONGEST = 366  # days in one period: a leap year
Kind = Literal["day", "week", "month", "quarter", "campaign", "last", "range"]
Campaigns = Mapping[str, tuple[date, date]]
"""A city's campaigns by id: first and last day."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the city's calendar, both ends included, seen on a day."""

    key: str
    start: date
    end: date
    today: date
    kind: Kind = "range"

    @property
    def until(self) -> date:
        """The last day that has begun."""
        return min(self.end, self.today)

    @property
    def days(self) -> Sequence[str]:
        """The ISO dates from the start to today, or to the end when that is past; none of the future."""
        return _days(self.start, self.until)

    @property
    def lasting(self) -> str:
        """A key that means these days whenever it is read: «last-7» and «today» do not."""
        return _written(self.kind, self.start, self.end) if self.kind in {"day", "last"} else self.key

    @property
    def previous(self) -> "Period":
        """The period before (环比): the week before a week, the month before a month; otherwise as many days.

        Of a period that is still running, only as many days as have begun: half a month is compared with half a month.
        """
        if self.kind in {"month", "quarter"}:
            return self._there(_months(self.start, -3 if self.kind == "quarter" else -1))
        return self._there(self.start - (self.end - self.start + timedelta(days=1)))

    @property
    def year_ago(self) -> "Period":
        """The same period of the year before (同比): a week 52 weeks earlier, so that weekdays meet weekdays.

        Cut like ``previous`` while the period is running.
        """
        return self._there(self.start - timedelta(weeks=52) if self.kind == "week" else _months(self.start, -12))

    def steps(self, kind: Literal["week", "month"]) -> list["Period"]:
        """Its weeks or months, as far as they have begun, the oldest first; the first and the last may be cut."""
        found, start = list[Period](), self.start
        while start <= self.until:
            following = (
                start + timedelta(days=7 - start.weekday()) if kind == "week" else _months(start.replace(day=1), 1)
            )
            end = min(following - timedelta(days=1), self.end)
            whole = (start.weekday() == 0 if kind == "week" else start.day == 1) and end + timedelta(
                days=1
            ) == following
            found.append(Period(_written(kind if whole else "range", start, end), start, end, self.today))
            start = following
        return found

    def _there(self, start: date) -> "Period":
        if self.kind == "month":
            end = _months(start, 1) - timedelta(days=1)
        elif self.kind == "quarter":
            end = _months(start, 3) - timedelta(days=1)
        else:
            end = start + (self.end - self.start)
        begun = self.until - self.start
        if self.until < self.end and timedelta() <= begun and start + begun < end:
            end = start + begun
            return Period(f"{start}..{end}", start, end, self.today)
        return Period(_written(self.kind, start, end), start, end, self.today, self.kind)


@lru_cache(maxsize=64)
def _days(first: date, last: date) -> Sequence[str]:
    return tuple(str(date.fromordinal(n)) for n in range(first.toordinal(), last.toordinal() + 1))


def parse_period(text: str, today: date, campaigns: Campaigns | None = None) -> Period:
    """«today», «last-7» (with today), «weeks-4» and «months-1» (the last whole ones), 2026-11-22,
    2026-W47, 2026-11, 2026-Q4, a campaign's id, or 2026-11-01..2026-11-15.

    Raises Refused("stats.bad_period") for anything else, for a day that is none, and for more than 366 days.
    """
    key = text.strip()
    if campaigns and key in campaigns:
        return Period(key, *campaigns[key], today, "campaign")
    try:
        kind, start, end = _span(key, today)
        if not 0 <= (end - start).days < LONGEST or not 2000 <= start.year <= end.year < 2100:
            raise ValueError
    except (ValueError, OverflowError):
        raise Refused("stats.bad_period", period=key[:40], longest=LONGEST) from None
    return Period(key, start, end, today, kind)


def last_over(kind: Literal["week", "month", "quarter"], today: date) -> Period:
    """The week, month or quarter that was over last."""
    month = today.replace(day=1)
    start = {
        "week": today - timedelta(days=today.weekday() + 7),
        "month": _months(month, -1),
        "quarter": _months(month, -3 - (today.month - 1) % 3),
    }[kind]
    return parse_period(_written(kind, start, start), today)


def _span(text: str, today: date) -> tuple[Kind, date, date]:
    if text == "today":
        return "day", today, today
    if match := re.fullmatch(r"last-([0-9]{1,3})", text):
        return "last", today - timedelta(days=int(match[1]) - 1), today
    if match := re.fullmatch(r"(weeks|months)-([0-9]{1,2})", text):
        return "last", *_whole(match[1], int(match[2]), today)
    if match := re.fullmatch(r"([0-9]{4})-W([0-9]{2})", text):
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return "week", monday, monday + timedelta(days=6)
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{2})", text):
        first = date(int(match[1]), int(match[2]), 1)
        return "month", first, _months(first, 1) - timedelta(days=1)
    if match := re.fullmatch(r"([0-9]{4})-Q([1-4])", text):
        first = date(int(match[1]), 3 * int(match[2]) - 2, 1)
        return "quarter", first, _months(first, 3) - timedelta(days=1)
    start, dots, end = text.partition("..")
    return "range" if dots else "day", _day(start), _day(end if dots else start)


def _whole(unit: str, number: int, today: date) -> tuple[date, date]:
    """The last weeks or months that are over."""
    begun = today - timedelta(days=today.weekday()) if unit == "weeks" else today.replace(day=1)
    start = begun - timedelta(weeks=number) if unit == "weeks" else _months(begun, -number)
    return start, begun - timedelta(days=1)


def _written(kind: Kind, start: date, end: date) -> str:
    """The key under which such a period is asked for."""
    if kind == "day":
        return start.isoformat()
    if kind == "week":
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02}"
    if kind == "month":
        return f"{start:%Y-%m}"
    if kind == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    return f"{start}..{end}"


def _months(day: date, months: int) -> date:
    """So many months later or earlier; the 29th of February of another year is its 28th."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28) if month == 1 and day.day > 28 else day.day)


def _day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):  # fromisoformat takes more than we promise
        raise ValueError
    return date.fromisoformat(text)
