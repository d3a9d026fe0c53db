"""PostgreSQL restarts while people talk: every connection is gone at once, and nothing acknowledged with it."""

import asyncio

import asyncpg
import pytest

from bot.dispatch import Dispatch
from bot.messages import Address, Incoming
from db.database import Database, passing
from tests.db.test_units import note, noted
from tests.play import rows_of

PEOPLE, MESSAGES = 15, 12
CUTS = {20, 60, 100, 140}  # after so many answers


@pytest.fixture
def database_url(postgres_tables: str) -> str:
    """SQLite has no connections that could be lost; its process is killed elsewhere."""
    return postgres_tables


async def cut(outside: asyncpg.Connection) -> None:
    """All other connections are gone."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    await outside.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


async def test_a_connection_that_was_lost_while_it_rested_is_made_again(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.postgres.FRESH", 0.0)
    await database.write(note, "before")
    outside = await asyncpg.connect(database_url)
    await cut(outside)
    await outside.close()
    await database.write(note, "after")
    assert sorted(await database.read(noted)) == ["after", "before"]


async def test_who_was_cut_off_sends_again_and_is_handled_once(
    dispatch: Dispatch, database: Database, database_url: str
) -> None:
    answers: dict[tuple[int, int], str] = {}
    failures: list[Exception] = []
    outside = await asyncpg.connect(database_url)

    async def talk(who: int) -> None:
        for number in range(MESSAGES):
            text = ("菜单", "答题", "1", "A", "贴士", "积分")[number % 6]
            message = Incoming(Address("web", f"visitor {who}"), f"message {number}", text=text)
            while True:
                try:
                    exchange = await dispatch.handle(message)
                except Exception as error:
                    if not passing(error):
                        raise
                    failures.append(error)
                else:
                    answers[who, number] = exchange.answer[0].text
                    break
            if len(answers) in CUTS:
                await cut(outside)

    try:
        await asyncio.gather(*(talk(who) for who in range(PEOPLE)))
    finally:
        await outside.close()
    assert failures
    rows = await rows_of(database, "exchanges")
    assert len(rows) == PEOPLE * MESSAGES == len(answers)
    for (who, number), text in list(answers.items())[::7]:
        message = Incoming(Address("web", f"visitor {who}"), f"message {number}", text="something else")
        exchange = await dispatch.handle(message)
        assert exchange.repeated and exchange.answer[0].text == text
