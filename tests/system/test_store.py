"""S3 goes away and comes back: what needs it waits or is refused in words, the rest goes on, and nothing is lost or
done twice."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

import bot.media
from actions.clock import Clock
from assembly import open_house
from bot.channels.telegram import MANNERS
from bot.collector import Collector
from bot.house import House
from bot.media import Media, MediaUnavailable
from bot.messages import Address, Outgoing, Photo
from bot.photos import Darkroom, Developed, receive
from bot.retoucher import Retoucher
from db import photos
from db.database import Database
from settings import Settings
from tests.actions.town import Town
from tests.fakes.s3 import FakeS3
from tests.fakes.served import served
from tests.play import Person, Time, everything
from tests.system.visitor import Visitor, jpeg, new_id

URL = "s3://town/media"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeS3]:
    fake = FakeS3()
    with served(fake.app) as address:
        given = {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "y", "REGION": "us-east-1", "ENDPOINT_URL": address}
        for name, value in given.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        monkeypatch.setitem(bot.media._RETRIES, "max_retries", 0)
        yield fake


async def test_photos_are_refused_while_it_is_away_and_taken_again_by_themselves(store: FakeS3, tmp_path: Path) -> None:
    async with open_house(Settings(data_dir=tmp_path, port=1, media_url=URL), upgrade=True) as built:
        transport = httpx.ASGITransport(app=built.site)
        async with httpx.AsyncClient(transport=transport, base_url="http://town") as client:
            visitor = Visitor(client)
            assert (await visitor.upload(jpeg(1))).status_code == 200
            assert len(store.objects) == 3
            [shown] = [image["url"] for item in (await visitor.history())["messages"] for image in item["images"]][:1]
            store.away = True
            number = new_id()
            for _ in range(2):
                refused = await visitor.upload(jpeg(2), number=number)
                assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
                assert refused.json()["error"]["code"] == "bot.not_stored"
            assert (await client.get(shown)).status_code == 503
            assert await visitor.say("贴士")
            store.away = False
            answers = [await visitor.upload(jpeg(2), number=number) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [200, 200]
            assert answers[0].json() == answers[1].json()
            assert (await client.get(shown)).status_code == 200
    assert (len(store.objects), store.puts) == (6, 6)
    assert list((tmp_path / "incoming").iterdir()) == []


@dataclass
class Phone:
    """A channel whose photos are fetched and put into the store."""

    media: Media
    darkroom: Darkroom
    folder: Path
    manners: Any = MANNERS
    fetched: list[str] = field(default_factory=list)

    async def send(self, letter_id: int, talk_id: int, address: Address, words: Outgoing) -> None:
        raise AssertionError("nothing is sent here")

    async def fetch(self, ref: str) -> Developed:
        async def arriving() -> AsyncIterator[bytes]:
            yield jpeg(int(ref), 640, 480)

        developed = await self.darkroom.develop(await receive(arriving(), 10**7, self.folder), self.media)
        self.fetched.append(ref)
        return developed


async def test_what_waited_for_it_is_made_good_when_it_is_back(
    store: FakeS3, database: Database, house: House, person: Person, time: Time, tmp_path: Path
) -> None:
    media, darkroom = Media.open(URL, tmp_path), Darkroom()
    phone = Phone(media, darkroom, tmp_path)
    collector = Collector(database, {"telegram": phone})
    retoucher = Retoucher(database, house, media, tmp_path)
    clock = Clock(database, house, media)
    await person.say("你好")
    resident = await database.read(lambda tx: tx.connection.exec_driver_sql("SELECT id FROM residents").scalar_one())
    facts = Photo("1", await phone.fetch("1")).facts()
    photo = await database.write(photos.add_photo, resident, "web", "1", facts)
    await Town(database, house, resident).submit(photos=(photo.id,))  # to be veiled
    leaver = Person(person.dispatch, database, user="who leaves")
    await leaver.photo(Photo("2", await phone.fetch("2")))
    await leaver.say("/erase")
    await leaver.tap("确定删除")  # files to be deleted
    sender = Person(person.dispatch, database, user="701", channel="telegram")
    await sender.photo(Photo("3"))  # to be fetched
    phone.fetched.clear()

    store.away = True
    for hour in range(30):
        assert await collector.round() == await retoucher.round() == 1
        if hour % 6 == 0:
            with pytest.raises(MediaUnavailable):
                await clock.tick()
        time.passes(hours=1)
    rows = await everything(database)
    assert sorted(row["state"] for row in rows["photos"]) == ["ready", "waiting"]
    assert [row["veiled"] for row in rows["photos"]] == [None, None]
    assert len(rows["discards"]) == 3
    assert "files" not in {row["what"] for row in rows["ticks"]}
    assert rows["rollups"]  # what needs no store was done
    store.away = False
    assert await collector.round() == await retoucher.round() == 1
    await clock.tick()
    assert await collector.round() == await retoucher.round() == 0
    darkroom.close()
    rows = await everything(database)
    assert [row["state"] for row in rows["photos"]] == ["ready", "ready"]
    assert sum(row["veiled"] == "all" for row in rows["photos"]) == 1
    assert phone.fetched == ["3"]
    assert rows["discards"] == []
    kept = {row[key] for row in rows["photos"] for key in ("sealed_key", "large_key", "small_key")}
    assert {f"media/{key}" for key in kept} <= store.objects.keys()
    assert not any(row["say"] and "photo.lost" in row["say"] for row in rows["letters"])
