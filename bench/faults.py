"""``python -m bench faults``: processes are killed at random moments while people talk, and what people were told is
compared with what is stored; and ``main.py migrate`` is killed while it brings an old city up to date.

Rounds on SQLite (one process) and on PostgreSQL (two doors and one work, behind which the database crashes, too).
Leaves with 1 when anything was lost, doubled or half done; the seed of a round makes the same plan again.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Begin, Process, begun, database, postgres
from bench.servers import ROOT
from bench.testimony import Store, connected, troubles
from bench.upgrades import Walked, upgraded
from bench.witnesses import Sent, Witness
from db.sealing import Key, Keyring

SECRET = "the same for all of the processes"
PEOPLE, REPORTERS = 18, 6
FAULTS = 4  # in one round
QUIET = 120.0  # seconds in which something must have happened that could be lost


@dataclass
class Told:
    """What came of a round."""

    faults: list[str]
    messages: int
    repeated: int
    reports: int
    wrong: list[str]


class Round:
    """One city, from its first start to the comparison. ``url`` is an empty PostgreSQL; none: SQLite. ``pause``: the
    most seconds that people take before they write again. ``begin`` starts its processes."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        url: str = "",
        pause: float = 0.0,
        faults: int = FAULTS,
        begin: Begin = begun,
    ) -> None:
        self._folder, self._dice, self._url, self._pause = folder, random.Random(seed), url, pause
        self._faults = faults
        media = folder / "media"
        media.mkdir(parents=True)
        settings = {"YOULI_SECRET_KEY": SECRET} | ({"YOULI_DATABASE_URL": url} if url else {})
        roles = ("serve", "serve", "work") if url else ("run",)
        self._all = [Process(role, folder / f"{place}-{role}", settings, begin) for place, role in enumerate(roles)]
        for process in self._all:
            (process.folder / "media").symlink_to(media)  # one store, as S3 would be
        self._doors = [process for process in self._all if process.role != "work"]
        file = None if url else self._all[0].folder / "youli.db"
        self.store = Store(media, Keyring([Key.made_of(SECRET)]), file=file, url=url)

    async def play(self) -> Told:
        """Let people talk while things break. Raises Broken, Betrayed."""
        if self._url:
            await asyncio.to_thread(self._all[0].migrate)
        try:
            await asyncio.gather(*(asyncio.to_thread(process.start) for process in self._all))
            return await self._lived()
        finally:
            for process in self._all:
                await asyncio.to_thread(process.end)

    async def _lived(self) -> Told:
        dice = self._dice
        seeds = [random.Random(dice.random()) for _ in range(PEOPLE)]
        people = [
            Witness(self._door, place, own, reports=place < REPORTERS, pause=self._pause)
            for place, own in enumerate(seeds)
        ]
        await asyncio.gather(*(one.enter() for one in people))
        over = asyncio.Event()
        living = [asyncio.create_task(one.live(over.is_set)) for one in people]
        try:
            faults = [await self._fault() for _ in range(self._faults)]
            async with asyncio.timeout(QUIET):
                # They are watched from outside.
                while not _eventful(people) and not any(task.done() for task in living):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            over.set()
            await asyncio.gather(*living)
            again = [(one, sent) for one in people for sent in _worth_asking(one, dice)]
            other = [f"{one.name}, {sent.id}" for one, sent in again if await one.acknowledged(sent) != sent.answer]
            wrong = [f"another answer when it was asked again: {which}" for which in other]
        finally:
            for task in living:
                task.cancel()
            for one in people:
                await one.client.aclose()
        codes = [(process.role, await asyncio.to_thread(process.end, signal.SIGTERM)) for process in self._all]
        wrong += [f"{role} ended with {code}" for role, code in codes if code]
        wrong += await asyncio.to_thread(troubles, self.store, people)
        every = [sent for one in people for sent in one.sent]
        repeated = sum(sent.attempts > 1 for sent in every)
        return Told(faults, len(every), repeated, sum(len(sent.told) for sent in every), wrong)

    def _door(self) -> str:
        return random.choice(self._doors).url

    async def _fault(self) -> str:
        """Wait for a moment and break something; what it was."""
        await asyncio.sleep(self._dice.uniform(0.2, 1.5))
        if self._url and self._dice.random() < 0.3:
            return await _crash(self._url)
        process = self._dice.choice(self._all)
        await asyncio.to_thread(process.end)
        await asyncio.sleep(self._dice.uniform(0, 0.5))
        await asyncio.to_thread(process.start)
        return f"SIGKILL of {process.role}"


