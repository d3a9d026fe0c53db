"""Which tip belongs to a day: points for the calendar, the season, what was reported and what came lately.

The rules and their weights stand in WEIGHTS; a candidate carries the reasons for its points, so that every choice
can be explained. A tip that was written for an observance is only shown on it.
"""

import hashlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal, Protocol

Span = Literal["day", "week", "season"]
WEIGHTS: Mapping[str, int] = {
    "occasion": 100,  # it was written for this day
    "near": 40,  # … or for one a few days off (calendar.toml says how many)
    "day": 60,  # its topic is what the day is about
    "week": 25,  # … or the week
    "season": 12,  # … or the weeks before and after
    "reports": 10,  # times how much more of it was reported than before
    "planned": 5,  # it is this day's turn: others have to be better, not as good
    "variety": -8,  # times how often its topic came in the LATELY days before
}
LATELY = 6  # days
LEAST_MORE = 3  # reports on a topic in an area: fewer are chance
LEAST_RISE, MOST_RISE = 1.5, 3.0


class Planned(Protocol):
    """What planning needs to know of a tip. ``occasion`` is the id of the observance it was written for."""

    @property
    def id(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def tone(self) -> str: ...
    @property
    def occasion(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Day:
    """What a day is about: whether it is solemn, the ids of its observances and of those that are ``near``, and
    topics by how long they are on."""

    date: date
    solemn: bool
    occasions: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    topics: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that speaks for or against a tip: ``points`` = weight times number."""

    rule: str
    number: float = 1

    @property
    def points(self) -> float:
        return WEIGHTS[self.rule] * self.number


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tip with the reasons for its points."""

    tip: str
    reasons: tuple[Reason, ...]

    @property
    def points(self) -> float:
        return sum(reason.points for reason in self.reasons)


@lru_cache(maxsize=8192)
def _mixed(tip_id: str) -> bytes:
    return hashlib.sha256(tip_id.encode()).digest()


def order(tips: Iterable[Planned]) -> list[Planned]:
    """All tips in an order that mixes topics and never changes when others are added elsewhere."""
    return sorted(tips, key=lambda tip: _mixed(tip.id))


def rise(recent: int, before: int) -> float:
    """How many times as much was reported as before, from 1.5 up to 3; 0 where it is no rise, or too little to tell:
    fewer than three more."""
    times = recent / max(before, 1)
    return min(times, MOST_RISE) if recent - before >= LEAST_MORE and times >= LEAST_RISE else 0


def weighed(
    tip: Planned, day: Day, lately: Collection[str], rising: Mapping[str, float] | None = None, planned: bool = False
) -> Candidate:
    """A tip with its points for a day. ``lately``: the topics of the days before; ``rising``: how much more of a
    topic was reported (see ``rise``)."""
    reasons = []
    if tip.occasion in day.occasions:
        reasons.append(Reason("occasion"))
    elif tip.occasion in day.near:
        reasons.append(Reason("near"))
    if span := day.topics.get(tip.topic):
        reasons.append(Reason(span))
    if times := (rising or {}).get(tip.topic):
        reasons.append(Reason("reports", times))
    if planned:
        reasons.append(Reason("planned"))
    if often := sum(topic == tip.topic for topic in lately):
        reasons.append(Reason("variety", often))
    return Candidate(tip.id, tuple(reasons))


def fits(tip: Planned, day: Day) -> bool:
    """Whether a tip may be shown on a day at all: solemn ones on solemn days, and none that belongs to another day."""
    belongs = tip.occasion is None or tip.occasion in day.occasions or tip.occasion in day.near
    return belongs and (tip.tone == "solemn" or not day.solemn)


def ranked(tips: Collection[Planned], days: Sequence[Day]) -> Iterator[tuple[date, Sequence[Candidate]]]:
    """For each day the candidates, best first: of each topic the next tip in ``order``, and those for the occasion.

    The best is taken to be shown; none comes twice before all that fit were used. Empty where nothing fits.
    """
    ordered = order(tips)
    by_id = {tip.id: tip for tip in ordered}
    quiet = {tip.id for tip in tips if tip.tone == "solemn" and tip.occasion is None}
    to_come = sum(day.solemn for day in days)
    used: dict[str, None] = {}  # in the order in which they were shown
    lately: deque[str] = deque(maxlen=LATELY)
    for day in days:
        to_come -= day.solemn
        kept = day.solemn or len(quiet - used.keys()) > to_come  # as many are kept as there are solemn days to come
        found = list(_candidates(ordered, day, used, lately, kept))
        if not found:  # everything that fits was used: begin again, with what lies longest back
            shown = [tip for tip in used if fits(by_id[tip], day)]
            for tip in shown[: max(len(shown) // 2, 1)]:
                del used[tip]
            found = list(_candidates(ordered, day, used, lately, True))
        found.sort(key=lambda candidate: -candidate.points)  # stable: among equals the order decides
        if found:
            used[found[0].tip] = None
            lately.append(by_id[found[0].tip].topic)
        yield day.date, found


def _candidates(
    ordered: Sequence[Planned], day: Day, used: Collection[str], lately: Collection[str], quiet: bool
) -> Iterator[Candidate]:
    """Without ``quiet`` no solemn tip but one for the occasion."""
    topics: set[str] = set()
    for tip in ordered:
        if tip.id in used or not fits(tip, day):
            continue
        if tip.occasion is None:
            if tip.topic in topics or (tip.tone == "solemn" and not quiet):
                continue
            topics.add(tip.topic)
        yield weighed(tip, day, lately)


def plan(tips: Collection[Planned], days: Sequence[Day]) -> Iterator[tuple[date, str]]:
    """A tip for each day; a day without a fitting one is left out."""
    return ((day, found[0].tip) for day, found in ranked(tips, days) if found)


def next_tip(tips: Iterable[Planned], seen: Collection[str], today: str | None, day: Day) -> str | None:
    """Another tip: one not seen yet, else the first that is not today's; none that belongs to another day."""
    fitting = [tip for tip in order(tips) if tip.id != today and fits(tip, day)]
    chosen = [tip for tip in fitting if tip.id not in seen] or fitting
    return chosen[0].id if chosen else None
