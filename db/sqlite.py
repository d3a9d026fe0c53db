"""SQLite: one writer that commits many units together, a few readers, one process that owns the file.

Group commit: the writer's thread (aiosqlite's) runs whatever waits, each unit in a SAVEPOINT, commits once with
``synchronous=FULL``, and only then wakes the callers. One fsync serves many messages. Exactly one connection
writes and checkpoints, which also keeps clear of SQLite's WAL-reset bug (fixed in 3.51.3).
"""

import asyncio
import fcntl
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import aiosqlite
from sqlalchemy import Connection, StaticPool, Table, create_engine
from sqlalchemy.dialects import sqlite

from db.database import Busy, Clock, DatabaseInUse
from db.tx import Hot, Insert, Tx

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 512  # units in one commit
WAITING = 10_000  # units that may wait before callers are told to come back
READERS = 2


class SqliteTx(Tx):
    """Hot statements go straight to sqlite3: a quarter of the time of a Core execution."""

    def __init__(self, connection: Connection, raw: sqlite3.Connection, now: datetime) -> None:
        super().__init__(connection, now)
        self.raw = raw

    def hot(self, statement: Hot, **values: int | str | float | None) -> Sequence[Sequence[Any]]:
        sql, own = statement.sqlite
        return self.raw.execute(sql, values | own if own else values).fetchall()

    def insert(self, table: Table) -> Insert:
        return sqlite.insert(table)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        self.raw.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            self.raw.execute("ROLLBACK TO step")
            raise
        finally:
            self.raw.execute("RELEASE step")


class Line(aiosqlite.Connection):
    """An aiosqlite connection on whose thread a whole unit runs, instead of hopping threads at each statement."""

    core: Connection
    raw: sqlite3.Connection

    def __init__(self, path: Path, pragmas: Sequence[str]) -> None:
        self._path = path
        self._pragmas = pragmas
        super().__init__(self._open, iter_chunk_size=512)
        self._thread.name = "sqlite"

    def _open(self) -> sqlite3.Connection:
        raw = sqlite3.connect(self._path, isolation_level=None, cached_statements=512)
        for pragma in ("busy_timeout=5000", "foreign_keys=ON", *self._pragmas):
            raw.execute(f"PRAGMA {pragma}")
        # Errors are logged, what people wrote is not: parameters stay out of them.
        engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True)
        self.core, self.raw = engine.connect(), raw
        return raw

    async def open(self) -> Self:
        """Start the thread and connect."""
        await self
        return self

    async def close(self) -> None:
        """Let go on the connection's own thread, SQLAlchemy's part included: else the collector would, elsewhere."""
        await self.run(self._let_go)
        await super().close()

    def _let_go(self) -> None:
        engine = self.core.engine
        self.core.close()
        engine.dispose()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function on the connection's thread."""
        result: T = await self._execute(function, *args, **kwargs)  # type: ignore[no-untyped-call]
        return result


Waiting = tuple[Callable[[Tx], Any], "asyncio.Future[Any]"]


class SqliteDatabase:
    """The embedded default. See the module's text for how it writes."""

    def __init__(self, writer: Line, readers: Sequence[Line], lock: int, clock: Clock) -> None:
        self._writer = writer
        self._readers: asyncio.Queue[Line] = asyncio.Queue()
        for reader in readers:
            self._readers.put_nowait(reader)
        self._all = (writer, *readers)
        self._lock = lock
        self._clock = clock
        self._waiting: deque[Waiting] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._closed = False
        self._loop = asyncio.get_running_loop()

    async def write(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._closed:
            raise RuntimeError("the database is closed")
        if len(self._waiting) >= WAITING:
            raise Busy
        done: asyncio.Future[T] = self._loop.create_future()
        self._waiting.append((lambda tx: unit(tx, *args, **kwargs), done))
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())
        # A caller that gives up (a closed connection) must not take back what others were promised.
        return await asyncio.shield(done)

    async def read(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        reader = await self._readers.get()
        try:
            return await reader.run(self._read, reader, lambda tx: unit(tx, *args, **kwargs))
        finally:
            self._readers.put_nowait(reader)

    async def backup(self, path: Path) -> None:
        """Copy the whole database, consistent, while it is being used."""
        reader = await self._readers.get()
        try:
            async with aiosqlite.connect(path) as target:
                await reader.backup(target)
        finally:
            self._readers.put_nowait(reader)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        while self._draining is not None:
            await self._draining
        for line in self._all:
            await line.close()
        os.close(self._lock)

    def _read(self, reader: Line, unit: Callable[[Tx], T]) -> T:
        reader.raw.execute("BEGIN")
        try:
            return unit(SqliteTx(reader.core, reader.raw, self._clock()))
        finally:
            reader.core.rollback()
            if reader.raw.in_transaction:
                reader.raw.execute("ROLLBACK")

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._writer.run(self._commit_batches)
        finally:
            self._draining = None

    def _commit_batches(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._loop.call_soon_threadsafe(_wake, self._commit(batch))

    def _commit(self, batch: list[Waiting]) -> list[tuple["asyncio.Future[Any]", Any, BaseException | None]]:
        """Run a batch and commit it once. When the commit itself fails, every caller hears that."""
        outcomes: list[tuple[asyncio.Future[Any], Any, BaseException | None]] = []
        raw, core = self._writer.raw, self._writer.core
        try:
            raw.execute("BEGIN IMMEDIATE")
            tx = SqliteTx(core, raw, self._clock())
            for unit, done in batch:
                raw.execute("SAVEPOINT unit")
                try:
                    outcomes.append((done, unit(tx), None))
                except BaseException as error:  # whatever it is: its caller waits to hear of it
                    raw.execute("ROLLBACK TO unit")
                    outcomes.append((done, None, error))
                raw.execute("RELEASE unit")
            core.commit()
            if raw.in_transaction:
                raw.execute("COMMIT")
        except BaseException as error:
            core.rollback()
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            outcomes = [(done, None, error) for _, done in batch]
        return outcomes


def _wake(outcomes: list[tuple["asyncio.Future[Any]", Any, BaseException | None]]) -> None:
    for done, result, error in outcomes:
        if done.done():
            continue
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)


def own(path: Path) -> int:
    """Take the file for this process; the descriptor holds it until closed. Raises DatabaseInUse."""
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.read(lock, 32).decode(errors="replace").strip()
        os.close(lock)
        raise DatabaseInUse(
            f"{path} is in use by process {owner or '?'}. One process owns a SQLite file: stop that one, or use "
            "another YOULI_DATA_DIR, or PostgreSQL (YOULI_DATABASE_URL) for several processes."
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


async def open_sqlite(path: Path, clock: Clock) -> SqliteDatabase:
    """Open (or create) the file and own it. Raises DatabaseInUse."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = own(path)
    lines: list[Line] = []
    try:
        writer = await Line(path, ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=2000")).open()
        lines.append(writer)
        for _ in range(READERS):
            reader = await Line(path, ("query_only=1", "wal_autocheckpoint=0")).open()
            lines.append(reader)
    except BaseException:
        for line in lines:
            await line.close()
        os.close(lock)
        raise
    return SqliteDatabase(writer, lines[1:], lock, clock)
