"""Photos of the made-up city, drawn: a street, and on it what somebody reports; the same street after the work."""

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

SIZE = (640, 480)
HORIZON, KERB = 250, 330  # pixels from above: where houses end, where the road begins
Pen = ImageDraw.ImageDraw


@dataclass(frozen=True, slots=True)
class Sight:
    """What a photo shows: a report's category at a place (``seed`` draws it the same again), before or after."""

    category: str
    seed: str
    shot: int = 0
    clean: bool = False


def draw(sight: Sight) -> bytes:
    """A JPEG of 640 × 480 pixels."""
    place, shot = random.Random(sight.seed), random.Random(f"{sight}")
    picture = Image.new("RGB", SIZE)
    pen = ImageDraw.Draw(picture)
    _street(pen, place)
    things = random.Random(f"{sight.seed}/things")
    if not sight.clean:
        THINGS.get(sight.category, _bags)(pen, things)
    else:
        picture = _from_elsewhere(picture, shot)
        pen = ImageDraw.Draw(picture)
    _light(pen, shot)
    pen.text((SIZE[0] - 150, SIZE[1] - 44), "DEMO", fill=(255, 255, 255), font=ImageFont.load_default(36))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _street(pen: Pen, rng: random.Random) -> None:
    """Sky, houses with windows, a tree, pavement and road."""
    top, low = rng.choice([((150, 190, 225), (220, 232, 240)), ((190, 195, 205), (228, 228, 230))])
    for y in range(HORIZON):
        part = y / HORIZON
        pen.line((0, y, SIZE[0], y), fill=tuple(round(a + (b - a) * part) for a, b in zip(top, low, strict=True)))
    x = -20
    while x < SIZE[0]:
        wide, high = rng.randint(90, 170), rng.randint(110, 220)
        wall = rng.choice([(196, 176, 150), (170, 150, 140), (205, 200, 190), (150, 165, 170), (188, 140, 120)])
        pen.rectangle((x, HORIZON - high, x + wide, KERB - 60), fill=wall)
        for row in range(HORIZON - high + 16, HORIZON - 10, 38):
            for column in range(x + 12, x + wide - 22, 34):
                pen.rectangle((column, row, column + 18, row + 22), fill=rng.choice([(90, 105, 120), (120, 135, 150)]))
        x += wide
    pen.rectangle((0, KERB - 60, SIZE[0], KERB), fill=(178, 172, 164))
    for x in range(0, SIZE[0], 64):
        pen.line((x, KERB - 60, x - 20, KERB), fill=(160, 154, 146), width=2)
    pen.rectangle((0, KERB, SIZE[0], SIZE[1]), fill=(92, 94, 98))
    pen.rectangle((0, KERB, SIZE[0], KERB + 8), fill=(208, 206, 200))
    for x in range(rng.randint(0, 60), SIZE[0], 120):
        pen.rectangle((x, 420, x + 60, 428), fill=(225, 225, 215))
    trunk = rng.randint(30, SIZE[0] - 60)
    pen.rectangle((trunk, 190, trunk + 14, KERB - 20), fill=(96, 72, 52))
    for _ in range(9):
        left, above = trunk + rng.randint(-50, 30), rng.randint(110, 190)
        pen.ellipse((left, above, left + 62, above + 52), fill=(70, rng.randint(110, 150), 70))


