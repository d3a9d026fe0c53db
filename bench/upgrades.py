"""An old city is brought up to date by ``main.py migrate``, or by ``main.py run`` at its start; both are killed again
and again on the way. What comes out in the end is compared, table by table and row by row, with what comes out when
nobody disturbs it. A ``run`` that is killed after its upgrade has begun to work: of such a city only the tables are
compared."""

import asyncio
import hashlib
import random
import secrets
import shutil
import signal
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, SmallInteger, String, Text
from sqlalchemy.types import Float

from bench.processes import Begin, Running, begun, database, settings_of
from bench.testimony import Store, connected
from db.database import open_database
from db.migrate import migrate, newest
from db.sealing import Keyring
from db.tx import Tx

ROWS = 1500  # in each table
ENDING = 120.0  # seconds a migration may take
Shape = dict[str, str]  # each table, index and so on with its description, each table's rows as a checksum


@dataclass(frozen=True)
class Walked:
    """What came of one city."""

    since: str  # the revision it was at
    kills: int
    wrong: list[str]
    starts: int = 0  # of the kills: those of ``run``
    through: int = 0  # of the starts: those that were killed when the upgrade was done


class City:
    """A city at an old revision, kept as it is, of which any number of copies can be upgraded. ``server`` is an empty
    PostgreSQL; none: SQLite. ``begin`` starts what upgrades it."""

    def __init__(self, folder: Path, since: str, server: str = "", begin: Begin = begun) -> None:
        self._folder, self._since, self._server, self._begin = folder, since, server, begin
        self._name = f"old_{secrets.token_hex(4)}"
        self._copies = 0
        self._right: Shape = {}
        self._span = 0.0

    async def found(self, rows: int = ROWS) -> None:
        """Make and fill it, and see how an undisturbed upgrade of it ends and how long it takes."""
        self._folder.mkdir(parents=True)
        url = f"sqlite:///{self._folder / 'old.db'}"
        if self._server:
            url = await database(self._server, self._name)
        opened = await open_database(url)
        await opened.reshape(migrate, self._since)
        await opened.reshape(filled, rows)
        await opened.close()
        copy = await self.copy()
        migration, began = copy.begin(), time.monotonic()
        if migration.wait(ENDING) != 0:
            raise RuntimeError(f"an undisturbed migration from {self._since} failed:\n{copy.log}")
        self._span = time.monotonic() - began
        self._right = await asyncio.to_thread(copy.shape)

    async def upgraded(self, dice: random.Random, kills: int) -> Walked:
        """Upgrade a copy while somebody kills what does it up to ``kills`` times, each time it has begun."""
        copy, done, starts, through = await self.copy(), 0, 0, 0
        wrong: list[str] = []
        for _ in range(kills):
            command = dice.choice(("migrate", "run"))
            upgrading = await asyncio.to_thread(copy.begin, command)
            await asyncio.sleep(dice.uniform(0, self._span))
            with suppress(ProcessLookupError):
                upgrading.send_signal(signal.SIGKILL)
            killed = await asyncio.to_thread(upgrading.wait, ENDING) == -signal.SIGKILL
            done += killed
            if command == "migrate":
                continue
            starts += killed
            await asyncio.to_thread(copy.left)
            if await asyncio.to_thread(copy.revision) != self._since:
                through += 1
                wrong += self._unlike(await asyncio.to_thread(copy.shape), rows=False)
                copy = await self.copy()
        ended = await self.finished(copy)
        return Walked(self._since, done, wrong + ended.wrong, starts, through)

    async def finished(self, copy: "Copy", kills: int = 0) -> Walked:
        """Let a copy's upgrade come to its end, and compare."""
        last = await asyncio.to_thread(copy.begin)
        code = await asyncio.to_thread(last.wait, ENDING)
        wrong = [f"the last migration ended with {code}: {copy.log[-500:]}"] if code else []
        wrong += self._unlike(await asyncio.to_thread(copy.shape))
        return Walked(self._since, kills, wrong)

    def _unlike(self, found: Shape, *, rows: bool = True) -> list[str]:
        names = sorted(name for name in found.keys() | self._right.keys() if rows or not name.startswith("rows of "))
        return [f"{name} is not as it should be" for name in names if found.get(name) != self._right.get(name)]

    async def copy(self) -> "Copy":
        """A copy at the old revision."""
        self._copies += 1
        folder = self._folder / str(self._copies)
        folder.mkdir()
        if not self._server:
            shutil.copy(self._folder / "old.db", folder / "youli.db")
            return Copy(folder, "", self._begin)
        return Copy(folder, await database(self._server, f"{self._name}_{self._copies}", self._name), self._begin)


