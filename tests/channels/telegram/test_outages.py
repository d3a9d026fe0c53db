"""Long troubles: ten minutes without Telegram, a flood of refusals; then all has arrived once, in order."""

import pytest

from tests.channels.telegram.conftest import Town
from tests.channels.telegram.post import advice, known, states, write

PEOPLE = range(701, 713)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What differs between databases is tested with the shorter troubles."""
    return sqlite_url


@pytest.mark.parametrize("kind", ["no way", "gateway"])
async def test_ten_minutes_without_telegram(town: Town, kind: str) -> None:
    await known(town, *PEOPLE)
    for number in range(3):
        for user in PEOPLE:
            await town.database.write(write, user, f"{number}")
    town.wire.down, town.wire.gateway = kind == "no way", kind == "gateway"
    for second in range(0, 600, 5):
        await town.waits(seconds=5)
        if second == 300:  # life goes on meanwhile
            for user in PEOPLE:
                await town.database.write(write, user, "3")
    assert all(advice(town, user) == [] for user in PEOPLE)
    town.wire.down = town.wire.gateway = False
    await town.waits(seconds=31)
    assert all(advice(town, user) == ["0", "1", "2", "3"] for user in PEOPLE)
    assert await town.database.read(states) == [("sent", 1)] * (4 * len(PEOPLE))


async def test_in_an_outage_telegram_is_left_alone(town: Town) -> None:
    await known(town, *PEOPLE)
    for user in PEOPLE:
        await town.database.write(write, user, "x")
    tries = 0

    async def fails(method: str) -> None:
        nonlocal tries
        tries += 1
        town.fake.trouble(method, 502, "Bad Gateway")

    town.wire.before = fails
    for _ in range(600):
        await town.waits(seconds=1)
    assert tries <= 30 * len(PEOPLE)
    town.wire.before = None
    await town.waits(seconds=31)
    assert all(advice(town, user) == ["x"] for user in PEOPLE)


async def test_a_flood_of_429(town: Town) -> None:
    await known(town, *PEOPLE)
    town.time.passes(seconds=10)
    town.fake.limited = True
    for number in range(12):
        for user in PEOPLE:
            await town.database.write(write, user, f"{number}")
    for _ in range(120):
        await town.waits(seconds=1)
        if all(len(advice(town, user)) == 12 for user in PEOPLE):
            break
    refused = len(town.fake.calls) - 12 * len(PEOPLE)
    assert refused > 20  # it was a flood
    assert all(advice(town, user) == [f"{number}" for number in range(12)] for user in PEOPLE)
    assert {state for state, _ in await town.database.read(states)} == {"sent"}
