"""The queue: what there is to do, filtered and sorted by its address; its list is drawn anew every few seconds."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from civic.reports import CLOSED, OPEN
from content.city import Department
from db import queue, staff
from db.reports import Report
from db.tx import Tx
from web import looks
from web.console.bulk import common
from web.console.cases import case
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.sorting import asked
from web.console.visit import Visit
from web.parts import Parts

PAGE = 50


class Queue:
    """GET /console/queue."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [doorman.page("/console/queue", self._page)]

    async def _page(self, visit: Visit) -> Response:
        wanted, city = asked(visit.request.query_params), self._pages.library.city
        sight, looked = visit.sight, wanted.wanted(visit.people)

        def look(tx: Tx) -> dict[str, Any]:
            rows = queue.page(tx, sight, looked, PAGE + 1, wanted.key)
            called = staff.names(tx, {row.person_id for row in rows if row.person_id})
            return {"rows": rows, "count": queue.count(tx, sight, looked), "called": called, "now": tx.ms}

        found = await self._parts.database.read(look)
        names, rows = self._pages.names(visit.language), found["rows"]
        await looks.note(self._parts, visit.staff, "queue", wanted.told, len(rows[:PAGE]))
        view = {
            "asked": wanted,
            "cases": [case(row, names, found["now"]) for row in rows[:PAGE]],
            "further": wanted.link(after=_key(rows[PAGE - 1])) if len(rows) > PAGE else None,
            "count": found["count"],
            "most": queue.MOST,
            "moves": common(visit),
            "called": found["called"],
            "here": wanted.link(after=wanted.after),
        }
        if visit.partial:
            response = self._pages.show(visit, "queue_rows.html", **view)
            response.headers["hx-push-url"] = view["here"]
            return response
        view |= {
            "departments": _theirs(visit, city.departments),
            "districts": city.districts,
            "categories": list(self._pages.library.categories.values()),
            "open": sorted(OPEN, key=_step),
            "closed": sorted(CLOSED, key=_step),
            "orders": queue.ORDERS,
            "waits": queue.WAITS,
        }
        return self._pages.show(visit, "queue.html", room="queue", **view)


STEPS = (
    "received",
    "returned",
    "accepted",
    "assigned",
    "in_progress",
    "need_info",
    "on_hold",
    "resolved",
    "closed",
    "rejected",
    "referred",
)


def _step(status: str) -> int:
    return STEPS.index(status) if status in STEPS else len(STEPS)


def _theirs(visit: Visit, departments: Sequence[Department]) -> list[Department]:
    limits = visit.staff.departments
    return [one for one in departments if not limits or one.id in limits]


def _key(report: Report) -> str:
    return ".".join(map(str, queue.key(report)))
