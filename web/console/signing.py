"""Coming in and going out: sign-in, second factor, one-time invitation, sign-out."""

import asyncio
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions import signing
from actions.signing import Attempt
from civic import passwords
from civic.errors import Refused
from db import staff
from db.staff import Colleague
from db.tx import Tx
from web.console.cookies import Cookies
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.porch import Porch
from web.console.visit import Visit, inside
from web.parts import Parts

BROWSER = 400 * 24 * 3600  # seconds that a browser is remembered as one that signed in before
HALF = 5 * 60  # seconds between password and second factor


class Locks:
    """Passwords compared and made off the loop, two at a time: each takes 64 MiB and a tenth of a second."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(2)

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; as slow when there is none."""
        async with self._turn:
            return await asyncio.to_thread(passwords.matches, kept, password)

    async def made(self, password: str, again: str, known: list[str]) -> str:
        """A new password as it is kept. Raises Refused when it is too weak, or typed differently the second time."""
        if password != again:
            raise Refused("staff.password_differs")
        async with self._turn:
            await asyncio.to_thread(passwords.check, password, [*known, "youli"])
            return await asyncio.to_thread(passwords.hashed, password)


class Signing:
    """The rooms before one is in, and the way out."""

    def __init__(self, parts: Parts, pages: Pages, porch: Porch, cookies: Cookies, locks: Locks) -> None:
        self._parts, self._pages, self._porch, self._cookies, self._locks = parts, pages, porch, cookies, locks

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            Route("/console/sign-in", self._page, methods=["GET"]),
            Route("/console/sign-in", self._sign_in, methods=["POST"]),
            Route("/console/sign-in/code", self._code, methods=["POST"]),
            Route("/console/invitation/{secret}", self._invitation, methods=["GET"]),
            Route("/console/invitation/{secret}", self._accept, methods=["POST"]),
            doorman.form("/console/sign-out", self._sign_out),
        ]

    async def _page(self, request: Request) -> Response:
        return self._porch.welcome(request, inside(request.query_params.get("next")))

    async def _sign_in(self, request: Request) -> Response:
        login, onward = "", "/console"
        try:
            form = await self._porch.form(request)
            login, onward = form["login"], inside(form["next"])
            attempt = self._attempt(request, login)
            colleague = await self._parts.database.write(signing.knock, attempt)
            if not await self._locks.fits(colleague.password if colleague else None, form["password"]):
                await self._parts.database.write(signing.refuse, colleague, attempt)
                raise Refused("staff.wrong")
            assert colleague is not None
            if colleague.totp is not None:
                return self._porch.show(request, "code.html", mark=await self._half(colleague), onward=onward)
            return await self._let_in(request, colleague.id, attempt, onward)
        except Refused as refused:
            view = {"onward": onward, "login": login, "ended": False}
            return self._porch.show(request, "sign_in.html", _status(refused), refused, **view)

    async def _half(self, colleague: Colleague) -> str:
        """A mark for who showed a password: good for a code, for a few minutes, until the password is another one."""
        links, subject = self._parts.house.links, _half_way(colleague)
        return await self._parts.database.read(lambda tx: links.seal("staff code", subject, tx.now, HALF))

    async def _code(self, request: Request) -> Response:
        """The second factor."""
        links = self._parts.house.links
        mark, onward = "", "/console"

        def half(tx: Tx) -> Colleague | None:
            subject = links.open("staff code", mark, tx.now)
            colleague = staff.find_colleague(tx, int(subject.partition(" ")[0])) if subject else None
            return colleague if colleague is not None and _half_way(colleague) == subject else None

        try:
            form = await self._porch.form(request)
            mark, onward = form["mark"], inside(form["next"])
            colleague = await self._parts.database.read(half)
            if colleague is None:
                return self._porch.welcome(request, onward, 401)
            attempt = self._attempt(request, colleague.login)
            await self._parts.database.write(signing.knock, attempt)
            try:
                await self._parts.database.write(signing.second_factor, colleague.id, form["code"], attempt.origin)
            except Refused:
                await self._parts.database.write(signing.refuse, colleague, attempt)
                raise
            return await self._let_in(request, colleague.id, attempt, onward)
        except Refused as refused:
            return self._porch.show(request, "code.html", _status(refused), refused, mark=mark, onward=onward)

    async def _invitation(self, request: Request) -> Response:
        colleague = await self._invited(request)
        return self._porch.show(request, "invitation.html", 200 if colleague else 404, invited=colleague)

    async def _accept(self, request: Request) -> Response:
        colleague = await self._invited(request)
        if colleague is None:
            return self._porch.show(request, "invitation.html", 404, invited=None)
        try:
            form = await self._porch.form(request)
            hashed = await self._locks.made(form["password"], form["again"], [colleague.login, colleague.name])
            origin, agent = self._porch.address(request), request.headers.get("user-agent", "")
            secret = request.path_params["secret"]
            cookie = await self._parts.database.write(
                signing.accept, secret, hashed, origin, agent, self._before(request)
            )
        except Refused as refused:
            return self._porch.show(request, "invitation.html", _status(refused), refused, invited=colleague)
        return self._inside(colleague.id, cookie, "/console")

    async def _invited(self, request: Request) -> Colleague | None:
        secret = passwords.digest(request.path_params["secret"][:100])
        return await self._parts.database.read(staff.invited, secret)

    async def _sign_out(self, visit: Visit) -> Response:
        await self._parts.database.write(signing.sign_out, visit.staff, visit.session.id)
        response = RedirectResponse("/console/sign-in", 303)
        self._cookies.drop(response, "staff")
        return response

    async def _let_in(self, request: Request, staff_id: int, attempt: Attempt, onward: str) -> Response:
        agent = request.headers.get("user-agent", "")
        cookie = await self._parts.database.write(signing.sign_in, staff_id, attempt, agent)
        return self._inside(staff_id, cookie, onward)

    def _inside(self, staff_id: int, cookie: str, onward: str) -> Response:
        response = RedirectResponse(onward, 303)
        self._cookies.set(response, "staff", cookie)
        browser = f"{staff_id}-{secrets.token_hex(8)}"
        self._cookies.set(response, "browser", f"{browser}.{self._cookies.mark('browser', browser)}", BROWSER)
        return response

    def _attempt(self, request: Request, login: str) -> Attempt:
        browser, _, mark = self._cookies.read(request, "browser").partition(".")
        known = self._cookies.marked("browser", browser, mark)
        address, house = self._porch.address(request), self._porch.house(request)
        return Attempt(login, address, browser if known else "", house, self._before(request))

    def _before(self, request: Request) -> str:
        return passwords.digest(self._cookies.read(request, "staff"))


def _half_way(colleague: Colleague) -> str:
    return f"{colleague.id} {passwords.digest(colleague.password or '')[:16]}"


def _status(refused: Refused) -> int:
    return {"staff.wait": 429, "console.old_form": 403}.get(refused.key, 422)
