"""PostgreSQL: the same units, each in its own transaction, from any number of processes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolEmpty
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from db.database import HICCUP, Busy, Clock
from db.dumping import count_postgres, write_postgres
from db.hearing import Heard, Hearing
from db.sealing import NO_KEYS, Keyring, lend
from db.timepiece import Timepiece
from db.tx import Again, Tx

P = ParamSpec("P")
T = TypeVar("T")

CONNECTIONS = 20  # of this process, at most
TURNS = CONNECTIONS * 4 // 5  # of these for what residents say; the others are for the house's own work
PATIENCE = 10.0  # seconds that a unit waits for one before its caller is told to come back
FRESH = 1.0  # seconds after its last use for which one is taken as it is


class PostgresDatabase:
    """Units run through ``run_sync`` on asyncpg; rows that matter are locked by the units themselves."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        """``clock`` instead of the database's own, which all processes share."""
        self._engine = engine
        self._clock = clock
        self._timepiece = Timepiece()
        self._closed = False
        self._hearing: Hearing | None = None
        self._room = asyncio.Semaphore(TURNS)
        self._waiting = 0  # turns without a connection
        self._began = 0.0  # when one last got one
        self._took = 0.0  # seconds of a turn, on average of the last ones

    async def write(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._open()
        try:
            try:
                return await self._once(unit, args, kwargs, hopeful=True)
            except Again:
                return await self._once(unit, args, kwargs, hopeful=False)
        except PoolEmpty:
            raise Busy from None

    async def turn(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._waiting += 1
        try:
            await self._room.acquire()
        finally:
            self._waiting -= 1
        began = self._began = perf_counter()
        try:
            return await self.write(unit, *args, **kwargs)
        finally:
            self._room.release()
            self._took += (perf_counter() - began - self._took) / (8 * TURNS)

    def behind(self) -> float:
        if not self._waiting:
            return 0.0
        return self._waiting / TURNS * self._took + max(0.0, perf_counter() - self._began - HICCUP)

    async def read(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._open()
        try:
            async with self._engine.connect() as connection:
                # One moment for all that the unit reads, as on SQLite.
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                return await connection.run_sync(lambda sync: unit(self._tx(sync), *args, **kwargs))
        except PoolEmpty:
            raise Busy from None

    async def reshape(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.write(unit, *args, **kwargs)

    async def dump(self, path: Path) -> Mapping[str, int]:
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            snapshot = str((await connection.execute(text("SELECT pg_export_snapshot()"))).scalar_one())
            rows = await connection.run_sync(count_postgres)
            await write_postgres(self._engine.url, path, snapshot)
        return rows

    async def scour(self) -> bool:
        return True

    @asynccontextmanager
    async def hearing(self, heard: Heard) -> AsyncIterator[None]:
        self._hearing = Hearing(self._engine.url, heard)
        task = asyncio.create_task(self._hearing.run())
        try:
            yield
        finally:
            self._hearing = None
            task.cancel()
            await asyncio.wait([task])

    def tell(self, talk_id: int, key: str) -> None:
        if self._hearing is not None:
            self._hearing.tell(talk_id, key)

    async def close(self) -> None:
        self._closed = True
        await self._engine.dispose()

    def _open(self) -> None:
        if self._closed:  # else the pool would quietly connect again
            raise RuntimeError("the database is closed")

    async def _once(self, unit: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any], *, hopeful: bool) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(lambda sync: unit(self._tx(sync, hopeful), *args, **kwargs))

    def _tx(self, connection: Connection, hopeful: bool = False) -> Tx:
        now = self._timepiece.now(connection) if self._clock is None else self._clock()
        return Tx(connection, now, hopeful=hopeful)


def pool(url: str, keys: Keyring = NO_KEYS) -> AsyncEngine:
    """Connections for one process; the first is made when it is needed. Raises ValueError for what is no address."""
    try:
        address = make_url(url)
    except (ValueError, ArgumentError):  # its words quote what may be half a password
        raise ValueError("the database's address can't be read: @ : / in a password are written %40 %3A %2F") from None
    engine = create_async_engine(
        address,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE,
        hide_parameters=True,  # errors are logged, what people wrote is not
    )
    lend(engine.sync_engine.dialect, keys)
    _look_after(engine)
    return engine


def _look_after(engine: AsyncEngine) -> None:
    """A connection that rested is asked whether it is still there before a unit gets it. SQLAlchemy's own
    ``pool_pre_ping`` asks every time, in three round trips: as many as a small unit takes.

    Where a database goes away under a busy one, a unit fails for a reason that passes, as those do that are under way
    then; with that error SQLAlchemy lets all older connections go.
    """
    lines = engine.sync_engine

    def used(_: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info["used"] = monotonic()

    def taken(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        if monotonic() - entry.info["used"] < FRESH:
            return
        try:
            lines.dialect.do_ping(connection)
        except lines.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(lines, "connect", used)
    event.listen(lines, "checkin", used)
    event.listen(lines, "checkout", taken)


async def open_postgres(url: str, clock: Clock | None = None, keys: Keyring = NO_KEYS) -> PostgresDatabase:
    """Open a pool of its own, which is closed with the database."""
    return PostgresDatabase(pool(url, keys), clock)