def _from_elsewhere(picture: Image.Image, rng: random.Random) -> Image.Image:
    """The same street from a few steps further: who comes after the work does not stand where the resident stood."""
    wide = rng.randint(SIZE[0] * 3 // 4, SIZE[0] * 4 // 5)
    high = wide * SIZE[1] // SIZE[0]
    left, above = rng.choice((0, SIZE[0] - wide)), rng.randint(0, SIZE[1] - high)
    return picture.resize(SIZE, box=(left, above, left + wide, above + high))


def _light(pen: Pen, rng: random.Random) -> None:
    """No two photos are alike: grain, as a camera has it."""
    for _ in range(400):
        x, y, grey = rng.randrange(SIZE[0]), rng.randrange(SIZE[1]), rng.randint(60, 220)
        pen.point((x, y), fill=(grey, grey, grey))


def _bags(pen: Pen, rng: random.Random) -> None:
    middle = rng.randint(160, 470)
    for _ in range(rng.randint(5, 9)):
        x, y, wide = middle + rng.randint(-90, 70), rng.randint(285, 330), rng.randint(36, 70)
        pen.ellipse(
            (x, y, x + wide, y + wide * 3 // 4), fill=rng.choice([(40, 44, 48), (190, 60, 50), (235, 235, 235)])
        )
        pen.polygon(
            [(x + wide // 2 - 6, y + 4), (x + wide // 2 + 8, y + 4), (x + wide // 2, y - 12)], fill=(60, 60, 60)
        )
    for _ in range(14):
        x, y = middle + rng.randint(-130, 130), rng.randint(330, 366)
        pen.rectangle((x, y, x + rng.randint(6, 16), y + 7), fill=rng.choice([(240, 230, 200), (200, 180, 90)]))


def _car(pen: Pen, rng: random.Random) -> None:
    x, y, paint = rng.randint(120, 300), 270, rng.choice([(170, 40, 40), (235, 235, 235), (40, 60, 110), (60, 64, 68)])
    pen.rounded_rectangle((x, y + 34, x + 230, y + 90), 18, fill=paint)
    pen.polygon([(x + 42, y + 36), (x + 76, y), (x + 164, y), (x + 200, y + 36)], fill=paint)
    pen.polygon([(x + 56, y + 34), (x + 82, y + 8), (x + 158, y + 8), (x + 184, y + 34)], fill=(150, 175, 190))
    for wheel in (x + 34, x + 158):
        pen.ellipse((wheel, y + 68, wheel + 42, y + 110), fill=(25, 25, 25))
        pen.ellipse((wheel + 13, y + 81, wheel + 29, y + 97), fill=(150, 150, 150))


def _bikes(pen: Pen, rng: random.Random) -> None:
    paint = rng.choice([(30, 130, 200), (240, 190, 20), (40, 160, 90)])
    for number in range(rng.randint(4, 7)):
        x, y = 90 + number * 66 + rng.randint(-8, 8), rng.randint(268, 284)
        for wheel in (x, x + 46):
            pen.ellipse((wheel, y + 18, wheel + 36, y + 54), outline=(30, 30, 30), width=4)
        pen.line((x + 18, y + 36, x + 34, y + 6, x + 64, y + 36), fill=paint, width=6)


def _broken(pen: Pen, rng: random.Random) -> None:
    x = rng.randint(180, 420)
    pen.ellipse((x, 352, x + 130, 398), fill=(28, 28, 30))
    pen.polygon([(x + 20, 356), (x + 96, 344), (x + 128, 372), (x + 50, 386)], fill=(120, 118, 112))
    pen.line((x - 60, 250, x - 40, 330), fill=(220, 120, 30), width=10)


def _papers(pen: Pen, rng: random.Random) -> None:
    for _ in range(rng.randint(8, 13)):
        x, y = rng.randint(60, 520), rng.randint(150, 240)
        pen.rectangle((x, y, x + 34, y + 44), fill=rng.choice([(250, 240, 150), (255, 255, 255), (250, 190, 190)]))
        for line in range(y + 8, y + 38, 8):
            pen.line((x + 5, line, x + 28, line), fill=(120, 60, 60), width=2)


def _stall(pen: Pen, rng: random.Random) -> None:
    x = rng.randint(130, 360)
    pen.rectangle((x, 250, x + 170, 312), fill=(180, 110, 60))
    pen.polygon(
        [(x - 16, 220), (x + 186, 220), (x + 150, 186), (x + 20, 186)], fill=rng.choice([(200, 50, 50), (60, 110, 170)])
    )
    for leg in (x, x + 164):
        pen.line((leg, 220, leg, 330), fill=(80, 70, 60), width=5)
    for _ in range(12):
        at = x + rng.randint(6, 146)
        pen.ellipse((at, 238, at + 18, 256), fill=rng.choice([(230, 120, 40), (90, 150, 60), (220, 60, 60)]))


def _dog(pen: Pen, rng: random.Random) -> None:
    x, coat = rng.randint(180, 400), rng.choice([(120, 84, 50), (40, 36, 34), (215, 200, 175)])
    pen.rounded_rectangle((x, 284, x + 96, 320), 16, fill=coat)
    pen.ellipse((x + 80, 264, x + 122, 302), fill=coat)
    for leg in (x + 8, x + 26, x + 66, x + 84):
        pen.rectangle((leg, 314, leg + 9, 346), fill=coat)
    pen.line((x, 292, x - 26, 268), fill=coat, width=7)


def _smoke(pen: Pen, rng: random.Random) -> None:
    x = rng.randint(180, 400)
    pen.rectangle((x, 300, x + 110, 322), fill=(60, 56, 54))
    for puff in range(10):
        left, above = x + rng.randint(-30, 80), 280 - puff * 18
        pen.ellipse((left, above, left + 56, above + 40), fill=(190, 190, 192))


THINGS = {
    "litter": _bags,
    "parking": _car,
    "bikes": _bikes,
    "facility": _broken,
    "firelane": _car,
    "ebike_charge": _bikes,
    "dogs": _dog,
    "vendor": _stall,
    "flyposting": _papers,
    "access": _broken,
    "air": _smoke,
    "smoking": _smoke,
}
