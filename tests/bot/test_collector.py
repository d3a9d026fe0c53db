"""The collector: photos that are still at their channel are fetched, once, or given up."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.channel import PhotoGone, TryLater
from bot.channels.telegram import MANNERS as TELEGRAM
from bot.collector import ATTEMPTS, Collector
from bot.media import MediaUnavailable
from bot.messages import Address, Outgoing, Photo
from bot.photos import Developed
from civic.errors import Refused
from db import photos
from db.database import Database
from tests.play import PATIENCE, Person, Time, everything, picture, rows_of


@dataclass
class Wire:
    """The network's end of a channel: ``answers`` are what happens to the next fetches."""

    manners: Any = TELEGRAM
    answers: list[Exception | Callable[[], Any]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    async def send(self, letter_id: int, talk_id: int, address: Address, words: Outgoing) -> None:
        raise AssertionError("nothing is sent here")

    async def fetch(self, ref: str) -> Developed:
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            await answer()
        self.fetched.append(ref)
        developed = picture(ref, place=(30.27, 120.15)).developed
        assert developed is not None
        return developed


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def collector(database: Database, wire: Wire) -> Collector:
    return Collector(database, {"telegram": wire})


@pytest.fixture
async def there(person: Person) -> Person:
    """Somebody whose photos are still at their channel."""
    return Person(person.dispatch, person.database, user="somebody", channel="telegram")


async def told(database: Database) -> list[str]:
    """What waiting letters say, by the names of their texts."""
    return [json.loads(row["say"])["key"] for row in await rows_of(database, "letters") if row["state"] == "waiting"]


async def rows(database: Database) -> list[dict[str, Any]]:
    return await rows_of(database, "photos")


async def test_a_photo_is_fetched_and_the_conversation_never_waited_for_it(
    there: Person, collector: Collector, wire: Wire
) -> None:
    await there.photo(Photo("file-1"), Photo("file-2"))
    assert "2 张" in there.words
    assert [row["state"] for row in await rows(there.database)] == ["waiting", "waiting"]
    assert [await collector.round(), await collector.round()] == [2, 0]
    assert sorted(wire.fetched) == ["file-1", "file-2"]
    for row in await rows(there.database):
        assert row["state"] == "ready"
        assert row["due_at"] is None
        assert row["sealed_key"]
    await there.say("上报问题")
    await there.say("1")
    assert "照片里带着拍摄位置" in there.words  # what it says of itself can be used from now on


@pytest.mark.parametrize("failure", [PhotoGone("expired"), Refused("photo.truncated")])
async def test_what_cannot_be_had_is_given_up_at_once(
    there: Person, collector: Collector, wire: Wire, failure: Exception
) -> None:
    await there.photo(Photo("file-1"))
    wire.answers = [failure]
    assert [await collector.round(), await collector.round()] == [1, 0]
    assert [row["state"] for row in await rows(there.database)] == ["failed"]
    assert await told(there.database) == ["photo.truncated" if isinstance(failure, Refused) else "photo.lost"]


async def test_of_several_that_are_lost_one_is_told(there: Person, collector: Collector, wire: Wire) -> None:
    """Nobody was told: the report went on without them."""
    await there.photo(Photo("file-1"), Photo("file-2"), Photo("file-3"))
    wire.answers = [PhotoGone("expired")] * 2
    await collector.round()
    assert sorted(row["state"] for row in await rows(there.database)) == ["failed", "failed", "ready"]
    assert await told(there.database) == ["photo.lost"]


@pytest.mark.parametrize("away", [TryLater("away", counted=False), MediaUnavailable("our own store")])
async def test_a_channel_or_store_that_is_away_for_days_costs_no_photo(
    there: Person, collector: Collector, wire: Wire, time: Time, away: Exception
) -> None:
    await there.photo(Photo("file-1"))
    wire.answers = [away] * 200
    for _ in range(200):
        assert await collector.round() == 1
        time.passes(minutes=15)
    await collector.round()
    assert [row["state"] for row in await rows(there.database)] == ["ready"]
    assert await told(there.database) == []


@pytest.mark.parametrize("failure", [TryLater("busy"), RuntimeError("a mistake")])
async def test_what_fails_is_tried_again_and_at_last_given_up(
    there: Person, collector: Collector, wire: Wire, time: Time, failure: Exception
) -> None:
    await there.photo(Photo("file-1"))
    wire.answers = [failure] * (ATTEMPTS - 1)
    for _ in range(ATTEMPTS - 1):
        assert await collector.round() == 1
        assert await collector.round() == 0
        time.passes(hours=1)
    assert await collector.round() == 1
    assert [row["state"] for row in await rows(there.database)] == ["ready"]
    await there.photo(Photo("file-2"))
    wire.answers = [failure] * 50
    while await collector.round():
        time.passes(hours=1)
    assert [row["state"] for row in await rows(there.database)] == ["ready", "failed"]
    assert len(wire.answers) == 50 - ATTEMPTS


async def test_the_channel_may_say_how_long_to_wait(
    there: Person, collector: Collector, wire: Wire, time: Time
) -> None:
    await there.photo(Photo("file-1"))
    wire.answers = [TryLater("busy", 300)]
    await collector.round()
    time.passes(seconds=299)
    assert await collector.round() == 0
    time.passes(seconds=2)
    assert await collector.round() == 1
    assert wire.fetched == ["file-1"]


async def test_one_bad_photo_harms_no_other(there: Person, collector: Collector, wire: Wire) -> None:
    await there.photo(*(Photo(f"file-{number}") for number in range(4)))
    wire.answers = [RuntimeError("a mistake")]
    await collector.round()
    assert sorted(row["state"] for row in await rows(there.database)) == ["ready", "ready", "ready", "waiting"]


async def test_several_collectors_fetch_each_photo_once(there: Person, wire: Wire, database: Database) -> None:
    await there.photo(*(Photo(f"file-{number}") for number in range(9)))
    several = [Collector(database, {"telegram": wire}) for _ in range(3)]
    for _ in range(3):
        await asyncio.gather(*(collector.round() for collector in several))
    assert sorted(wire.fetched) == [f"file-{number}" for number in range(9)]


async def test_when_a_collector_died_another_takes_over(
    there: Person, collector: Collector, wire: Wire, database: Database, time: Time
) -> None:
    await there.photo(Photo("file-1"))
    assert len(await database.write(photos.due_photos, ("telegram",), 8)) == 1  # taken, and never heard of again
    assert await collector.round() == 0
    time.passes(minutes=3)
    assert await collector.round() == 1
    assert wire.fetched == ["file-1"]


async def test_photos_of_a_channel_that_is_not_here_wait_for_it(
    there: Person, wire: Wire, database: Database, time: Time
) -> None:
    await there.photo(Photo("file-1"))
    assert await Collector(database, {"web": wire}).round() == 0
    time.passes(days=1)
    assert await Collector(database, {"telegram": wire}).round() == 1
    assert [row["state"] for row in await rows(database)] == ["ready"]


async def test_what_arrives_after_its_owner_erased_themselves_is_deleted_again(
    there: Person, collector: Collector, wire: Wire
) -> None:
    async def meanwhile() -> None:
        await there.say("/erase")
        await there.tap("确定删除")

    await there.photo(Photo("file-1"))
    wire.answers = [meanwhile]
    await collector.round()
    found = await everything(there.database)
    assert found["photos"] == []
    assert len(found["discards"]) == 3


async def test_one_that_drips_in_holds_up_no_other(
    there: Person, collector: Collector, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All photos of a round were waited for, and the next round began after the slowest of them."""
    monkeypatch.setattr("bot.collector.IDLE", 0.02)
    dripping, whole = asyncio.Event(), asyncio.Event()

    async def drips() -> None:
        dripping.set()
        await whole.wait()

    wire.answers = [drips]
    running = asyncio.create_task(collector.run())
    await there.photo(Photo("slow"))
    async with asyncio.timeout(PATIENCE):
        await dripping.wait()
        await there.photo(Photo("quick"))
        while wire.fetched != ["quick"]:  # noqa: ASYNC110 - it is looked for now and then
            await asyncio.sleep(0.01)
        whole.set()
        collector.stop()
        await running
    assert wire.fetched == ["quick", "slow"]


async def test_it_fetches_until_it_is_stopped(there: Person, collector: Collector, wire: Wire) -> None:
    await there.photo(Photo("file-1"))
    fetching = asyncio.Event()

    async def begun() -> None:
        fetching.set()

    wire.answers = [begun]
    running = asyncio.create_task(collector.run())
    await asyncio.wait_for(fetching.wait(), PATIENCE)
    collector.stop()
    await asyncio.wait_for(running, PATIENCE)
    assert wire.fetched == ["file-1"]
