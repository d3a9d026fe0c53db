"""The made-up city, day by day: people and offices act, the clock of the house ticks, letters arrive."""

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from actions.clock import Clock
from bot.house import House
from bot.media import Media
from civic.errors import Refused
from db import demo
from db.database import Database
from db.tx import Tx
from demo.album import Album
from demo.days import Days, Hands
from demo.finding import SHARES, find
from demo.handling import Course
from demo.life import Life
from demo.offices import Offices, hire
from demo.people import Person, settle
from demo.post import deliver
from demo.script import Script
from demo.seasons import Seasons

TICKS = (time(0, 1), time(8, 1), time(12, 1), time(19, 1))  # the backlog is noted, and each tip's hour strikes
FINDS = 0.05  # reports of one resident a day, beside an ordinary one
COPIES = 0.06  # part of them that somebody else reports, too
Told = Callable[[int], None]  # days that are done


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is made up; the last day is lived only up to ``now``."""

    seed: int
    people: int
    first: date
    now: datetime


def begin(tx: Tx, plan: Plan, last: date) -> None:
    """Raises Refused beside anything real, and where a demo is already."""
    if demo.find(tx) is not None:
        raise Refused("demo.there")
    residents, reports = demo.real(tx)
    if residents or reports:
        raise Refused("demo.real_data", residents=residents, reports=reports)
    demo.begin(tx, plan.seed, plan.people, plan.first, last)


class MadeUpCity:
    """Fills an empty database. ``hands`` is the clock that the database was opened with."""

    def __init__(self, database: Database, house: House, media: Media, album: Album, script: Script) -> None:
        self._database, self._house, self._media = database, house, media
        self._album, self._script = album, script

    async def fill(self, plan: Plan, hands: Hands, told: Told) -> None:
        """Live all the days. Raises Refused beside anything real."""
        zone, library = self._house.zone, self._house.library
        last = plan.now.astimezone(zone).date()
        seasons = Seasons(library.calendar, plan.first, last, library.city.campaigns)
        hands.now = datetime.combine(plan.first, time(6), zone).astimezone(UTC)
        await self._database.write(begin, plan, last)
        offices = await self._database.write(hire, self._house, self._script)
        lives = [
            self._life(settle(plan.seed, n, library.city, seasons), seasons, plan) for n in range(1, plan.people + 1)
        ]
        days = Days(self._database, hands, self._album)
        for life in lives:
            days.start(life.days())
        for course in self._finds(plan, seasons, lives, offices):
            days.start(course.run())
        clock = Clock(self._database, self._house, self._media)
        quiet = _hush()
        try:
            for number, day in enumerate(seasons.days):
                for tick in TICKS:
                    moment = min(datetime.combine(day, tick, zone).astimezone(UTC), plan.now)
                    if moment > hands.now:
                        await self._live(days, clock, moment)
                told(number + 1)
            hands.now = plan.now
            await clock.tick()
            mailboxes = [manners.name for manners in self._house.manners.values() if manners.keeps_history]
            await self._database.write(demo.seal, mailboxes)
        finally:
            logging.getLogger("youli").setLevel(quiet)

    async def _live(self, days: Days, clock: Clock, moment: datetime) -> None:
        """Everything up to a moment, and what is due then."""
        await days.until(moment)
        await clock.tick()
        while await self._database.write(deliver, self._house):
            pass

    def _life(self, person: Person, seasons: Seasons, plan: Plan) -> Life:
        return Life(self._house, person, seasons, plan.seed)

    def _finds(self, plan: Plan, seasons: Seasons, lives: list[Life], offices: Offices) -> Iterator[Course]:
        """What is found and reported, by whom."""
        rng = random.Random(f"{plan.seed}/finds")
        first: dict[str, str] = {}
        for day in seasons.days:
            there = [one for one in lives if one.person.arrival < day and not one.person.away(day) and one.person.area]
            weights = [min(one.person.eye, 12) for one in there]
            for category in SHARES:
                expected = len(there) * FINDS * SHARES[category] * seasons.chance(category, day) * seasons.mood(day)
                for _ in range(_poisson(rng, expected)):
                    life = rng.choices(there, weights)[0]
                    assert life.person.area is not None
                    found = find(rng, self._house, self._script, category, life.person.area, day)
                    yield Course(offices, life, found, first)
                    near = [one for one in there if one.person.area == found.area and one is not life]
                    if near and rng.random() < COPIES:
                        again = replace(found, at=found.at + timedelta(hours=rng.uniform(2, 9)))
                        yield Course(offices, rng.choice(near), again, first)


def _poisson(rng: random.Random, expected: float) -> int:
    """How often something happens that is expected so often."""
    count, left = 0, rng.expovariate(1.0)
    while left < expected:
        count, left = count + 1, left + rng.expovariate(1.0)
    return count


def _hush() -> int:
    """The log's level, before it is quiet about thousands of made-up events."""
    log = logging.getLogger("youli")
    before = log.level
    log.setLevel(logging.ERROR)
    return before
