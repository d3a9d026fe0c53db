"""Which tip belongs to a day."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Protocol


class Dated(Protocol):
    """What choosing needs to know of a tip."""

    @property
    def id(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def tone(self) -> str: ...


@lru_cache(maxsize=8192)
def _mixed(tip_id: str) -> bytes:
    return hashlib.sha256(tip_id.encode()).digest()


def order(tips: Sequence[Dated]) -> list[Dated]:
    """All tips in an order that mixes topics and never changes when others are added elsewhere."""
    return sorted(tips, key=lambda tip: _mixed(tip.id))


def tip_of_day(tips: Sequence[Dated], day: date, solemn: bool, topics: Collection[str] = ()) -> str | None:
    """The id of the city's tip for a day: the same for everybody, matching the day's observance if there is one;
    on solemn days only tips written for them."""
    fitting = [tip for tip in order(tips) if (tip.tone == "solemn") == solemn] or ([] if solemn else order(tips))
    matching = [tip for tip in fitting if tip.topic in topics] or fitting
    return matching[day.toordinal() % len(matching)].id if matching else None


def next_tip(tips: Sequence[Dated], seen: Collection[str], today: str | None, solemn: bool) -> str | None:
    """Another tip: one not seen yet, else the first that is not today's."""
    fitting = [tip for tip in order(tips) if tip.id != today and (tip.tone == "solemn" or not solemn)]
    fresh = [tip for tip in fitting if tip.id not in seen]
    chosen = fresh or fitting
    return chosen[0].id if chosen else None
