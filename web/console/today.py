"""Today: what waits for whoever looks, what is late, what came in last, what is new to them."""

from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions import issuing
from civic.periods import Period
from civic.staff import ADMINISTRATOR, CHECKER, DISPATCHER, GRID, HANDLER, LEAD, OFFICE
from db import queue, reminders
from db.tx import Tx
from web import looks
from web.console.cases import case
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.sorting import Asked
from web.console.visit import Visit
from web.parts import Parts

SHOWN = 8  # reports in each list
SOON = 24 * 3600 * 1000  # milliseconds
_TRIAGE = {"unsorted": Asked(status="received"), "returned": Asked(status="returned"), "asked": Asked(waits="asked")}
_CHIEFS = {"drafted": Asked(waits="drafted")} | _TRIAGE
_ANSWERS = {"supervised": Asked(waits="supervised")}
_HANDS = _ANSWERS | {"mine": Asked(waits="mine"), "nobody": Asked(waits="nobody")}
WAITING: dict[str, dict[str, Asked]] = {  # role → what waits for them, as the queue would find it
    DISPATCHER: _TRIAGE,
    OFFICE: _CHIEFS,
    ADMINISTRATOR: _CHIEFS,
    LEAD: _ANSWERS | {"nobody": Asked(waits="nobody"), "mine": Asked(waits="mine")},
    HANDLER: _HANDS,
    GRID: _HANDS,
    CHECKER: {"checking": Asked(waits="checking")},
}
OTHERS = {"late": Asked(late="1"), "newest": Asked(status="all", order="newest")}


class Today:
    """/console and /console/today."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            doorman.page("/console", self._first),
            doorman.page("/console/today", self._page),
            doorman.form("/console/today", self._read),
        ]

    async def _first(self, visit: Visit) -> Response:
        return RedirectResponse("/console/today", 303)

    async def _page(self, visit: Visit) -> Response:
        waiting = WAITING.get(visit.staff.role, {})
        lists = waiting | OTHERS

        def look(tx: Tx) -> dict[str, Any]:
            wanted = {name: one.wanted(visit.people) for name, one in lists.items()}
            return {
                "rows": {name: queue.page(tx, visit.sight, one, SHOWN) for name, one in wanted.items()},
                "waiting": sum(queue.count(tx, visit.sight, wanted[name]) for name in waiting),
                "tally": queue.tally(tx, visit.sight, tx.ms, tx.ms + SOON),
                "news": reminders.notices_of(tx, visit.colleague.id, SHOWN),
                "now": tx.ms,
                "unsigned": self._unsigned(tx, visit),
            }

        found = await self._parts.database.read(look)
        shown = {row.id for rows in found["rows"].values() for row in rows}
        await looks.note(self._parts, visit.staff, "today", "", len(shown))
        names, tally = self._pages.names(visit.language), found["tally"]
        view = {
            "lists": {
                name: [case(row, names, found["now"]) for row in rows] for name, rows in found["rows"].items() if rows
            },
            "links": {name: one.link() for name, one in lists.items()},
            "waiting": found["waiting"],
            "first": next(iter(waiting), "newest"),
            "late": sum(one[1] for one in tally.values()),
            "soon": sum(one[2] for one in tally.values()),
            "open": sum(one[0] for one in tally.values()),
            "news": found["news"],
            "unsigned": found["unsigned"],
            "time": names.moment(found["now"]),
        }
        return self._pages.show(visit, "today_lists.html" if visit.partial else "today.html", room="today", **view)

    def _unsigned(self, tx: Tx, visit: Visit) -> list[Period]:
        """Bulletins that wait for somebody like them to sign."""
        if not visit.staff.may("publish"):
            return []
        today = tx.local(self._parts.house.zone).date()
        return issuing.unsigned(tx, self._pages.library, today)

    async def _read(self, visit: Visit) -> Response:
        """They have seen their news up to one."""
        await self._parts.database.write(reminders.mark_read, visit.colleague.id, visit.number("until"))
        return RedirectResponse("/console/today", 303)
