"""From a report's photo to copies that anybody may see, and what happens when that fails."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageEnhance, ImageStat

from bot.eyes import Eyes, Found
from bot.media import Media
from bot.messages import Photo
from bot.photos import Darkroom, receive
from bot.retoucher import TRIES, Retoucher
from db import photos, veils
from db.database import Database
from db.tables import photos as table
from db.veils import Part
from tests.actions.town import Town
from tests.bot.scenery import STRAIGHT, face, jpeg, scene, wall
from tests.play import Person, rows_of

FACE = (1120, 800, 1200, 920)
Keep = Callable[[bytes], Awaitable[int]]


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media.open("", tmp_path / "media")


@pytest.fixture
async def town(person: Person, database: Database) -> Town:
    await person.say("你好")
    found = await database.read(lambda tx: tx.connection.exec_driver_sql("SELECT id FROM residents").scalar_one())
    return Town(database, person.dispatch.house, int(found))


class Remembering(Eyes):
    """Looks at a picture once, though it is veiled on both databases: that takes seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[bytes, Found] = {}

    async def look(self, jpeg: bytes) -> Found:
        if jpeg not in self._seen:
            self._seen[jpeg] = await super().look(jpeg)
        return self._seen[jpeg]


@pytest.fixture(scope="module")
async def eyes() -> AsyncIterator[Eyes]:
    """One process for all rounds: it takes longer to start than to look."""
    async with Remembering() as opened:
        yield opened


@pytest.fixture
def retoucher(town: Town, media: Media, tmp_path: Path, eyes: Eyes) -> Retoucher:
    return Retoucher(town.database, town.house, media, tmp_path / "incoming", lambda: nullcontext(eyes))


@pytest.fixture
def starting(town: Town, media: Media, tmp_path: Path) -> Retoucher:
    """Starts a process for every round, as in a running Youli."""
    return Retoucher(town.database, town.house, media, tmp_path / "incoming")


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    """Its processes, too, are there for all."""
    opened = Darkroom()
    yield opened
    opened.close()


@pytest.fixture
def kept(town: Town, media: Media, darkroom: Darkroom, tmp_path: Path) -> Keep:
    """Takes in a photo of the resident: developed; its number."""

    async def keep(content: bytes) -> int:
        async def chunks() -> AsyncIterator[bytes]:
            yield content

        developed = await darkroom.develop(await receive(chunks(), 10**8, tmp_path), media)
        facts = Photo("one", developed).facts()
        return (await town.database.write(photos.add_photo, town.resident, "web", "one", facts)).id

    return keep


def changed(before: bytes, after: bytes, box: tuple[int, int, int, int]) -> float:
    """How much a part of a picture changed, 0–255."""
    one, other = (Image.open(io.BytesIO(jpeg)).convert("RGB").crop(box) for jpeg in (before, after))
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


async def row(town: Town, photo: int) -> dict[str, object]:
    [found] = [one for one in await rows_of(town.database, "photos") if one["id"] == photo]
    return found


async def test_faces_and_plates_are_veiled_on_copies_but_for_the_plate_of_a_parking_case(
    town: Town, retoucher: Retoucher, media: Media, kept: Keep
) -> None:
    image, drawn = scene([200], STRAIGHT, seed=4)
    plates = list(drawn.values())
    image.paste(face(150), (1100, 780))
    content, again = jpeg(image), jpeg(ImageEnhance.Brightness(image).enhance(0.95))
    photo, parked = await kept(content), await kept(again)
    before = await row(town, photo)
    assert await retoucher.round() == 0  # in no report: nobody else's
    await town.submit(photos=(photo,))
    await town.submit(category="parking", photos=(parked,), answers={"plate": "浙A12345"})
    assert await town.database.read(veils.public, [photo, parked]) == []
    assert await retoucher.round() == 2

    after = await row(town, photo)
    assert after["veiled"] == "all" and after["veil_at"] is None
    large = await media.get(str(after["large_key"]))
    for box in (*plates, FACE):
        assert changed(content, large, box) > 15
    assert changed(content, large, (0, 0, 1280, 15)) < 5
    assert await media.get(str(after["sealed_key"])) == content
    gone = {found["key"] for found in await rows_of(town.database, "discards")}
    assert gone >= {before["large_key"], before["small_key"]}  # the clock deletes them

    found = await row(town, parked)
    assert found["veiled"] == "faces"
    large = await media.get(str(found["large_key"]))
    assert changed(again, large, plates[0]) < 10 < changed(again, large, FACE)
    assert await town.database.read(veils.public, [photo, parked]) == [photo]
    assert await retoucher.round() == 0


async def test_what_staff_draw_is_veiled_too_and_what_they_take_back_is_seen_again(
    town: Town, retoucher: Retoucher, media: Media, kept: Keep
) -> None:
    content = jpeg(wall().resize((400, 300)))
    photo = await kept(content)
    await town.submit(photos=(photo,))
    drawn: tuple[tuple[tuple[Part, ...], bool], ...] = ((((0, 700, 100, 300),), False), ((), True))
    for parts, shown in drawn:
        await town.database.write(partial(veils.draw, photo_id=photo, parts=parts, withheld=False))
        assert await town.database.read(veils.public, [photo]) == []
        await retoucher.round()
        assert await town.database.read(veils.public, [photo]) == [photo]
        large = await media.get(str((await row(town, photo))["large_key"]))
        assert (changed(content, large, (5, 210, 40, 300)) < 6) == shown
    await town.database.write(lambda tx: veils.draw(tx, photo, (), withheld=True))
    await retoucher.round()
    assert await town.database.read(veils.public, [photo]) == []


async def test_a_photo_that_cannot_be_veiled_is_tried_again_and_never_public(
    town: Town, starting: Retoucher, kept: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await kept(jpeg(face(100)))
    await town.submit(photos=(photo,))
    monkeypatch.setattr("sys.executable", "/bin/false")  # the process dies at once
    for _ in range(TRIES):
        assert await starting.round() == 1
        assert await starting.round() == 0  # not at once again
        await town.database.write(
            lambda tx: tx.execute(table.update().values(veil_at=tx.ms).where(table.c.veil_at.is_not(None)))
        )
    assert (await row(town, photo))["veiled"] == "failed"
    assert await town.database.read(veils.public, [photo]) == []


async def test_a_photo_whose_original_is_lost_is_never_public(town: Town, retoucher: Retoucher) -> None:
    photo = await town.photo("not in the store")
    await town.submit(photos=(photo,))
    assert await retoucher.round() == 1
    assert (await row(town, photo))["veiled"] == "failed"
