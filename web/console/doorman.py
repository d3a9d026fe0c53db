"""Who may come in: the session's cookie, the form's token, the right that a page asks for."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions.people import acting
from bot.asgi import TooBig, capped
from bot.media import MediaUnavailable
from civic import passwords
from civic.errors import Refused
from db import sessions, staff
from db.database import Busy, passing
from db.tx import Tx
from web.console.cookies import Cookies
from web.console.pages import Pages
from web.console.porch import Porch, same_site
from web.console.visit import Visit, inside
from web.parts import Parts

log = logging.getLogger("youli.console")
SMALL = 256 * 1024  # bytes of a form without files
Room = Callable[[Visit], Awaitable[Response]]
STATUS = {
    "staff.may_not": 403,
    "console.old_form": 403,
    "casework.unknown": 404,
    "staff.unknown": 404,
    "console.not_found": 404,
}


class Doorman:
    """Lets people into rooms."""

    def __init__(self, parts: Parts, pages: Pages, porch: Porch, cookies: Cookies) -> None:
        self._parts, self._pages, self._porch, self._cookies = parts, pages, porch, cookies

    def page(self, path: str, room: Room, right: str | None = None) -> Route:
        """A room's door to look in. ``right`` is one of civic.staff.RIGHTS."""
        return self._door(path, "GET", room, right)

    def form(self, path: str, room: Room, right: str | None = None, limit: int = SMALL) -> Route:
        """A room's door to do something: a form of at most ``limit`` bytes with the session's token."""

        async def checked(visit: Visit) -> Response:
            return await self._with_form(visit, room, limit)

        return self._door(path, "POST", checked, right)

    def _door(self, path: str, method: str, room: Room, right: str | None) -> Route:
        async def door(request: Request) -> Response:
            visit = await self._visit(request)
            if visit is None:
                return self._outside(request)
            try:
                if right is not None and not visit.staff.may(right):
                    raise Refused("staff.may_not")
                return await room(visit)
            except Refused as refused:
                return self._refusal(visit, refused, STATUS.get(refused.key, 422))
            except TooBig:
                return self._refusal(visit, Refused("console.too_big"), 413)
            except Busy:
                return self._refusal(visit, Refused("bot.busy"), 503)
            except Exception as error:
                if not (isinstance(error, MediaUnavailable) or passing(error)):
                    raise
                log.error("form or page not served", extra={"kind": type(error).__name__})
                return self._refusal(visit, Refused("bot.not_stored"), 503)

        return Route(path, door, methods=[method])

    async def _visit(self, request: Request) -> Visit | None:
        secret = self._cookies.read(request, "staff")
        if not secret:
            return None
        digest = passwords.digest(secret)
        zone, address = self._parts.house.zone, self._porch.address(request)

        def who(tx: Tx) -> tuple[Visit, bool] | None:
            session = sessions.find_session(tx, digest)
            colleague = staff.find_colleague(tx, session.staff_id) if session else None
            if session is None or colleague is None or not colleague.active:
                return None
            day = tx.now.astimezone(zone).date()
            acts = acting(tx, colleague, day, address)
            absent = tuple(one.id for one in staff.stands_in_for(tx, colleague.id, day.isoformat()))
            visit = Visit(request, session, colleague, acts, self._cookies.mark("form", digest), absent)
            return visit, tx.ms - session.seen_at > sessions.BEAT

        found = await self._parts.database.read(who)
        if found is None:
            return None
        visit, late = found
        if late:
            await self._parts.database.write(sessions.seen, visit.session.id)
        return visit

    def _outside(self, request: Request) -> Response:
        """To the page where one signs in, and back to here afterwards."""
        onward = inside(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
        if request.method == "POST" or "hx-request" in request.headers:
            return self._porch.welcome(request, onward, 401)
        return RedirectResponse(f"/console/sign-in?next={quote(onward, safe='')}", 303)

    async def _with_form(self, visit: Visit, room: Room, limit: int) -> Response:
        if not same_site(visit.request):
            raise Refused("console.old_form")
        request = Request(visit.request.scope, capped(visit.request.receive, limit))
        try:
            form: Any = await request.form(max_files=20, max_fields=1000)
        except (MultiPartException, UnicodeError):
            raise Refused("bot.bad_request") from None
        except ClientDisconnect:
            return Response(status_code=400)
        try:
            given = form.get("token")
            if not isinstance(given, str) or not self._right(visit, given):
                raise Refused("console.old_form")
            return await room(replace(visit, request=request, form=form))
        finally:
            await form.close()

    def _right(self, visit: Visit, given: str) -> bool:
        digest = passwords.digest(self._cookies.read(visit.request, "staff"))
        return self._cookies.marked("form", digest, given)

    def _refusal(self, visit: Visit, refused: Refused, status: int) -> Response:
        """Why not, as a page."""
        return self._pages.show(visit, "refused.html", status, why=self._pages.why(refused, visit.language))
