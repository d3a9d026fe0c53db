"""Photo intake: from the bytes somebody sends to the sealed original and what may be shown of it."""

import asyncio
import base64
import io
import itertools
import logging
import random
import struct
import tempfile
import tomllib
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from bot import picture
from bot.media import Media, MediaUnavailable
from bot.photos import Darkroom, Developed, Staged, receive
from bot.picture import Examined, examine
from civic.errors import Refused
from civic.phash import distance
from db.database import Busy
from tests.play import PATIENCE

# Pillow warns of damaged EXIF; in operation that is a line in the log, and no reason to refuse the photo.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

RED, GREEN, BLUE, PALE = (220, 30, 30), (30, 160, 60), (30, 60, 200), (240, 240, 235)
SECRET = "Zhang San 13800001234"
YANGZHOU = (32.3919, 119.4250)
LIMIT = 20_000_000

# 64 × 48, the red corner top left in the file, EXIF and «irot» turn it to the right; position and time.
# Made for this test: the decoder we use cannot encode.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA"
    "AAAAADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAADcAAgAAAAACIwABAAAAAAAAAMgAAAA4aWluZgAAAAAAAgAAABVp"
    "bmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZo"
    "dmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAA"
    "AwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAA"
    "AAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90"
    "AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAQdtZGF0AAAAMygBrxmA94UN"
    "/8m2e8uDVbh+TgYFyIZkZ7DTWVxkYq7x7+z+Jwa+yHTBkR5Fj59PVOiygAAAAAZFeGlmAABNTQAqAAAACAADARIAAwAAAAEA"
    "BgAAh2kABAAAAAEAAAAyiCUABAAAAAEAAABYAAAAAAABkAMAAgAAABQAAABEAAAAADIwMjY6MTE6MjAgMDg6MzA6MDAAAAQA"
    "AQACAAAAAk4AAAAAAgAFAAAAAwAAAI4AAwACAAAAAkUAAAAABAAFAAAAAwAAAKYAAAAAAAAAIAAAAAEAAAAXAAAAAQAAAB4A"
    "AAABAAAAdwAAAAEAAAAZAAAAAQAAAB4AAAAB"
)


