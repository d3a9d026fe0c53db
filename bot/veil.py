"""Makes parts of a picture unrecognisable for good: a dozen colours remain of each, whatever was there."""

import io
from collections.abc import Iterable

from PIL import Image

from bot.eyes import Box
from bot.picture import LARGE_QUALITY, SMALL, SMALL_QUALITY, fit, jpeg, shrunk

_AROUND = 0.25  # of a part's width and height, on each side: hair, chin, the plate's frame
_REST = (4, 3)  # means that remain of a part: too few for a face or a letter


def veiled(large: bytes, boxes: Iterable[Box]) -> tuple[bytes, bytes]:
    """The large and the small copy of a picture (JPEG) with these parts veiled. Takes CPU: not for the event loop."""
    with Image.open(io.BytesIO(large), formats=["JPEG"]) as opened:
        image = opened.convert("RGB")
    for box in boxes:
        part = _within(box, image.size)
        size = part[2] - part[0], part[3] - part[1]
        if min(size) > 0:
            rest = image.crop(part).resize(_REST, Image.Resampling.BOX)
            image.paste(rest.resize(size, Image.Resampling.BICUBIC), part)
    small = shrunk(image, fit(*image.size, SMALL))
    return jpeg(image, LARGE_QUALITY), jpeg(small, SMALL_QUALITY)


def _within(box: Box, size: tuple[int, int]) -> Box:
    left, top, right, bottom = box
    aside, above = round((right - left) * _AROUND), round((bottom - top) * _AROUND)
    return max(0, left - aside), max(0, top - above), min(size[0], right + aside), min(size[1], bottom + above)
