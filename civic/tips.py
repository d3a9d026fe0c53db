"""Which tip belongs to a day."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol


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
    """What a day is about: whether it is solemn, the ids of its observances and their topics."""

    date: date
    solemn: bool
    occasions: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()


@lru_cache(maxsize=8192)
def _mixed(tip_id: str) -> bytes:
    return hashlib.sha256(tip_id.encode()).digest()


def order(tips: Iterable[Planned]) -> list[Planned]:
    """All tips in an order that mixes topics and never changes when others are added elsewhere."""
    return sorted(tips, key=lambda tip: _mixed(tip.id))


def plan(tips: Collection[Planned], days: Sequence[Day]) -> dict[date, str]:
    """A tip for each day, the same for everybody; none twice before all that fit were used.

    A tip written for the day's observance comes first, then one on its topics, then any that is written for no
    day; solemn days get only tips of that tone. A day without a fitting tip is left out.
    """
    ordered = order(tips)
    used: set[str] = set()
    planned: dict[date, str] = {}
    for day in days:
        fitting = [tip for tip in ordered if not day.solemn or tip.tone == "solemn"]
        ranks = (
            [tip for tip in fitting if tip.occasion in day.occasions],
            [tip for tip in fitting if tip.occasion is None and tip.topic in day.topics],
            [tip for tip in fitting if tip.occasion is None and (tip.tone == "solemn") == day.solemn],
            [tip for tip in fitting if tip.occasion is None],
        )
        chosen = next((tip for rank in ranks for tip in rank if tip.id not in used), None)
        if chosen is None:  # everything that fits was used: begin again with it
            again = next((rank for rank in ranks if rank), [])
            used -= {tip.id for tip in again}
            chosen = again[0] if again else None
        if chosen is not None:
            used.add(chosen.id)
            planned[day.date] = chosen.id
    return planned


def next_tip(tips: Iterable[Planned], seen: Collection[str], today: str | None, day: Day) -> str | None:
    """Another tip: one not seen yet, else the first that is not today's; none that belongs to another day."""
    fitting = [
        tip
        for tip in order(tips)
        if tip.id != today
        and (tip.tone == "solemn" or not day.solemn)
        and (tip.occasion is None or tip.occasion in day.occasions)
    ]
    chosen = [tip for tip in fitting if tip.id not in seen] or fitting
    return chosen[0].id if chosen else None
