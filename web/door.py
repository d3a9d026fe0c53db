"""``POST /chat/messages``: the hot door of the web chat. One message, one unit, its answer."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from random import randint

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.asgi import Gone, Receive, Scope, Send, TooBig, body, capped, header, respond
from bot.channels.web.channel import Lookers
from bot.media import MediaUnavailable
from bot.messages import Address, Incoming, Photo
from bot.photos import receive as stage
from civic.errors import Refused
from db.database import Busy, passing
from web import wire
from web.origin import Origin
from web.parts import Parts
from web.throttle import Rate, Throttle
from web.tracing import NAME, request_number
from web.visitors import Visitors

log = logging.getLogger("youli.web")
JSON = b"application/json; charset=utf-8"
LARGEST = 64 * 1024  # bytes of a JSON message
PHOTO_LIMIT = 20_000_000  # bytes of one photo
PHOTOS = 9
UPLOAD_LIMIT = PHOTOS * PHOTO_LIMIT // 2  # bytes of one message with photos
PACE = Rate("pace", 20, 10)  # messages of one resident
CROWD = Rate("crowd", 200, 60)  # messages without a cookie from one address: a school has one for all
AGAIN = (3, 8)  # seconds after which to come again when many write at once: by chance, so that not all do so together
PHOTO_PATIENCE = 2.0  # seconds that a photo may wait to be looked at when it comes again; half of it the first time
LATER = 30  # seconds after which to try again what could not be stored
STATUS = {
    "bot.too_long": 413,
    "bot.too_big": 413,
    "photo.too_big": 413,
    "bot.photo_which": 422,
    "bot.too_many_photos": 413,
}


class MessageDoor:
    """Reads the cookie and the message, lets the engine handle it, writes JSON."""

    def __init__(
        self, parts: Parts, visitors: Visitors, lookers: Lookers, origin: Origin, folder: Path, throttle: Throttle
    ) -> None:
        self._parts, self._visitors, self._lookers, self._origin = parts, visitors, lookers, origin
        self._folder, self._throttle = folder, throttle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visitor = self._visitors.read(header(scope, b"cookie"))
        fresh = visitor is None
        visitor = visitor or self._visitors.new()
        headers = [(b"cache-control", b"no-store")]
        if fresh:
            headers.append((b"set-cookie", self._visitors.cookie(visitor)))
        try:
            self._parts.dispatch.admit("web", again=bool(header(scope, b"x-again")))
            wait = await self._wait(scope, visitor, fresh=fresh)
            if wait:
                headers = [(b"cache-control", b"no-store"), (b"retry-after", b"%d" % wait)]
                return await self._refuse(scope, send, 429, Refused("bot.too_fast", seconds=wait), headers)
            message = await self._read(scope, receive, visitor)
            exchange = await self._parts.dispatch.handle(message)
            if not exchange.repeated:
                self._show(exchange.talk_id, message.id)
        except Refused as refused:
            status = STATUS.get(refused.key, 422 if refused.key.startswith("photo.") else 400)
            return await self._refuse(scope, send, status, refused, headers)
        except TooBig:
            photos = "multipart" in header(scope, b"content-type")
            megabytes, characters = UPLOAD_LIMIT // 1_000_000, wire.LONGEST
            too_big = (
                Refused("bot.too_big", limit_mb=megabytes) if photos else Refused("bot.too_long", limit=characters)
            )
            return await self._refuse(scope, send, 413, too_big, [*headers, (b"connection", b"close")])
        except Busy:
            pause = randint(*AGAIN)  # nosec B311 # noqa: S311 - only spreads them
            told = [*headers, (b"retry-after", b"%d" % pause)]
            return await self._refuse(scope, send, 503, Refused("bot.busy"), told)
        except (Gone, ClientDisconnect):
            return None
        except Exception as error:
            number = request_number(scope)
            told = [*headers, (NAME, number.encode())]
            if isinstance(error, MediaUnavailable) or passing(error):
                log.error("message not stored", extra={"request": number, "kind": type(error).__name__})
                later = [*told, (b"retry-after", b"%d" % LATER)]
                return await self._refuse(scope, send, 503, Refused("bot.not_stored"), later)
            log.exception("message not handled", extra={"request": number})
            return await self._refuse(scope, send, 500, Refused("bot.sorry"), told)
        await respond(send, 200, wire.answer(exchange), JSON, headers)

    def _show(self, talk_id: int, key: str) -> None:
        """In the resident's other windows, which may be open at other processes."""
        self._lookers.wake(talk_id, key)
        self._parts.database.tell(talk_id, key)

    async def _wait(self, scope: Scope, visitor: str, *, fresh: bool) -> int:
        """Seconds to wait when a resident, or an address that keeps no cookies, writes too fast; else 0."""
        if fresh and (wait := await self._throttle.wait(CROWD, self._origin.house_of(scope))):
            return wait
        return await self._throttle.wait(PACE, visitor)

    async def _read(self, scope: Scope, receive: Receive, visitor: str) -> Incoming:
        kind = header(scope, b"content-type").partition(";")[0].strip().lower()
        if kind == "application/json":
            return wire.parse(await body(receive, LARGEST), visitor, self._language(scope))
        # A page under another name of our domain sends the cookie along, and for a form no browser asks us first.
        if kind == "multipart/form-data" and header(scope, b"sec-fetch-site") in {"", "same-origin"}:
            patience = PHOTO_PATIENCE if header(scope, b"x-again") else PHOTO_PATIENCE / 2
            if self._parts.darkroom.behind() > patience:  # before it is uploaded
                self._parts.dispatch.turn_away("web")
            request = Request(scope, capped(receive, UPLOAD_LIMIT))
            return await self._multipart(request, visitor, self._language(scope))
        raise Refused("bot.bad_request")

    async def _multipart(self, request: Request, visitor: str, language: str) -> Incoming:
        try:
            with self._parts.darkroom.coming():
                form = await request.form(max_files=5 * PHOTOS, max_fields=10)
        except (MultiPartException, UnicodeError):  # UnicodeError: some charsets that a client may name
            raise Refused("bot.bad_request") from None
        try:
            number = wire.message_id(form.get("id"))
            text = wire.words(form.get("text") or "")
            uploads = [item for item in form.getlist("photo") if isinstance(item, UploadFile)]
            if not uploads:
                raise Refused("bot.bad_request")
            if len(uploads) > PHOTOS:
                raise Refused("bot.too_many_photos", limit=PHOTOS)
            photos = [await self._develop(upload, place, len(uploads)) for place, upload in enumerate(uploads, start=1)]
        finally:
            await form.close()
        return Incoming(Address("web", visitor), number, text=text, photos=tuple(photos), language=language)

    async def _develop(self, upload: UploadFile, place: int, count: int) -> Photo:
        try:
            staged = await stage(_chunks(upload), PHOTO_LIMIT, self._folder)
            developed = await self._parts.darkroom.develop(staged, self._parts.media, PHOTO_PATIENCE)
        except Busy:
            self._parts.dispatch.turn_away("web")
        except Refused as refused:
            if count == 1:
                raise
            raise Refused("bot.photo_which", place=place, reason=refused) from None
        return Photo(developed.sha256, developed)

    def _language(self, scope: Scope) -> str:
        return preferred(header(scope, b"accept-language"), self._parts.house.language)

    def _words(self, refused: Refused, language: str) -> str:
        params = {
            name: self._words(value, language) if isinstance(value, Refused) else value
            for name, value in refused.params.items()
        }
        return self._parts.house.library.texts.render(language, refused.key, **params)

    async def _refuse(
        self, scope: Scope, send: Send, status: int, refused: Refused, headers: list[tuple[bytes, bytes]]
    ) -> None:
        language = self._language(scope)
        error = {"error": {"code": refused.key, "text": self._words(refused, language)}}
        await respond(send, status, json.dumps(error, ensure_ascii=False).encode(), JSON, headers)


