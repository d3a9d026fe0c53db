"""What is reported in the city, for everybody, where the city wants it: a list and a map at /reports.

Only categories that are not about somebody's home, only what staff have taken on; never a word, a number or a photo of
a resident, and positions to about 100 metres.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from civic.errors import Refused
from civic.reports import STANDS, WORKED_ON
from content.library import Library
from db import heaps, queue
from db.moments import from_ms
from db.queue import Sight, Wanted
from db.reports import Report
from db.tx import Tx
from web import atlas
from web.door import reader_language, refusal
from web.parts import Parts

PAGE = 50
STATES: Mapping[str, tuple[str, ...]] = {  # as everybody may tell them apart
    "open": tuple(sorted(WORKED_ON | STANDS)),
    "closed": ("closed", "referred"),
}
ALL = (*STATES["open"], *STATES["closed"])
HEADERS = {"cache-control": "public, max-age=60"}


@dataclass(frozen=True)
class Asked:
    """The address in its parts; ``before`` is behind which line the page begins."""

    state: str = ""
    category: str = ""
    area: str = ""
    before: str = ""
    lang: str = ""

    def link(self, **changes: str) -> str:
        """The same with something changed, from the first page on."""
        changed = replace(self, **{"before": ""} | changes)
        given = {name: value for name in changed.__dataclass_fields__ if (value := getattr(changed, name))}
        return f"/reports?{urlencode(given)}" if given else "/reports"

    def wanted(self, library: Library) -> Wanted:
        """For the database. Raises Refused for what there is not."""
        public = [one.id for one in library.categories.values() if one.address_public]
        known = self.state in {"", *STATES} and self.category in {"", *public}
        if not known or self.area not in {"", *library.city.communities} or (self.before and not _whole(self.before)):
            raise Refused("bot.bad_request")
        return Wanted(
            statuses=STATES.get(self.state, ALL),
            areas=tuple(filter(None, [self.area])),
            categories=(self.category,) if self.category else tuple(public),
            shown=True,
            order="newest",
        )


Room = Callable[[Request, Asked], Awaitable[Response]]


class Listed:
    """GET /reports, /reports/areas.json and /reports/heaps.json; nothing of it where the city does not want it."""

    def __init__(self, parts: Parts, tiles: str, credit: str) -> None:
        self._parts, self._tiles, self._credit = parts, tiles, credit

    def routes(self) -> list[BaseRoute]:
        """All doors."""
        doors = {"/reports": self._page, "/reports/areas.json": self._areas, "/reports/heaps.json": self._heaps}
        return [Route(path, self._door(room)) for path, room in doors.items()]

    def _door(self, room: Room) -> Callable[[Request], Awaitable[Response]]:
        async def door(request: Request) -> Response:
            try:
                return await room(request, self._asked(request))
            except Refused as refused:
                return refusal(request, self._parts, 404 if refused.key == "bot.not_found" else 400, refused.key)

        return door

    def _asked(self, request: Request) -> Asked:
        if not self._parts.house.library.city.public.listed:
            raise Refused("bot.not_found")
        return Asked(**{name: request.query_params.get(name, "")[:64] for name in Asked.__dataclass_fields__})

    async def _page(self, request: Request, asked: Asked) -> Response:
        wanted = asked.wanted(self._parts.house.library)
        after = (0, int(asked.before)) if asked.before else None

        def look(tx: Tx) -> tuple[list[Report], int]:
            return queue.page(tx, Sight(), wanted, PAGE + 1, after), queue.count(tx, Sight(), wanted)

        rows, count = await self._parts.database.read(look)
        language = reader_language(request, self._parts)
        view = _view(self._parts, language, rows[:PAGE]) | {"asked": asked, "count": count, "most": queue.MOST}
        view |= {"further": rows[PAGE - 1].id if len(rows) > PAGE else None}
        view |= {"tiles": self._tiles, "credit": self._credit}
        html = self._parts.templates.get_template("listed.html").render(view)
        return Response(html, media_type="text/html", headers=HEADERS | {"content-language": language})

    async def _areas(self, request: Request, asked: Asked) -> Response:
        library, language = self._parts.house.library, reader_language(request, self._parts)
        counts = await self._parts.database.read(heaps.by_area, Sight(), asked.wanted(library))
        names = {one.id: one.in_language(language) for one in library.city.communities.values()}
        return JSONResponse(atlas.communities(library.shapes, names.__getitem__, counts), headers=HEADERS)

    async def _heaps(self, request: Request, asked: Asked) -> Response:
        wanted = asked.wanted(self._parts.house.library)
        seen = atlas.window(request.query_params.get("window", ""))
        found = await self._parts.database.read(heaps.about, wanted, seen, atlas.cells(seen))
        return JSONResponse({"heaps": [[one.lat, one.lon, one.count, 0, None] for one in found]}, headers=HEADERS)


def _view(parts: Parts, language: str, rows: Sequence[Report]) -> dict[str, Any]:
    """What listed.html needs, in words: of each report the day, the category, the community, how it stands."""
    library, zone = parts.house.library, parts.house.zone
    city, categories = library.city, library.categories
    lines = []
    for row in rows:
        day, area = from_ms(row.created_at).astimezone(zone).date(), city.communities.get(row.area or "")
        line = {
            "day": day.isoformat(),
            "emoji": categories[row.category].emoji,
            "category": categories[row.category].in_language(language).name,
            "area": area.in_language(language) if area else "",
            "open": row.status in STATES["open"],
            "status": library.texts.render(language, f"shared.status.{row.status}"),
        }
        lines.append(line)
    return {
        "words": lambda key, **params: library.texts.render(language, key, **params),
        "language": language,
        "city": city.in_language(language).name,
        "lines": lines,
        "states": tuple(STATES),
        "categories": [(one.id, one.in_language(language).name) for one in categories.values() if one.address_public],
        "districts": city.districts,
        "bounds": library.shapes.bounds,
    }


def _whole(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 16