def scene(width: int = 120, height: int = 80) -> Image.Image:
    """Upright: red top left, blue top right, green bottom left, pale elsewhere."""
    image = Image.new("RGB", (width, height), PALE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 3, height // 3), fill=RED)
    draw.rectangle((width * 2 // 3, 0, width, height // 3), fill=BLUE)
    draw.rectangle((0, height * 2 // 3, width // 3, height), fill=GREEN)
    return image


def street(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Something with large shapes, as photos have; another one for every seed."""
    chance = random.Random(seed)
    image = Image.new("RGB", (8, 6))
    image.putdata([(chance.randrange(256), chance.randrange(256), chance.randrange(256)) for _ in range(48)])
    return image.resize(size, Image.Resampling.BICUBIC)


def encoded(image: Image.Image, format_: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def camera_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.ImageDescription] = SECRET
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:11:20 08:30:05"
    exif.get_ifd(IFD.Exif)[Base.OffsetTimeOriginal] = "+08:00"
    exif.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "N",
            GPS.GPSLatitude: (32.0, 23.0, 30.84),
            GPS.GPSLongitudeRef: "E",
            GPS.GPSLongitude: (119.0, 25.0, 30.0),
        }
    )
    return exif


def look(content: bytes) -> Examined:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return examine(Path(file.name))


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg), formats=["JPEG"])
    image.load()
    return image


def near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(have - want) < 30 for have, want in zip(pixel, colour, strict=True))


def is_upright(jpeg: bytes) -> bool:
    image = opened(jpeg).convert("RGB")
    right, bottom = image.width - 4, image.height - 4
    corners = [image.getpixel(place) for place in ((3, 3), (right, 3), (3, bottom), (right, bottom))]
    return all(near(*pair) for pair in zip(corners, (RED, BLUE, GREEN, PALE), strict=True))


def segments(jpeg: bytes) -> Iterator[int]:
    """The markers of a JPEG's segments up to its pixels."""
    at = 2
    while jpeg[at + 1] != 0xDA:
        yield jpeg[at + 1]
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")


async def arriving(content: bytes, piece: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), piece):
        yield content[start : start + piece]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media.open("", tmp_path / "media")


@pytest.fixture
def file_in_the_way(tmp_path: Path) -> Path:
    """A file where the store keeps its sealed folder."""
    path = tmp_path / "broken" / "sealed"
    path.parent.mkdir()
    path.write_bytes(b"")
    return path


@pytest.fixture
def darkroom() -> Iterator[Darkroom]:
    room = Darkroom()
    yield room
    room.close()


# Receiving


async def test_what_arrives_is_on_disk_with_its_size_and_hash(inbox: Path) -> None:
    content = random.Random(1).randbytes(12_345)
    staged = await receive(arriving(content), LIMIT, inbox)
    assert staged.path.read_bytes() == content
    assert (staged.bytes, staged.sha256) == (12_345, sha256(content).hexdigest())
    staged.discard()
    staged.discard()
    assert files(inbox) == []


async def test_exactly_the_limit_is_taken_and_one_byte_more_is_not(inbox: Path) -> None:
    (await receive(arriving(bytes(3_000_000), 100_000), 3_000_000, inbox)).discard()
    with pytest.raises(Refused) as refused:
        await receive(arriving(bytes(3_000_001), 100_000), 3_000_000, inbox)
    assert (refused.value.key, refused.value.params) == ("photo.too_big", {"limit_mb": 3})
    assert files(inbox) == []


@pytest.mark.parametrize("chunks", [[], [b"", b""]])
async def test_nothing_arrives(inbox: Path, chunks: list[bytes]) -> None:
    async def silence() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    with pytest.raises(Refused, match=r"photo\.empty"):
        await receive(silence(), LIMIT, inbox)
    assert files(inbox) == []


async def test_the_sender_hangs_up(inbox: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half a photo"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await receive(broken(), LIMIT, inbox)
    assert files(inbox) == []


async def test_we_stop_while_receiving(inbox: Path) -> None:
    halfway = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"half a photo"
        halfway.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(receive(endless(), LIMIT, inbox))
    await halfway.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(inbox) == []


async def test_a_disk_that_takes_nothing(file_in_the_way: Path) -> None:
    with pytest.raises(MediaUnavailable):
        await receive(arriving(b"a photo"), LIMIT, file_in_the_way)


# What a photo says

STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_made_upright_and_keeps_place_and_time(format_: str, orientation: int) -> None:
    turn = STORED[orientation]
    stored = scene() if turn is None else scene().transpose(turn)
    examined = look(encoded(stored, format_, exif=camera_exif(orientation)))
    assert (examined.width, examined.height) == (120, 80)
    assert is_upright(examined.large)
    assert is_upright(examined.small)
    assert examined.exif.place == pytest.approx(YANGZHOU, abs=1e-6)
    assert examined.exif.taken_at == datetime(2026, 11, 20, 8, 30, 5)  # noqa: DTZ001 - a camera's clock
    assert examined.exif.taken_offset == timedelta(hours=8)


def test_a_large_photo_is_turned_too_though_it_is_shrunk_while_decoding() -> None:
    stored = scene(4000, 3000).transpose(Image.Transpose.ROTATE_90)
    examined = look(encoded(stored, "JPEG", exif=camera_exif(6)))
    assert (examined.width, examined.height) == (4000, 3000)
    assert opened(examined.large).size == (1280, 960)
    assert opened(examined.small).size == (320, 240)
    assert is_upright(examined.large)


def test_heic_as_phones_write_it() -> None:
    examined = look(HEIC)
    assert (examined.mime, examined.suffix) == ("image/heic", "heic")
    assert (examined.width, examined.height) == (48, 64)
    assert near(opened(examined.large).getpixel((44, 3)), (200, 30, 30))
    assert examined.exif.place == pytest.approx((32.391667, 119.425), abs=1e-6)
    assert examined.exif.taken_at == datetime(2026, 11, 20, 8, 30)  # noqa: DTZ001


def test_south_and_west() -> None:
    exif = camera_exif()
    exif.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "S", GPS.GPSLongitudeRef: "W"})
    place = look(encoded(scene(), "JPEG", exif=exif)).exif.place
    assert place == pytest.approx((-YANGZHOU[0], -YANGZHOU[1]), abs=1e-6)


def test_a_photo_without_exif_says_nothing() -> None:
    examined = look(encoded(scene(), "JPEG"))
    assert (examined.exif.place, examined.exif.taken_at, examined.exif.taken_offset) == (None, None, None)


NOTHING = IFDRational(0, 0)


@pytest.mark.parametrize(
    "gps",
    [
        {GPS.GPSLatitude: (NOTHING, NOTHING, NOTHING), GPS.GPSLongitude: (NOTHING, NOTHING, NOTHING)},
        {GPS.GPSLatitude: (0.0, 0.0, 0.0), GPS.GPSLongitude: (0.0, 0.0, 0.0)},
        {GPS.GPSLatitude: (91.0, 0.0, 0.0)},
        {GPS.GPSLongitude: (181.0, 0.0, 0.0)},
        {GPS.GPSLatitude: (32.0, 75.0, 0.0)},
        {GPS.GPSLatitude: (32.0, 23.0)},
        {GPS.GPSLatitude: (4_294_967_295.0, 0.0, 0.0)},
        {GPS.GPSLatitudeRef: "X"},
        {GPS.GPSLatitudeRef: ""},
    ],
)
def test_a_position_that_cannot_be_is_none(gps: dict[int, Any]) -> None:
    exif = camera_exif()
    exif.get_ifd(IFD.GPSInfo).update(gps)
    examined = look(encoded(scene(), "JPEG", exif=exif))
    assert examined.exif.place is None
    assert examined.exif.taken_at is not None


@pytest.mark.parametrize("missing", [GPS.GPSLatitude, GPS.GPSLatitudeRef, GPS.GPSLongitude, GPS.GPSLongitudeRef])
def test_half_a_position_is_none(missing: int) -> None:
    exif = camera_exif()
    del exif.get_ifd(IFD.GPSInfo)[missing]
    assert look(encoded(scene(), "JPEG", exif=exif)).exif.place is None


@pytest.mark.parametrize(
    "written",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "",
        "yesterday",
        "2026:13:40 25:61:00",
        "2026:11:20",
        SECRET,
    ],
)
def test_a_time_that_cannot_be_is_none(written: str) -> None:
    exif = camera_exif()
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = written
    exif.get_ifd(IFD.Exif)[Base.OffsetTimeOriginal] = written
    examined = look(encoded(scene(), "JPEG", exif=exif))
    assert (examined.exif.taken_at, examined.exif.taken_offset) == (None, None)
    assert examined.exif.place is not None


def test_orientations_that_do_not_exist_turn_nothing() -> None:
    for orientation in (0, 9, 65_535):
        assert is_upright(look(encoded(scene(), "JPEG", exif=camera_exif(orientation))).large)


@pytest.mark.parametrize("seed", range(20))
def test_garbage_instead_of_exif_costs_only_the_exif(seed: int) -> None:
    chance = random.Random(seed)
    sound = camera_exif(1).tobytes()
    garbage = bytearray(sound[: chance.randrange(6, len(sound))] if seed % 2 else sound)
    for _ in range(12):
        garbage[chance.randrange(14, len(garbage))] = chance.randrange(256)
    garbage[6:8] = chance.choice([b"II", b"MM", b"XX"])
    examined = look(encoded(scene(), "JPEG", exif=bytes(garbage)))
    assert (examined.width * examined.height, examined.mime) == (9600, "image/jpeg")


def test_exif_is_not_logged_even_when_everything_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for format_ in ("JPEG", "PNG", "WEBP"):
        look(encoded(scene(), format_, exif=camera_exif()))
    look(HEIC)
    assert SECRET not in caplog.text
    assert "2026:11:20" not in caplog.text


# Kinds of pictures


def grey16() -> bytes:
    return encoded(Image.new("I;16", (40, 30), 128 * 256), "PNG")


def transparent() -> Image.Image:
    image = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 20, 30))
    return image


def palette_png() -> bytes:
    image = Image.new("P", (40, 30), 1)
    image.putpalette([*RED, *GREEN])
    image.paste(0, (0, 0, 20, 30))
    return encoded(image, "PNG", transparency=1)


def frames() -> list[Image.Image]:
    return [Image.new("RGB", (40, 30), colour) for colour in (RED, GREEN, BLUE)]


def animated(format_: str) -> bytes:
    first, *rest = frames()
    return encoded(first, format_, save_all=True, append_images=rest, duration=100)


WHITE = (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "mime", "left", "right"),
    [
        pytest.param(encoded(frames()[0].convert("CMYK"), "JPEG"), "image/jpeg", RED, RED, id="cmyk"),
        pytest.param(encoded(Image.new("L", (40, 30), 128), "JPEG"), "image/jpeg", (128,) * 3, (128,) * 3, id="grey"),
        pytest.param(encoded(frames()[0], "JPEG", progressive=True), "image/jpeg", RED, RED, id="progressive"),
        pytest.param(animated("MPO"), "image/jpeg", RED, RED, id="several pictures in one jpeg"),
        pytest.param(grey16(), "image/png", (128,) * 3, (128,) * 3, id="16 bit"),
        pytest.param(encoded(transparent(), "PNG"), "image/png", RED, WHITE, id="transparent png"),
        pytest.param(
            encoded(transparent().convert("LA"), "PNG"), "image/png", (87,) * 3, WHITE, id="grey, transparent"
        ),
        pytest.param(palette_png(), "image/png", RED, WHITE, id="palette, transparent"),
        pytest.param(encoded(Image.new("1", (40, 30), 1), "PNG"), "image/png", WHITE, WHITE, id="1 bit"),
        pytest.param(encoded(transparent(), "WEBP", lossless=True), "image/webp", RED, WHITE, id="transparent webp"),
        pytest.param(animated("WEBP"), "image/webp", RED, RED, id="animated webp"),
        pytest.param(animated("GIF"), "image/gif", RED, RED, id="animated gif"),
        pytest.param(animated("PNG"), "image/png", RED, RED, id="animated png"),
    ],
)
def test_kinds(content: bytes, mime: str, left: tuple[int, int, int], right: tuple[int, int, int]) -> None:
    examined = look(content)
    assert (examined.mime, examined.width, examined.height) == (mime, 40, 30)
    copy = opened(examined.large).convert("RGB")
    assert near(copy.getpixel((5, 15)), left)
    assert near(copy.getpixel((35, 15)), right)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF"])
