"""The city's communities, shaded by a figure: one colour from light to dark, and in words what each shade is."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

from actions import figure_words
from civic.figures import Cell, Value
from content.library import Library
from content.shapes import Ring
from web.figures.asked import Asked
from web.figures.drawing import in_words

WIDE = 640  # units from west to east
SHADES = 5
NAMED = 24  # so many communities have room for their names
LETTER = 17  # units: how wide a Chinese character is drawn, and how high a line is
LATIN = 0.64  # of that: how wide other letters are, in a wide face and on average
PHONE = 26 / 17  # how much larger words are on a phone's map (map.css)
SHORTEST = 3  # characters of a name that still tell something
Point = tuple[float, float]


def shaded(library: Library, value: Value, asked: Asked) -> dict[str, Any] | None:
    """The map as SVG paths; None where the city file has no shapes."""
    bounds = library.shapes.bounds
    if bounds is None:
        return None
    south, west, north, east = bounds
    across = math.cos(math.radians((south + north) / 2))
    scale = WIDE / max((east - west) * across, 1e-9)

    def place(lat: float, lon: float) -> Point:
        return round((lon - west) * across * scale, 1), round((north - lat) * scale, 1)

    cells = {cell.key: cell for cell in (value.by or {}).get("area", ())}
    values = [cells[key].value for key in library.shapes.rings if key in cells]
    begins = steps([value for value in values if value is not None])
    return {
        "wide": WIDE,
        "high": math.ceil((north - south) * scale),
        "named": len(library.shapes.rings) <= NAMED,
        "shapes": [
            _shape(library, key, [[place(*point) for point in ring] for ring in rings], cells, begins, value.key, asked)
            for key, rings in library.shapes.rings.items()
        ],
        "legend": _legend(begins, value.key, library, asked.language),
    }


def _shape(
    library: Library,
    key: str,
    rings: Sequence[Sequence[Point]],
    cells: Mapping[str, Cell],
    begins: Sequence[float],
    figure: str,
    asked: Asked,
) -> dict[str, Any]:
    cell = cells.get(key, Cell(key, None, None, None))
    outline = max(rings, key=len)
    x, y = _middle(outline)
    name = figure_words.label(library, "area", key, asked.language)
    words = in_words(library, cell, figure, asked.language)
    return {
        "path": "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in rings),
        "shade": shade(cell.value, begins),
        "few": cell.hidden,
        "name": name,
        "short": fitting(name, min(room(outline, x, line) for line in (y - LETTER, y))),
        "fits": None if cell.hidden else within(words["number"], min(room(outline, x, at) for at in (y, y + LETTER))),
        "link": asked.link(area=key, view=None, measure=None),
        "x": round(x, 1),
        "y": round(y, 1),
        **words,
    }


def within(number: str, room: float) -> Literal["phone", "desk"] | None:
    """On how small a screen there is room for a number: on a phone it is drawn larger."""
    wide = sum(LETTER * (LATIN / 2 if letter in ",." else LATIN) for letter in number)
    return "phone" if wide * PHONE <= room else "desk" if wide <= room else None


def fitting(name: str, room: float) -> str:
    """As much of a name as there is room for; nothing where that would tell nothing."""
    wide = [LETTER if ord(letter) > 0x2E7F else LETTER * LATIN for letter in name]
    if sum(wide) <= room:
        return name
    kept = 0
    while sum(wide[: kept + 1]) + LETTER <= room:
        kept += 1
    return f"{name[:kept].rstrip()}…" if kept >= SHORTEST else ""


def room(ring: Sequence[Point], x: float, y: float) -> float:
    """How wide a line of words can be at a height of an outline, with its middle at ``x``."""
    crossings = [
        x1 + (x2 - x1) * (y - y1) / (y2 - y1)
        for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]])
        if (y1 > y) != (y2 > y)
    ]
    west = max((one for one in crossings if one <= x), default=x)
    east = min((one for one in crossings if one >= x), default=x)
    return 2 * min(x - west, east - x)


def _middle(ring: Ring | Sequence[Point]) -> Point:
    """The centre of gravity of a closed ring."""
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in pairwise(ring):
        part = x1 * y2 - x2 * y1
        area, x, y = area + part, x + (x1 + x2) * part, y + (y1 + y2) * part
    return (x / (3 * area), y / (3 * area)) if area else ring[0]


def steps(values: Sequence[float]) -> list[float]:
    """Where each shade begins: equal steps from the lowest to the highest; one shade where all are alike."""
    if not values:
        return []
    low, high = min(values), max(values)
    return [low + (high - low) * step / SHADES for step in range(SHADES)] if high > low else [low]


def shade(value: float | None, begins: Sequence[float]) -> int | None:
    """The shade of a value, the lightest is 0; None where there is no value."""
    if value is None or not begins:
        return None
    return max(number for number, begin in enumerate(begins) if value >= begin or number == 0)


def _legend(begins: Sequence[float], figure: str, library: Library, language: str) -> list[dict[str, Any]]:
    return [
        {"shade": number, "from": figure_words.words(Cell("", step, None, None), figure, library.texts, language)}
        for number, step in enumerate(begins)
    ]
