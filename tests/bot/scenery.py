"""Pictures to look for plates in: drawn Chinese plates of all colours, turned, dark, bright, blurred, in a scene."""

import importlib.resources
import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from bot.eyes import Box
from civic.plates import PROVINCES

# Ground and letters of GA 36—2018: small cars, large ones, new energy, police, embassies.
KINDS = {
    "blue": ((20, 60, 170), (255, 255, 255), 7),
    "yellow": ((235, 185, 30), (15, 15, 15), 7),
    "green": ((120, 210, 150), (10, 20, 10), 8),
    "white": ((240, 240, 240), (10, 10, 10), 7),
    "black": ((20, 20, 20), (245, 245, 245), 7),
}
LETTERS, FIGURES = "ABCDEFGHJKLMNPQRSTUVWXYZ", "0123456789"
PICTURES = importlib.resources.files("skimage") / "data"
FONT = importlib.resources.files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"


@dataclass(frozen=True)
class Look:
    """How a plate is seen: turned by degrees, sheared, brightness, blur in pixels."""

    turned: float = 0
    sheared: float = 0
    bright: float = 1
    blurred: float = 0


STRAIGHT = Look()
LOOKS = (Look(turned=8, sheared=0.2), Look(turned=-15, sheared=-0.3, bright=0.4, blurred=0.8))


def picture(name: str) -> Image.Image:
    """One of those that scikit-image carries."""
    return Image.open(str(PICTURES / f"{name}.png")).convert("RGB")


def plate(kind: str, chance: random.Random) -> Image.Image:
    """A plate of 440 mm, drawn at a pixel a millimetre (new energy: 480)."""
    ground, ink, count = KINDS[kind]
    image = Image.new("RGB", (480 if count == 8 else 440, 140), ground)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((5, 5, image.width - 6, 134), 12, outline=ink, width=4)
    words = chance.choice(PROVINCES) + chance.choice(LETTERS)
    words += "".join(chance.choice(FIGURES + FIGURES + LETTERS) for _ in range(count - 3)) + chance.choice(FIGURES)
    font = ImageFont.truetype(str(FONT), 88)
    step = (image.width - 54) / count
    at = 17.0
    for place, sign in enumerate(words):
        cell = Image.new("L", (int(draw.textlength(sign, font=font)) + 4, 140), 0)
        ImageDraw.Draw(cell).text((0, 5), sign, font=font, fill=255)
        image.paste(ink, (int(at), 0), cell.resize((int(step * 0.9), 140)))
        at += step
        if place == 1:
            draw.ellipse((at + 2, 65, at + 12, 75), fill=ink)
            at += 18
    return image


def scene(widths: Sequence[int], look: Look, seed: int) -> tuple[Image.Image, dict[tuple[str, int], Box]]:
    """A picture of 1280 × 960 with a plate of each colour in each of these widths in pixels, side by side, and where
    they are."""
    chance = random.Random(seed)
    image = picture("motorcycle_left").resize((1280, 960))
    boxes = {}
    part = 1200 // len(widths)
    for (row, kind), (place, width) in product(enumerate(KINDS), enumerate(widths)):
        drawn = plate(kind, chance)
        drawn = drawn.resize((width, round(drawn.height * width / drawn.width)), Image.Resampling.LANCZOS)
        across = drawn.height * abs(look.sheared)
        shear = (1, look.sheared, -across if look.sheared > 0 else 0, 0, 1, 0)
        leaning = drawn.convert("RGBA").transform(
            (math.ceil(drawn.width + across), drawn.height), Image.Transform.AFFINE, shear, Image.Resampling.BICUBIC
        )
        turned = leaning.rotate(look.turned, Image.Resampling.BICUBIC, expand=True)
        left, top = 40 + place * part + chance.randrange(part - turned.width), 20 + row * 185
        image.paste(turned, (left, top), turned)
        boxes[kind, width] = (left, top, left + turned.width, top + turned.height)
    image = image.filter(ImageFilter.GaussianBlur(look.blurred))
    return ImageEnhance.Brightness(image).enhance(look.bright), boxes


def face(height: int) -> Image.Image:
    """The face of an astronaut (NASA), chin to brow."""
    found = picture("astronaut").crop((150, 20, 300, 220))
    return found.resize((150 * height // 200, height), Image.Resampling.LANCZOS)


def face_in_the_wild(number: int, height: int) -> Image.Image:
    """One of a hundred small grey faces (Labeled Faces in the Wild)."""
    grey = (numpy.load(str(PICTURES / "lfw_subset.npy"))[number] * 255).astype(numpy.uint8)
    return Image.fromarray(grey).convert("RGB").resize((height, height), Image.Resampling.BICUBIC)


def wall() -> Image.Image:
    """Bricks: nothing to find."""
    return picture("brick").resize((1280, 960))


def jpeg(image: Image.Image) -> bytes:
    """As a phone would send it."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def covered(box: Box, by: tuple[Box, ...]) -> float:
    """How much of a box (0–1) the best of these covers."""
    left, top, right, bottom = box

    def shared(other: Box) -> int:
        across, down = min(right, other[2]) - max(left, other[0]), min(bottom, other[3]) - max(top, other[1])
        return max(0, across) * max(0, down)

    return max((shared(other) for other in by), default=0) / ((right - left) * (bottom - top))
