"""Supervisions (督办): drafts that wait for a signature, what was signed and answered, each with its report's light."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from civic.errors import Refused
from civic.reports import CHIEFS
from db import queue, supervisions
from db.reports import Report
from db.supervisions import Supervision
from db.tx import Tx
from web import looks
from web.console.cases import case
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.visit import Visit, number
from web.parts import Parts

PAGE = 30


class Supervisions:
    """GET /console/supervisions."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [doorman.page("/console/supervisions", self._page, "supervisions")]

    async def _page(self, visit: Visit) -> Response:
        """``state`` and ``before`` in the address say which. Drafts are shown to who may sign them."""
        states = [one for one in supervisions.STATES if visit.staff.role in CHIEFS or one not in {"draft", "dropped"}]
        query = visit.request.query_params
        state, before = query.get("state", states[0]), query.get("before")
        if state not in states:
            raise Refused("queue.bad_address")
        behind = number(before) if before else None

        def look(tx: Tx) -> tuple[list[Supervision], list[Report], int]:
            found = supervisions.listed(tx, visit.sight, state, PAGE + 1, behind)
            return found, queue.numbered(tx, visit.sight, [one.number for one in found]), tx.ms

        found, reports, now = await self._parts.database.read(look)
        told = f"state={state}" + (f" before={behind}" if behind else "")
        await looks.note(self._parts, visit.staff, "supervisions", told, len(found[:PAGE]))
        names = self._pages.names(visit.language)
        view: dict[str, Any] = {
            "state": state,
            "states": states,
            "papers": found[:PAGE],
            "cases": {report.number: case(report, names, now) for report in reports},
            "further": found[PAGE - 1].id if len(found) > PAGE else None,
        }
        return self._pages.show(visit, "supervisions.html", room="supervisions", **view)
