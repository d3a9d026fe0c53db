"""What the texts rest on: what somebody should look at again, and the register of sources."""

from starlette.responses import Response
from starlette.routing import Route

from content.due import due
from content.register import register
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.visit import Visit
from web.parts import Parts


class Sources:
    """/console/sources."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [doorman.page("/console/sources", self._page, "sources")]

    async def _page(self, visit: Visit) -> Response:
        zone = self._parts.house.zone
        day = await self._parts.database.read(lambda tx: tx.local(zone).date())
        cited = [one for one in register(self._pages.library) if one.cited_by]
        found = due(self._pages.library, day)
        return self._pages.show(visit, "sources.html", room="sources", due=found, cited=cited, today=day)
