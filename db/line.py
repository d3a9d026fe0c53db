"""A connection to a SQLite file: a thread of its own, and a transaction on it as units see it."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar

import aiosqlite
from sqlalchemy import Connection, Engine, Executable, NullPool, Select, Table, create_engine
from sqlalchemy.dialects import sqlite

from db.sealing import Keyring, lend
from db.tx import Hot, Insert, Result, Tx

P = ParamSpec("P")
T = TypeVar("T")


class SqliteTx(Tx):
    """Hot statements go straight to sqlite3: a quarter of the time of a Core execution.

    A savepoint is opened at the first statement that may write: most steps only read, and it costs two statements.
    """

    alone = True

    def __init__(self, connection: Connection, raw: sqlite3.Connection, now: datetime) -> None:
        super().__init__(connection, now)
        self.raw = raw
        self._cursor = raw.cursor()  # one for all hot statements: each reads all its rows at once
        self.savepoints: list[Savepoint] = []  # from the outermost to the innermost

    def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Result:
        if self.savepoints and not isinstance(statement, Select):
            self._open_savepoints()
        return super().execute(statement, values)

    def hot(self, statement: Hot, **values: int | str | float | None) -> Sequence[Sequence[Any]]:
        if self.savepoints and not statement.reads:
            self._open_savepoints()
        text, pick, own = statement.sqlite
        return self._cursor.execute(text, pick(own | values if own else values)).fetchall()

    def add(self, statement: Hot, **values: int | str | float | None) -> int:
        if self.savepoints:
            self._open_savepoints()
        text, pick, own = statement.sqlite
        # lastrowid, not RETURNING: that collects its rows in a table of its own, which costs a third more.
        added = self._cursor.execute(text, pick(own | values if own else values)).lastrowid
        assert added is not None
        return added

    def many(self, statement: Hot, rows: Sequence[Mapping[str, int | str | float | bytes | None]]) -> None:
        if self.savepoints:
            self._open_savepoints()
        text, pick, own = statement.sqlite
        self._cursor.executemany(text, (pick({**own, **row} if own else row) for row in rows))

    def insert(self, table: Table) -> Insert:
        return sqlite.insert(table)

    def savepoint(self) -> "Savepoint":
        return Savepoint(self)

    def _open_savepoints(self) -> None:
        for savepoint in self.savepoints:
            savepoint.open()


class Savepoint:
    """What happens inside the block is undone when an exception leaves it."""

    __slots__ = ("_opened", "_tx")

    def __init__(self, tx: SqliteTx) -> None:
        self._tx = tx
        self._opened = False

    def open(self) -> None:
        """From here on there is something to undo."""
        if not self._opened:
            self._tx.raw.execute("SAVEPOINT step")
            self._opened = True

    def __enter__(self) -> None:
        self._tx.savepoints.append(self)

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        self._tx.savepoints.pop()
        if not self._opened or not self._tx.raw.in_transaction:  # no room left: SQLite has undone everything by itself
            return
        if kind is not None:
            self._tx.raw.execute("ROLLBACK TO step")
        self._tx.raw.execute("RELEASE step")


_opening = threading.local()  # the connection that this thread has just opened


@lru_cache(maxsize=8)
def _engine(keys: Keyring) -> Engine:
    """SQLAlchemy's part for all lines with these keys: a statement is compiled once, not once for each connection.

    Errors are logged, what people wrote is not: parameters stay out of them.
    """
    engine = create_engine("sqlite://", creator=lambda: _opening.raw, poolclass=NullPool, hide_parameters=True)
    lend(engine.dialect, keys)
    return engine


class Line(aiosqlite.Connection):
    """An aiosqlite connection on whose thread a whole unit runs, instead of hopping threads at each statement."""

    core: Connection
    raw: sqlite3.Connection

    def __init__(self, path: Path, pragmas: Sequence[str], keys: Keyring) -> None:
        self._path, self._pragmas, self._keys = path, pragmas, keys
        super().__init__(self._open, iter_chunk_size=512)
        self._thread.name = "sqlite"

    def _open(self) -> sqlite3.Connection:
        raw = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, cached_statements=512)
        try:
            for pragma in ("busy_timeout=5000", "foreign_keys=ON", *self._pragmas):
                raw.execute(f"PRAGMA {pragma}")
        except BaseException:
            raw.close()
            raise
        # The loop runs units and this thread commits, one after the other, never both at once.
        _opening.raw = raw
        self.core, self.raw = _engine(self._keys).connect(), raw
        return raw

    async def open(self) -> Self:
        """Start the thread and connect; when that fails, the thread has ended."""
        try:
            await self
        except BaseException:
            await asyncio.to_thread(self._thread.join)  # it still tells the loop: which must be there
            raise
        return self

    async def close(self) -> None:
        """Let go on the connection's own thread, SQLAlchemy's part included: else the collector would, elsewhere."""
        await self.run(self.core.close)
        await super().close()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function on the connection's thread."""
        result: T = await self._execute(function, *args, **kwargs)  # type: ignore[no-untyped-call]
        return result
