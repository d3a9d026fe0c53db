"""A small map as SVG, drawn from the communities' shapes: where a report is, without tiles and without script."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from content.shapes import Ring, Shapes

WIDTH, HEIGHT = 320.0, 200.0
AROUND = 1100.0  # metres from the position to the left and right edge


@dataclass(frozen=True)
class Sketch:
    """Paths of the communities in view, that of ``here`` apart, and the position's point, if it is known."""

    paths: Sequence[str]
    here: str | None
    point: tuple[float, float] | None
    width: float = WIDTH
    height: float = HEIGHT


def sketch(shapes: Shapes, area: str | None, lat: float | None, lon: float | None) -> Sketch | None:
    """The surroundings of a position, or of a community where none is known; None where nothing is drawn."""
    rings = shapes.rings.get(area or "", ())
    if lat is not None and lon is not None:
        middle, metres = (lat, lon), 2 * AROUND
    elif rings:
        middle, metres = _middle(rings)
    else:
        return None
    down = WIDTH / metres * 111_195  # points of the drawing for one degree
    across = down * math.cos(math.radians(middle[0]))

    def at(spot: tuple[float, float]) -> tuple[float, float]:
        return WIDTH / 2 + (spot[1] - middle[1]) * across, HEIGHT / 2 - (spot[0] - middle[0]) * down

    def path(drawn: Sequence[Ring]) -> str:
        return "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in map(at, ring)) + "Z" for ring in drawn)

    if not shapes.rings:
        return None
    others = [path(drawn) for name, drawn in shapes.rings.items() if name != area and _near(drawn, at)]
    known = lat is not None and lon is not None
    return Sketch(others, path(rings) if rings else None, at(middle) if known else None)


def _middle(rings: Sequence[Ring]) -> tuple[tuple[float, float], float]:
    """The middle of a community, and how many metres show it whole."""
    points = [point for ring in rings for point in ring]
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    middle = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    high = (max(lats) - min(lats)) * 111_195 * WIDTH / HEIGHT
    wide = (max(lons) - min(lons)) * 111_195 * math.cos(math.radians(middle[0]))
    return middle, 1.3 * max(high, wide, 100.0)


def _near(rings: Sequence[Ring], at: Callable[[tuple[float, float]], tuple[float, float]]) -> bool:
    spots = [at(point) for ring in rings for point in ring]
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    return min(xs) < WIDTH and max(xs) > 0 and min(ys) < HEIGHT and max(ys) > 0
