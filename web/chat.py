"""The chat page and what it asks for beside sending: history, read marks, pushed notices, own photos, the export."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from actions import duty, residents
from bot.asgi import Gone, TooBig, body
from bot.channels.web.channel import Lookers
from bot.media import MediaMissing
from civic.errors import Refused
from db import history, photos, report_photos, talks
from db.history import StoredExchange
from db.tx import Tx
from web import wire
from web.door import preferred, refusal
from web.parts import Parts
from web.visitors import Visitors

PAGE = 30
BEAT = 15.0  # seconds between heartbeats, and between looks for what was told while the line to others was down
LATER = 60  # seconds after which a line may be free
QUICK = ("tip", "quiz", "report", "reports", "points", "help", "language", "privacy")


class Chat:
    """The rooms behind /chat."""

    def __init__(self, parts: Parts, visitors: Visitors, lookers: Lookers, static: Path) -> None:
        self._parts, self._visitors, self._lookers = parts, visitors, lookers
        self._worker_file = static / "chat" / "sw.js"

    def routes(self) -> list[Route]:
        """What is served here; POST /chat/messages is the hot door's."""
        return [
            Route("/", self._home),
            Route("/chat", self._page),
            Route("/chat/manifest.webmanifest", self._manifest),
            Route("/chat/sw.js", self._worker),
            Route("/chat/messages", self._history, methods=["GET"]),
            Route("/chat/read", self._read, methods=["POST"]),
            Route("/chat/events", self._events),
            Route("/chat/photos/{photo:int}/{size}.jpg", self._photo),
            Route("/export/{token}", self._export),
        ]

    async def _home(self, request: Request) -> Response:
        return RedirectResponse("/chat")

    async def _page(self, request: Request) -> Response:
        language = await self._language(request)
        library = self._parts.house.library
        city = library.city.in_language(language).name
        commands = [{"label": library.texts.render(language, f"command.{name}"), "text": f"/{name}"} for name in QUICK]
        html = self._parts.templates.get_template("chat.html").render(
            words=lambda key, **params: library.texts.render(language, key, **params),
            language=language,
            city=city,
            title=f"{library.texts.render(language, 'page.name')} · {city}",
            commands=commands,
            sources=library.citing.leads,
            greeting_source=request.query_params.get("start", "")[:64],
        )
        response = Response(html, media_type="text/html", headers={"cache-control": "private, no-cache"})
        # Before the first message: should its answer get lost, the second attempt must come from the same visitor.
        visitor = self._visitors.read(request.headers.get("cookie", "")) or self._visitors.new()
        response.raw_headers.append((b"set-cookie", self._visitors.cookie(visitor)))
        return response

    async def _manifest(self, request: Request) -> Response:
        language = await self._language(request)
        library = self._parts.house.library
        text = self._parts.templates.get_template("manifest.webmanifest").render(
            words=lambda key, **params: library.texts.render(language, key, **params),
            language=language,
            city=library.city.in_language(language).name,
        )
        return Response(text, media_type="application/manifest+json")

    async def _worker(self, request: Request) -> Response:
        """The service worker, from below /chat so that it may serve /chat itself."""
        headers = {"service-worker-allowed": "/chat", "cache-control": "no-cache"}
        return FileResponse(self._worker_file, media_type="text/javascript", headers=headers)

    async def _language(self, request: Request) -> str:
        """The resident's own language, else the browser's, else the city's."""
        asked = request.query_params.get("lang")
        if asked in {"zh", "en"}:
            return asked
        talk = await self._talk(request)
        if talk is not None:
            resident = await self._parts.database.read(talks.find_resident, talk[1])
            if resident is not None:
                return resident.language
        return preferred(request.headers.get("accept-language", ""), self._parts.house.language)

    async def _talk(self, request: Request) -> tuple[int, int, int] | None:
        visitor = self._visitors.read(request.headers.get("cookie", ""))
        return await self._parts.database.read(talks.find_talk, "web", visitor) if visitor else None

    async def _history(self, request: Request) -> Response:
        talk = await self._talk(request)
        try:
            after = wire.exchange_id(request.query_params.get("after"))
            before = wire.exchange_id(request.query_params.get("before"))
            limit = int(request.query_params.get("limit", PAGE))
        except (Refused, ValueError):
            return self._bad(request)
        if talk is None:
            return JSONResponse({"messages": [], "unread": 0, "more": False})
        limit = max(1, min(100, limit))
        page = await self._parts.database.read(history.transcript, talk[0], after=after, before=before, limit=limit + 1)
        more = len(page) > limit
        if more:
            page = page[1:] if after is None else page[:limit]
        unread = await self._parts.database.read(history.unread, talk[0])
        found = {"messages": wire.history(page), "unread": unread, "more": more}
        return Response(orjson.dumps(found), media_type="application/json", headers={"cache-control": "no-store"})

    async def _read(self, request: Request) -> Response:
        talk = await self._talk(request)
        try:
            seen = wire.exchange_id(str(json.loads(await body(request.receive, 1000))["id"]))
        except (Refused, ValueError, KeyError, TypeError, RecursionError, TooBig):
            return self._bad(request)
        except Gone:
            return Response(status_code=204)
        if talk is not None and seen is not None:
            await self._parts.database.write(history.mark_read, talk[0], min(seen, 2**62))
        return Response(status_code=204)

    async def _events(self, request: Request) -> Response:
        talk = await self._talk(request)
        if talk is None:
            return Response(status_code=204)  # tells EventSource not to come back before there is a talk
        if self._lookers.full():  # the page then looks for news by itself, and now and then for a free line
            later = refusal(request, self._parts, 503, "bot.busy")
            later.headers["retry-after"] = str(LATER)
            return later
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        try:
            seen = wire.exchange_id(request.headers.get("last-event-id"))
        except Refused:
            seen = None
        own = request.query_params.get("own", "")[:64]
        return StreamingResponse(self._stream(talk[0], seen, own), media_type="text/event-stream", headers=headers)

    async def _stream(self, talk_id: int, seen: int | None, own: str) -> AsyncIterator[str]:
        """What is pushed after the exchange that was seen last; without one, from now on. Turns, too, where the window
        tells how the ids of its own messages begin: those it has from their answers."""
        with self._lookers.watching(talk_id, own) as window:  # before looking: nothing is missed in between
            latest = await self._parts.database.read(history.transcript, talk_id, limit=1)
            last = seen if seen is not None else latest[-1].id if latest else 0
            yield "retry: 3000\n\n: hello\n\n"
            while True:
                for row in await self._parts.database.read(_after, talk_id, last):
                    last = row.id
                    if row.said is not None and (not own or row.key.startswith(own)):
                        continue
                    kind = "message" if row.said is None else "turn"
                    for message in wire.history([row]):
                        data = orjson.dumps(message).decode()
                        yield f"event: {kind}\nid: {message['id']}\ndata: {data}\n\n"
                try:
                    async with asyncio.timeout(BEAT):
                        await window.news.wait()
                    if self._lookers.closed:
                        return
                    window.news.clear()
                except TimeoutError:
                    yield ": beat\n\n"

    async def _photo(self, request: Request) -> Response:
        """A public copy, to its owner and to staff: the photo of a report is not public yet."""
        talk = await self._talk(request)
        photo = min(request.path_params["photo"], 2**62)
        size = request.path_params["size"]
        key = await self._parts.database.read(photos.copy_key, photo, size)
        if talk is None or key is None or not await self._may_see(talk, photo, size):
            return refusal(request, self._parts, 404, "bot.not_found")
        try:
            picture = await self._parts.media.get(key)
        except MediaMissing:
            return refusal(request, self._parts, 404, "bot.not_found")
        return Response(picture, media_type="image/jpeg", headers={"cache-control": "private, max-age=86400"})

    async def _may_see(self, talk: tuple[int, int, int], photo_id: int, size: str) -> bool:
        """It is theirs, or belongs to their report, or to one that is theirs to work on. Of what anybody may see: they
        are asked whether that report is the same as theirs, or follow it and see how it was solved."""

        def theirs(tx: Tx) -> bool:
            shared = size == "public" and (
                report_photos.after_of_followed(tx, photo_id, talk[1])
                or report_photos.offered_in(tx, talk[0], photo_id)
            )
            return shared or photos.owner(tx, photo_id) == talk[1] or report_photos.in_report_of(tx, photo_id, talk[1])

        database = self._parts.database
        if await database.read(theirs):
            return True
        if not await database.read(duty.is_bound, talk[0]):
            return False
        return await database.write(duty.sees_photo, talk[0], photo_id, self._parts.house.zone)

    async def _export(self, request: Request) -> Response:
        now = await self._parts.database.read(_now)
        subject = self._parts.house.links.open("export", request.path_params["token"], now)
        if subject is None:
            return refusal(request, self._parts, 404, "privacy.link_over")
        data = await self._parts.database.read(residents.export, int(subject))
        if self._parts.house.made_up:
            data = {"demo": True} | data
        content = json.dumps(data, ensure_ascii=False, indent=2)
        name = f"youli-{now:%Y%m%d}.json"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return Response(content, media_type="application/json; charset=utf-8", headers=headers)

    def _bad(self, request: Request) -> Response:
        return refusal(request, self._parts, 400, "bot.bad_request")


def _after(tx: Tx, talk_id: int, after: int) -> list[StoredExchange]:
    """What was written after an exchange, however much."""
    found: list[StoredExchange] = []
    while page := history.transcript(tx, talk_id, after=after, limit=100):
        found += page
        after = page[-1].id
    return found


def _now(tx: Tx) -> datetime:
    return tx.now
