"""Databases filled with a long journal (bench.chronicle) and added up: made for one run, or kept and found again.

Filling ten million lines takes a quarter of an hour and more, asking seconds. What is kept can be filled in pieces: a
run that is stopped while it adds up is taken up where it was.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg

from actions.rolling import LINES, PAGE, Roller
from bench import chronicle
from bench.console import postgres
from db.database import Database, open_database
from db.migrate import migrate
from db.sealing import Key, Keyring

ZONE = ZoneInfo("Asia/Shanghai")
KEYS = Keyring([Key.made_of("only for measuring")])
STEP = 1_000_000  # lines between two words of progress
# What PostgreSQL need not do for lines that can be made again.
HURRY = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "'8GB'", "maintenance_work_mem": "'512MB'"}


@dataclass(frozen=True)
class State:
    """How far a database is. ``moment``: when it was filled (ISO, UTC), and what its clock shows ever since."""

    lines: int
    moment: str
    written: float = 0  # seconds that the lines took
    added: float = 0  # seconds, and of them processor time, that adding up took
    worked: float = 0
    ready: bool = False

    def __str__(self) -> str:
        """For the report."""
        worked = f"{self.added:.0f} s ({self.worked:.0f} s of our processor time)"
        return f"{self.lines:,} lines written in {self.written:.0f} s, added up in {worked}"

    @property
    def today(self) -> date:
        """The day after the journal's last."""
        return datetime.fromisoformat(self.moment).astimezone(ZONE).date()


class Filled:
    """A database of so many lines in a folder of its own."""

    def __init__(self, kind: str, url: str, folder: Path, lines: int) -> None:
        self.kind, self.folder = kind, folder
        self._url, self._note = url, folder / "state.json"
        known = json.loads(self._note.read_text()) if self._note.exists() else None
        self.state = State(**known) if known else State(lines, datetime.now(UTC).isoformat(timespec="seconds"))

    async def open(self) -> Database:
        """For asking. Its clock stands still: the journal's last day stays yesterday."""
        moment = datetime.fromisoformat(self.state.moment)
        return await open_database(self._url, lambda: moment, keys=KEYS)

    async def fill(self) -> None:
        """Write the lines, add them up; what is done already is not done again."""
        database = await self.open()
        try:
            await database.reshape(migrate)
            if self.state.ready:
                return
            if self.kind == "postgres":
                await _tell(self._url, [f"ALTER SYSTEM SET {name} = {value}" for name, value in HURRY.items()])
            if not self.state.written:
                began = time.perf_counter()
                await database.write(chronicle.write, self.state.lines, self.state.today)
                self._noted(written=time.perf_counter() - began)
            await self._add_up(database)
            if self.kind == "postgres":  # with its own settings again, and tidied as it does by itself in time
                reset = [f"ALTER SYSTEM RESET {name}" for name in HURRY]
                await _tell(self._url, [*reset, "VACUUM ANALYZE", "CHECKPOINT"])
            self._noted(ready=True)
        finally:
            await database.close()

    async def _add_up(self, database: Database) -> None:
        began, spent, before = time.perf_counter(), time.process_time(), asdict(self.state)
        said = 0

        def told(phase: str, done: int, whole: int) -> None:
            nonlocal said
            added, worked = time.perf_counter() - began, time.process_time() - spent
            self._noted(added=before["added"] + added, worked=before["worked"] + worked)
            if (phase == LINES and done >= said + STEP) or done == whole:
                said = done
                print(f"  {done:,} of {whole:,} {phase} added up after {self.state.added:.0f} s", flush=True)

        await Roller(database, ZONE).run(100 * PAGE, told)
        told(LINES, self.state.lines, self.state.lines)

    def _noted(self, **facts: float) -> None:
        self.state = State(**asdict(self.state) | facts)
        self._note.write_text(json.dumps(asdict(self.state)))


@contextmanager
def filled(kind: str, lines: int, folder: Path) -> Iterator[Filled]:
    """The database of that kind and size in a folder: as it was left there, or an empty one that is still to be
    filled."""
    home = folder / f"{kind}-{lines}"
    home.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield Filled(kind, f"sqlite:///{home}/youli.db", home, lines)
    else:
        with postgres(home / "server") as url:
            yield Filled(kind, url, home, lines)


async def _tell(url: str, statements: list[str]) -> None:
    """What PostgreSQL does only outside of transactions."""
    connection = await asyncpg.connect(url)
    try:
        for statement in (*statements, "SELECT pg_reload_conf()"):
            await connection.execute(statement)
    finally:
        await connection.close()
