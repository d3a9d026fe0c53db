"""Carries letters to channels that can push: lease, send with no transaction open, note what came of it."""

import asyncio
import contextlib
import logging
import os
import random
import secrets
from collections.abc import Mapping

from bot.channel import Channel, Gone, NotNow, Rejected, SendFailure, TryLater
from bot.delivery import delivered
from bot.house import House
from bot.letters import say_from_json
from bot.messages import Address
from bot.rendering import fit, render
from civic.people import Resident
from db import letters, talks
from db.database import Database
from db.letters import Letter
from db.tx import Tx

log = logging.getLogger("youli.postman")
LEASE = 60.0  # seconds; longer than any send may take
ATTEMPTS = 12  # about a day and a half with the waits below
LONGEST_WAIT = 6 * 3600.0
AT_ONCE = 64
IDLE = 1.0  # seconds between looks when there is nothing to do


def wait_before(attempt: int) -> float:
    """Seconds before the next try: doubling from two, at most six hours, a fifth of it by chance."""
    return min(LONGEST_WAIT, 2.0**attempt) * random.uniform(0.9, 1.1)  # noqa: S311 - only spreads retries


class Postman:
    """One of any number of postmen; a lease keeps two from carrying the same letter."""

    def __init__(self, database: Database, house: House, channels: Mapping[str, Channel]) -> None:
        self._database = database
        self._house = house
        self._channels = channels
        self._pushing = tuple(name for name, channel in channels.items() if channel.manners.pushes)
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Carry letters until stopped."""
        while not self._stop.is_set():
            try:
                carried = await self.round()
            except Exception:  # the database is away: look again, letters are safe in it
                log.exception("postman's round failed")
                carried = 0
            if carried == 0:
                await _sleep(self._stop, IDLE)

    def stop(self) -> None:
        """Finish the round and go."""
        self._stop.set()

    async def round(self) -> int:
        """Lease what is due and carry it; how many letters that were."""
        if not self._pushing:
            return 0
        due = await self._database.write(letters.lease, self._name, self._pushing, LEASE, AT_ONCE)
        await asyncio.gather(*(self._carry(letter) for letter in due))
        return len(due)

    async def _carry(self, letter: Letter) -> None:
        found = await self._database.read(talks.talk_of_id, letter.talk_id)
        if found is None:  # erased meanwhile
            await self._database.write(letters.bury, letter.id, "nobody there")
            return
        channel_name, user, resident = found
        channel = self._channels[channel_name]
        try:
            say = say_from_json(letter.say)
            for words in fit([render(say, resident.language, self._house.library, 0)], channel.manners):
                await channel.send(letter.id, letter.talk_id, Address(channel_name, user), words)
        except SendFailure as failure:
            await self._database.write(_failed, letter, failure)
            log.info("letter not sent", extra={"letter": letter.id, "kind": type(failure).__name__})
        except Exception as error:
            log.exception("letter not sent", extra={"letter": letter.id})
            await self._database.write(_failed, letter, TryLater(type(error).__name__))
        else:
            await self._database.write(_delivered, letter, resident, self._house)


def _delivered(tx: Tx, letter: Letter, resident: Resident, house: House) -> None:
    delivered(tx, letter, resident, house.zone)


def _failed(tx: Tx, letter: Letter, failure: SendFailure) -> None:
    match failure:
        case Gone():
            letters.bury(tx, letter.id, f"gone: {failure}")
            talks.set_reachable(tx, letter.talk_id, False)
        case Rejected():
            letters.bury(tx, letter.id, f"rejected: {failure}")
        case NotNow():
            letters.retry(tx, letter.id, LONGEST_WAIT, f"not now: {failure}")
        case TryLater() if letter.attempts < ATTEMPTS:
            after = failure.after if failure.after is not None else wait_before(letter.attempts)
            letters.retry(tx, letter.id, after, f"later: {failure}")
        case _:
            letters.bury(tx, letter.id, f"gave up: {failure}")


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but wake up at once when stopped."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
