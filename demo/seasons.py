"""How lively a day is: workdays and holidays, solemn days, and a campaign that works."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from content.calendar import Calendar
from content.statistics import Campaign

USUAL = "clean-streets"  # the campaign's id where the city file has none in these days
STARTS = 0.55  # the part of the history after which it begins then
EARLY, LATE = 0.25, 0.75  # a campaign of the city file is taken that begins between these parts
WEEKS_TO_WORK = 4  # until littering is down as far as it goes
LESS_LITTER = 0.25  # what is left of it
MORE_PEOPLE = 1.5  # how much livelier its first weeks are


@dataclass(frozen=True, slots=True)
class Seasons:
    """The days from ``first`` to ``last``."""

    calendar: Calendar
    first: date
    last: date
    campaigns: Sequence[Campaign] = ()

    @property
    def days(self) -> list[date]:
        """All of them."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def campaign(self) -> date:
        """When the campaign begins: one of the city file's, else a Monday, where the history is long enough for one."""
        if self._own is not None:
            return self._own.start
        day = self.first + timedelta(days=round((self.last - self.first).days * STARTS))
        return day - timedelta(days=min(day.weekday(), (day - self.first).days))

    @property
    def name(self) -> str:
        """The campaign's id, as on its posters."""
        return self._own.id if self._own is not None else USUAL

    @property
    def _own(self) -> Campaign | None:
        length = (self.last - self.first).days
        early, late = (self.first + timedelta(days=round(length * part)) for part in (EARLY, LATE))
        return next((one for one in self.campaigns if early <= one.start <= late), None)

    def mood(self, day: date) -> float:
        """How many take part, beside an ordinary workday."""
        if self.calendar.solemn(day):
            return 0.5
        mood = 1.0 if self.calendar.is_workday(day) else 0.8
        weeks = (day - self.campaign).days / 7
        return mood * (1 + (MORE_PEOPLE - 1) * max(0.4, 1 - weeks / 10)) if weeks >= 0 else mood

    def chance(self, category: str, day: date) -> float:
        """How often something is found that is to be reported, beside an ordinary workday before the campaign."""
        free = not self.calendar.is_workday(day)
        usual = {"noise": 1.5, "vendor": 1.4, "dogs": 1.3, "parking": 0.7}.get(category, 0.85) if free else 1.0
        weeks = (day - self.campaign).days / 7
        if category != "litter" or weeks < 0:
            return usual
        return usual * (1 - (1 - LESS_LITTER) * min(1.0, weeks / WEEKS_TO_WORK))
