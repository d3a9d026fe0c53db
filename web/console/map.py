"""The map: reports in heaps over the communities, filtered like the queue; drawn without tiles unless some are set."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from civic.errors import Refused
from civic.geo import in_range
from content.shapes import Shapes
from db import heaps
from db.heaps import Window
from db.tx import Tx
from web.console.doorman import Doorman
from web.console.pages import Names, Pages
from web.console.sorting import asked
from web.console.visit import Visit
from web.parts import Parts

ACROSS = 14  # heaps from one side of the map to the other


class Map:
    """/console/map, and what is drawn on it."""

    def __init__(self, parts: Parts, pages: Pages, tiles: str, credit: str) -> None:
        self._parts, self._pages, self._tiles, self._credit = parts, pages, tiles, credit

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            doorman.page("/console/map", self._page),
            doorman.page("/console/map/areas.json", self._areas),
            doorman.page("/console/map/heaps.json", self._heaps),
        ]

    async def _page(self, visit: Visit) -> Response:
        wanted = asked(visit.request.query_params)
        counts = await self._parts.database.read(heaps.by_area, visit.sight, wanted.wanted(visit.people))
        library, names = self._pages.library, self._pages.names(visit.language)
        areas = sorted(((count, area) for area, count in counts.items()), reverse=True)
        view: dict[str, Any] = {
            "asked": wanted,
            "areas": [(area, names.area(area) or names.words("queue.map.nowhere"), count) for count, area in areas],
            "bounds": library.shapes.bounds,
            "tiles": self._tiles,
            "credit": self._credit,
            "categories": list(library.categories.values()),
            "departments": library.city.departments,
        }
        return self._pages.show(visit, "map.html", room="map", **view)

    async def _areas(self, visit: Visit) -> Response:
        """The communities as GeoJSON, each with its name and how many reports the filters find there."""
        wanted = asked(visit.request.query_params)
        counts = await self._parts.database.read(heaps.by_area, visit.sight, wanted.wanted(visit.people))
        features = list(_features(self._pages.library.shapes, self._pages.names(visit.language), counts))
        return JSONResponse({"type": "FeatureCollection", "features": features}, headers={"cache-control": "no-store"})

    async def _heaps(self, visit: Visit) -> Response:
        """Reports in the window ``south,west,north,east``."""
        wanted = asked(visit.request.query_params)
        window = _window(visit.request.query_params.get("window", ""))
        cells = ACROSS / max(window.east - window.west, 1e-4)

        def look(tx: Tx) -> list[heaps.Heap]:
            return heaps.heaps(tx, visit.sight, wanted.wanted(visit.people), window, cells)

        found = await self._parts.database.read(look)
        drawn = [[one.lat, one.lon, one.count, one.late, one.number] for one in found]
        return JSONResponse({"heaps": drawn}, headers={"cache-control": "no-store"})


def _features(shapes: Shapes, names: Names, counts: Mapping[str, int]) -> Iterable[dict[str, Any]]:
    for area, rings in shapes.rings.items():
        coordinates = [[[lon, lat] for lat, lon in ring] for ring in rings]
        properties = {"id": area, "name": names.area(area), "count": counts.get(area, 0)}
        geometry = {"type": "Polygon", "coordinates": coordinates}
        yield {"type": "Feature", "properties": properties, "geometry": geometry}


def _window(written: str) -> Window:
    try:
        south, west, north, east = map(float, written.split(","))
    except ValueError:
        raise Refused("queue.bad_address") from None
    if not (in_range(south, west) and in_range(north, east) and south < north and west < east):
        raise Refused("queue.bad_address")
    return Window(south, west, north, east)
