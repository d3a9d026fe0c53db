"""The offices: who leads them and is there today, what they have open and late, what they return to each other, and who
answers for which area (网格员, 包联)."""

from datetime import timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from civic.staff import HANDLER, LEAD
from content.city import Contact
from db import queue, reports, staff
from db.staff import Colleague
from db.tx import Tx
from web import looks
from web.console.doorman import Doorman
from web.console.pages import Names, Pages
from web.console.visit import Visit
from web.parts import Parts

RETURNS = 90  # days of which returns are counted


class Departments:
    """GET /console/departments."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [doorman.page("/console/departments", self._page)]

    async def _page(self, visit: Visit) -> Response:
        zone = self._parts.house.zone

        def look(tx: Tx) -> dict[str, Any]:
            day = tx.local(zone).date()
            away = {one.staff_id: one for one in staff.absences(tx, day.isoformat()) if one.from_day <= day.isoformat()}
            since = (day - timedelta(days=RETURNS)).isoformat()
            return {
                "burden": queue.burden(tx, tx.ms),
                "returns": reports.returns_between(tx, since),
                "people": [one for one in staff.colleagues(tx) if one.active],
                "away": away,
            }

        found = await self._parts.database.read(look)
        await looks.note(self._parts, visit.staff, "departments", "", len(found["people"]))
        city, names, people = self._pages.library.city, self._pages.names(visit.language), found["people"]
        called = {one.id: one.name for one in people}
        by_login = {one.login: one for one in people}
        view = {
            "departments": city.departments,
            "hours": [f"{start:%H:%M}–{end:%H:%M}" for start, end in city.hours],
            "teams": {one.id: _team(people, one.id) for one in city.departments},
            "contacts": [(one, _area(names, one), by_login.get(one.login)) for one in city.contacts],
            "days": RETURNS,
            "called": called,
        }
        return self._pages.show(visit, "departments.html", room="departments", **(found | view))


def _team(people: list[Colleague], department: str) -> dict[str, list[Colleague]]:
    """Whoever is bound to a department, leads first."""
    own = [one for one in people if department in one.departments]
    return {role: [one for one in own if one.role == role] for role in (LEAD, HANDLER)}


def _area(names: Names, contact: Contact) -> str:
    """A community's or a district's name."""
    districts = {one.id: one.in_language(names.language) for one in names.library.city.districts}
    return districts.get(contact.area) or names.area(contact.area)
