"""A PostgreSQL database of one's own, looked into past all of our code."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import asyncpg


def address(server: str, name: str) -> str:
    """The address of another database on the same server."""
    base, mark, query = server.partition("?")
    return f"{base.rpartition('/')[0]}/{name}{mark}{query}"


@asynccontextmanager
async def town(server: str) -> AsyncIterator[str]:
    """An empty database that is gone afterwards; its address."""
    name = f"town_{uuid.uuid4().hex[:8]}"
    await _tell(server, f"CREATE DATABASE {name}")
    try:
        yield address(server, name)
    finally:
        await _tell(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _tell(server: str, words: str) -> None:
    connection = await asyncpg.connect(server)  # anew: meanwhile the server may have crashed
    await connection.execute(words)
    await connection.close()


def rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What a query finds, from a thread of its own: a test's loop may be running."""

    async def ask() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, ask()).result()
