"""The clock: tips at everybody's hour and never at night, once; what is due by itself; housekeeping."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actions import clock as module
from actions import daily
from actions.clock import Clock
from bot.house import House
from bot.letters import say_from_json
from bot.media import Media
from bot.messages import Say
from db import letters, sending, upkeep
from db.database import Database, open_database
from db.forgetting import PAGE
from db.tables import exchanges
from tests.actions.town import Town
from tests.play import KEYS, PATIENCE, Person, Time, everything, picture, rows_of, until


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media.open("", tmp_path / "media")


@pytest.fixture
def clock(database: Database, house: House, media: Media) -> Clock:
    return Clock(database, house, media)


def at(time: Time, text: str) -> None:
    """Set the time by the clocks of Shanghai, like «11-23 08:00»."""
    local = datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    time.now = datetime.fromtimestamp(local.timestamp() - 8 * 3600, UTC)


async def wants_tip(person: Person, hour: int, user: str = "somebody") -> Person:
    """Somebody who wants the daily tip at an hour."""
    there = Person(person.dispatch, person.database, user=user)
    await there.say("/daily")
    await there.say(f"{hour}:00")
    return there


async def tips(database: Database) -> list[dict[str, Any]]:
    """The letters with tips."""
    return _tips(await rows_of(database, "letters"))


def _tips(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if (row["once"] or "").startswith("tip:")]


async def said(database: Database) -> Say:
    """The latest tip as it is meant."""
    rows = await everything(database, "letters", "circulars")
    circular = _tips(rows["letters"])[-1]["circular_id"]
    return say_from_json(next(row["say"] for row in rows["circulars"] if row["id"] == circular))


# The daily tip


async def test_a_tip_comes_at_the_hour_one_chose_in_the_citys_time(person: Person, clock: Clock, time: Time) -> None:
    at(time, "11-22 23:00")
    hours = (7, 8, 12, 19, 21)
    for hour in hours:
        await wants_tip(person, hour, f"at {hour}")
    for sent, hour in enumerate(hours):
        at(time, f"11-23 {hour - 1:02}:59")
        await clock.tick()
        assert len(await tips(person.database)) == sent
        at(time, f"11-23 {hour:02}:00")
        await clock.tick()
        assert len(await tips(person.database)) == sent + 1
    sent_out = await tips(person.database)
    tip = daily.city_tip(person.dispatch.house.library, datetime(2026, 11, 23, tzinfo=UTC).date())
    assert tip is not None
    assert {letter["deed"] for letter in sent_out} == {f"tip_delivered|{tip.topic}|{tip.id}"}
    assert {letter["urgency"] for letter in sent_out} == {letters.BROADCAST}
    talks = {row["id"]: row["user"] for row in await rows_of(person.database, "talks")}
    assert [talks[letter["talk_id"]] for letter in sent_out] == [f"at {hour}" for hour in hours]
    assert (await said(person.database)).params["title"] == tip.zh.title


async def test_who_does_not_want_one_gets_none(person: Person, clock: Clock, time: Time) -> None:
    there = await wants_tip(person, 8)
    await there.say("停止")
    await Person(person.dispatch, person.database, user="never-asked").say("/start")
    at(time, "11-24 08:00")
    await clock.tick()
    assert await tips(person.database) == []


async def test_never_at_night(person: Person, clock: Clock, time: Time) -> None:
    await wants_tip(person, 21)
    await wants_tip(person, 7, "early")
    for moment in ("00:00", "03:00", "06:59", "22:00", "23:59"):
        at(time, f"11-24 {moment}")
        await clock.tick()
        assert await tips(person.database) == [], moment


async def test_what_did_not_leave_before_night_leaves_no_more(person: Person, clock: Clock, time: Time) -> None:
    await wants_tip(person, 21)
    at(time, "11-24 21:58")
    await clock.tick()
    at(time, "11-24 22:00")
    await person.database.write(letters.expire)
    assert [row["state"] for row in await tips(person.database)] == ["expired"]


async def test_a_clock_that_ticks_twice_and_two_clocks_at_once_write_one(
    person: Person, clock: Clock, house: House, media: Media, time: Time
) -> None:
    for number in range(5):
        await wants_tip(person, 8, f"person-{number}")
    at(time, "11-24 08:00")
    others = [Clock(person.database, house, media) for _ in range(3)]
    await asyncio.gather(clock.tick(), *(other.tick() for other in others))
    await clock.tick()
    time.passes(minutes=30)
    await clock.tick()
    found = await tips(person.database)
    assert len(found) == 5
    assert len({row["talk_id"] for row in found}) == 5


async def test_who_changes_the_hour_in_between_gets_one_a_day(person: Person, clock: Clock, time: Time) -> None:
    there = await wants_tip(person, 8)
    at(time, "11-24 08:00")
    await clock.tick()
    await there.say("/daily")
    await there.say("19:00")
    at(time, "11-24 19:00")
    await clock.tick()
    assert len(await tips(person.database)) == 1
    at(time, "11-25 19:00")
    await clock.tick()
    assert len(await tips(person.database)) == 2


async def test_a_server_that_was_down_at_the_hour_sends_when_it_is_back(
    person: Person, clock: Clock, time: Time
) -> None:
    await wants_tip(person, 8)
    await wants_tip(person, 12, "noon")
    await wants_tip(person, 19, "evening")
    at(time, "11-24 15:20")
    await clock.tick()
    assert len(await tips(person.database)) == 2
    at(time, "11-24 19:00")
    await clock.tick()
    assert len(await tips(person.database)) == 3


async def test_a_server_that_was_down_for_days_sends_only_todays(person: Person, clock: Clock, time: Time) -> None:
    await wants_tip(person, 8)
    at(time, "11-29 09:00")
    await clock.tick()
    (letter,) = await tips(person.database)
    assert letter["once"].startswith("tip:2026-11-29:")


async def test_a_crash_half_way_is_made_good_without_doubling(
    person: Person, clock: Clock, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    for number in range(7):
        await wants_tip(person, 8, f"person-{number}")
    at(time, "11-24 08:00")
    last = await person.database.write(module.plan_tips, clock._house, 8, 0)  # one page, then the power went
    assert last is not None
    assert len(await tips(person.database)) == 2
    await clock.tick()
    assert len(await tips(person.database)) == 7


async def test_it_is_the_same_after_a_restart(
    person: Person, clock: Clock, house: House, media: Media, database_url: str, time: Time
) -> None:
    await wants_tip(person, 8)
    at(time, "11-24 08:00")
    await clock.tick()
    await person.database.close()
    database = await open_database(database_url, time, keys=KEYS)
    try:
        await Clock(database, house, media).tick()
        assert len(await tips(database)) == 1
    finally:
        await database.close()


async def test_on_a_solemn_day_the_tone_is_solemn_and_there_is_no_game(
    person: Person, clock: Clock, time: Time
) -> None:
    await wants_tip(person, 8)
    at(time, "12-12 08:00")
    await clock.tick()
    usual = await said(person.database)
    at(time, "12-13 08:00")  # the national memorial day
    await clock.tick()
    solemn = await said(person.database)
    assert usual.params["emoji"]
    assert not solemn.params["emoji"]
    assert [option.key for option in usual.options] == ["option.another_tip", "option.quiz_me", "option.stop_tips"]
    assert [option.key for option in solemn.options] == ["option.another_tip", "option.stop_tips"]


async def test_it_is_written_in_everybodys_language(person: Person, clock: Clock, time: Time) -> None:
    there = await wants_tip(person, 8)
    await there.say("/language en")
    at(time, "11-24 08:00")
    await clock.tick()
    tip = daily.city_tip(person.dispatch.house.library, datetime(2026, 11, 24, tzinfo=UTC).date())
    assert tip is not None
    assert (await said(person.database)).params["title"] == tip.en.title


async def test_who_erased_themselves_gets_none(person: Person, clock: Clock, time: Time) -> None:
    there = await wants_tip(person, 8)
    await there.say("/erase")
    await there.tap("确定删除")
    at(time, "11-24 08:00")
    await clock.tick()
    assert await tips(person.database) == []


# Reports that nobody confirmed


async def test_reports_that_nobody_confirmed_are_closed_by_day(person: Person, clock: Clock, time: Time) -> None:
    await person.say("/start")
    town = Town(person.database, person.dispatch.house, 1)
    number = (await town.submit()).number
    await town.move(number, "accept")
    await town.move(number, "resolve")
    at(time, "11-30 13:00")
    await clock.tick()
    assert (await town.report(number)).status == "closed"
    assert "办结了" in (await town.heard())[-1]
    await clock.tick()
    assert [move for move, _, _ in await town.timeline(number)].count("close") == 1


async def test_nobody_hears_of_a_closing_at_night(person: Person, clock: Clock, time: Time) -> None:
    await person.say("/start")
    town = Town(person.database, person.dispatch.house, 1)
    number = (await town.submit()).number
    await town.move(number, "accept")
    await town.move(number, "resolve")
    at(time, "12-01 03:00")
    await clock.tick()
    assert (await town.report(number)).status == "resolved"
    at(time, "12-01 09:00")
    await clock.tick()
    assert (await town.report(number)).status == "closed"


# Housekeeping


async def kept(media: Media, name: str) -> list[bool]:
    """Whether the files of a photo are there."""
    developed = picture(name).developed
    assert developed is not None
    return [await media.exists(key) for key in (developed.sealed_key, developed.large_key, developed.small_key)]


async def put(media: Media, *names: str) -> None:
    """The files of photos, as the darkroom leaves them."""
    for name in names:
        developed = picture(name).developed
        assert developed is not None
        for key in (developed.sealed_key, developed.large_key, developed.small_key):
            await media.put(key, b"a photo")


async def test_the_files_of_who_erased_themselves_are_deleted(
    person: Person, clock: Clock, media: Media, time: Time
) -> None:
    await put(media, "mine", "shared", "reported")
    other = Person(person.dispatch, person.database, user="other")
    await other.photo(picture("shared"))
    await person.photo(picture("reported"))
    await person.say("上报问题")
    await person.say("1")
    await person.say("文昌路 12 号门口")
    while "还要补一句吗" not in person.words:
        await person.say("1")
    await person.tap("不用了")
    await person.tap("提交")
    await person.photo(picture("mine"), picture("shared"), picture("reported"))
    await person.say("/erase")
    await person.tap("确定删除")
    assert await kept(media, "mine") == [True] * 3
    time.passes(hours=10)  # at night, when no bulletin is written
    await clock.tick()
    assert await kept(media, "mine") == [False] * 3
    assert await kept(media, "shared") == [True] * 3
    assert await kept(media, "reported") == [True] * 3
    assert await rows_of(person.database, "discards") == []


async def test_a_file_that_somebody_sent_again_meanwhile_is_kept(
    person: Person, clock: Clock, media: Media, time: Time
) -> None:
    await put(media, "mine")
    await person.photo(picture("mine"))
    await person.say("/erase")
    await person.tap("确定删除")
    await person.photo(picture("mine"))
    time.passes(hours=10)
    await clock.tick()
    assert await kept(media, "mine") == [True] * 3
    assert await rows_of(person.database, "discards") == []


async def test_old_echoes_go_and_the_history_of_the_web_chat_stays(person: Person, clock: Clock, time: Time) -> None:
    there = Person(person.dispatch, person.database, user="there", channel="terminal")
    await person.say("/start")
    await there.say("/start")
    time.passes(days=4, hours=10)  # at night, when no bulletin is written
    await clock.tick()
    rows = await rows_of(person.database, "exchanges")
    assert len(rows) == 1
    time.passes(days=177)
    await clock.tick()
    assert await rows_of(person.database, "exchanges") == []


async def test_letters_and_ticks_that_served_are_forgotten_and_dead_ones_kept_a_month_to_be_seen(
    person: Person, clock: Clock, time: Time
) -> None:
    await wants_tip(person, 8)
    at(time, "11-24 08:00")
    await clock.tick()
    (letter,) = await tips(person.database)
    await person.database.write(sending.sent, letter["id"])
    at(time, "11-25 08:00")
    await clock.tick()
    await person.database.write(sending.bury, (await tips(person.database))[-1]["id"], "gone")
    for days, expected in ((20, ["dead", "waiting"]), (11, ["waiting"] * 2)):
        time.passes(days=days)
        await clock.tick()
        assert [row["state"] for row in await tips(person.database)] == expected
    ticks = {row["at"][:10] for row in await rows_of(person.database, "ticks")}
    assert ticks == {"2026-12-15", "2026-12-16", "2026-12-26", "2026-12-27"}  # none of November


async def test_it_runs_until_it_is_stopped_and_a_failed_tick_is_not_the_end(
    person: Person,
    clock: Clock,
    media: Media,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await put(media, "mine")
    await person.photo(picture("mine"))
    await person.say("/erase")
    await person.tap("确定删除")
    monkeypatch.setattr(module, "EVERY", 0.01)
    (tmp_path / "media" / "sealed").rename(tmp_path / "away")
    (tmp_path / "media" / "sealed").write_bytes(b"a file in the way: nothing can be deleted")
    running = asyncio.create_task(clock.run())
    await until(lambda: "clock's tick failed" in caplog.text)
    assert len(await rows_of(person.database, "discards")) == 3
    (tmp_path / "media" / "sealed").unlink()
    (tmp_path / "away").rename(tmp_path / "media" / "sealed")
    async with asyncio.timeout(PATIENCE):
        while await rows_of(person.database, "discards"):  # noqa: ASYNC110 - the clock tells nobody
            await asyncio.sleep(0.01)
    clock.stop()
    await asyncio.wait_for(running, PATIENCE)
    assert await rows_of(person.database, "discards") == []
    assert await kept(media, "mine") == [False] * 3


async def test_photos_that_went_into_no_report_were_kept_for_ever(
    person: Person, clock: Clock, time: Time, media: Media
) -> None:
    await person.photo(picture("asked only"))
    await person.say("/cancel")
    other = Person(person.dispatch, person.database, user="a draft is open")
    await other.photo(picture("in a draft"))
    await other.say("上报问题")
    time.passes(days=6)
    await clock.tick()
    assert len(await rows_of(person.database, "photos")) == 2
    time.passes(days=2)
    await clock.tick()
    kept = await rows_of(person.database, "photos")
    assert [row["ref"] for row in kept] == [picture("in a draft").ref]
    assert await rows_of(person.database, "discards") == []


async def test_a_long_transcript_is_forgotten_page_by_page(person: Person, clock: Clock, time: Time) -> None:
    await person.say("菜单")
    talk = (await rows_of(person.database, "talks"))[0]["id"]
    row = (await rows_of(person.database, "exchanges"))[0] | {"talk_id": talk}
    many = [row | {"id": None, "key": f"k{number}"} for number in range(PAGE + 5)]
    many = [{name: value for name, value in one.items() if name != "id"} for one in many]
    await person.database.write(lambda tx: tx.connection.execute(exchanges.insert(), many))
    time.passes(days=upkeep.TRANSCRIPT_DAYS + 1)
    assert await person.database.write(upkeep.forget_exchanges)
    assert not await person.database.write(upkeep.forget_exchanges)
    assert await rows_of(person.database, "exchanges") == []
