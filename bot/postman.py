"""Carries letters to channels that can push: lease, send with no transaction open, note what came of it.

Each pushing channel has two lanes, own affairs and broadcasts, and a lane never waits for another. What may have
arrived (the answer to a send never came, or the postman died while sending) is sent again when it concerns one
person, twice at most: better doubled than missing. A broadcast is marked before it leaves and is not sent again.
"""

import asyncio
import contextlib
import logging
import os
import random
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.channel import Away, Channel, Gone, Moved, NotNow, Rejected, SendFailure, TooMany, TryLater, Unsure
from bot.delivery import delivered
from bot.house import House
from bot.letters import words_of
from bot.messages import Address
from bot.pace import Pace
from civic.people import Resident
from db import letters, photos, reach, sending, talks
from db.database import Database
from db.letters import BROADCAST, NEWS, REPLY, Letter
from db.reach import Ways
from db.tx import Tx

log = logging.getLogger("youli.postman")
Carried = Callable[[str, int, str, float], None]  # told channel, number, outcome and seconds of each letter in hand
LEASE = 60.0  # seconds; longer than any send may take
ATTEMPTS = 19  # about a day and a half with the waits below
LONGEST_WAIT = 6 * 3600.0
UNSURE_ATTEMPTS = 3
PUBLIC = re.compile(r"/chat/photos/(\d{1,18})/public\.jpg")
VEILING = (1.0, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0)  # seconds for which a letter waits for a photo to be veiled
AT_ONCE = 64  # letters of a lane that are being carried
AHEAD = 1.5  # seconds of a broadcast that are taken at once: more than a call takes, far less than a lease lasts
FEWEST, MOST = 8, 256
IDLE = 0.5  # seconds between looks when nothing rings
RESTS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds that a channel which is away is left alone, again and again


def wait_before(attempt: int) -> float:
    """Seconds before the next try: doubling from two, at most six hours, a fifth of it by chance."""
    return min(LONGEST_WAIT, 2.0**attempt) * random.uniform(0.9, 1.1)  # nosec B311 # noqa: S311 - only spreads retries


@dataclass(eq=False)
class Lane:
    """A channel's letters of some urgency, and those of them that are being carried."""

    channel: str
    urgencies: Sequence[int]
    most: int  # letters that are carried at once
    carrying: set["asyncio.Task[None]"] = field(default_factory=set)
    rests_until: float = 0.0

    def room(self) -> int:
        """How many more letters may be taken. A broadcast's are taken many at a time."""
        free = self.most - len(self.carrying)
        return free if self.urgencies[0] == REPLY or free > self.most // 2 else 0


class Postman:
    """One of any number of postmen; a lease keeps two from carrying the same letter. Whoever writes a letter that
    is urgent may ring ``bell``."""

    def __init__(
        self,
        database: Database,
        house: House,
        channels: Mapping[str, Channel],
        paces: Mapping[str, Pace] | None = None,
        bell: asyncio.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
        carried: Carried | None = None,
    ) -> None:
        self._database = database
        self._house = house
        self._channels = channels
        self._paces = paces or {}
        self._bell = bell or asyncio.Event()
        self._clock = clock
        self._told = carried
        pushing = [name for name, channel in channels.items() if channel.manners.pushes]
        self._lanes = [Lane(name, (REPLY, NEWS), AT_ONCE) for name in pushing]
        self._lanes += [Lane(name, (BROADCAST,), self._ahead(name)) for name in pushing]
        self._ways = _ways(channels)
        self._away: dict[str, int] = {}  # how often in a row a channel was away
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._stop = False

    def _ahead(self, channel: str) -> int:
        """How many letters of a broadcast are taken at once: as many as will leave soon."""
        pace = self._paces.get(channel)
        return AT_ONCE if pace is None else int(max(FEWEST, min(MOST, pace.rates.broadcasts * AHEAD)))

    async def run(self) -> None:
        """Carry letters until stopped, then finish those in hand."""
        while not self._stop:
            self._bell.clear()
            try:
                taken = len(await self._take())
            except Exception:  # the database is away: look again, letters are safe in it
                log.exception("postman's round failed")
                taken = 0
            if not taken and not self._stop:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):
                        await self._bell.wait()
        hands = [task for lane in self._lanes for task in lane.carrying]
        if hands:
            await asyncio.wait(hands)

    def stop(self) -> None:
        """Take no more, finish what is in hand, and go."""
        self._stop = True
        self._bell.set()

    async def round(self) -> int:
        """Take what is due and carry it; how many letters that were."""
        tasks = await self._take()
        if tasks:
            await asyncio.wait(tasks)
        return len(tasks)

    async def _take(self) -> list["asyncio.Task[None]"]:
        now = self._clock()
        open_lanes = [lane for lane in self._lanes if lane.room() > 0 and lane.rests_until <= now]
        if not open_lanes:
            return []
        tasks = []
        wishes = [(lane.channel, lane.urgencies, lane.room()) for lane in open_lanes]
        found = await self._database.write(_lease, self._name, wishes, self._ways)
        for lane, due in zip(open_lanes, found, strict=True):
            for letter in due:
                task = asyncio.create_task(self._carry(letter, lane))
                lane.carrying.add(task)
                task.add_done_callback(lambda done, lane=lane: self._carried(done, lane))  # type: ignore[misc]
                tasks.append(task)
        return tasks

    def _carried(self, task: "asyncio.Task[None]", lane: Lane) -> None:
        lane.carrying.discard(task)
        if lane.room():
            self._bell.set()
        if not task.cancelled() and task.exception() is not None:  # not noted: its lease runs out, it is tried again
            log.error("letter's outcome not noted", exc_info=task.exception())

    async def _carry(self, letter: Letter, lane: Lane) -> None:
        if letter.trying:
            await self._database.write(sending.unsure, letter.id, "interrupted while sending")
            return
        found = await self._database.read(talks.talk_of_id, letter.talk_id)
        if found is None:  # erased meanwhile
            await self._database.write(sending.bury, letter.id, "nobody there")
            return
        channel, user, resident = found
        start, outcome = time.perf_counter(), "delivered"
        try:
            await self._send(letter, Address(channel, user), resident)
        except SendFailure as failure:
            outcome = type(failure).__name__
            log.info("letter not sent", extra={"letter": letter.id, "kind": type(failure).__name__})
            self._rest(failure, lane, user)
            await self._database.write(_failed, letter, failure, self._ways)
        except Exception as error:
            outcome = type(error).__name__
            log.exception("letter not sent", extra={"letter": letter.id})
            await self._database.write(_failed, letter, TryLater(type(error).__name__), self._ways)
        else:
            self._away.pop(lane.channel, None)
            await self._database.write(_delivered, letter, resident, self._house)
        if self._told is not None:
            self._told(channel, letter.id, outcome, time.perf_counter() - start)

    async def _send(self, letter: Letter, address: Address, resident: Resident) -> None:
        channel, pace = self._channels[address.channel], self._paces.get(address.channel)
        broadcast = letter.urgency >= BROADCAST
        if letter.attempts <= len(VEILING) and (shown := PUBLIC.findall(letter.say)):
            await self._see_veiled([int(number) for number in shown], VEILING[letter.attempts - 1])
        words = words_of(letter.say, resident.language, self._house.library, channel.manners)
        for number, part in enumerate(words[letter.parts :], start=letter.parts + 1):
            if pace is not None:
                await pace.turn(address.user, broadcast)
            if broadcast and not await self._database.write(sending.begin, letter.id, self._name):
                raise _Lost
            await channel.send(letter.id, letter.talk_id, address, part)
            if number < len(words):
                await self._database.write(sending.left, letter.id, number)

    async def _see_veiled(self, shown: list[int], patience: float) -> None:
        if await self._database.read(photos.unveiled, shown):
            raise TryLater("a photo is being veiled", patience)

    def _rest(self, failure: SendFailure, lane: Lane, user: str) -> None:
        """Leave a channel that is away alone for a while, a person who is to be spared, and broadcasts that are
        too many."""
        if isinstance(failure, Away):
            if lane.rests_until <= self._clock():
                strikes = self._away.get(lane.channel, 0)
                self._away[lane.channel] = strikes + 1
                until = self._clock() + RESTS[min(strikes, len(RESTS) - 1)]
                for other in self._lanes:
                    if other.channel == lane.channel:
                        other.rests_until = until
        elif isinstance(failure, TooMany) and failure.after is not None:
            if lane.channel in self._paces:
                self._paces[lane.channel].hold(user, failure.after)
            if lane.urgencies[0] == BROADCAST:
                lane.rests_until = max(lane.rests_until, self._clock() + failure.after)


