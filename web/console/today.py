"""Today: what waits for whoever looks, what is late, what came in last; and how departments stand."""

from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from civic.staff import ADMINISTRATOR, CHECKER, DISPATCHER, GRID, HANDLER, LEAD, OFFICE
from db import queue
from db.queue import Sight, Wanted
from db.tx import Tx
from web.console.cases import case
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.sorting import Asked
from web.console.visit import Visit
from web.parts import Parts

SHOWN = 8  # reports in each list
SOON = 24 * 3600 * 1000  # milliseconds
WAITS: dict[str, tuple[str, ...]] = {  # role → the states in which a report waits for them
    DISPATCHER: ("received", "returned"),
    OFFICE: ("received", "returned", "on_hold"),
    ADMINISTRATOR: ("received", "returned"),
    LEAD: ("accepted", "assigned", "in_progress"),
    HANDLER: ("assigned", "in_progress", "accepted"),
    GRID: ("assigned", "in_progress"),
    CHECKER: ("resolved",),
}


class Today:
    """GET /console and /console/today, /console/departments."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            doorman.page("/console", self._first),
            doorman.page("/console/today", self._page),
            doorman.page("/console/departments", self._departments),
        ]

    async def _first(self, visit: Visit) -> Response:
        return RedirectResponse("/console/today", 303)

    async def _page(self, visit: Visit) -> Response:
        sight = Sight(visit.staff.departments, visit.staff.areas)
        states = WAITS.get(visit.staff.role, ())
        lists = {
            "waiting": Wanted(statuses=states) if states else None,
            "late": Wanted(late=True),
            "newest": Wanted(order="newest"),
        }

        def look(tx: Tx) -> dict[str, Any]:
            rows = {name: queue.page(tx, sight, one, SHOWN) for name, one in lists.items() if one is not None}
            return {"rows": rows, "tally": queue.tally(tx, sight, tx.ms, tx.ms + SOON), "now": tx.ms}

        found = await self._parts.database.read(look)
        names, tally = self._pages.names(visit.language), found["tally"]
        view = {
            "lists": {
                name: [case(row, names, found["now"]) for row in rows] for name, rows in found["rows"].items() if rows
            },
            "links": {
                "waiting": Asked(status=states[0] if len(states) == 1 else "open").link(),
                "late": Asked(late="1").link(),
                "newest": Asked(status="all", order="newest").link(),
            },
            "waiting": sum(tally.get(state, (0, 0, 0))[0] for state in states),
            "late": sum(one[1] for one in tally.values()),
            "soon": sum(one[2] for one in tally.values()),
            "open": sum(one[0] for one in tally.values()),
            "time": names.moment(found["now"]),
        }
        return self._pages.show(visit, "today_lists.html" if visit.partial else "today.html", room="today", **view)

    async def _departments(self, visit: Visit) -> Response:
        """Who handles what: telephone, what is open and late."""

        def look(tx: Tx) -> Any:
            return queue.burden(tx, tx.ms)

        burden = await self._parts.database.read(look)
        departments = self._pages.library.city.departments
        return self._pages.show(visit, "departments.html", room="departments", departments=departments, burden=burden)
