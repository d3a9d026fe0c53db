"""The pages before one is in, and what can be said of somebody who is not: address, language, a form that is ours."""

import secrets
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from bot.asgi import TooBig, capped
from civic.errors import Refused
from web.console.cookies import Cookies
from web.console.pages import Pages
from web.console.visit import text
from web.door import preferred
from web.origin import Origin

LARGEST = 64 * 1024  # bytes of a form
FIELDS = ("token", "next", "login", "password", "again", "mark", "code")


class Porch:
    """Whoever stands here has no session; a cookie of their own binds the forms they are given."""

    def __init__(self, pages: Pages, cookies: Cookies, proxies: Sequence[str], language: str) -> None:
        self._pages, self._cookies, self._language = pages, cookies, language
        self._origin = Origin(proxies)

    def welcome(self, request: Request, onward: str, status: int = 200, said: Refused | None = None) -> Response:
        """The page where one signs in; ``onward`` is where one goes then."""
        return self.show(request, "sign_in.html", status, said, onward=onward, login="", ended=status == 401)

    def show(
        self, request: Request, template: str, status: int = 200, said: Refused | None = None, **view: object
    ) -> Response:
        """A page with a form; ``said`` is why the last one was refused."""
        language = preferred(request.headers.get("accept-language", ""), self._language)
        cookie = self._cookies.read(request, "door") or secrets.token_hex(16)
        words = self._pages.why(said, language) if said else None
        token = self._cookies.mark("door", cookie)
        response = self._pages.plain(template, language, status, token=token, said=words, **view)
        self._cookies.set(response, "door", cookie)
        return response

    async def form(self, request: Request) -> dict[str, str]:
        """The fields of FIELDS. Raises Refused when another site's page, or an old one of ours, sent them."""
        if not same_site(request):
            raise Refused("console.old_form")
        request = Request(request.scope, capped(request.receive, LARGEST))
        try:
            async with request.form(max_files=0, max_fields=20) as form:
                fields = {name: text(form, name) for name in FIELDS}
                fields |= {name: str(form.get(name, "")) for name in ("password", "again")}  # spaces count there
        except TooBig:
            raise Refused("bot.bad_request") from None
        except Exception as error:
            if isinstance(error, Refused):
                raise
            raise Refused("bot.bad_request") from None  # whatever a parser says of garbage
        cookie = self._cookies.read(request, "door")
        if not cookie or not self._cookies.marked("door", cookie, fields["token"]):
            raise Refused("console.old_form")
        return fields

    def house(self, request: Request) -> str:
        """What attempts from there are counted by."""
        return self._origin.house_of(request.scope)

    def address(self, request: Request) -> str:
        """Where a request comes from."""
        return self._origin.of(request.scope)


def same_site(request: Request) -> bool:
    """Whether one of our own pages sent a form, as far as the browser says."""
    return request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
