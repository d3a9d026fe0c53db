"""Where the communities lie: cities/<id>/areas.geojson, WGS-84, one feature for each with its id in ``properties``.

The file is optional. With it a position tells its community, and the console draws maps without any tiles.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from civic.geo import in_range, point_in_polygon
from content.sheets import Problem, Shelf

Ring = tuple[tuple[float, float], ...]  # (lat, lon), the last like the first


@dataclass(frozen=True)
class Shapes:
    """Community id → its rings; a point inside an odd number of them is inside (so holes are rings too)."""

    rings: Mapping[str, tuple[Ring, ...]] = field(default_factory=dict)

    def community_at(self, lat: float, lon: float) -> str | None:
        """The community of a position, or None where none is drawn."""
        for community, rings in self.rings.items():
            if sum(point_in_polygon(lat, lon, ring) for ring in rings) % 2:
                return community
        return None

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """South, west, north, east; None without shapes."""
        points = [point for rings in self.rings.values() for ring in rings for point in ring]
        if not points:
            return None
        lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
        return min(lats), min(lons), max(lats), max(lons)


def read_shapes(shelf: Shelf, folder: str, communities: Collection[str]) -> Shapes:
    """The shapes of a pack; what is wrong with them is kept by the shelf."""
    name = f"{folder}/areas.geojson"
    path = shelf.folder / name
    if name not in shelf.texts and not path.exists():
        return Shapes()
    try:
        document = json.loads(shelf.texts.get(name) or path.read_text(encoding="utf-8"))
        features = list(document["features"])
    except (ValueError, KeyError, TypeError, OSError, RecursionError):
        shelf.problems.append(Problem(name, "", "不是 GeoJSON 的 FeatureCollection"))
        return Shapes()
    rings: dict[str, tuple[Ring, ...]] = {}
    for feature in features:
        community, found, wrong = _feature(feature)
        if wrong is None and community not in communities:
            wrong = "areas.toml 里没有这个社区"
        if wrong is not None:
            shelf.problems.append(Problem(name, community, wrong))
        rings[community] = (*rings.get(community, ()), *found)
    return Shapes(rings)


def _feature(feature: Any) -> tuple[str, tuple[Ring, ...], str | None]:
    """Id, rings, and what is wrong."""
    try:
        community, geometry = str(feature["properties"]["id"]), feature["geometry"]
        polygons = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}[geometry["type"]]
        rings = tuple(_ring(ring) for polygon in polygons for ring in polygon)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return str(feature)[:40], (), "要有 properties.id 和 Polygon 或 MultiPolygon 的坐标 [经度, 纬度]"
    wrong = [ring for ring in rings if len(ring) < 4 or ring[0] != ring[-1] or not all(in_range(*at) for at in ring)]
    return community, rings, "有一圈没有闭合，或者坐标不在地球上（先经度，后纬度）" if wrong else None


def _ring(points: Sequence[Sequence[float]]) -> Ring:
    return tuple((float(point[1]), float(point[0])) for point in points)
