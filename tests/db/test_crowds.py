"""When more people write than can be served: who would wait too long is told at once, the house's own work goes on."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from bot.dispatch import Dispatch
from bot.house import House
from bot.messages import Address, Incoming
from db import postgres, sqlite
from db.database import Busy, Database
from db.postgres import TURNS, PostgresDatabase
from db.sqlite import BATCH, OWN, SqliteDatabase
from db.tx import Tx
from tests.conftest import settle
from tests.db.test_units import note, noted
from tests.play import until

CROWD = TURNS + 4


class Watch:
    """The time by which waiting is measured; it stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(sqlite, "perf_counter", made)
    monkeypatch.setattr(postgres, "perf_counter", made)
    return made


@asynccontextmanager
async def held(database: Database) -> AsyncIterator[None]:
    """A database that finishes no turn while the block lasts: its disk does not answer, or talks are locked."""
    if isinstance(database, SqliteDatabase):
        gate = threading.Event()
        stuck = asyncio.create_task(database._writer.run(gate.wait))
        try:
            yield
        finally:
            gate.set()
            await stuck
    else:
        assert isinstance(database, PostgresDatabase)
        async with database._engine.begin() as connection:
            await connection.execute(text("LOCK TABLE talks IN ACCESS EXCLUSIVE MODE"))
            yield


def hello(number: int) -> Incoming:
    return Incoming(Address("web", f"visitor {number}"), "the first message", text="菜单")


def exchanges(tx: Tx) -> int:
    return int(tx.connection.exec_driver_sql("SELECT count(*) FROM exchanges").scalar_one())


async def test_who_would_wait_too_long_is_told_at_once_and_who_comes_again_is_let_in_first(
    database: Database, house: House, watch: Watch
) -> None:
    away: list[str] = []
    dispatch = Dispatch(database, house, turned_away=away.append)
    dispatch.admit("web")
    async with held(database):
        crowd = [asyncio.create_task(dispatch.handle(hello(number))) for number in range(CROWD)]
        await settle()
        dispatch.admit("web")
        watch.now += 0.4  # a disk may stand still for so long
        dispatch.admit("web")
        watch.now += 0.5
        with pytest.raises(Busy):
            dispatch.admit("web")
        dispatch.admit("telegram", again=True)
        watch.now += 0.3
        with pytest.raises(Busy):
            dispatch.admit("telegram", again=True)
    assert away == ["web", "telegram"]
    assert len({exchange.talk_id for exchange in await asyncio.gather(*crowd)}) == CROWD
    dispatch.admit("web")
    again = await asyncio.gather(*(dispatch.handle(hello(number)) for number in range(CROWD)))
    assert all(exchange.repeated for exchange in again)
    assert await database.read(exchanges) == CROWD


async def test_how_long_one_would_wait_follows_from_how_long_the_last_ones_took(
    database: Database, watch: Watch
) -> None:
    def work(tx: Tx) -> None:
        watch.now += 0.01

    crowd = [asyncio.create_task(database.turn(work)) for _ in range(5 * BATCH)]
    await asyncio.sleep(0)
    assert database.behind() == 0.0  # nothing is known yet
    seen: list[float] = []
    while not all(task.done() for task in crowd):
        seen.append(database.behind())
        await asyncio.sleep(0)
    assert 1 < max(seen) < 5 * BATCH * 0.01 + 1
    assert database.behind() == 0.0


async def test_the_house_s_own_work_does_not_stand_behind_those_who_talk(database: Database) -> None:
    order: list[str] = []

    def said(what: str) -> Callable[[Tx], None]:
        def unit(tx: Tx) -> None:
            tx.connection.exec_driver_sql("SELECT count(*) FROM talks")
            order.append(what)

        return unit

    async with held(database):
        talking = [asyncio.create_task(database.turn(said("talk"))) for _ in range(3 * BATCH)]
        await settle()
        own = asyncio.create_task(database.write(lambda tx: order.append("own")))
        if isinstance(database, PostgresDatabase):  # it has connections that no talk may take
            await own
    await asyncio.gather(*talking, own)
    assert order.index("own") < 2 * BATCH


async def test_those_who_talk_do_not_stand_behind_the_house_s_own_work(database: Database) -> None:
    order: list[str] = []

    async def work(number: int) -> None:
        await database.write(note, f"{number:03}")
        order.append("own")

    async with held(database):
        working = [asyncio.create_task(work(number)) for number in range(3 * BATCH)]
        await settle()
        talk = asyncio.create_task(database.turn(lambda tx: exchanges(tx)))
        talk.add_done_callback(lambda _: order.append("talk"))
        await settle()
    await asyncio.gather(*working, talk)
    await until(lambda: "talk" in order)
    assert len(await database.read(noted)) == 3 * BATCH
    if isinstance(database, SqliteDatabase):
        assert order.index("talk") <= BATCH + OWN