def test_one_pixel(format_: str) -> None:
    examined = look(encoded(Image.new("RGB", (1, 1), RED), format_))
    assert (examined.width, examined.height) == (1, 1)
    assert opened(examined.large).size == opened(examined.small).size == (1, 1)


def test_a_very_long_picture_keeps_at_least_one_pixel_across() -> None:
    examined = look(encoded(Image.new("L", (20_000, 2), 99), "PNG"))
    assert opened(examined.large).size == (1280, 1)


def test_a_small_picture_is_not_blown_up() -> None:
    assert opened(look(encoded(scene(), "JPEG")).large).size == (120, 80)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF"])
def test_public_copies_show_the_picture_and_say_nothing(format_: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    text = PngInfo()
    text.add_text("Comment", SECRET)
    text.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET}</x>")
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"exif": camera_exif(), "xmp": SECRET.encode(), "comment": SECRET, "icc_profile": profile},
        "PNG": {"exif": camera_exif(), "icc_profile": profile, "pnginfo": text},
        "WEBP": {"exif": camera_exif(), "xmp": SECRET.encode(), "icc_profile": profile},
        "GIF": {"comment": SECRET.encode()},
    }
    content = encoded(scene(), format_, **options[format_])
    assert SECRET.encode() in content
    examined = look(content)
    for copy in (examined.large, examined.small):
        # JFIF header, tables, frame: no APP1 (EXIF, XMP), APP2 (profile), APP13 (IPTC), COM (comment)
        assert set(segments(copy)) <= {0xE0, 0xDB, 0xC0, 0xC4}
        assert set(opened(copy).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert SECRET.encode() not in copy
        assert copy.endswith(b"\xff\xd9")


def test_what_hangs_behind_a_picture_stays_sealed() -> None:
    polyglot = encoded(scene(), "JPEG") + b"<html><script>alert('" + SECRET.encode() + b"')</script></html>"
    examined = look(polyglot)
    assert SECRET.encode() not in examined.large + examined.small
    assert b"<script" not in examined.large + examined.small


# What is refused


NO_PICTURES = {
    "html": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "pdf": b"%PDF-1.7\n1 0 obj",
    "xml": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "zip": b"PK\x03\x04" + bytes(40),
    "exe": b"MZ" + bytes(200),
    "elf": b"\x7fELF" + bytes(200),
    "avif": b"\0\0\0\x1cftypavif" + bytes(40),
    "m4a": b"\0\0\0\x1cftypM4A " + bytes(40),
    "wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "bmp": encoded(scene(), "BMP"),
    "tiff": encoded(scene(), "TIFF"),
    "ppm": encoded(scene(), "PPM"),
    "ico": encoded(scene(), "ICO"),
    "a space before a jpeg": b" " + encoded(scene(), "JPEG"),
    "one byte": b"x",
}
VIDEOS = {
    "mp4": b"\0\0\0\x20ftypisom" + bytes(40),
    "mp4 of a camera": b"\0\0\0\x1cftypmp42" + bytes(40),
    "mov": b"\0\0\0\x14ftypqt  " + bytes(40),
    "old mov": b"\0\0\0\x08wide\0\0\0\0mdat" + bytes(40),
    "3gp": b"\0\0\0\x1cftyp3gp5" + bytes(40),
    "webm": b"\x1a\x45\xdf\xa3" + bytes(40),
    "avi": b"RIFF\x24\0\0\0AVI LIST",
}


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_no_picture(kind: str) -> None:
    with pytest.raises(Refused, match=r"photo\.not_a_picture"):
        look(NO_PICTURES[kind])


@pytest.mark.parametrize("kind", VIDEOS)
def test_video(kind: str) -> None:
    with pytest.raises(Refused, match=r"photo\.video"):
        look(VIDEOS[kind])


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "HEIC"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated(format_: str, share: float) -> None:
    content = HEIC if format_ == "HEIC" else encoded(street(1), format_)
    with pytest.raises(Refused, match=r"photo\.truncated"):
        look(content[: int(len(content) * share)])


def test_only_the_first_bytes_of_a_picture() -> None:
    for start in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ", HEIC[:30]):
        for rest in (b"", b"<html>", bytes(200)):
            with pytest.raises(Refused, match=r"photo\.truncated"):
                look(start + rest)


def png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = b"IDAT" + zlib.compress(bytes(1000))
    chunks = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, pixels, b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def gif_header(width: int, height: int) -> bytes:
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00;"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame


def heic_header(width: int, height: int) -> bytes:
    sizes = HEIC.index(b"ispe") + 8, HEIC.index(b"clap") + 4
    content = bytearray(HEIC)
    content[sizes[0] : sizes[0] + 8] = struct.pack(">II", width, height)
    content[sizes[1] : sizes[1] + 16] = struct.pack(">IIII", width, 1, height, 1)
    return bytes(content)


BOMBS = {
    "a real png": encoded(Image.new("1", (10_000, 6_000)), "PNG"),
    "a row too many": png_header(10_000, 5_001),
    "twice too many": png_header(10_000, 10_001),
    "without end": png_header(2_000_000, 2_000_000),
    "gif": gif_header(60_000, 60_000),
    "heic": heic_header(20_000, 20_000),
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_too_many_pixels_are_refused_before_they_are_decoded(bomb: str) -> None:
    assert len(BOMBS[bomb]) < 20_000
    with pytest.raises(Refused) as refused:
        look(BOMBS[bomb])
    assert (refused.value.key, refused.value.params) == ("photo.too_large_picture", {"limit_mp": 50})


def test_a_small_jpeg_that_asks_for_hours_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "_PATIENCE", 0.2)
    jpeg = encoded(Image.new("L", (1000, 1000), 128), "JPEG", progressive=True)
    scan = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    with pytest.raises(Refused, match=r"photo\.truncated"):
        look(jpeg[:-2] + scan * 4000 + b"\xff\xd9")


PICTURES = [
    encoded(scene(), "JPEG", exif=camera_exif(6), progressive=True),
    encoded(scene(), "PNG", exif=camera_exif(6)),
    encoded(scene(), "WEBP", exif=camera_exif(6)),
    animated("GIF"),
    animated("MPO"),
    palette_png(),
]
STARTS = st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8X"])
DAMAGE = st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=12)