def preferred(accepted: str, default: str) -> str:
    """zh or en by an Accept-Language header: whichever is named first."""
    for part in accepted.lower().split(","):
        code = part.strip()[:2]
        if code in {"zh", "en"}:
            return code
    return default


def reader_language(request: Request, parts: Parts) -> str:
    """What somebody who follows a link reads: ``?lang=``, else the browser's language, else the city's."""
    asked = request.query_params.get("lang")
    accepted = request.headers.get("accept-language", "")
    return asked if asked in {"zh", "en"} else preferred(accepted, parts.house.language)


def refusal(request: Request, parts: Parts, status: int, key: str) -> Response:
    """Why not, in the reader's language: JSON for programs, a page with the way back for who followed a link."""
    language = preferred(request.headers.get("accept-language", ""), parts.house.language)
    library = parts.house.library
    text = library.texts.render(language, key)
    headers = {"cache-control": "no-store", "content-language": language}
    if "text/html" in request.headers.get("accept", ""):
        city, back = library.city.in_language(language).name, library.texts.render(language, "notice.back")
        words = {"text": text, "back": back, "language": language, "city": city}
        return HTMLResponse(parts.templates.get_template("refused.html").render(words), status, headers)
    return JSONResponse({"error": {"code": key, "text": text}}, status, headers)


async def _chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(1024 * 1024):  # most photos at once
        yield chunk