def _worth_asking(one: Witness, dice: random.Random) -> Sequence[Sent]:
    """What was cut off, and some more."""
    return [sent for sent in one.sent if sent.attempts > 1] + dice.sample(one.sent, min(2, len(one.sent)))


def _eventful(people: Sequence[Witness]) -> bool:
    """Whether something has happened that could be lost: a report, a right answer."""
    every = [sent for one in people for sent in one.sent]
    return any(sent.told for sent in every) and any(sent.graded for sent in every)


async def _crash(url: str) -> str:
    """Kill one of the database's own processes: it drops all connections and recovers as after a power cut. Where it is
    on another machine, end what others do there."""
    connection = await connected(url)
    try:
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        pids = [row[0] for row in await connection.fetch(query)]
        if pids and "host=/" in url and Path(f"/proc/{pids[0]}/comm").read_text().startswith("postgres"):
            os.kill(pids[0], signal.SIGKILL)
            return "crash of PostgreSQL"
        for pid in pids:
            await connection.execute("SELECT pg_terminate_backend($1)", pid)
        return "end of all connections"
    finally:
        with suppress(Exception):
            await connection.close(timeout=2)


def main() -> None:
    """Play rounds and tell. Leaves with 1 when something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench faults", description=__doc__)
    parser.add_argument("faults")
    parser.add_argument("--rounds", type=int, default=3, help="of each kind on each database (default: 3)")
    parser.add_argument("--each", type=int, default=FAULTS, help=f"faults in each round (default: {FAULTS})")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the first round")
    parser.add_argument("--on", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--kind", choices=("talk", "migration", "both"), default="both", help="what is broken off")
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="where the cities lie meanwhile")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    told: list[Told] = []
    walked: list[Walked] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder, prefix="faults-")))
        server = postgres(stack) if options.on != "sqlite" else ""
        for number in range(options.rounds):
            seed = options.seed + number
            for kind in ("sqlite", "postgresql") if options.on == "both" else (options.on,):
                there, own = folder / f"{kind}-{number}", server if kind == "postgresql" else ""
                if options.kind != "migration":
                    url = asyncio.run(database(server, f"faults_{number}")) if own else ""
                    told.append(asyncio.run(Round(there / "talk", seed, url, faults=options.each).play()))
                    _tell(kind, seed, told[-1])
                if options.kind != "talk":
                    walked.append(asyncio.run(upgraded(there / "migration", seed, own, options.each)))
                    _tell_upgrade(kind, seed, walked[-1])
    _sum_up(told, walked)
    sys.exit(1 if any(one.wrong for one in told) or any(one.wrong for one in walked) else 0)


def _tell(kind: str, seed: int, told: Told) -> None:
    print(f"{kind}, seed {seed}: {_counted(Counter(told.faults))}; {told.messages} messages, "
          f"{told.repeated} of them repeated, {told.reports} reports: "
          f"{'; '.join(told.wrong) or 'all as people were told'}", flush=True)  # fmt: skip


def _tell_upgrade(kind: str, seed: int, walked: Walked) -> None:
    print(f"{kind}, seed {seed}: {walked.kills} × SIGKILL on the way from {walked.since}, {walked.starts} of them of "
          f"run, {walked.through} when it was done: "
          f"{'; '.join(walked.wrong) or 'the same tables and rows as undisturbed'}", flush=True)  # fmt: skip


def _sum_up(told: list[Told], walked: list[Walked]) -> None:
    faults = Counter(fault for one in told for fault in one.faults)
    messages, repeated = sum(one.messages for one in told), sum(one.repeated for one in told)
    if told:
        print(f"{len(told)} rounds, {_counted(faults)}; {messages} messages acknowledged, {repeated} of them repeated, "
              f"{sum(one.reports for one in told)} reports: {sum(len(one.wrong) for one in told)} wrong")  # fmt: skip
    if walked:
        starts, through = sum(one.starts for one in walked), sum(one.through for one in walked)
        print(f"{len(walked)} upgrades, {sum(one.kills for one in walked)} × SIGKILL, "
              f"{starts} of them of run, {through} when it was done: "
              f"{sum(len(one.wrong) for one in walked)} wrong")  # fmt: skip


def _counted(faults: Counter[str]) -> str:
    return ", ".join(f"{count} × {fault}" for fault, count in sorted(faults.items()))
