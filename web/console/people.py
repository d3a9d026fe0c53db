"""Who works here: the list, inviting, one person's page with role, limits, absences; the audit log."""

import datetime
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions import people
from actions.people import Post, in_view
from civic.errors import Refused
from civic.staff import EVERYWHERE, ROLES
from db import staff
from db.staff import Absence, Colleague
from db.tx import Tx
from web import looks
from web.console.doorman import Doorman
from web.console.pages import Pages, fields
from web.console.visit import Visit, number
from web.parts import Parts

Deed = Callable[[Visit, int], Awaitable[Response]]
EMPTY: Mapping[str, Any] = {"login": "", "name": "", "role": "handler", "departments": (), "areas": ()}


class People:
    """/console/people."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages
        self._deeds: Mapping[str, Deed] = {
            "change": self._change,
            "disable": self._disable,
            "enable": self._enable,
            "reset": self._reset,
            "absent": self._absent,
            "back": self._back,
        }

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            doorman.page("/console/people", self._list, "people"),
            doorman.form("/console/people", self._invite, "appoint"),
            doorman.page("/console/people/{person}", self._person, "people"),
            doorman.form("/console/people/{person}", self._do, "people"),
        ]

    async def _list(self, visit: Visit) -> Response:
        return await self._show_list(visit)

    async def _show_list(self, visit: Visit, status: int = 200, **view: Any) -> Response:
        def look(tx: Tx) -> dict[str, Any]:
            day = self._day(tx).isoformat()
            found = [one for one in staff.colleagues(tx) if in_view(visit.staff, one)]
            away = {one.staff_id: one for one in staff.absences(tx, day) if one.from_day <= day}
            return {"people": found, "away": away, "invited": staff.open_invitations(tx)}

        found = await self._parts.database.read(look)
        await looks.note(self._parts, visit.staff, "people", "", len(found["people"]))
        frame = {"room": "people", "typed": EMPTY, "link": None, "now": None} | self._choices(visit) | found
        return self._pages.show(visit, "people.html", status, **(frame | view))

    async def _invite(self, visit: Visit) -> Response:
        typed = fields(visit.form, "login", "name", "role")
        try:
            language = visit.text("language") if visit.text("language") in {"zh", "en"} else visit.language
            login = visit.text("login")
            colleague, secret = await self._parts.database.write(
                people.add, self._pages.library, visit.staff, login, self._post(visit), language
            )
        except Refused as refused:
            chosen = {"departments": visit.texts("department"), "areas": visit.texts("area")}
            said = self._pages.why(refused, visit.language)
            return await self._show_list(visit, 422, said=said, typed={**EMPTY, **typed, **chosen})
        return await self._show_list(visit, link=self._link(secret), now=colleague, sent="invite")

    async def _person(self, visit: Visit) -> Response:
        return await self._show(visit, number(visit.request.path_params["person"]))

    async def _show(self, visit: Visit, staff_id: int, status: int = 200, **view: Any) -> Response:
        def look(tx: Tx) -> tuple[Colleague | None, list[Colleague], list[Absence], bool]:
            person = staff.find_colleague(tx, staff_id)
            away = staff.absences(tx, self._day(tx).isoformat(), [staff_id])
            return person, staff.colleagues(tx), away, staff_id in staff.open_invitations(tx)

        person, everybody, away, invited = await self._parts.database.read(look)
        if person is None or not in_view(visit.staff, person):
            raise Refused("staff.unknown")
        await looks.note(self._parts, visit.staff, "people", f"person={staff_id}", 1)
        deputies = [one for one in everybody if one.active and one.role == person.role and one.id != person.id]
        called = {one.id: one.name for one in everybody}
        frame = {"room": "people", "person": person, "deputies": deputies, "absences": away, "called": called}
        frame |= {"invited": invited, "governed": visit.staff.appoints(person.role), "link": None}
        return self._pages.show(visit, "person.html", status, **(frame | self._choices(visit) | view))

    async def _do(self, visit: Visit) -> Response:
        deed, staff_id = self._deeds.get(visit.text("act")), number(visit.request.path_params["person"])
        if deed is None:
            raise Refused("bot.bad_request")
        try:
            return await deed(visit, staff_id)
        except Refused as refused:
            if refused.key in {"staff.may_not", "staff.unknown"}:
                raise
            status = 409 if refused.key == "staff.too_late" else 422
            return await self._show(visit, staff_id, status, said=self._pages.why(refused, visit.language))

    async def _change(self, visit: Visit, staff_id: int) -> Response:
        version, post = visit.number("version"), self._post(visit)
        await self._parts.database.write(people.change, self._pages.library, visit.staff, staff_id, version, post)
        return self._again(staff_id)

    async def _disable(self, visit: Visit, staff_id: int) -> Response:
        await self._parts.database.write(people.disable, visit.staff, staff_id)
        return self._again(staff_id)

    async def _enable(self, visit: Visit, staff_id: int) -> Response:
        await self._parts.database.write(people.enable, visit.staff, staff_id)
        return self._again(staff_id)

    async def _reset(self, visit: Visit, staff_id: int) -> Response:
        secret = await self._parts.database.write(people.reset, visit.staff, staff_id)
        return await self._show(visit, staff_id, link=self._link(secret))

    async def _absent(self, visit: Visit, staff_id: int) -> Response:
        first, last = _date(visit.text("from")), _date(visit.text("until"))

        def unit(tx: Tx) -> None:
            people.set_absent(tx, visit.staff, staff_id, visit.number("deputy"), first, last, self._day(tx))

        await self._parts.database.write(unit)
        return self._again(staff_id)

    async def _back(self, visit: Visit, staff_id: int) -> Response:
        await self._parts.database.write(people.end_absence, visit.staff, staff_id, visit.number("absence"))
        return self._again(staff_id)

    def _choices(self, visit: Visit) -> dict[str, Any]:
        """What a post is chosen from."""
        city = self._pages.library.city
        roles = [role for role in ROLES if visit.staff.appoints(role)]
        return {"roles": roles, "everywhere": EVERYWHERE, "departments": city.departments, "districts": city.districts}

    def _post(self, visit: Visit) -> Post:
        departments, areas = frozenset(visit.texts("department")), frozenset(visit.texts("area"))
        return Post(visit.text("name"), visit.text("role"), departments, areas)

    def _link(self, secret: str) -> str:
        return f"{self._parts.base_url}/console/invitation/{secret}"

    def _day(self, tx: Tx) -> datetime.date:
        return tx.now.astimezone(self._parts.house.zone).date()

    def _again(self, staff_id: int) -> Response:
        return RedirectResponse(f"/console/people/{staff_id}", 303)


def _date(written: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(written)
    except ValueError:
        raise Refused("staff.bad_day") from None
