"""One's own account: password, second factor with recovery codes, language, sessions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pyotp
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions import duty, people, signing
from civic.errors import Refused
from content.texts import LANGUAGES
from db import sessions, staff
from db.tx import Tx
from web import looks
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.signing import Locks
from web.console.visit import Visit, number
from web.parts import Parts

Deed = Callable[[Visit], Awaitable[Response]]


class Account:
    """/console/account and /console/sessions."""

    def __init__(self, parts: Parts, pages: Pages, locks: Locks) -> None:
        self._parts, self._pages, self._locks = parts, pages, locks
        self._deeds: Mapping[str, Deed] = {
            "password": self._password,
            "totp": self._totp,
            "totp-off": self._totp_off,
            "codes": self._codes,
            "language": self._language,
            "chat": self._chat,
        }

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            doorman.page("/console/account", self._page),
            doorman.form("/console/account", self._do),
            doorman.page("/console/sessions", self._sessions),
            doorman.form("/console/sessions", self._end),
        ]

    async def _page(self, visit: Visit) -> Response:
        return self._show(visit)

    def _show(self, visit: Visit, status: int = 200, **view: object) -> Response:
        """``key`` is a new second factor that waits to be shown to work: drawn as a code to scan, and in letters."""
        frame: dict[str, object] = {"room": "account", "key": None, "mark": "", "codes": None, "chat_code": None}
        frame |= {"languages": LANGUAGES} | view
        if frame["key"]:
            issuer = f"Youli {self._pages.library.city.in_language(visit.language).name}"
            uri = pyotp.TOTP(str(frame["key"])).provisioning_uri(name=visit.colleague.login, issuer_name=issuer)
            import segno  # when somebody sets up a second factor

            frame["picture"] = segno.make(uri, error="m").svg_data_uri(scale=4, border=3, light="#fff")
        return self._pages.show(visit, "account.html", status, **frame)

    async def _do(self, visit: Visit) -> Response:
        deed = self._deeds.get(visit.text("act"))
        if deed is None:
            raise Refused("bot.bad_request")
        try:
            return await deed(visit)
        except Refused as refused:
            asked = visit.text("act") == "totp" and refused.key == "staff.wrong_code"
            key = visit.text("key") if asked and signing.is_key(visit.text("key")) else None
            said = self._pages.why(refused, visit.language)
            return self._show(visit, 422, said=said, key=key, mark=visit.text("mark"))

    async def _own_password(self, visit: Visit) -> None:
        """Whoever changes what guards the account shows that they know its password. Raises Refused."""
        attempt = signing.Attempt(visit.colleague.login, visit.staff.origin, f"{visit.colleague.id}-{visit.session.id}")
        await self._parts.database.write(signing.knock, attempt)
        if not await self._locks.fits(visit.colleague.password, str(visit.form.get("password", ""))):
            raise Refused("staff.wrong_password")
        await self._parts.database.write(signing.right, attempt)

    async def _password(self, visit: Visit) -> Response:
        await self._own_password(visit)
        new, again = (str(visit.form.get(name, "")) for name in ("new", "again"))
        hashed = await self._locks.made(new, again, [visit.colleague.login, visit.colleague.name])
        await self._parts.database.write(signing.change_password, visit.staff, hashed, visit.session.id)
        return self._show(visit, said=self._pages.library.texts.render(visit.language, "console.account.changed"))

    async def _totp(self, visit: Visit) -> Response:
        if not visit.text("key"):
            await self._own_password(visit)
            key = pyotp.random_base32()
            return self._show(visit, key=key, mark=await self._marked(visit, key))
        # Else whoever finds a console open could set a second factor of their own.
        if not await self._is_ours(visit, visit.text("key")):
            raise Refused("console.old_form")
        codes = await self._parts.database.write(signing.turn_on, visit.staff, visit.text("key"), visit.text("code"))
        return await self._with_codes(visit, codes)

    async def _marked(self, visit: Visit, key: str) -> str:
        """A mark for a key that was made since this sign-in, for who showed their password."""
        links, subject = self._parts.house.links, f"{visit.session.id} {key}"
        return await self._parts.database.read(lambda tx: links.seal("staff totp", subject, tx.now))

    async def _is_ours(self, visit: Visit, key: str) -> bool:
        links, mark = self._parts.house.links, visit.text("mark")
        subject = await self._parts.database.read(lambda tx: links.open("staff totp", mark, tx.now))
        return subject == f"{visit.session.id} {key}"

    async def _totp_off(self, visit: Visit) -> Response:
        await self._own_password(visit)
        await self._parts.database.write(signing.turn_off, visit.staff)
        return RedirectResponse("/console/account", 303)

    async def _codes(self, visit: Visit) -> Response:
        await self._own_password(visit)
        return await self._with_codes(visit, await self._parts.database.write(signing.new_codes, visit.staff))

    async def _with_codes(self, visit: Visit, codes: list[str]) -> Response:
        """The one time that recovery codes are told."""
        me = await self._parts.database.read(staff.find_colleague, visit.colleague.id)
        return self._show(visit, codes=codes, me=me)

    async def _language(self, visit: Visit) -> Response:
        if visit.text("language") not in LANGUAGES:
            raise Refused("bot.bad_request")
        await self._parts.database.write(signing.speak, visit.staff, visit.text("language"))
        return RedirectResponse("/console/account", 303)

    async def _chat(self, visit: Visit) -> Response:
        """A code, shown once, with which they bind a chat: it opens their tasks as well as a password does."""
        await self._own_password(visit)
        code = await self._parts.database.write(duty.code, visit.staff, visit.colleague.id)
        return self._show(visit, chat_code=code, chat_minutes=duty.LASTS // 60)

    async def _sessions(self, visit: Visit) -> Response:
        """One's own; an administrator sees everybody's."""
        everybody = visit.staff.may("audit")

        def look(tx: Tx) -> dict[str, Any]:
            found = sessions.sessions_of(tx, None if everybody else visit.colleague.id)
            return {"sessions": found, "people": {one.id: one.name for one in staff.colleagues(tx)}}

        found = await self._parts.database.read(look)
        if everybody:
            await looks.note(self._parts, visit.staff, "sessions", "", len(found["sessions"]))
        return self._pages.show(visit, "sessions.html", room="account", own=visit.session.id, **found)

    async def _end(self, visit: Visit) -> Response:
        who = number(visit.text("staff"))
        which = number(visit.text("session")) if visit.text("session") else None
        if who != visit.colleague.id and not visit.staff.may("audit"):
            raise Refused("staff.may_not")
        await self._parts.database.write(people.end_sessions, visit.staff, who, which)
        return RedirectResponse("/console/sessions", 303)
