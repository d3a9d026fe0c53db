"""News of the night wait for the morning, unless their reader is awake."""

import pytest

from bot.letters import say_from_json
from db import sending
from db.letters import NEWS
from db.tx import Tx
from tests.actions.town import Town
from tests.play import Person, Time, rows_of


@pytest.fixture
async def town(person: Person) -> Town:
    """A town with one resident, in the web chat, at noon."""
    await person.say("/start")
    rows = await rows_of(person.database, "residents")
    return Town(person.database, person.dispatch.house, rows[0]["id"])


async def leave(town: Town) -> list[str]:
    """The news that a postman finds now; they arrive."""

    def unit(tx: Tx) -> list[str]:
        found = sending.lease(tx, "postman", "web", (NEWS,), 60, 10)
        for letter in found:
            sending.sent(tx, letter.id)
        return [say_from_json(letter.say).key for letter in found]

    return await town.database.write(unit)


async def test_what_staff_do_at_night_is_told_in_the_morning(town: Town, time: Time) -> None:
    report = await town.submit()
    time.passes(hours=9, minutes=59)
    await town.move(report.number, "accept")
    assert await leave(town) == ["news.accepted"]  # a minute before the night
    time.passes(minutes=1)
    await town.move(report.number, "assign")
    time.passes(hours=8, minutes=59)
    assert await leave(town) == []
    time.passes(minutes=1)
    assert await leave(town) == ["news.assigned"]


async def test_who_talks_at_night_hears_at_once_what_waited_and_what_happens(
    town: Town, person: Person, time: Time
) -> None:
    report = await town.submit()
    time.passes(hours=11)
    await town.move(report.number, "accept")
    assert await leave(town) == []
    await person.say("积分")
    assert await leave(town) == ["news.accepted"]
    time.passes(minutes=14)
    await town.move(report.number, "assign")
    assert await leave(town) == ["news.assigned"]
    time.passes(minutes=2)
    await town.move(report.number, "return")
    assert await leave(town) == []