class Copy:
    """One that is being upgraded."""

    def __init__(self, folder: Path, url: str, begin: Begin) -> None:
        self.folder, self._url, self._begin = folder, url, begin
        file = None if url else folder / "youli.db"
        self._store = Store(folder, Keyring([]), file=file, url=url)

    def start(self, command: str = "migrate") -> Running:
        """Start what upgrades it."""
        settings = {"YOULI_DATA_DIR": str(self.folder), "YOULI_PORT": "0"} | (
            {"YOULI_DATABASE_URL": self._url} if self._url else {}
        )
        with (self.folder / "log").open("ab") as log:
            return self._begin(command, self.folder, settings_of(settings), log)

    def begin(self, command: str = "migrate") -> Running:
        """Start it and wait until it is at the database (or at its end)."""
        running = self.start(command)
        while running.poll() is None and not self._reached(running.pid):
            time.sleep(0.01)
        return running

    def _reached(self, pid: int) -> bool:
        if not self._url:
            owner = self.folder / "youli.lock"
            return owner.exists() and owner.read_text() == str(pid)
        return self._busy()

    def _busy(self) -> bool:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return bool(self._store.rows(query)[0][0])

    def left(self) -> None:
        """Wait until the database, too, has noticed that somebody was killed."""
        until = time.monotonic() + ENDING
        while self._url and self._busy() and time.monotonic() < until:
            time.sleep(0.01)

    def revision(self) -> str:
        """The revision that its tables are at."""
        return str(self._store.rows("SELECT version_num FROM alembic_version")[0][0])

    @property
    def log(self) -> str:
        """What the command said."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def shape(self) -> Shape:
        """What the database is now."""
        if self._url:
            found = asyncio.run(_shape(self._url))
        else:
            with closing(sqlite3.connect(self.folder / "youli.db")) as file:
                made = file.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
                found = {f"{kind} {name}": str(sql) for kind, name, sql in made}
        tables = [name.removeprefix("table ") for name in found if name.startswith("table ")]
        rows = {f"rows of {name}": _sum(self._store.rows(f'SELECT * FROM "{name}"')) for name in tables}
        return found | rows | {"health": str(self._store.troubles())}


async def _shape(url: str) -> Shape:
    queries = {
        "table": "SELECT table_name, string_agg(concat_ws(' ', column_name, data_type, character_maximum_length,"
        " is_nullable, column_default), ', ' ORDER BY ordinal_position) FROM information_schema.columns"
        " WHERE table_schema = 'public' GROUP BY table_name",
        "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "constraint": "SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
    }
    connection = await connected(url)
    try:
        return {f"{kind} {row[0]}": row[1] for kind, query in queries.items() for row in await connection.fetch(query)}
    finally:
        await connection.close()


def _sum(rows: list[tuple[Any, ...]]) -> str:
    return f"{len(rows)} {hashlib.sha256(''.join(sorted(map(repr, rows))).encode()).hexdigest()}"


def filled(tx: Tx, rows: int) -> None:
    """Fill every table that there is with so many made-up rows, which refer to each other as they must."""
    metadata = MetaData()
    metadata.reflect(tx.connection)
    for table in metadata.sorted_tables:
        if table.name == "alembic_version":
            continue
        made = [{column.name: _value(column, number) for column in table.columns} for number in range(1, rows + 1)]
        tx.connection.execute(table.insert(), made)


def _value(column: Column[Any], number: int) -> object:
    """The ``number``-th value of a column: another in each row, but for small numbers and texts in JSON."""
    kind = column.type
    if column.foreign_keys or column.primary_key:
        return _short(kind, number) if isinstance(kind, String) else number
    if column.nullable and number % 7 == 0:
        return None
    match kind:
        case Text():
            return f'{{"{number}": "市民"}}'
        case String():
            return _short(kind, number)
        case Float():
            return 30 + number / 10_000
        case SmallInteger():
            return number % 2
        case Integer():
            return number
        case _:
            return bytes([number % 256])


def _short(kind: String, number: int) -> str:
    length = min(kind.length or 8, 8)
    return f"{number:0{length}x}"[-length:]


async def upgraded(folder: Path, seed: int, server: str, kills: int) -> Walked:
    """A city somewhere on the long way of revisions, brought to its end."""
    dice = random.Random(seed)
    city = City(folder, f"{dice.randrange(1, int(newest())):04}", server)
    await city.found()
    return await city.upgraded(dice, kills)
