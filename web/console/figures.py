"""The figures for staff: all of them, by department too, and the reports behind a number as far as one sees."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from actions import ranking
from actions.behind import MOST, Behind, Part, behind
from actions.ranking import Of
from civic.catalogue import BY_KEY, FIGURES
from civic.errors import Refused
from civic.periods import parse_period
from db.casebook import COUNTED
from db.tx import Tx
from web import looks
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.visit import Visit
from web.figures.asked import Asked, asked
from web.figures.look import Eyes, Seen, look
from web.figures.page import page
from web.figures.views import AREAS
from web.parts import Parts

STAFF = Eyes(FIGURES, public=False)
PATH, ROWS = "/console/stats", "/console/stats/rows"
PARTS: tuple[Part, ...] = ("denominator", "numerator")
RANKED: tuple[Of, ...] = ("area", "district", "department")


class Figures:
    """/console/stats, and the rows behind a number."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages
        self._turn = asyncio.Semaphore(1)

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [doorman.page(PATH, self._page), doorman.page(ROWS, self._rows)]

    async def _page(self, visit: Visit) -> Response:
        wanted = asked(PATH, visit.request.query_params, visit.language, ())
        async with self._turn:
            at, wanted, found = await self._parts.database.read(look, self._parts.house, STAFF, wanted, False)
            ranked = [] if isinstance(found, Refused) else await self._parts.database.read(self._ranked, wanted, found)

        def rows(figure: str, dimension: str, key: str) -> str | None:
            return _rows_link(wanted, figure, dimension, key)

        view = page(self._parts.house, STAFF, wanted, at, found, rows)
        status = 400 if isinstance(found, Refused) else 200
        return self._pages.show(visit, "figures.html", status, room="stats", rows=rows, ranked=ranked, **view)

    def _ranked(self, tx: Tx, wanted: Asked, found: Seen) -> list[dict[str, Any]]:
        """Beside the map: communities, districts and departments in the order of its figure, where it ranks them."""
        library, documents = self._pages.library, []
        for of in RANKED if wanted.view == AREAS and not wanted.figure and wanted.measure else ():
            with suppress(Refused):
                placed = ranking.ranking(tx, library, wanted.measure or "", of, found.period)
                documents.append(ranking.document(library, placed, wanted.language))
        return documents

    async def _rows(self, visit: Visit) -> Response:
        query = visit.request.query_params
        figure, by, key = (query.get(name, "") for name in ("figure", "by", "key"))
        part: Part = "numerator" if query.get("part") == "numerator" else "denominator"
        wanted = asked(PATH, query, visit.language, ())

        def unit(tx: Tx) -> Behind:
            library, today = self._pages.library, tx.local(self._parts.house.zone).date()
            period = parse_period(wanted.period, today, library.city.campaign_days)
            place: Any = {"area": wanted.area, "channel": wanted.channel, "cell": (by, key)}
            known = BY_KEY.get(figure)
            one: Part = "numerator" if known is not None and known.denominator is None else part
            return behind(tx, library, visit.staff, figure, one, period, **place)

        found = await self._parts.database.read(unit)
        told = " ".join(filter(None, [part, wanted.period, wanted.area, wanted.channel, by, key]))
        await looks.note(self._parts, visit.staff, f"stats {figure}", told, len(found.reports))
        back = wanted.link(figure=None)
        links = [
            (one, f"{ROWS}?{urlencode([*query.multi_items(), ('part', one)])}")
            for one in PARTS
            if BY_KEY[figure].denominator is not None and BY_KEY[figure].unit != "hours"
        ]
        return self._pages.show(
            visit,
            "figure_rows.html",
            room="stats",
            figure=figure,
            found=found,
            most=MOST,
            back=back,
            part=part,
            links=links,
        )


def _rows_link(wanted: Asked, figure: str, dimension: str = "", key: str = "") -> str | None:
    """Where the reports behind a number are listed; None where no reports stand behind it, but people."""
    known = BY_KEY[figure]
    if (known.denominator or known.numerator).partition(".")[0] not in COUNTED:
        return None
    query = {"figure": figure, "by": dimension, "key": key, "period": wanted.period}
    query |= {"area": wanted.area or "", "channel": wanted.channel or ""}
    return f"{ROWS}?{urlencode({name: value for name, value in query.items() if value})}"
