"""The city's days: festivals and what they are about, days of mourning, days of work."""

import calendar as months
import datetime
import functools
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from civic.tips import Span
from content.items import Localised, Record, Tone
from content.sheets import Shelf

MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Month = Annotated[int, Field(ge=1, le=12)]


class Nth(Record):
    """The n-th weekday (1 Monday … 7 Sunday) of a month."""

    month: Month
    weekday: int = Field(ge=1, le=7)
    n: int = Field(ge=1, le=5)

    def day(self, year: int) -> datetime.date | None:
        """That day in ``year``; None when the month has no such day."""
        first = datetime.date(year, self.month, 1)
        day = 1 + (self.weekday - first.isoweekday()) % 7 + 7 * (self.n - 1)
        return first.replace(day=day) if day <= months.monthrange(year, self.month)[1] else None


class NthWeek(Record):
    """The week that begins on the n-th Monday of a month."""

    month: Month
    n: int = Field(ge=1, le=4)


class ObservanceWords(Record):
    name: str


class Observance(Localised[ObservanceWords]):
    """A day or span with a meaning, found by exactly one rule.

    ``date``: every year, MM-DD, up to ``until`` where that is given (also over New Year); ``nth``: n-th weekday of a
    month; ``week_of``: the Monday–Sunday week around a date; ``nth_week``; ``month``: all of it; ``dates``: named
    year by year (lunar festivals, solar terms). Its tips may also come so many days ``before`` and ``after`` it.
    ``legal_basis`` names the rule it rests on, if there is one.
    """

    id: str
    topics: tuple[str, ...] = ()
    tone: Tone = "normal"
    legal_basis: str | None = None
    date: MonthDay | None = None
    until: MonthDay | None = None
    nth: Nth | None = None
    week_of: MonthDay | None = None
    nth_week: NthWeek | None = None
    month: Month | None = None
    dates: tuple[datetime.date, ...] = ()
    before: int = Field(default=0, ge=0, le=20)
    after: int = Field(default=0, ge=0, le=20)

    @model_validator(mode="after")
    def _one_rule(self) -> "Observance":
        rules = (self.date, self.nth, self.week_of, self.nth_week, self.month, self.dates or None)
        if sum(rule is not None for rule in rules) != 1:
            raise ValueError("要写且只写一种日期：date、nth、week_of、nth_week、month 或 dates")
        if self.until and not self.date:
            raise ValueError("until 要和 date 一起写")
        return self

    @property
    def span(self) -> Span:
        """How long it lasts: up to three days, up to ten, or longer: a season."""
        if self.month:
            return "season"
        if self.week_of or self.nth_week:
            return "week"
        if self.date and self.until:
            first, last = (31 * int(day[:2]) + int(day[3:]) for day in (self.date, self.until))
            days = (last - first) % (12 * 31) + 1
            return "day" if days <= 3 else "week" if days <= 10 else "season"
        return "day"

    def falls_on(self, day: datetime.date) -> bool:
        """Whether ``day`` is that day, or lies in that span."""
        if self.date:
            now, last = _month_day(day), self.until or self.date
            return self.date <= now <= last if self.date <= last else now >= self.date or now <= last
        if self.nth:
            return day == self.nth.day(day.year)
        if self.month:
            return day.month == self.month
        if self.dates:
            return day in self.dates
        monday = day - datetime.timedelta(days=day.weekday())
        if self.nth_week:
            nth = self.nth_week
            return monday.month == nth.month and (monday.day - 1) // 7 + 1 == nth.n
        return self.week_of in _week(monday)

    def is_near(self, day: datetime.date) -> bool:
        """Whether ``day`` is one of the days before or after on which its tips may come, too."""
        if self.dates:
            return any(0 < (day - one).days <= self.after or 0 < (one - day).days <= self.before for one in self.dates)
        days = (day + datetime.timedelta(days=n) for n in range(-self.after, self.before + 1) if n)
        return any(self.falls_on(one) for one in days)


