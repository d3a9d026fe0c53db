"""Two workers of one city, of which one goes some minutes ahead or falls back by an hour: nothing comes twice, nothing
is left out."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from actions.clock import Clock
from bot.house import House
from bot.media import Media
from db.database import Database, open_database
from tests.actions.staff import hire
from tests.actions.town import Town
from tests.handlers.test_figures import busy
from tests.handlers.test_tasks import City
from tests.play import KEYS, Person, Time, everything, rows_of

SUNDAY = datetime(2026, 11, 22, 4, tzinfo=UTC)  # noon in Shanghai
AHEAD, BACK = 12, -60  # minutes
# Hours after Sunday noon, and by how much the second clock is wrong then: around the tip's hour and midnight.
LIFE = (
    (19.8, AHEAD), (20.0, AHEAD), (20.1, BACK), (20.3, BACK), (21.0, AHEAD), (21.2, BACK), (25.0, AHEAD), (30.0, BACK),
    (35.9, AHEAD), (36.1, BACK), (43.9, AHEAD), (44.1, BACK), (45.1, AHEAD), (77.4, AHEAD), (77.6, BACK), (79.0, BACK),
)  # fmt: skip


@pytest.fixture
async def other(database: Database, database_url: str, time: Time) -> AsyncIterator[tuple[Database, Time]]:
    """The second worker's database and clock. A SQLite file has one owner: there it is the same, whose clock jumps."""
    if database_url.startswith("sqlite"):
        yield database, time
        return
    own = Time()
    opened = await open_database(database_url, own, keys=KEYS)
    yield opened, own
    await opened.close()


async def test_two_workers_of_which_one_is_ahead_or_falls_back(
    person: Person, house: House, time: Time, other: tuple[Database, Time], tmp_path: Path
) -> None:
    media, (theirs, wrong) = Media.open("", tmp_path), other
    right, second = Clock(person.database, house, media), Clock(theirs, house, media)
    time.now = SUNDAY
    await busy(person)
    resident = (await rows_of(person.database, "residents"))[0]["id"]
    town, city = Town(person.database, house, resident), City(person)
    await city.chat(await city.employ("Wang", "office"))  # signs bulletins
    await hire(town, "dispatcher"), await hire(town, "lead", ("urban",))
    await town.submit()
    wishes = [Person(person.dispatch, person.database, user=f"reader {number}") for number in range(3)]
    for reader in wishes:
        await reader.say("/daily")
        await reader.say("8:00")

    for hours, minutes in LIFE:
        now = SUNDAY + timedelta(hours=hours)
        if wrong is time:
            time.now = now + timedelta(minutes=minutes)
            await second.tick()
            time.now = now
            await right.tick()
        else:
            time.now, wrong.now = now, now + timedelta(minutes=minutes)
            await asyncio.gather(right.tick(), second.tick())

    rows = await everything(person.database)
    marks = [mark for row in rows["letters"] if (mark := row["once"])]
    tips = Counter(mark.split(":")[1] for mark in marks if mark.startswith("tip:"))
    assert tips == {"2026-11-23": 3, "2026-11-24": 3, "2026-11-25": 3}
    assert len({(row["talk_id"], row["once"]) for row in rows["letters"] if row["once"]}) == len(marks)
    assert len([mark for mark in marks if mark.startswith("bulletin:")]) == 2  # the week's and the month's
    told = Counter((row["staff_id"], row["report_id"], row["kind"]) for row in rows["staff_notices"])
    assert {"step", "late"} <= {kind for _, _, kind in told}
    assert set(told.values()) == {1}
