"""``python -m bench soak``: a city talks for an hour through all doors, at a rate that does not wait for the server.

WeChat in safe mode, Telegram by webhook, the web chat with photos. Told is, by the minute, how long people waited, how
much memory and processor the server took; and whether both stayed level. ``--flood 5`` writes five times as much in the
middle: the server may tell people to come again, must lose nothing, and must be as before afterwards.
"""

import argparse
import asyncio
import io
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import asyncpg
import uvloop
from PIL import Image

from bench.arrivals import Arrivals, Window
from bench.botapi import BotApi
from bench.processes import database, postgres
from bench.residents import Door
from bench.results import verdict
from bench.servers import ROOT, Server, cores
from bench.subjects import LEDGERS, RECIPES

SHARES: dict[Door, float] = {"wechat-safe": 0.6, "web": 0.3, "telegram": 0.1}
PEOPLE = 3000  # behind each door
FLOODED = 1500  # ms within which 99 of 100 answers come in a flood
WARM = 0.2  # of the time, after which memory and time are compared


@dataclass
class Minute:
    """One window of all doors, and the server at its end: megabytes, and the share of its core it used in it."""

    doors: dict[Door, Window] = field(default_factory=lambda: {door: Window() for door in SHARES})
    megabytes: float = 0.0
    busy: float = 0.0
    load: float = 0.0  # this process's share of its own core: near 100 % it is what is measured

    @property
    def waited(self) -> list[float]:
        """All times of words, sorted, in ms."""
        return sorted(1000 * second for window in self.doors.values() for second in window.waited)

    @property
    def photos(self) -> list[float]:
        """Those of photos."""
        return sorted(1000 * second for window in self.doors.values() for second in window.photos)

    def count(self, what: str) -> int:
        """A sum over the doors: due, shed, barred or failed."""
        return sum(getattr(window, what) for window in self.doors.values())


class Soak:
    """One soak from beginning to end."""

    def __init__(self, folder: Path, rate: float, minutes: Sequence[float], seconds: float, url: str = "") -> None:
        """``minutes`` are the factors of the rate, window by window of so many ``seconds``; ``url`` is an empty
        PostgreSQL, none: SQLite."""
        self._url = url
        self._data, self._rate, self._factors, self._seconds = folder / "youli", rate, minutes, seconds
        self.minutes = [Minute() for _ in minutes]
        self.stored = 0
        self.complaints: list[str] = []

    async def run(self) -> None:
        """Do it. Raises RuntimeError when the server does not start."""
        server_core, load_core = cores()
        os.sched_setaffinity(0, {load_core})
        api = BotApi()
        address = await api.open()
        recipe = RECIPES["youli"]
        if self._url:
            recipe = replace(recipe, environment={**recipe.environment, "YOULI_DATABASE_URL": self._url})
        server = await asyncio.to_thread(Server, recipe, self._data, server_core, address)
        try:
            await self._talk(server, api)
            self.complaints = server.complaints()
            if self.complaints:
                server.log.replace(self._data.parent.parent / "soak.log")
        finally:
            await asyncio.to_thread(server.stop)
            api.close()
        self.stored = await self._count(LEDGERS["youli"].count)

    async def _count(self, query: str) -> int:
        if self._url:
            connection = await asyncpg.connect(self._url)
            try:
                return int(await connection.fetchval(query))
            finally:
                await connection.close()
        with closing(sqlite3.connect(self._data / "youli.db")) as file:
            return int(file.execute(query).fetchone()[0])

    async def _talk(self, server: Server, api: BotApi) -> None:
        photo = _photo()
        doors = {door: Arrivals(door, server.port, PEOPLE, photo) for door in SHARES}
        api.heard = lambda chat, _: doors["telegram"].heard(chat)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look(server))
            for door, share in SHARES.items():
                rates = [self._rate * factor * share for factor in self._factors]
                windows = [minute.doors[door] for minute in self.minutes]
                group.create_task(doors[door].come(rates, windows, self._seconds))
        for arrivals in doors.values():
            arrivals.hang_up()

    async def _look(self, server: Server) -> None:
        before, began, load = server.cpu_seconds(), asyncio.get_running_loop().time(), time.process_time()
        for number, minute in enumerate(self.minutes, start=1):
            await asyncio.sleep(began + number * self._seconds - asyncio.get_running_loop().time())
            worked = server.cpu_seconds()
            minute.busy, minute.megabytes, before = (worked - before) / self._seconds, server.megabytes(), worked
            minute.load, load = (time.process_time() - load) / self._seconds, time.process_time()
            print(_line(number, minute), flush=True)


