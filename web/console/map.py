"""The map: reports in heaps over the communities, filtered like the queue; drawn without tiles unless some are set."""

from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db import heaps
from db.tx import Tx
from web import atlas, looks
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.sorting import asked
from web.console.visit import Visit
from web.parts import Parts


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
        drawn = atlas.communities(self._pages.library.shapes, self._pages.names(visit.language).area, counts)
        return JSONResponse(drawn, headers={"cache-control": "no-store"})

    async def _heaps(self, visit: Visit) -> Response:
        """Reports in the window ``south,west,north,east``."""
        wanted = asked(visit.request.query_params)
        window = atlas.window(visit.request.query_params.get("window", ""))

        def look(tx: Tx) -> list[heaps.Heap]:
            return heaps.heaps(tx, visit.sight, wanted.wanted(visit.people), window, atlas.cells(window))

        found = await self._parts.database.read(look)
        await looks.note(self._parts, visit.staff, "map", wanted.told, sum(one.count for one in found))
        drawn = [[one.lat, one.lon, one.count, one.late, one.number] for one in found]
        return JSONResponse({"heaps": drawn}, headers={"cache-control": "no-store"})
