"""PostgreSQL: the same units, each in its own transaction, from any number of processes."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from db.database import Clock
from db.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")


class PostgresDatabase:
    """Units run through ``run_sync`` on asyncpg; rows that matter are locked by the units themselves."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def write(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(lambda sync: unit(self._tx(sync), *args, **kwargs))

    async def read(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._engine.connect() as connection:
            return await connection.run_sync(lambda sync: unit(self._tx(sync), *args, **kwargs))

    async def close(self) -> None:
        await self._engine.dispose()

    def _tx(self, connection: Connection) -> Tx:
        return Tx(connection, self._clock())


async def open_postgres(url: str, clock: Clock) -> PostgresDatabase:
    """Open a pool; the first connection is made when it is needed."""
    return PostgresDatabase(create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True), clock)