def _photo() -> bytes:
    """A photo of some 300 KB, as a telephone makes it smaller for a chat."""
    small = Image.frombytes("RGB", (160, 120), random.Random(7).randbytes(160 * 120 * 3))
    file = io.BytesIO()
    small.resize((1600, 1200)).save(file, "JPEG", quality=85)
    return file.getvalue()


def _line(number: int, minute: Minute) -> str:
    times, photos = minute.waited or [0.0], minute.photos or [0.0]
    return (
        f"  {number:4}  {minute.count('due'):7} due {len(minute.waited):7} answered  "
        f"p50 {times[len(times) // 2]:6.1f}  p99 {_p99(times):7.1f}  max {times[-1]:7.0f} ms  "
        f"{len(minute.photos):4} photos p99 {_p99(photos):7.0f} ms  "
        f"{minute.count('shed'):6} told to come again  {minute.count('failed'):4} failed  "
        f"{minute.megabytes:5.0f} MB  {minute.busy:4.0%} load {minute.load:4.0%}"
    )


def _doors(soak: "Soak") -> Iterator[str]:
    """Each door by itself, photos apart."""
    for door in SHARES:
        times = sorted(1000 * second for minute in soak.minutes for second in minute.doors[door].waited) or [0.0]
        yield f"  {door:12} {len(times):8} answers  p50 {times[len(times) // 2]:6.1f}  p99 {_p99(times):7.1f} ms"


def _p99(times: Sequence[float]) -> float:
    return times[len(times) * 99 // 100]


def report(soak: Soak, flooded: bool) -> Iterator[str]:
    """What was promised, and what was seen."""
    good = sum(len(minute.waited) + len(minute.photos) for minute in soak.minutes)
    failed, shed, barred = (sum(m.count(what) for m in soak.minutes) for what in ("failed", "shed", "barred"))
    told = f"{shed:,} told to come again ({barred:,} for want of a connection)"
    yield f"\n{good:,} answers, {told}, {failed} failed; {soak.stored:,} messages stored"
    for trouble in {w.trouble for minute in soak.minutes for w in minute.doors.values() if w.trouble}:
        yield f"    {trouble}"
    calm = [minute for minute in soak.minutes[int(len(soak.minutes) * WARM) :] if minute.waited]
    third = max(1, len(calm) // (6 if flooded else 3))  # before the flood and well after it
    early, late = calm[:third], calm[-third:]
    yield "\nwhat was promised"
    yield verdict(not soak.complaints, f"{len(soak.complaints)} errors in the log")
    yield from (f"    {line[:300]}" for line in soak.complaints[:5])
    yield verdict(good <= soak.stored <= good + failed, "every answered message is stored, what was turned away is not")
    p99 = [median(_p99(m.waited) for m in part) for part in (early, late)]
    yield verdict(p99[1] < max(2 * p99[0], 50), f"p99 {p99[0]:.0f} ms at first, {p99[1]:.0f} ms in the end")
    if flooded:
        worst = max(_p99(m.waited) for m in soak.minutes if m.waited)
        yield verdict(worst < FLOODED, f"p99 {worst:.0f} ms in the worst window, < {FLOODED:.0f} ms")
        return
    grown = median(m.megabytes for m in late) / median(m.megabytes for m in early) - 1
    yield verdict(grown < 0.05, f"memory grew by {grown:.1%} from the first to the last third, < 5 %")
    yield verdict(not failed and not shed, "everybody was answered")


def main() -> None:
    """Talk and tell. Leaves with 1 when a promise was not kept."""
    parser = argparse.ArgumentParser(prog="python -m bench soak", description=__doc__)
    parser.add_argument("soak")
    parser.add_argument("--rate", type=float, default=200, help="messages a second, all doors together")
    parser.add_argument("--minutes", type=int, default=60, help="how many windows")
    parser.add_argument("--seconds", type=float, default=60, help="in one window")
    parser.add_argument("--flood", type=float, default=1, help="so many times the rate in the middle third")
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="on a real disk (default: build/)")
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    third = options.minutes // 3
    factors = [options.flood if third <= at < 2 * third else 1.0 for at in range(options.minutes)]
    print(f"{options.rate:g} messages a second for {options.minutes} × {options.seconds:g} s: {SHARES}")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder.absolute(), prefix="soak-"))
        url = uvloop.run(database(postgres(stack), "soak")) if options.on == "postgresql" else ""
        soak = Soak(Path(folder), options.rate, factors, options.seconds, url)
        try:
            uvloop.run(soak.run())
        except RuntimeError as error:
            sys.exit(str(error))
    told = list(report(soak, options.flood > 1))
    print("\n".join([*(_line(number, minute) for number, minute in enumerate(soak.minutes, start=1)), *_doors(soak)]))
    print("\n".join(told))
    sys.exit(any("MISSED" in line for line in told))
