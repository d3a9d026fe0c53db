"""The audit log: what staff did, newest first, filtered by person, act and subject."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from db import audit, staff
from db.tx import Tx
from web import looks
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.visit import Visit, number
from web.parts import Parts

PAGE = 50


class AuditLog:
    """/console/audit."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [doorman.page("/console/audit", self._page, "audit")]

    async def _page(self, visit: Visit) -> Response:
        query = visit.request.query_params
        asked = {name: query.get(name, "").strip() for name in ("who", "act", "subject", "before")}
        who, before = (number(asked[name]) if asked[name] else None for name in ("who", "before"))

        act, subject = asked["act"] or None, asked["subject"] or None

        def look(tx: Tx) -> dict[str, Any]:
            found = audit.lines(tx, staff_id=who, act=act, subject=subject, before=before, limit=PAGE + 1)
            return {"lines": found[:PAGE], "more": len(found) > PAGE, "people": staff.colleagues(tx)}

        found = await self._parts.database.read(look)
        told = {"who": who, "act": act, "subject": "one" if subject else "", "before": before}
        words = " ".join(f"{name}={value}" for name, value in told.items() if value)
        await looks.note(self._parts, visit.staff, "audit", words, len(found["lines"]))
        keys = self._pages.library.texts.keys(visit.language)
        acts = sorted(key.removeprefix("audit.") for key in keys if key.startswith("audit."))
        return self._pages.show(visit, "audit.html", room="audit", asked=asked, acts=acts, **found)