class WorkDays(Record):
    """What the city says about days of work; it goes before the national data."""

    holidays: tuple[datetime.date, ...] = ()
    workdays: tuple[datetime.date, ...] = ()


class Mourning(Record):
    """Solemn days that are no observance: every year (MM-DD), or once."""

    every_year: tuple[MonthDay, ...] = ()
    once: tuple[datetime.date, ...] = ()


@dataclass(frozen=True)
class Calendar:
    """Answers about days, in the city's time."""

    all_observances: tuple[Observance, ...]
    mourning: Mourning
    work: WorkDays

    @functools.cached_property
    def _solemn(self) -> tuple[Observance, ...]:
        return tuple(one for one in self.all_observances if one.tone == "solemn")

    @functools.cached_property
    def _asked(self) -> dict[datetime.date, bool]:
        return {}

    @functools.cached_property
    def _own(self) -> Mapping[datetime.date, bool]:
        return dict.fromkeys(self.work.holidays, False) | dict.fromkeys(self.work.workdays, True)

    def observances(self, day: datetime.date) -> tuple[Observance, ...]:
        """What ``day`` is about: solemn things first, then single days, then weeks and months."""
        found = [one for one in self.all_observances if one.falls_on(day)]
        found.sort(key=lambda one: (one.tone != "solemn", one.span != "day"))
        return tuple(found)

    def near(self, day: datetime.date) -> tuple[Observance, ...]:
        """Observances a few days off whose tips may come on ``day``, too."""
        return tuple(one for one in self._near_ones if one.is_near(day))

    @functools.cached_property
    def _near_ones(self) -> tuple[Observance, ...]:
        return tuple(one for one in self.all_observances if one.before or one.after)

    def solemn(self, day: datetime.date) -> bool:
        """Whether amusement is out of place: no games, no emoji, no «快乐»."""
        known = self._asked.get(day)
        if known is None:
            known = _month_day(day) in self.mourning.every_year or day in self.mourning.once
            known = known or any(one.falls_on(day) for one in self._solemn)
            self._asked[day] = known  # a few hundred days at most: the year is planned with them
        return known

    def is_workday(self, day: datetime.date) -> bool:
        """Whether offices work: by the city's own list, else the national calendar, else Monday to Friday."""
        if (own := self._own.get(day)) is not None:
            return own
        holidays, workdays, years = _national()
        if day.year in years:
            return day in workdays or (day.isoweekday() <= 5 and day not in holidays)
        return day.isoweekday() <= 5

    def knows_work_of(self, year: int) -> bool:
        """Whether the national calendar (with its swapped days) covers this year."""
        return year in _national()[2]


def read_calendar(shelf: Shelf) -> Calendar:
    """The calendar of a shelf's calendar.toml; problems are kept by the shelf."""
    sheet = shelf.sheet("calendar.toml", ("observance", "mourning", "work"))
    return Calendar(
        tuple(shelf.unique(shelf.entries(sheet, "observance", Observance)).values()),
        shelf.item(sheet, Mourning, sheet.data.get("mourning", {}), "mourning") or Mourning(),
        shelf.item(sheet, WorkDays, sheet.data.get("work", {}), "work") or WorkDays(),
    )


# A year is planned by asking tens of thousands of times what a day is about.
@functools.lru_cache(maxsize=1024)
def _month_day(day: datetime.date) -> str:
    """MM-DD."""
    return day.isoformat()[5:]


@functools.lru_cache(maxsize=256)
def _week(monday: datetime.date) -> frozenset[str]:
    """The seven days from a Monday on, as MM-DD."""
    return frozenset(_month_day(monday + datetime.timedelta(days=n)) for n in range(7))


@functools.cache
def _national() -> tuple[frozenset[datetime.date], frozenset[datetime.date], frozenset[int]]:
    """Holidays, swapped working days and years covered. Read on first use only: it costs some 10 ms."""
    data = importlib.import_module("chinese_calendar")
    return frozenset(data.holidays), frozenset(data.workdays), frozenset(day.year for day in data.holidays)
