"""When a week or month is over its bulletin is drafted, shown to who signs, and sent to nobody before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from actions import bulletin_duty, issuing
from actions.clock import Clock
from bot.house import House
from bot.letters import say_from_json
from bot.media import Media
from bot.rendering import render
from civic.periods import last_over
from civic.staff import Staff
from content.library import Library
from content.statistics import Statistics
from db import upkeep
from db.tx import Tx
from tests.handlers.test_figures import busy
from tests.handlers.test_tasks import City
from tests.play import Person, Time, everything, rows_of

MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)  # nine in the morning


async def told(person: Person) -> list[str]:
    """What was written to staff of bulletins, in words."""
    rows = [row for row in await rows_of(person.database, "letters") if (row["once"] or "").startswith("bulletin:")]
    house = person.dispatch.house
    return [render(say_from_json(row["say"]), "zh", house.library, 0).text for row in rows]


@pytest.fixture
def clock(person: Person, tmp_path: Any) -> Clock:
    return Clock(person.database, person.dispatch.house, Media.open("", tmp_path))


async def test_who_signs_is_told_once_and_nothing_is_sent_before(person: Person, time: Time, clock: Clock) -> None:
    time.now = MONDAY
    await busy(person)
    city = City(person)
    await city.chat(await city.employ("Wang", "office"))
    await city.chat(await city.employ("Zhao", "handler", {"urban"}))  # signs nothing
    await person.say("/bulletin on")
    for hour in (1, 1, 2, 3):
        time.now = MONDAY.replace(hour=hour)
        await clock.tick()
    words = await told(person)
    assert [line.split("\n")[0] for line in words] == [
        "简报 2026-11-16 至 2026-11-22 拟好了，等您签发：云汀市文明行动周报",
        "简报 2026-10-01 至 2026-10-31 拟好了，等您签发：云汀市文明行动月报",
    ]
    assert "https://youli.example/console/bulletins?period=2026-W47" in words[0]
    rows = await everything(person.database)
    assert rows["editions"] == []
    assert [row for row in rows["letters"] if (row["once"] or "").startswith("edition:")] == []


async def test_two_clocks_at_once_tell_once(person: Person, time: Time) -> None:
    time.now = MONDAY
    house, database = person.dispatch.house, person.database
    city = City(person)
    await city.chat(await city.employ("Wang", "office"))
    found = await database.read(bulletin_duty.compose, house)
    counts = [await database.write(bulletin_duty.tell, house, *one) for one in (*found, *found)]
    assert counts == [1, 1, 0, 0]
    assert await database.read(bulletin_duty.compose, house) == []


async def test_a_month_that_waits_all_month_is_not_told_again_when_the_clock_forgets(
    person: Person, time: Time
) -> None:
    house, database = person.dispatch.house, person.database
    time.now = datetime(2026, 10, 1, 1, tzinfo=UTC)
    for one in await database.read(bulletin_duty.compose, house):
        await database.write(bulletin_duty.tell, house, *one)
    time.now = datetime(2026, 10, 31, 14, tzinfo=UTC)
    await database.write(upkeep.forget_old)
    waiting = [period.key for period, _ in await database.read(bulletin_duty.compose, house)]
    assert waiting == ["2026-W43"]


async def test_a_signed_one_is_not_waited_for(person: Person, time: Time) -> None:
    time.now = MONDAY
    house, database = person.dispatch.house, person.database
    week = last_over("week", MONDAY.date())

    def sign(tx: Tx) -> None:
        drafted = issuing.draft(tx, house.library, week, issuing.around(tx, house, week))
        issuing.issue(tx, house, Staff("Wang", "office"), drafted)

    await database.write(sign)
    waiting = await database.read(issuing.unsigned, house.library, MONDAY.date())
    assert [one.key for one in waiting] == ["2026-10"]


async def test_one_that_cannot_be_written_says_why(person: Person, time: Time) -> None:
    time.now = MONDAY
    house = _without_templates(person.dispatch.house)
    city = City(person)
    await city.chat(await city.employ("Wang", "office"))
    [(period, drafted), *_] = await person.database.read(bulletin_duty.compose, house)
    await person.database.write(bulletin_duty.tell, house, period, drafted)
    assert "没有拟成" in (await told(person))[0]


def _without_templates(house: House) -> House:
    class Broken:
        def render(self, **_: object) -> str:
            raise ValueError("a line that is none")

    return replace(house, library=replace(house.library, bulletins={"zh": Broken()}))  # type: ignore[dict-item]


@pytest.fixture
def wanting(library: Library) -> Callable[..., Library]:
    """The library of a city that wants such bulletins."""

    def make(*kinds: Any) -> Library:
        return replace(library, city=library.city.model_copy(update={"statistics": Statistics(bulletins=kinds)}))

    return make


@pytest.mark.parametrize(
    ("today", "kinds", "found"),
    [
        ("2026-11-23", ("week", "month"), ["2026-W47", "2026-10"]),
        ("2026-11-29", ("week",), ["2026-W47"]),
        ("2026-11-30", ("week",), ["2026-W48"]),
        ("2027-01-01", ("month", "quarter"), ["2026-12", "2026-Q4"]),
        ("2026-11-29", ("campaign",), []),  # its last day
        ("2026-11-30", ("campaign",), ["autumn-2026"]),
        ("2027-01-30", ("campaign",), []),  # nobody waits for it any more
        ("2026-11-23", (), []),
    ],
)
async def test_the_city_says_which_periods_get_one(
    person: Person, wanting: Callable[..., Library], today: str, kinds: tuple[str, ...], found: list[str]
) -> None:
    waiting = await person.database.read(issuing.unsigned, wanting(*kinds), date.fromisoformat(today))
    assert [one.lasting for one in waiting] == found
