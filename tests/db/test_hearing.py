"""Processes tell one another on PostgreSQL what they wrote."""

import asyncio

import asyncpg
import pytest

from db.database import Database, open_database
from db.hearing import TOPIC, tell


async def test_what_is_committed_is_heard_elsewhere_and_what_is_undone_is_not(database: Database) -> None:
    heard: asyncio.Queue[tuple[int, str]] = asyncio.Queue()

    def listen(talk: int, key: str) -> None:
        heard.put_nowait((talk, key))

    def tell_and_fail(tx: object) -> None:
        tell(tx, 6)  # type: ignore[arg-type]
        raise LookupError

    async with database.hearing(listen):
        await asyncio.gather(database.write(tell_and_fail), return_exceptions=True)
        if type(database).__name__ == "SqliteDatabase":  # only one process there is
            await database.write(tell, 7)
            database.tell(8, "said")
            assert heard.empty()
            return
        async with asyncio.timeout(20):
            while heard.empty():  # until the line stands
                await database.write(tell, 7)
                await asyncio.sleep(0.02)
        assert {heard.get_nowait() for _ in range(heard.qsize())} == {(7, "")}
        for number in range(500):  # what is said at once is told together
            database.tell(number, f"said-{number}")
        async with asyncio.timeout(20):
            assert {await heard.get() for _ in range(500)} == {(number, f"said-{number}") for number in range(500)}


async def test_a_line_that_falls_is_taken_up_again(postgres_tables: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.hearing.AGAIN", 0.1)
    heard: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
    database = await open_database(postgres_tables)
    other = await asyncpg.connect(postgres_tables)
    lines = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query LIKE 'SELECT count(pg_notify%'"
    async with database.hearing(lambda *told: heard.put_nowait(told)), asyncio.timeout(20):
        while not (pids := await other.fetch(lines)):  # noqa: ASYNC110 - it is watched from outside
            await asyncio.sleep(0.02)
        for (pid,) in pids:
            await other.execute("SELECT pg_terminate_backend($1)", pid)
        while heard.empty():
            await other.execute(f"SELECT pg_notify('{TOPIC}', '9')")
            await asyncio.sleep(0.05)
    assert heard.get_nowait() == (9, "")
    await other.close()
    await database.close()
