"""A connection to a SQLite file: a thread of its own, and a transaction on it as units see it."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar

import aiosqlite
from sqlalchemy import Connection, Engine, NullPool, Table, create_engine
from sqlalchemy.dialects import sqlite

from db.sealing import Keyring, lend
from db.tx import Again, Hot, Insert, Tx

P = ParamSpec("P")
T = TypeVar("T")


class SqliteTx(Tx):
    """Hot statements go straight to sqlite3: a quarter of the time of a Core execution."""

    alone = True

    def __init__(self, connection: Connection, raw: sqlite3.Connection, now: datetime, *, hopeful: bool) -> None:
        super().__init__(connection, now, hopeful=hopeful)
        self.raw = raw
        self._cursor = raw.cursor()  # one for all hot statements: each reads all its rows at once

    def hot(self, statement: Hot, **values: int | str | float | None) -> Sequence[Sequence[Any]]:
        text, pick, own = statement.sqlite
        return self._cursor.execute(text, pick(own | values if own else values)).fetchall()

    def add(self, statement: Hot, **values: int | str | float | None) -> int:
        text, pick, own = statement.sqlite
        # lastrowid, not RETURNING: that collects its rows in a table of its own, which costs a third more.
        added = self._cursor.execute(text, pick(own | values if own else values)).lastrowid
        assert added is not None
        return added

    def many(self, statement: Hot, rows: Sequence[Mapping[str, int | str | float | bytes | None]]) -> None:
        text, pick, own = statement.sqlite
        self._cursor.executemany(text, (pick({**own, **row} if own else row) for row in rows))

    def insert(self, table: Table) -> Insert:
        return sqlite.insert(table)

    def savepoint(self) -> AbstractContextManager[None]:
        return Unspoilt(self.raw) if self.hopeful else Savepoint(self.raw)


class Unspoilt:
    """A block without a savepoint. Raises Again when an exception leaves it after something was changed."""

    __slots__ = ("_before", "_raw")

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def __enter__(self) -> None:
        self._before = self._raw.total_changes

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # Outside a transaction there was no room left: SQLite has undone everything by itself.
        if kind is not None and self._raw.in_transaction and self._raw.total_changes != self._before:
            raise Again from error


class Savepoint:
    """What happens inside the block is undone when an exception leaves it."""

    __slots__ = ("_raw",)

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def __enter__(self) -> None:
        self._raw.execute("SAVEPOINT step")

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if not self._raw.in_transaction:  # no room left: SQLite has undone everything by itself
            return
        if kind is not None:
            self._raw.execute("ROLLBACK TO step")
        self._raw.execute("RELEASE step")


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