class _Lost(SendFailure):
    """Another postman has it: its lease had run out while it waited for its turn."""


def _ways(channels: Mapping[str, Channel]) -> Ways:
    """How else somebody may be reached, by the channels' manners. One that keeps its history is read there."""
    known = {name: channel.manners for name, channel in channels.items()}
    return Ways(
        anywhere=[name for name, manners in known.items() if manners.pushes and not manners.keeps_history],
        looked_at=[name for name, manners in known.items() if manners.pushes and manners.keeps_history],
        silent=[name for name, manners in known.items() if not manners.pushes],
    )


def _lease(tx: Tx, owner: str, wishes: Sequence[tuple[str, Sequence[int], int]], ways: Ways) -> list[list[Letter]]:
    letters.expire(tx)
    reach.look_round(tx, ways, LONGEST_WAIT, MOST)
    return [sending.lease(tx, owner, channel, kinds, LEASE, room) for channel, kinds, room in wishes]


def _delivered(tx: Tx, letter: Letter, resident: Resident, house: House) -> None:
    delivered(tx, letter, resident, house.zone)


def _failed(tx: Tx, letter: Letter, failure: SendFailure, ways: Ways) -> None:  # noqa: C901 - one case for each way to fail
    match failure:
        case Gone():
            sending.retry(tx, letter.id, 0, f"gone: {failure}", counted=False)
            reach.lose(tx, letter.talk_id)  # it goes elsewhere or waits, too
        case Rejected():
            sending.bury(tx, letter.id, f"rejected: {failure}")
        case NotNow():
            sending.retry(tx, letter.id, LONGEST_WAIT, f"not now: {failure}", counted=False)
            reach.go_on(tx, letter.id, ways)
        case Moved():
            if reach.move(tx, letter.talk_id, failure.user):
                sending.retry(tx, letter.id, 0, "moved", counted=False)
            else:
                sending.bury(tx, letter.id, "moved to an address that has its own talk")
        case Away():
            sending.retry(tx, letter.id, RESTS[0], f"away: {failure}", counted=False)
        case Unsure() if letter.urgency >= BROADCAST or letter.attempts >= UNSURE_ATTEMPTS:
            sending.unsure(tx, letter.id, f"unsure: {failure}")
        case _Lost():
            pass
        case TryLater() if not failure.counted:
            sending.retry(tx, letter.id, failure.after or 0, f"later: {failure}", counted=False)
        case TryLater() | Unsure() if letter.attempts < ATTEMPTS:
            after = failure.after if isinstance(failure, TryLater) and failure.after is not None else None
            sending.retry(tx, letter.id, wait_before(letter.attempts) if after is None else after, f"later: {failure}")
        case _:
            sending.bury(tx, letter.id, f"gave up: {failure}")
