"""What a received file really shows, and the copies of it that anybody may see."""

import functools
import io
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from bot import exif, heic
from bot.media import MediaUnavailable
from civic import phash
from civic.errors import Refused

MAX_PIXELS = 50_000_000  # what the largest phone cameras make; 150 MB when decoded
LARGE, LARGE_QUALITY = 1280, 82  # longest side in pixels, JPEG quality
SMALL, SMALL_QUALITY = 320, 80
_PATIENCE = 10.0  # seconds of CPU for decoding; the largest honest picture takes about two


@dataclass(frozen=True, slots=True)
class Examined:
    """What a picture is, and its two public copies (JPEG). Sizes in pixels, after orientation."""

    mime: str
    suffix: str
    width: int
    height: int
    exif: exif.Exif
    phash: str
    large: bytes
    small: bytes


def examine(path: Path) -> Examined:
    """Decode the picture once and make all that is known and shown of it. Takes CPU: not for the event loop.

    Raises Refused: photo.not_a_picture, photo.video, photo.truncated (or damaged), photo.too_large_picture;
    MediaUnavailable if the file cannot be read.
    """
    _prepare()
    try:
        with _Watched(path.open("rb", buffering=0)) as file:
            kind = _kind(file.read(_HEAD))
            if kind.decoder == "HEIF":
                (width, height), png = heic.to_png(file, MAX_PIXELS, LARGE)
                _, facts, large = _decode(png, "PNG")
            else:
                (width, height), facts, large = _decode(file, kind.decoder)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("photo.too_large_picture", limit_mp=MAX_PIXELS // 1_000_000) from None
    except Exception as error:  # a decoder fed with garbage raises almost anything
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno is not None):
            raise MediaUnavailable("no means to decode a photo now") from error
        raise Refused("photo.truncated") from None
    if facts.orientation in _TURNS:
        large = large.transpose(_TURNS[facts.orientation])
    if facts.orientation >= 5:
        width, height = height, width
    small = shrunk(large, fit(*large.size, SMALL))
    miniature = small.convert("L").resize((phash.WIDTH, phash.HEIGHT), Image.Resampling.BOX)
    return Examined(
        mime=kind.mime,
        suffix=kind.suffix,
        width=width,
        height=height,
        exif=facts,
        phash=phash.dhash(miniature.tobytes()),
        large=jpeg(large, LARGE_QUALITY),
        small=jpeg(small, SMALL_QUALITY),
    )


# EXIF orientation → what makes the picture upright (Exif 2.32, 4.6.4 A).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class _Kind:
    decoder: str
    mime: str
    suffix: str


_JPEG = _Kind("JPEG", "image/jpeg", "jpg")
_PNG = _Kind("PNG", "image/png", "png")
_WEBP = _Kind("WEBP", "image/webp", "webp")
_GIF = _Kind("GIF", "image/gif", "gif")
_HEIC = _Kind("HEIF", "image/heic", "heic")
_HEIF = _Kind("HEIF", "image/heif", "heif")

_HEAD = 16
_STARTS = ((b"\xff\xd8\xff", _JPEG), (b"\x89PNG\r\n\x1a\n", _PNG), (b"GIF87a", _GIF), (b"GIF89a", _GIF))
# «ftyp» opens pictures and videos alike; the brand after it tells them apart (ISO/IEC 14496-12, 23008-12).
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
_HEIF_BRANDS = (b"mif1", b"msf1")
_NO_VIDEO_BRANDS = (b"avif", b"avis", b"crx ", b"M4A ")
_VIDEO_ATOMS = (b"moov", b"mdat", b"wide")  # QuickTime without «ftyp»
# Matroska and WebM, Flash, MPEG, Windows Media
_VIDEO_STARTS = (b"\x1a\x45\xdf\xa3", b"FLV\x01", b"\0\0\x01\xba", b"\x30\x26\xb2\x75")


def _kind(head: bytes) -> _Kind:
    """The real type, from the first bytes: names and declared types are only what somebody says."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    form, brand = head[4:8], head[8:12]
    if head.startswith(b"RIFF") and brand == b"WEBP":
        return _WEBP
    if form == b"ftyp" and brand in (*_HEIC_BRANDS, *_HEIF_BRANDS):
        return _HEIC if brand in _HEIC_BRANDS else _HEIF
    if (
        (form == b"ftyp" and brand not in _NO_VIDEO_BRANDS)
        or form in _VIDEO_ATOMS
        or head.startswith(_VIDEO_STARTS)
        or (head.startswith(b"RIFF") and brand == b"AVI ")
    ):
        raise Refused("photo.video")
    raise Refused("photo.not_a_picture")


@functools.cache
def _prepare() -> None:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    # At DEBUG Pillow logs every EXIF value it meets.
    logging.getLogger("PIL").setLevel(logging.INFO)


class _Watched(io.BufferedReader):
    """A file that ends a decoder's work after _PATIENCE: a small JPEG can ask for hours (endless scans)."""

    def __init__(self, raw: io.FileIO) -> None:
        super().__init__(raw)
        self._until = time.thread_time() + _PATIENCE

    def read(self, size: int | None = -1, /) -> bytes:
        if time.thread_time() > self._until:
            raise Refused("photo.truncated")
        return super().read(size)


def _decode(file: BinaryIO, decoder: str) -> tuple[tuple[int, int], exif.Exif, Image.Image]:
    """The first frame: its size in the file, its EXIF, and the picture shrunk to LARGE, not turned yet."""
    with Image.open(file, formats=[decoder]) as image:
        # Pillow only warns up to twice its limit, and warning filters belong to everybody: so counted here.
        if image.width * image.height > MAX_PIXELS:
            raise Image.DecompressionBombError
        size = image.size
        image.draft(None, fit(*size, LARGE))  # a JPEG is shrunk while it is decoded
        image.decodermaxblock = 8192  # bytes between two looks at the watch
        image.load()
        return size, exif.read(image), shrunk(_flat(image), fit(*size, LARGE))


def fit(width: int, height: int, longest: int) -> tuple[int, int]:
    """The size that fits into a square of ``longest``, never larger than it is."""
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture in another size."""
    # Hamming: as quick as bilinear and nearly as sharp as bicubic when shrinking.
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def _flat(image: Image.Image) -> Image.Image:
    """Nothing but pixels of 8 bits, grey or RGB; white where it was transparent."""
    if image.mode.startswith("I"):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
        image.info = {}
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image)
        return flat
    flat = image if image.mode in ("L", "RGB") else image.convert("RGB")
    flat.info = {}  # comments, profiles and texts would otherwise travel on into the copies
    return flat


def jpeg(picture: Image.Image, quality: int) -> bytes:
    """As a JPEG without metadata."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()
