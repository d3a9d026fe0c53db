"""The public figures: GET /stats for people, /stats.json, /stats.csv and
/stats.parquet for programs, with /stats/dictionary.json.

What stands on fewer than five people is hidden here (civic.figures.publish); staff see it in the console.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions import figure_sheets
from civic.catalogue import PUBLIC
from civic.errors import Refused
from civic.pieces import USUAL
from web import editions, opendata
from web.door import preferred
from web.figures.asked import Asked, asked
from web.figures.look import Eyes, Seen, look
from web.figures.page import page, why
from web.parts import Parts
from web.tabular import marked, sheet

Rows = Iterator[Sequence[Any]]
EVERYBODY = Eyes(PUBLIC, public=True)


def routes(parts: Parts) -> list[Route]:
    """The three doors. Parameters: period (or from and to), area, channel, lang, edition; the page also: view, figure,
    measure, beside; JSON also: compare."""
    rooms = Rooms(parts)
    doors = {
        "/stats": rooms.page,
        "/stats.json": rooms.document,
        "/stats.csv": rooms.sheet,
        "/stats.parquet": rooms.parquet,
        "/stats/dictionary.json": rooms.dictionary,
    }
    return [Route(path, door) for path, door in doors.items()]


class Rooms:
    """Counting is done for one visitor at a time, so that a chat never waits for all readers."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._turn = asyncio.Semaphore(1)

    async def page(self, request: Request) -> Response:
        """HTML."""
        at, wanted, found = await self._look(request, all_of_it=False)
        house, language = self._parts.house, wanted.language
        view = page(house, EVERYBODY, wanted, at, found, lambda figure, dimension, key: None)
        city = house.library.city.in_language(language).name
        html = self._parts.templates.get_template("stats.html").render(view, language=language, city=city)
        return Response(html, 400 if isinstance(found, Refused) else 200, _headers(wanted), "text/html")

    async def document(self, request: Request) -> Response:
        """JSON."""
        _, wanted, found = await self._look(request)
        library, language = self._parts.house.library, wanted.language
        if isinstance(found, Refused):
            error = {"code": found.key, "text": why(library, found, language)}
            return JSONResponse({"error": error}, 400, _headers(wanted))
        document = figure_sheets.document(
            library,
            found.period,
            found.values,
            language,
            area=wanted.area,
            channel=wanted.channel,
            compared=found.compared,
        )
        if found.frozen is not None:
            for figure in document["figures"]:
                figure.update(found.frozen.words[language][figure["key"]])
            document["edition"] = editions.told_of(found.frozen.edition, self._parts.house)
            document["later"] = [one.id for one in found.frozen.later]
        more = {"behind": found.behind} | ({"demo": True} if self._parts.house.made_up else {})
        return JSONResponse(document | more, headers=_headers(wanted))

    async def sheet(self, request: Request) -> Response:
        """CSV."""
        return await self._file(request, "csv", "text/csv", lambda rows: sheet(rows).encode())

    async def parquet(self, request: Request) -> Response:
        """Parquet."""
        return await self._file(request, "parquet", "application/vnd.apache.parquet", opendata.parquet)

    async def dictionary(self, request: Request) -> Response:
        """What the columns and figures of all these files mean."""
        guessed = preferred(request.headers.get("accept-language", ""), self._parts.house.language)
        wanted = asked("/stats", request.query_params, guessed)
        return JSONResponse(opendata.dictionary(self._parts.house.library, wanted.language), headers=_headers(wanted))

    async def _file(self, request: Request, kind: str, mime: str, made: Callable[[Rows], bytes]) -> Response:
        _, wanted, found = await self._look(request)
        library, language, headers = self._parts.house.library, wanted.language, _headers(wanted)
        if isinstance(found, Refused):
            return Response(why(library, found, language), 400, headers, "text/plain")
        name, rows = "youli-stats", figure_sheets.rows(library, found.period, found.values, language)
        if self._parts.house.made_up:
            name, rows = "youli-demo-stats", marked(rows)
        headers["content-disposition"] = f'attachment; filename="{name}-{found.period.key}.{kind}"'
        return Response(await asyncio.to_thread(made, rows), 200, headers, mime)

    async def _look(self, request: Request, *, all_of_it: bool = True) -> tuple[datetime, Asked, Seen | Refused]:
        house = self._parts.house
        guessed = preferred(request.headers.get("accept-language", ""), house.language)
        usual = USUAL[house.library.city.statistics.apart]
        wanted = asked("/stats", request.query_params, guessed, usual=usual)
        async with self._turn:
            return await self._parts.database.read(look, house, EVERYBODY, wanted, all_of_it)


def _headers(wanted: Asked) -> dict[str, str]:
    return {"cache-control": "no-cache", "vary": "accept-language", "content-language": wanted.language}
