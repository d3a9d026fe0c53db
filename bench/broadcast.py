"""``python -m bench broadcast``: the daily tip to a hundred thousand residents of a fresh SQLite city.

Youli plans it and sends it to a Bot API that answers at once, while other residents talk; on the way it is killed once
and restarted once. Told is how long planning took, which rate was kept, how long answers took, who got two.
"""

import argparse
import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from bench.botapi import BotApi
from bench.city import FIRST, settle, subscribe
from bench.residents import Telegram
from bench.results import verdict
from bench.servers import ROOT, Recipe, Server, cores
from bench.subjects import RECIPES
from bench.talkers import Talkers

NOON = 12
KILLED, RESTARTED = 0.4, 0.7  # shares of the broadcast that have arrived then
WAKES = 3.0  # seconds
CALM = 15.0  # seconds that they talk beforehand
TAIL = 300
WINDOW = 10.0  # seconds over which the rate is looked at
STUCK = 120.0  # seconds without an arrival after which it is given up; a lease lasts sixty
BEFOREHAND, PLANNING, SENDING = "beforehand", "while it is planned", "while it is sent"
WAKING = "while it is sent, by a server that has just started"  # and still reads and imports
DRAWINGS = ROOT / "content" / "pictures"


@dataclass(frozen=True)
class Arrival:
    """A message of the broadcast at the Bot API."""

    at: float  # seconds
    chat: int


@dataclass(frozen=True)
class Kept:
    """The rate of a time in which nothing interrupted: in all, and of the slowest and fastest window."""

    seconds: float
    rate: float
    slowest: float
    fastest: float


class Broadcast:
    """One broadcast from beginning to end."""

    def __init__(self, folder: Path, people: int, rate: float) -> None:
        self.people, self.rate = people, rate
        self.arrivals: list[Arrival] = []
        self.stretches: list[int] = []  # how many had arrived when each server ended
        self.planned = 0.0  # seconds
        self.states: dict[str, int] = {}
        self.told = 0  # lines in the journal
        self._data = folder / "youli"
        self._file = self._data / "youli.db"
        self._api = BotApi()
        self.talkers = Talkers()

    async def run(self) -> None:
        """Do it. Raises RuntimeError when a server does not start or the broadcast is stuck."""
        server_core, load_core = cores()
        os.sched_setaffinity(0, {load_core})
        recipe = self._recipe(await self._api.open())
        settle(self._data, self.people)
        self._api.heard = self._heard
        for share, end in ((KILLED, Server.kill), (RESTARTED, Server.stop), (1.0, Server.stop)):
            # In threads: the Bot API must answer while a server starts and stops.
            server = await asyncio.to_thread(Server, recipe, self._data, server_core)
            try:
                await self._sent_by(server, share)
            finally:
                await asyncio.to_thread(end, server)
            self.stretches.append(len(self.arrivals))
        self._api.close()
        self._look()

    async def _sent_by(self, server: Server, share: float) -> None:
        if not self.stretches:
            await self._until(self._is_settled)
            async with self._talking(server, BEFOREHAND):
                await asyncio.sleep(CALM)
            subscribe(self._data, NOON)
            async with self._talking(server, PLANNING):
                await self._until(self._is_planned)
        else:
            async with self._talking(server, WAKING):
                await asyncio.sleep(WAKES)
        async with self._talking(server, SENDING):
            await self._until(lambda: self._all_left() if share == 1 else len(self.arrivals) >= share * self.people)

    def _recipe(self, api: str) -> Recipe:
        whole = RECIPES["youli"]
        offset = NOON - datetime.now(UTC).hour  # somewhere it is noon
        environment = {
            "YOULI_TIMEZONE": f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT",
            "YOULI_TELEGRAM_BROADCAST_RATE": f"{self.rate:g}",
            "YOULI_TELEGRAM_API_BASE": api,
            "YOULI_RATE_LIMIT": "on",
        }
        return Recipe(whole.command, {**whole.environment, **environment}, whole.health)

    def _heard(self, chat: int, _: bytes) -> None:
        if chat > FIRST:
            self.arrivals.append(Arrival(time.perf_counter(), chat))
        else:
            self.talkers.heard(chat)

    @asynccontextmanager
    async def _talking(self, server: Server, meanwhile: str) -> AsyncIterator[None]:
        over = asyncio.Event()
        talking = asyncio.create_task(self.talkers.talk(Telegram(server.port), meanwhile, over))
        try:
            yield
        finally:
            over.set()
            await talking

    async def _until(self, reached: Callable[[], bool]) -> None:
        seen, since = len(self.arrivals), time.perf_counter()
        while not reached():
            await asyncio.sleep(0.2)
            if len(self.arrivals) != seen:
                seen, since = len(self.arrivals), time.perf_counter()
            elif time.perf_counter() - since > STUCK:
                raise RuntimeError(f"nothing arrived for {STUCK:.0f} s, after {seen} of {self.people}")

    def _is_settled(self) -> bool:
        """What a city's first start leaves to be done is done last of all by drawing pictures ahead."""
        return len([*self._data.glob("drawings/*.png")]) == len([*DRAWINGS.glob("*.svg")])

    def _is_planned(self) -> bool:
        return bool(self._asked("SELECT 1 FROM ticks WHERE what = 'tips' AND at LIKE ?", f"%T{NOON}"))

    def _all_left(self) -> bool:
        return not self._asked("SELECT 1 FROM letters WHERE state = 'waiting' AND urgency = 1 LIMIT 1")

    def _look(self) -> None:
        ((began,),) = self._asked("SELECT min(created_at) FROM letters WHERE urgency = 1")
        ((done,),) = self._asked("SELECT done_at FROM ticks WHERE what = 'tips' AND at LIKE ?", f"%T{NOON}")
        self.planned = (done - began) / 1000
        self.states = dict(self._asked("SELECT state, count(*) FROM letters WHERE urgency = 1 GROUP BY state"))
        ((self.told,),) = self._asked("SELECT count(*) FROM journal WHERE deed = 'tip_delivered'")

    def _asked(self, question: str, *values: str) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as database:
            return database.execute(question, values).fetchall()

    def kept(self) -> Iterator[Kept]:
        """The rate of each stretch; without its last hundred, which a killed server may have had in its hands."""
        begun = 0
        for ended in self.stretches:
            times = [arrival.at for arrival in self.arrivals[begun : max(begun, ended - TAIL)]]
            begun = ended
            if len(times) > 1 and times[-1] > times[0]:
                windows = _windows(times)
                rate = (len(times) - 1) / (times[-1] - times[0])
                yield Kept(times[-1] - times[0], rate, min(windows, default=rate), max(windows, default=rate))

    def doubled(self) -> int:
        """How many got the tip more than once."""
        return sum(count > 1 for count in Counter(arrival.chat for arrival in self.arrivals).values())