def looked_at_or_refused(content: bytes, damage: list[tuple[float, int]]) -> None:
    damaged = bytearray(content)
    for share, value in damage:
        damaged[int(share * len(damaged))] = value
    try:
        examined = look(bytes(damaged))
    except Refused:
        return
    assert set(segments(examined.large)) <= {0xE0, 0xDB, 0xC0, 0xC4}


@settings(max_examples=150)
@given(STARTS, st.binary(max_size=400))
def test_whatever_bytes_arrive_are_refused_or_a_picture(start: bytes, rest: bytes) -> None:
    looked_at_or_refused(start + rest, [])


@settings(max_examples=150)
@given(st.sampled_from(PICTURES), DAMAGE)
def test_whatever_damage_a_picture_took(content: bytes, damage: list[tuple[float, int]]) -> None:
    looked_at_or_refused(content, damage)


@settings(max_examples=12)
@given(DAMAGE)
def test_whatever_damage_a_heic_took(damage: list[tuple[float, int]]) -> None:
    looked_at_or_refused(HEIC, damage)


def test_a_heic_that_crashes_its_decoder_is_refused_and_the_next_is_read() -> None:
    deadly = HEIC.replace(b"Exif\0\0\0\0\x0epitm", b"\xff\xff\xff\xff\0\0\0\0\x0epitm")
    assert deadly != HEIC
    with pytest.raises(Refused, match=r"photo\.truncated"):
        look(deadly)
    assert look(HEIC).width == 48


