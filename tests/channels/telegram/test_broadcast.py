"""A tip for everybody: planned quickly, sent at its rate, never in the way of an answer, never twice."""

import asyncio
import time as wall
from typing import Any

import pytest
from sqlalchemy import func, select

from actions.clock import Clock
from bot.channels.telegram import rates
from bot.pace import Pace
from bot.postman import Postman
from db.tables import journal, residents, talks
from db.tables import letters as outbox
from db.tx import Tx
from tests.channels.telegram.conftest import Town
from tests.play import until

FIRST = 10_000


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Figures for the embedded default."""
    return sqlite_url


def settle(tx: Tx, people: int) -> None:
    """So many residents on Telegram, a few of them in English, who want their tip at noon."""
    common: dict[str, Any] = {
        "tip_hour": 12,
        "joined_at": 0,
        "joined_day": "2026-11-01",
        "points_on": 1,
        "anonymous": 0,
    }
    tx.connection.execute(
        residents.insert(), [common | {"language": "en" if n % 10 == 0 else "zh"} for n in range(people)]
    )
    ids = tx.execute(select(residents.c.id).order_by(residents.c.id)).scalars()
    tx.connection.execute(
        talks.insert(),
        [
            {"channel": "telegram", "user": str(FIRST + n), "resident_id": number, "seen_at": 0, "reachable": 1}
            for n, number in enumerate(ids)
        ],
    )


def counted(tx: Tx) -> dict[str, int]:
    """Letters by state."""
    return {row[0]: row[1] for row in tx.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))}


async def test_a_tip_for_thousands_is_planned_in_a_moment(town: Town, tmp_path: Any) -> None:
    await town.database.write(settle, 5_000)
    clock = Clock(town.database, town.house, town.channel._media)
    await clock.tick()
    assert await town.database.read(counted) == {"waiting": 5_000}
    await clock.tick()  # however often it ticks
    assert await town.database.read(counted) == {"waiting": 5_000}


async def test_it_is_never_faster_than_its_rate_and_answers_come_meanwhile(town: Town) -> None:
    """A busy machine may be slower; within 2 % where time is exact: tests/bot/test_pace.py."""
    people, rate = 50, 25.0
    await town.database.write(settle, people)
    town.fake.clock = wall.monotonic
    pace = Pace(rates(rate))
    postman = Postman(town.database, town.house, {"telegram": town.channel}, {"telegram": pace}, town.intake._bell)
    await Clock(town.database, town.house, town.channel._media).tick()
    begun = wall.monotonic()
    work = asyncio.create_task(postman.run())
    for user in range(1, 6):
        await until(lambda user=user: len(town.fake.arrivals) > 5 * user)  # type: ignore[misc]
        await town.fake.deliver(town.client, town.fake.says(user, "/start"))  # two messages: by the outbox
        await until(lambda user=user: town.fake.chat(user))  # type: ignore[misc]
    await until(lambda: len(town.fake.arrivals) == people + 10)
    postman.stop()
    await work
    assert await town.database.read(counted) == {"sent": people + 5}
    tips = [at for at, chat in town.fake.arrivals if chat >= FIRST]
    assert all(at - begun > number / rate - 0.005 for number, at in enumerate(tips))


async def test_a_restart_in_the_middle_sends_nobody_two(town: Town) -> None:
    await town.database.write(settle, 120)
    await Clock(town.database, town.house, town.channel._media).tick()
    held = asyncio.Event()
    calls = 0

    async def slow(method: str) -> None:
        nonlocal calls
        calls += 1
        if calls > 40:
            await held.wait()

    town.wire.before = slow
    dying = asyncio.create_task(town.postman.run())
    await until(lambda: calls >= 60)
    dying.cancel()  # and with it everything it carried: nothing is noted any more
    carried = [task for lane in town.postman._lanes for task in lane.carrying]
    for task in carried:
        task.cancel()
    await asyncio.gather(dying, *carried, return_exceptions=True)
    town.wire.before = None
    in_doubt = await town.database.write(  # behind the units that were queued already
        lambda tx: tx.execute(
            select(func.count()).where(outbox.c.trying == 1, outbox.c.state == "waiting")
        ).scalar_one()
    )
    town.time.passes(seconds=61)
    successor = Postman(town.database, town.house, {"telegram": town.channel}, clock=lambda: town.time.now.timestamp())
    while await successor.round():
        pass
    outcome = await town.database.read(counted)
    arrived = [chat for _, chat in town.fake.arrivals]
    assert len(arrived) == len(set(arrived))
    assert outcome["sent"] + outcome["unsure"] == 120 and outcome["unsure"] == in_doubt >= 20
    told = await town.database.read(
        lambda tx: tx.execute(select(func.count()).where(journal.c.deed == "tip_delivered")).scalar_one()
    )
    assert told == outcome["sent"]