def _windows(times: Sequence[float]) -> list[float]:
    """The rate in each whole window."""
    counts = Counter(int((at - times[0]) / WINDOW) for at in times)
    return [counts[number] / WINDOW for number in range(int((times[-1] - times[0]) / WINDOW))]


def report(broadcast: Broadcast) -> Iterator[str]:
    """What happened, and what was promised of it."""
    yield f"\n{broadcast.people:,} residents, {broadcast.rate:g} a second"
    for kept in broadcast.kept():
        yield (
            f"  sent for {kept.seconds:.0f} s at {kept.rate:.2f} a second "
            f"({kept.slowest:.1f}–{kept.fastest:.1f} in windows of {WINDOW:.0f} s)"
        )
    for meanwhile, seconds in broadcast.talkers.waited.items():
        times = sorted(1000 * second for second in seconds)
        yield (
            f"  {len(times)} answers {meanwhile}: p50 {times[len(times) // 2]:.0f}, "
            f"p99 {times[len(times) * 99 // 100]:.0f}, max {times[-1]:.0f} ms"
        )
    arrived = len({arrival.chat for arrival in broadcast.arrivals})
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(broadcast.states.items()))
    yield f"  {arrived:,} got it; letters: {states}; journal: {broadcast.told:,}"
    yield "\nwhat was promised"
    yield verdict(broadcast.planned < 10, f"planned in {broadcast.planned:.1f} s, < 10 s")
    off = max((abs(kept.rate / broadcast.rate - 1) for kept in broadcast.kept()), default=1.0)
    yield verdict(off <= 0.02, f"the rate was kept within {off:.1%}, ≤ 2 %")
    calm, *busy = (broadcast.talkers.waited.get(one, [0.0]) for one in (BEFOREHAND, PLANNING, SENDING))
    late = 1000 * (max(max(seconds) for seconds in busy) - sorted(calm)[len(calm) // 2])
    unanswered = broadcast.talkers.unanswered
    yield verdict(late < 200 and not unanswered, f"no answer delayed by more than {late:.0f} ms, < 200 ms")
    if unanswered:
        yield f"    {unanswered} messages without an answer"
    doubled, unsure = broadcast.doubled(), broadcast.states.get("unsure", 0)
    whole = arrived + unsure >= broadcast.people and broadcast.told == broadcast.states.get("sent")
    yield verdict(not doubled, f"{doubled} got two, after a kill and a restart")
    yield verdict(
        whole, f"{broadcast.people - arrived} of {broadcast.people:,} got none, all of them unsure ({unsure})"
    )


def main() -> None:
    """Send and tell. Leaves with 1 when that did not come to an end."""
    parser = argparse.ArgumentParser(prog="python -m bench broadcast", description=__doc__)
    parser.add_argument("broadcast")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=300, help="messages a second")
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="on a real disk (default: build/)")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder.absolute(), prefix="broadcast-") as folder:
        broadcast = Broadcast(Path(folder), options.people, options.rate)
        try:
            uvloop.run(broadcast.run())
        except RuntimeError as error:
            sys.exit(str(error))
    print("\n".join(report(broadcast)))
