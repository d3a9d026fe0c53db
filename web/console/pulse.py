"""Whether a report has moved since its page was drawn: asked every few seconds by a page that is open."""

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions import casework
from web.console.doorman import Doorman
from web.console.visit import Visit
from web.parts import Parts


class Pulse:
    """GET /console/reports/NUMBER/version."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [doorman.page("/console/reports/{number}/version", self._version)]

    async def _version(self, visit: Visit) -> Response:
        number = visit.request.path_params["number"]
        report = await self._parts.database.read(casework.visible, visit.staff, number)
        return JSONResponse({"version": report.version}, headers={"cache-control": "no-store"})
