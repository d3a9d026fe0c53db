"""Who may send no reports for a while: why, until when, since whom; and letting them again before."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions import muting
from db import mutes
from web import looks
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.visit import Visit
from web.parts import Parts

MOST = 200


class Mutes:
    """/console/mutes."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            doorman.page("/console/mutes", self._page, "mutes"),
            doorman.form("/console/mutes", self._end, "mutes"),
        ]

    async def _page(self, visit: Visit) -> Response:
        found = await self._parts.database.read(mutes.listed, visit.sight, MOST)
        await looks.note(self._parts, visit.staff, "mutes", "", len(found))
        return self._pages.show(visit, "mutes.html", room="mutes", mutes=found)

    async def _end(self, visit: Visit) -> Response:
        """They are told that they may send reports again."""
        house = self._parts.house
        report = visit.text("report")
        await self._parts.database.write(muting.mute, house.library, house.zone, visit.staff, report, 0, "")
        return RedirectResponse("/console/mutes", 303)
