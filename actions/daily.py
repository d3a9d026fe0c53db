"""The tip of the day: planned for the city by the calendar, and for an area also by what it reported lately.

A year is planned at once, so that no tip comes twice in it. Where an area reports clearly more of something than
before, a tip on that takes the day's place, and the two change places in the area's year. That is decided once, the
day before, and kept; everything else follows from the content alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from civic.tips import LATELY, Candidate, Day, Span, order, plan, ranked, rise, weighed
from content.items import Tip
from content.library import Library
from db import area_tips
from db.tx import Tx

HALF = 14  # days that are compared with as many before
FAR = 150  # days from a tip to its early showing to somebody who knew the day's
STEP = 10  # days that are planned at a stretch
OTHERS = 2  # tips for those who have seen the day's tip already


@dataclass(frozen=True, slots=True)
class Rise:
    """Reports on one topic in one area: in the two weeks that ended the day before yesterday, and in the two before
    those. ``times`` is 0 where that is no rise."""

    topic: str
    recent: int
    before: int

    @property
    def times(self) -> float:
        return rise(self.recent, self.before)


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an area has its tip of a day. ``kept``: decided and not to change any more; the best candidate first."""

    tip: Tip | None
    day: Day
    rises: Sequence[Rise]
    candidates: Sequence[Candidate]
    kept: bool
    others: Sequence[Tip]


def today_is(library: Library, day: date) -> Day:
    """What a day is about, by the calendar."""
    observances = library.calendar.observances(day)
    topics: dict[str, Span] = {}
    for observance in observances:  # single days come first
        for topic in observance.topics:
            topics.setdefault(topic, observance.span)
    near = frozenset(observance.id for observance in library.calendar.near(day))
    occasions = frozenset(observance.id for observance in observances)
    return Day(day, library.calendar.solemn(day), occasions, near, topics)


def _days(library: Library, year: int) -> Iterator[Day]:
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range(366))
    return (today_is(library, day) for day in days if day.year == year)


@lru_cache(maxsize=4)
def _years(library: Library) -> dict[int, dict[date, str]]:
    """The years that were planned with this content: each takes a tenth of a second."""
    return {}


def _planning(library: Library, year: int) -> Iterator[None]:
    """Plan a year, unless it is planned already, in steps of some days."""
    if year in _years(library):
        return
    days: list[Day] = []
    for day in _days(library, year):
        days.append(day)
        if day.date.day % STEP == 0:
            yield
    planned: dict[date, str] = {}
    for at, tip in plan(tuple(library.tips.values()), days):
        planned[at] = tip
        if at.day % STEP == 0:
            yield
    _years(library)[year] = planned


def _year(library: Library, year: int) -> dict[date, str]:
    for _ in _planning(library, year):
        pass
    return _years(library)[year]


@lru_cache(maxsize=4)
def _spare(library: Library, year: int) -> Sequence[Tip]:
    """Tips that the year has no day for."""
    planned = set(_year(library, year).values())
    tips = [tip for tip in library.tips.values() if tip.occasion is None and tip.tone != "solemn"]
    return [library.tips[tip.id] for tip in order(tips) if tip.id not in planned]


def prepare(library: Library, day: date) -> Iterator[None]:
    """Plan the years that a day asks for before anybody waits for them, in steps of a few milliseconds."""
    for year in sorted({day.year, (day + timedelta(days=FAR + HALF)).year}):
        yield from _planning(library, year)
    others(library, day)


def city_tip(library: Library, day: date) -> Tip | None:
    """The city's tip of a day; None only when there is no tip at all (or none that fits a solemn day)."""
    chosen = _year(library, day.year).get(day)
    return library.tips[chosen] if chosen else None


def tip_for_day(tx: Tx, library: Library, day: date, area: str | None) -> Tip | None:
    """The tip of a day in an area: its own where it has one, else the city's."""
    own = area_tips.tip_of(tx, day.isoformat(), area) if area else None
    return library.tips.get(own or "") or city_tip(library, day)


def tips_by_area(tx: Tx, library: Library, day: date) -> dict[str, Tip]:
    """Areas that have a tip of their own on a day."""
    found = area_tips.tips_on(tx, day.isoformat())
    return {area: library.tips[tip] for area, tip in found.items() if tip in library.tips}


@lru_cache(maxsize=4)  # asked with each tip
def others(library: Library, day: date) -> Sequence[Tip]:
    """For those who have seen the day's tip before: others that the year has no day for, or has on a day far off;
    none on solemn days."""
    if library.calendar.solemn(day):
        return ()
    spare = _spare(library, day.year)
    at = day.toordinal()
    found = [spare[(at + number) % len(spare)] for number in range(min(OTHERS, len(spare)))]
    far = (city_tip(library, day + timedelta(days=FAR + number)) for number in range(HALF))
    found += [tip for tip in far if tip and tip.occasion is None and tip.tone != "solemn"]
    return found[:OTHERS]


def lately(library: Library, day: date) -> set[str]:
    """The city's tips of the last two weeks: somebody who gets them daily has met them."""
    days = (day - timedelta(days=number) for number in range(HALF))
    return {tip.id for one in days if (tip := city_tip(library, one))}


