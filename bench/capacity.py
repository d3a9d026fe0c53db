"""``python -m bench capacity``: what one turn, report and photo costs, for docs/capacity.md.

People write through the web chat at a steady rate to SQLite in one process, to PostgreSQL with one and with two doors.
Told is the processor time of a turn, of our processes and of PostgreSQL apart: it says how many cores a city needs, and
other work on the machine hardly moves it. Then how much larger the database became, and what a demo city's tables hold.
"""

import argparse
import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import uvloop

from bench.arrivals import Arrivals, Window
from bench.processes import Process, database, postgres
from bench.servers import ROOT, TICK

PEOPLE = 1000
WARM = 30.0  # seconds in which everybody becomes known, and what a start leaves to be done is done
SECRET = {"YOULI_SECRET_KEY": "the same for all of the processes"}


@dataclass
class Cost:
    """What was seen: turns, processor seconds of ours and of PostgreSQL, bytes that the database grew by."""

    turns: int = 0
    ours: float = 0.0
    theirs: float = 0.0
    bytes: int = 0
    megabytes: float = 0.0
    waited: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        times = sorted(self.waited)
        return (
            f"{self.turns:7} turns  {1e6 * self.ours / self.turns:6.0f} µs ours  "
            f"{1e6 * self.theirs / self.turns:6.0f} µs PostgreSQL  {self.bytes / self.turns:6.0f} bytes  "
            f"p50 {1000 * times[len(times) // 2]:5.1f}  p99 {1000 * times[len(times) * 99 // 100]:6.1f} ms  "
            f"{self.megabytes:4.0f} MB a process"
        )


def worked(pids: Sequence[int]) -> float:
    """Processor seconds of processes, with those of children that have ended (proc(5), fields 14 to 17)."""
    ticks = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended just now: its parent counts it
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / TICK


def children(pid: int) -> list[int]:
    """A process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


async def size_of(url: str) -> tuple[int, int]:
    """PostgreSQL's first process, and the size of the database."""
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow("SELECT pg_backend_pid(), pg_database_size(current_database())")
        parent = Path(f"/proc/{row[0]}/stat").read_text().rpartition(")")[2].split()[1]
        return int(parent), int(row[1])
    finally:
        await connection.close()


async def measure(folder: Path, doors: int, url: str, rate: float, seconds: float) -> Cost:
    """Let people talk. Raises Broken."""
    role = "serve" if url else "run"
    settings = SECRET | ({"YOULI_DATABASE_URL": url} if url else {})
    processes = [Process(role, folder / f"{role}-{number}", settings) for number in range(doors)]
    if url:
        await asyncio.to_thread(processes[0].migrate)
    cost = Cost()
    try:
        await asyncio.gather(*(asyncio.to_thread(process.start) for process in processes))
        crowds = [Arrivals("web", int(process.url.rpartition(":")[2]), PEOPLE // doors) for process in processes]

        async def talk(lasts: float) -> list[Window]:
            windows = [Window() for _ in crowds]
            await asyncio.gather(
                *(one.come([rate / doors], [window], lasts) for one, window in zip(crowds, windows, strict=True))
            )
            return windows

        async def look() -> tuple[float, float, int]:
            ours = worked([process.pid for process in processes])
            if not url:
                return ours, 0.0, sum(file.stat().st_size for file in processes[0].folder.glob("youli.db"))
            first, size = await size_of(url)
            return ours, worked(children(first)), size

        await talk(WARM)
        before = await look()
        windows = await talk(seconds)
        after = await look()
        cost.ours, cost.theirs, cost.bytes = after[0] - before[0], after[1] - before[1], after[2] - before[2]
        cost.waited = [second for window in windows for second in window.waited]
        cost.turns = len(cost.waited)
        pages = [int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) for process in processes]
        cost.megabytes = max(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20
        for one in crowds:
            one.hang_up()
    finally:
        for process in processes:
            await asyncio.to_thread(process.end)
    return cost


def tables(folder: Path) -> str:
    """What a demo city's SQLite file holds, with its indexes, by what it is about."""
    environment = os.environ | SECRET | {"YOULI_DATA_DIR": str(folder)}
    command = [sys.executable, str(ROOT / "main.py"), "demo", "--people", "300", "--months", "2"]
    subprocess.run(command, env=environment, check=True, capture_output=True, cwd=folder)
    with closing(sqlite3.connect(folder / "youli.db")) as city:
        sizes = dict(
            city.execute("SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) GROUP BY 1")
        )
        counts = {name: city.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sizes}
    lines = [
        f"  {name:20} {counts[name]:8} rows  {size / 1e6:7.2f} MB  {size / max(1, counts[name]):6.0f} bytes a row"
        for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:18]
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench capacity", description=__doc__)
    parser.add_argument("capacity")
    parser.add_argument("--rate", type=float, default=100, help="messages a second")
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="on a real disk (default: build/)")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder.absolute(), prefix="capacity-"))
        )
        print(f"{options.rate:g} messages a second through the web chat")
        cost = uvloop.run(measure(folder / "sqlite", 1, "", options.rate, options.seconds))
        print(f"SQLite, one process      {cost}", flush=True)
        server = postgres(stack)
        for doors in (1, 2):
            url = uvloop.run(database(server, f"doors_{doors}"))
            cost = uvloop.run(measure(folder / f"postgres-{doors}", doors, url, options.rate, options.seconds))
            print(f"PostgreSQL, {doors} × serve    {cost}", flush=True)
        (folder / "demo").mkdir()
        print("a demo city of 300 people after two months, on SQLite")
        print(tables(folder / "demo"))


if __name__ == "__main__":
    main()
