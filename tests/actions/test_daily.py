"""The tip of the day in an area: by the calendar, by what was reported there, by what somebody has seen."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from actions import daily, learning, residents
from actions.clock import Clock, plan_tips
from actions.scene import Scene
from bot.house import House
from bot.media import Media
from content.items import Tip
from content.library import Library
from db import learning as seen
from db.database import Database
from db.tables import reports
from db.tx import Tx
from tests.actions.town import Town
from tests.play import Person, Time, everything, rows_of

TODAY = date(2026, 11, 23)
AREA, ELSEWHERE = "wenchanglu", "hefeng"


def report(tx: Tx, day: date, category: str = "litter", area: str | None = AREA, times: int = 1) -> None:
    """Reports as the tables keep them; only what counts here matters."""
    for number in range(times):
        row = {
            "number": f"{day:%y%m%d}{category[:3]}{str(area)[:3]}{number}",
            "channel": "web",
            "category": category,
            "area": area,
            "place": "x",
            "place_origin": "typed",
            "note": "",
            "answers": "{}",
            "anonymous": 0,
            "status": "received",
            "priority": "normal",
            "created_at": 0,
            "due_at": 0,
            "due_day": f"{day}",
        }
        tx.execute(reports.insert().values(**row, created_day=f"{day}"))


async def decide(database: Database, library: Library, day: date) -> None:
    """As the clock does it."""
    await database.write(daily.decide, library, day, await database.read(daily.rises, library, day))


def lives_in(scene: Scene, area: str | None) -> None:
    residents.settle(scene, area=area)


async def tip(database: Database, library: Library, day: date, area: str | None = AREA) -> Tip:
    found = await database.read(daily.tip_for_day, library, day, area)
    assert found is not None
    return found


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media.open("", tmp_path / "media")


@pytest.fixture
def plain(library: Library) -> date:
    """A day with no occasion and another topic than waste, so that reports can tip the scale."""
    days = (TODAY + timedelta(days=number) for number in range(200))
    return next(
        day
        for day in days
        if (found := daily.city_tip(library, day))
        and found.occasion is None
        and found.topic != "waste"
        and not daily.today_is(library, day).topics
    )


# What the calendar says


def test_a_whole_year_has_a_tip_for_every_day_and_none_twice(library: Library) -> None:
    for year in (2027, 2028):
        first = date(year, 1, 1)
        days = [first + timedelta(days=number) for number in range(365)]
        tips = [found.id for day in days if (found := daily.city_tip(library, day))]
        assert len(tips) == len(set(tips)) == 365
        assert all(
            Counter(library.tips[one].topic for one in tips[at : at + 7]).most_common(1)[0][1] <= 4
            for at in range(0, 359, 7)
        )


# What the area reported


async def test_more_litter_than_before_brings_a_tip_on_waste_there_and_nowhere_else(
    database: Database, library: Library, plain: date
) -> None:
    city = daily.city_tip(library, plain)
    await database.write(report, plain - timedelta(days=5), times=6)
    await database.write(report, plain - timedelta(days=20), times=2)
    await database.write(report, plain - timedelta(days=5), area=None, times=6)
    await database.write(report, plain - timedelta(days=5), area=ELSEWHERE, times=2)  # too few to tell
    await decide(database, library, plain)
    own = await tip(database, library, plain)
    assert own.topic == "waste"
    assert own.occasion is None
    assert await tip(database, library, plain, ELSEWHERE) == city
    assert await tip(database, library, plain, None) == city
    [rise] = (await database.read(daily.rises, library, plain))[AREA]
    assert (rise.topic, rise.recent, rise.before, rise.times) == ("waste", 6, 2, 3)


async def test_what_was_as_much_before_changes_nothing(database: Database, library: Library, plain: date) -> None:
    await database.write(report, plain - timedelta(days=5), times=6)
    await database.write(report, plain - timedelta(days=20), times=5)
    await decide(database, library, plain)
    assert await tip(database, library, plain) == daily.city_tip(library, plain)


async def test_only_the_two_weeks_up_to_the_day_before_yesterday_count(
    database: Database, library: Library, plain: date
) -> None:
    for days in (0, 1, 30):
        await database.write(report, plain - timedelta(days=days), times=6)
    assert await database.read(daily.rises, library, plain) == {}
    for days in (2, 15, 16, 29):
        await database.write(report, plain - timedelta(days=days), times=1)
    [rise] = (await database.read(daily.rises, library, plain))[AREA]
    assert (rise.recent, rise.before) == (2, 2)


async def test_the_decision_is_made_once_and_holds(database: Database, library: Library, plain: date) -> None:
    await database.write(report, plain - timedelta(days=5), times=6)
    await decide(database, library, plain)
    own = await tip(database, library, plain)
    await decide(database, library, plain)  # a second clock, or a crash half-way
    assert await tip(database, library, plain) == own


async def test_an_area_gets_no_tip_twice_in_a_year_either(database: Database, library: Library) -> None:
    first = date(2027, 1, 1)
    for number in range(365):
        day = first + timedelta(days=number)
        if number % 5 == 0:
            await database.write(
                report, day, ("litter", "dogs", "noise")[number // 60 % 3], times=1 + number % 60 // 10
            )
        await decide(database, library, day + timedelta(days=1))
    tips = [(await tip(database, library, first + timedelta(days=number))).id for number in range(365)]
    own = sum(tips[n] != found.id for n in range(365) if (found := daily.city_tip(library, first + timedelta(days=n))))
    assert own > 20
    assert len(set(tips)) == 365


async def test_an_occasion_and_a_solemn_day_stay_what_they_are(database: Database, library: Library) -> None:
    for day in (date(2026, 12, 13), date(2027, 2, 6)):
        await database.write(report, day - timedelta(days=5), times=9)
        await decide(database, library, day)
        assert await tip(database, library, day) == daily.city_tip(library, day)


async def test_a_tip_that_editors_took_away_leaves_the_citys(database: Database, library: Library, plain: date) -> None:
    await database.write(report, plain - timedelta(days=5), times=6)
    await decide(database, library, plain)
    own = await tip(database, library, plain)
    fields = {name: getattr(library, name) for name in library.__dataclass_fields__}
    fields["tips"] = {key: one for key, one in library.tips.items() if key != own.id}
    fewer = Library(**fields)
    assert await tip(database, fewer, plain) == daily.city_tip(fewer, plain)


# Everybody hears the same


async def test_the_pushed_tip_is_the_one_that_is_read_and_each_area_gets_its_own(
    person: Person, house: House, time: Time, plain: date
) -> None:
    database, library = person.database, house.library
    time.now += timedelta(days=(plain - TODAY).days)
    await database.write(report, plain - timedelta(days=5), times=6)
    await decide(database, library, plain)
    people: dict[str, Town] = {}
    for name, area in (("here", AREA), ("away", ELSEWHERE), ("anywhere", None), ("knows it", ELSEWHERE)):
        there = Person(person.dispatch, database, user=name)
        await there.say("/daily")
        await there.say("8:00")
        people[name] = Town(database, house, (await rows_of(database, "residents"))[-1]["id"])
        await people[name].as_resident(lives_in, area)
    city = daily.city_tip(library, plain)
    assert city is not None
    await database.write(seen.see_tip, people["knows it"].resident, city.id, f"{plain - timedelta(days=9)}")
    await database.write(plan_tips, house, 8, 0)
    await database.write(plan_tips, house, 8, 0)
    rows = await everything(database)
    talks = {row["id"]: row["resident_id"] for row in rows["talks"]}
    sent = {talks[row["talk_id"]]: row["deed"].split("|")[2] for row in rows["letters"]}
    assert len(rows["letters"]) == len(people)
    assert sent[people["here"].resident] == (await tip(database, library, plain)).id != city.id
    assert sent[people["away"].resident] == sent[people["anywhere"].resident] == city.id
    assert sent[people["knows it"].resident] == daily.others(library, plain)[0].id
    for town in people.values():
        read = await town.as_resident(lambda scene: learning.read_tip(scene))
        assert read is not None
        assert read.id == sent[town.resident]


async def test_the_clock_decides_for_today_and_tomorrow(
    person: Person, house: House, media: Media, plain: date, time: Time
) -> None:
    time.now += timedelta(days=(plain - TODAY).days)
    await person.database.write(report, plain - timedelta(days=5), times=6)
    await Clock(person.database, house, media).tick()
    ticks = {row["at"] for row in await rows_of(person.database, "ticks") if row["what"] == "area-tips"}
    assert ticks == {f"{plain}", f"{plain + timedelta(days=1)}"}
    assert (await tip(person.database, house.library, plain)).topic == "waste"


# What somebody has seen


async def test_who_saw_the_days_tip_before_reads_one_that_they_have_not(
    person: Person, house: House, time: Time, plain: date
) -> None:
    time.now += timedelta(days=(plain - TODAY).days)
    await person.say("/start")
    town = Town(person.database, house, (await rows_of(person.database, "residents"))[0]["id"])
    library = house.library
    city, spare = daily.city_tip(library, plain), daily.others(library, plain)
    assert city is not None
    assert len(spare) == 2
    for known, expected in ((city, spare[0]), (spare[0], spare[1]), (spare[1], city)):
        yesterday = f"{plain - timedelta(days=1)}"
        await person.database.write(seen.see_tip, town.resident, known.id, yesterday)
        assert await town.as_resident(lambda scene: learning.read_tip(scene)) == expected
        await person.database.write(seen.see_tip, town.resident, expected.id, yesterday)
    assert daily.others(library, date(2026, 12, 13)) == ()


# Why


async def test_every_choice_is_explained(database: Database, library: Library, plain: date) -> None:
    await database.write(report, plain - timedelta(days=5), times=6)
    before = await database.read(daily.explain, library, plain, AREA)
    assert (before.kept, before.tip) == (False, daily.city_tip(library, plain))
    await decide(database, library, plain)
    after = await database.read(daily.explain, library, plain, AREA)
    assert after.kept
    assert after.tip is not None
    assert after.candidates[0].tip == after.tip.id
    assert "reports" in {reason.rule for reason in after.candidates[0].reasons}
    assert after.candidates[0].points >= max(one.points for one in after.candidates[1:])
    city = await database.read(daily.explain, library, plain, None)
    assert city.tip is not None
    assert city.tip == daily.city_tip(library, plain)
    assert city.candidates[0].tip == city.tip.id
