"""All routes on one page: hot doors first, then pages."""

import logging
import mimetypes
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.asgi import Door, Receive, Scope, Send
from bot.media import MediaUnavailable
from db.database import passing
from db.tx import Tx
from web.door import LATER, refusal
from web.parts import Parts
from web.tracing import NAME, request_number

log = logging.getLogger("youli.web")

SECURITY = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "object-src 'none'; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(self), microphone=()",
}


class Site:
    """The whole ASGI application. ``hot`` are doors by exact path and method, answered without any framework."""

    def __init__(self, hot: Mapping[tuple[str, str], Door], pages: Door) -> None:
        self._hot, self._pages = hot, pages

    def hot(self, method: str, path: str) -> bool:
        """Whether a door of ours is there."""
        return (method, path) in self._hot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            door = self._hot.get((scope["method"], scope["path"]))
            if door is not None:
                return await door(scope, receive, send)
            try:
                return await self._pages(scope, receive, send)
            except Exception:  # the apology is on its way; Starlette hands the error on
                room = getattr(scope.get("endpoint"), "__qualname__", "")  # not the path: people write there
                log.exception("page failed", extra={"request": request_number(scope), "room": room})
                return None
        await self._pages(scope, receive, send)


def pages(parts: Parts, routes: list[BaseRoute], pictures: Path, static: Path, tiles: str = "") -> Door:
    """The framework's part: health, pages, static files, with security headers on everything; ``tiles`` is the address
    of a map's, whose host pages may show pictures of."""

    async def healthz(request: Request) -> Response:
        return Response("ok", media_type="text/plain")

    async def readyz(request: Request) -> Response:
        try:
            await parts.database.read(_look)
        except Exception:
            return JSONResponse({"ready": False, "database": "unreachable"}, 503)
        return JSONResponse({"ready": True})

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        key = {404: "bot.not_found", 405: "bot.wrong_method"}.get(error.status_code, "bot.bad_request")
        response = refusal(request, parts, error.status_code, key)
        response.headers.update(error.headers or {})
        return response

    async def failed(request: Request, error: Exception) -> Response:  # Site logs it
        if not (isinstance(error, MediaUnavailable) or passing(error)):
            return refusal(request, parts, 500, "bot.sorry")
        later = refusal(request, parts, 503, "bot.not_stored")
        later.headers["retry-after"] = str(LATER)
        return later

    mimetypes.add_type("text/javascript", ".js")  # some systems say text/plain, and browsers refuse that
    framework = Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *routes,
            Mount("/pictures", StaticFiles(directory=pictures)),
            Mount("/static", StaticFiles(directory=static)),
        ],
        exception_handlers={HTTPException: refused, Exception: failed},
        middleware=[Middleware(GZipMiddleware, minimum_size=1024)],
    )
    # Around the framework, whose apology for a failed page passes by its own middleware.
    return SecurityHeaders(framework, images=_origin(tiles), secure=parts.base_url.startswith("https://"))


class SecurityHeaders:
    """Adds the headers of SECURITY and the request's number to every response."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], images: str, *, secure: bool) -> None:
        self._app = app
        with_images = f"img-src 'self' {images}".rstrip()
        fields = {name: value.replace("img-src 'self'", with_images) for name, value in SECURITY.items()}
        if secure:  # a year, once everybody comes by https (RFC 6797)
            fields["strict-transport-security"] = "max-age=31536000"
        self._headers = [(name.encode(), value.encode()) for name, value in fields.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Modules import each other by plain names: browsers must ask whether they changed (a 304 by ETag).
        fresh = (
            [(b"cache-control", b"no-cache")] if scope.get("path", "").startswith(("/static/", "/pictures/")) else []
        )

        async def secured(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                assert isinstance(headers, list)
                headers = [(name, _path(value) if name == b"location" else value) for name, value in headers]
                number = (NAME, request_number(scope).encode())
                message["headers"] = [*headers, *self._headers, *fresh, number]
            await send(message)

        await self._app(scope, receive, secured)  # type: ignore[arg-type]


def _path(location: bytes) -> bytes:
    """Where a redirect leads, on this host whatever it is called: the framework takes the name that the caller gave."""
    return re.sub(rb"\A(?:https?://[^/?#]*)?/*(?=[^/]|\Z)", b"/", location, count=1)


def _origin(address: str) -> str:
    """Scheme and host, with * for a part of the name that varies (``{s}``)."""
    found = re.match(r"https?://[^/]+", address)
    return re.sub(r"\{\w+\}", "*", found[0]) if found else ""


def _look(tx: Tx) -> None:
    tx.connection.exec_driver_sql("SELECT 1")
