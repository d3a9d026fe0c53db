"""How lively a day is: workdays and holidays, solemn days, and a campaign that works."""

from dataclasses import dataclass
from datetime import date, timedelta

from content.calendar import Calendar

CAMPAIGN = "clean-streets"  # its posters' id
STARTS = 0.55  # the part of the history after which the campaign begins
WEEKS_TO_WORK = 4  # until littering is down as far as it goes
LESS_LITTER = 0.4  # what is left of it
MORE_PEOPLE = 1.5  # how much livelier its first weeks are


@dataclass(frozen=True, slots=True)
class Seasons:
    """The days from ``first`` to ``last``."""

    calendar: Calendar
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """All of them."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def campaign(self) -> date:
        """When the campaign begins: a Monday, where the history is long enough for one."""
        length = (self.last - self.first).days
        day = self.first + timedelta(days=round(length * STARTS))
        return day - timedelta(days=min(day.weekday(), (day - self.first).days))

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