# Pictures that look alike


def test_the_same_picture_is_recognised_whatever_was_done_to_it() -> None:
    original = street(1)
    hashes = [
        look(content).phash
        for content in (
            encoded(original, "JPEG", quality=95),
            encoded(original, "JPEG", quality=30),
            encoded(original.resize((320, 240)), "WEBP"),
            encoded(original.resize((2560, 1920)), "JPEG"),
            encoded(original.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=camera_exif(6)),
        )
    ]
    assert all(len(one) == 16 for one in hashes)
    assert max(distance(*pair) for pair in itertools.combinations(hashes, 2)) <= 6


def test_different_pictures_are_told_apart() -> None:
    hashes = [look(encoded(street(seed), "JPEG")).phash for seed in range(8)]
    assert min(distance(*pair) for pair in itertools.combinations(hashes, 2)) > 12


# Developing


async def developed(content: bytes, darkroom: Darkroom, media: Media, inbox: Path) -> Developed:
    return await darkroom.develop(await receive(arriving(content), LIMIT, inbox), media)


async def test_a_photo_is_sealed_byte_for_byte_and_shown_in_two_sizes(
    darkroom: Darkroom, media: Media, inbox: Path, tmp_path: Path
) -> None:
    content = encoded(scene(2000, 1000), "WEBP", exif=camera_exif())
    photo = await developed(content, darkroom, media, inbox)
    assert await media.get(photo.sealed_key) == content
    assert opened(await media.get(photo.large_key)).size == (1280, 640)
    assert opened(await media.get(photo.small_key)).size == (320, 160)
    assert photo.sealed_key == f"sealed/{photo.sha256[:2]}/{photo.sha256}.webp"
    assert photo.large_key.startswith("public/")
    assert photo.small_key.startswith("public/")
    assert (photo.mime, photo.bytes, photo.width, photo.height) == ("image/webp", len(content), 2000, 1000)
    assert (photo.taken_at, photo.taken_offset) == (datetime(2026, 11, 20, 8, 30, 5), timedelta(hours=8))  # noqa: DTZ001
    assert photo.place == pytest.approx(YANGZHOU, abs=1e-6)
    assert files(inbox) == []