def rises(tx: Tx, library: Library, day: date, area: str | None = None) -> dict[str, list[Rise]]:
    """Area → what it reported, by topic, for the choice of ``day``'s tip."""
    end = day - timedelta(days=1)
    first, middle = end - timedelta(days=2 * HALF), end - timedelta(days=HALF)
    counts: defaultdict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for found in area_tips.reported(tx, first.isoformat(), middle.isoformat(), end.isoformat(), area):
        category = library.categories.get(found.category)
        if category is not None:
            recent, before = counts[found.area, category.topic]
            counts[found.area, category.topic] = recent + found.recent, before + found.before
    by_area: dict[str, list[Rise]] = {}
    for (name, topic), (recent, before) in sorted(counts.items()):
        by_area.setdefault(name, []).append(Rise(topic, recent, before))
    return by_area


def decide(tx: Tx, library: Library, day: date, found: Mapping[str, Sequence[Rise]]) -> None:
    """Decide for some areas, by what they reported, whether they get a tip of their own on ``day``, and keep it: some
    0.5 ms for each. Safe to repeat."""
    about = today_is(library, day)
    for area, reported in found.items():
        if any(one.times for one in reported):
            _decide_one(tx, library, about, area, reported)


def _decide_one(tx: Tx, library: Library, day: Day, area: str, found: Sequence[Rise]) -> None:
    schedule = _schedule(tx, library, day.date.year, area)
    candidates = _candidates(library, day, schedule, found)
    if not candidates or candidates[0].tip == schedule[day.date]:
        return
    best, planned = candidates[0], schedule[day.date]
    area_tips.set_tip(tx, day.date.isoformat(), area, best.tip)
    later = next((one for one, tip in schedule.items() if tip == best.tip and one > day.date), None)
    if later is not None:  # they change places, so that neither comes twice
        area_tips.set_tip(tx, later.isoformat(), area, planned)


def _schedule(tx: Tx, library: Library, year: int, area: str) -> dict[date, str]:
    """The area's year: the city's, with what was decided for the area."""
    own = area_tips.tips_between(tx, area, f"{year}-01-01", f"{year}-12-31")
    return _year(library, year) | {date.fromisoformat(day): tip for day, tip in own.items() if tip in library.tips}


def _candidates(library: Library, day: Day, schedule: Mapping[date, str], found: Sequence[Rise]) -> Sequence[Candidate]:
    """The planned tip and, for each topic on the rise, the best other one; the best first. A tip written for the
    day's occasion stays, and so does what belongs to a solemn day."""
    planned = library.tips.get(schedule.get(day.date, ""))
    if planned is None:
        return []
    before = (schedule.get(day.date - timedelta(days=number)) for number in range(1, LATELY + 1))
    topics = [library.tips[tip].topic for tip in before if tip]
    rising = {one.topic: one.times for one in found if one.times}
    chosen = [weighed(planned, day, topics, rising, planned=True)]
    if planned.occasion is None and not day.solemn:
        tips = (tip for topic in rising if (tip := _best_of(library, day, schedule, topic)))
        chosen += [weighed(tip, day, topics, rising) for tip in tips if tip.id != planned.id]
    return sorted(chosen, key=lambda candidate: -candidate.points)


def _best_of(library: Library, day: Day, schedule: Mapping[date, str], topic: str) -> Tip | None:
    """Of a topic the tip whose turn comes next in this year, else one without a day; none that was shown before."""
    turns = {tip: one for one, tip in schedule.items()}
    fitting = [tip for tip in library.tips_of(topic) if tip.occasion is None and tip.tone != "solemn"]
    later = [tip for tip in fitting if turns.get(tip.id, day.date) > day.date]
    if later:
        return min(later, key=lambda tip: turns[tip.id])
    unplanned = order(tip for tip in fitting if tip.id not in turns)
    return library.tips[unplanned[0].id] if unplanned else None


def explain(tx: Tx, library: Library, day: date, area: str | None) -> Explained:
    """Why this tip: the day, the reports, the candidates with the reasons for their points."""
    about = today_is(library, day)
    found = rises(tx, library, day, area).get(area, []) if area else []
    chosen = tip_for_day(tx, library, day, area)
    own = area_tips.tip_of(tx, day.isoformat(), area) if area else None
    candidates = _weighed_in(tx, library, about, area, own, found) if area else []
    known = {candidate.tip for candidate in candidates}
    city = dict(ranked(tuple(library.tips.values()), list(_days(library, day.year))))
    every = [*candidates, *(one for one in city.get(day, ()) if one.tip not in known)]
    every.sort(key=lambda one: (chosen is None or one.tip != chosen.id, -one.points))
    return Explained(chosen, about, found, every, own is not None, others(library, day))


def _weighed_in(
    tx: Tx, library: Library, day: Day, area: str, own: str | None, found: Sequence[Rise]
) -> Sequence[Candidate]:
    """The candidates in an area; of a day that was decided, as they stood before the two tips changed places."""
    schedule = _schedule(tx, library, day.date.year, area)
    planned = _year(library, day.date.year).get(day.date)
    if own and planned and own != planned:
        before = dict(schedule) | {day.date: planned}
        later = next((one for one, tip in schedule.items() if tip == planned and one > day.date), None)
        candidates = _candidates(library, day, before | ({later: own} if later else {}), found)
        if own in {candidate.tip for candidate in candidates}:
            return candidates
    return _candidates(library, day, schedule, found)
