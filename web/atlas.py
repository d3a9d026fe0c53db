"""What a map in a browser asks for, and what it is given: a window, heaps in it, communities as GeoJSON."""

from collections.abc import Callable, Mapping
from typing import Any

from civic.errors import Refused
from civic.geo import in_range
from content.shapes import Shapes
from db.heaps import Window

ACROSS = 14  # heaps from one side of the map to the other


def window(written: str) -> Window:
    """``south,west,north,east`` in degrees. Raises Refused for what can be no part of the earth."""
    try:
        south, west, north, east = map(float, written.split(","))
    except ValueError:
        raise Refused("queue.bad_address") from None
    if not (in_range(south, west) and in_range(north, east) and south < north and west < east):
        raise Refused("queue.bad_address")
    return Window(south, west, north, east)


def cells(seen: Window) -> float:
    """Heaps a degree, so that ACROSS fit into the window."""
    return ACROSS / max(seen.east - seen.west, 1e-4)


def communities(shapes: Shapes, called: Callable[[str], str], counts: Mapping[str, int]) -> dict[str, Any]:
    """The communities as GeoJSON, each with its name and a number."""
    features = []
    for area, rings in shapes.rings.items():
        coordinates = [[[lon, lat] for lat, lon in ring] for ring in rings]
        properties = {"id": area, "name": called(area), "count": counts.get(area, 0)}
        geometry = {"type": "Polygon", "coordinates": coordinates}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}
