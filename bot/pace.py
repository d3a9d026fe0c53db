"""How fast a channel may speak: so many messages a second to one person, in all, and of what goes to everybody."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.channel import TryLater

PATIENCE = 5.0  # seconds that a letter is held in the hand; for longer waits it goes back into the outbox
MANY = 8192  # people remembered before those who are free again are forgotten
LATE = 2.0  # seconds that a broadcast may lag and still catch up: so a slow moment does not lower its rate


@dataclass(frozen=True)
class Rates:
    """Messages a second. ``burst`` may follow each other at once, then ``per_person`` holds."""

    per_person: float
    burst: int
    overall: float
    overall_burst: int
    broadcasts: float


Together = Callable[[bool], Awaitable[float]]
"""Counts a message (whether it is a broadcast's) for all processes; the seconds until it may leave, 0 when it may."""

UNLIMITED = Rates(per_person=math.inf, burst=1, overall=math.inf, overall_burst=1, broadcasts=math.inf)


class Pace:
    """Gives out turns: each takes a slot on a line of evenly spaced slots. What answers somebody takes the next
    one; a broadcast only goes when a slot would be left for an answer, so answers never stand behind it.

    Where several processes write to the channel, each message is counted ``together`` as well. How fast one person is
    written to each counts alone: of a talk one letter at a time is on its way.
    """

    def __init__(
        self,
        rates: Rates,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        together: Together | None = None,
    ) -> None:
        self.rates, self._clock, self._sleep, self._together = rates, clock, sleep, together
        self._people: dict[str, float] = {}  # when each one's line is empty again
        self._held: dict[str, float] = {}  # people to whom the channel refuses messages until then
        self._overall = self._broadcasts = float("-inf")
        self._head = asyncio.Lock()
        self._asking = {broadcast: asyncio.Lock() for broadcast in (False, True)}  # one of each kind asks at a time

    async def turn(self, person: str, broadcast: bool = False) -> None:
        """Wait until a message may leave for somebody. Raises TryLater when that is too long to wait."""
        wait = max(self._held.get(person, 0.0) - self._clock(), self._person_wait(person))
        if wait > PATIENCE:
            raise TryLater("too fast for this person", wait, counted=False)
        self._take_person(person)
        if wait > 0:
            await self._sleep(wait)
        if broadcast:
            await self._broadcast_turn()
        else:
            await self._overall_turn()
        if self._together is not None:
            async with self._asking[broadcast]:
                while (wait := await self._together(broadcast)) > 0:
                    await self._sleep(wait)

    def note(self, person: str) -> None:
        """A message left without asking: it counts, so that the next ones wait."""
        self._take_person(person)
        self._take_overall()

    def free(self, person: str) -> bool:
        """Whether a message to somebody may leave at once."""
        return self._held.get(person, 0.0) <= self._clock() and self._person_wait(person) <= 0

    def hold(self, person: str, seconds: float) -> None:
        """The channel asked for silence towards somebody."""
        self._held[person] = self._clock() + seconds

    def _person_wait(self, person: str) -> float:
        busy_until = self._people.get(person, 0.0)
        return busy_until - (self.rates.burst - 1) / self.rates.per_person - self._clock()

    def _take_person(self, person: str) -> None:
        now = self._clock()
        if len(self._people) >= MANY:
            self._people = {name: until for name, until in self._people.items() if until > now}
            self._held = {name: until for name, until in self._held.items() if until > now}
        self._people[person] = max(self._people.get(person, now), now) + 1 / self.rates.per_person

    def _take_overall(self) -> float:
        """Take the next slot; how long until then."""
        now, each = self._clock(), 1 / self.rates.overall
        self._overall = max(self._overall, now) + each
        return self._overall - each * self.rates.overall_burst - now

    async def _overall_turn(self) -> None:
        wait = self._take_overall()
        if wait > 0:
            await self._sleep(wait)

    async def _broadcast_turn(self) -> None:
        """One broadcast at a time stands at the head of its line, until its own slot has come and one is to spare."""
        spare = (self.rates.overall_burst - 2) / self.rates.overall
        async with self._head:
            while (wait := max(self._broadcasts, self._overall - spare) - self._clock()) > 0:
                await self._sleep(wait)
            now = self._clock()
            line = self._broadcasts if self._broadcasts > now - LATE else now
            self._broadcasts = line + 1 / self.rates.broadcasts
            self._take_overall()