async def test_the_same_photo_twice_is_stored_once(
    darkroom: Darkroom, media: Media, inbox: Path, tmp_path: Path
) -> None:
    content = encoded(scene(), "JPEG")
    first, second = await asyncio.gather(*(developed(content, darkroom, media, inbox) for _ in range(2)))
    assert first == second
    assert len(files(tmp_path / "media")) == len({first.sealed_key, first.large_key, first.small_key})


async def test_a_public_address_does_not_tell_the_sealed_one(darkroom: Darkroom, media: Media, inbox: Path) -> None:
    photo = await developed(encoded(scene(), "JPEG"), darkroom, media, inbox)
    assert photo.sha256 not in photo.large_key + photo.small_key


async def test_many_at_once_good_and_bad_leave_no_file_behind(darkroom: Darkroom, media: Media, inbox: Path) -> None:
    contents = [encoded(street(seed), "JPEG") for seed in range(6)]
    contents += [content[: len(content) // 2] for content in contents] + [b"<html>"]
    answers = await asyncio.gather(
        *(developed(content, darkroom, media, inbox) for content in contents), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [Developed] * 6 + [Refused] * 7
    assert files(inbox) == []


def test_how_long_photos_would_wait_follows_from_how_long_the_last_ones_took(
    darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("bot.photos.perf_counter", lambda: now)
    for _ in range(50):
        with darkroom.developing():
            now += 0.25
        now += 3600  # nobody sends any: that is not slow
    assert darkroom.behind() == 0
    with darkroom.coming(), darkroom.coming(), darkroom.coming():
        now += 3600  # they are being sent: a slow line is not slowness of ours
        assert darkroom.behind() == pytest.approx(0.75)
        with darkroom.developing():
            assert darkroom.behind() == pytest.approx(1.0)
            now += 2.5  # nothing gets done
            assert darkroom.behind() == pytest.approx(3.0)
    assert darkroom.behind() == 0


async def test_who_may_not_wait_for_a_seat_is_told_so_and_leaves_no_file_behind(
    darkroom: Darkroom, media: Media, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a flood photos stood in line for up to twenty seconds, while everybody else was told to come again."""
    full, free = asyncio.Event(), asyncio.Event()
    waiting = 0
    put = media.put

    async def slow(key: str, content: Path | bytes) -> None:
        nonlocal waiting
        waiting += 1
        if waiting == 4:
            full.set()
        await free.wait()
        await put(key, content)

    monkeypatch.setattr(media, "put", slow)
    photos = [encoded(street(seed), "JPEG") for seed in range(4)]
    inside = [asyncio.create_task(developed(photo, darkroom, media, inbox)) for photo in photos]
    await asyncio.wait_for(full.wait(), PATIENCE)
    late = encoded(street(9), "JPEG")
    with pytest.raises(Busy):
        await darkroom.develop(await receive(arriving(late), LIMIT, inbox), media, patience=0.01)
    free.set()
    assert len(await asyncio.gather(*inside)) == 4
    assert files(inbox) == []
    assert isinstance(await developed(late, darkroom, media, inbox), Developed)


async def test_a_store_that_is_down_leaves_no_file_behind(
    darkroom: Darkroom, inbox: Path, file_in_the_way: Path
) -> None:
    media = Media.open("", file_in_the_way.parent)
    with pytest.raises(MediaUnavailable):
        await developed(encoded(scene(), "JPEG"), darkroom, media, inbox)
    assert files(inbox) == []


async def test_a_file_that_vanished_is_not_the_senders_fault(darkroom: Darkroom, media: Media, inbox: Path) -> None:
    with pytest.raises(MediaUnavailable):
        await darkroom.develop(Staged(inbox / "gone", "0" * 64, 1), media)


async def test_we_stop_while_developing(darkroom: Darkroom, media: Media, inbox: Path) -> None:
    staged = [await receive(arriving(encoded(street(seed), "PNG")), LIMIT, inbox) for seed in range(4)]
    tasks = [asyncio.create_task(darkroom.develop(one, media)) for one in staged]
    await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert files(inbox) == []


# Words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_has_words(language: str) -> None:
    root = Path(__file__).parents[2]
    texts = tomllib.loads((root / f"content/texts/{language}/photo.toml").read_text("utf-8"))
    refusals: dict[str, dict[str, object]] = {
        "too_big": {"limit_mb": 20},
        "empty": {},
        "truncated": {},
        "too_large_picture": {"limit_mp": 50},
        "not_a_picture": {},
        "video": {},
        "lost": {},
    }
    assert set(texts) == set(refusals)
    for key, params in refusals.items():
        words = jinja2.Template(texts[key], undefined=jinja2.StrictUndefined).render(params)
        assert all(str(value) in words for value in params.values())
        assert ("还在" if language == "zh" else "still here") in words
