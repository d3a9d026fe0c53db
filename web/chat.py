"""The chat page and what it asks for beside sending: history, read marks, pushed notices, own photos, the export."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from actions import residents
from bot.channels.web.channel import Lookers
from bot.media import MediaMissing
from bot.messages import Exchange
from civic.errors import Refused
from db import photos, talks
from db.talks import StoredExchange
from db.tx import Tx
from web import wire
from web.door import preferred
from web.parts import Parts
from web.visitors import Visitors

PAGE = 30
BEAT = 15.0  # seconds between heartbeats, and between looks for what other processes wrote
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
        commands = [
            {"label": library.texts.render(language, f"command.{name}"), "text": f"/{name}"} for name in QUICK
        ]
        html = self._parts.templates.get_template("chat.html").render(
            words=lambda key, **params: library.texts.render(language, key, **params),
            language=language,
            city=city,
            title=f"{library.texts.render(language, 'page.name')} · {city}",
            commands=commands,
            greeting_source=request.query_params.get("start", "")[:64],
        )
        return Response(html, media_type="text/html", headers={"cache-control": "no-cache"})

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
        page = await self._parts.database.read(
            talks.transcript, talk[0], after=after, before=before, limit=limit + 1
        )
        more = len(page) > limit
        if more:
            page = page[1:] if after is None else page[:limit]
        unread = await self._parts.database.read(talks.unread, talk[0])
        return JSONResponse(
            {"messages": wire.history(page), "unread": unread, "more": more}, headers={"cache-control": "no-store"}
        )

    async def _read(self, request: Request) -> Response:
        talk = await self._talk(request)
        try:
            raw = await request.body()
            seen = wire.exchange_id(str(json.loads(raw[:1000])["id"]))
        except (Refused, ValueError, KeyError, TypeError):
            return self._bad(request)
        if talk is not None and seen is not None:
            await self._parts.database.write(talks.mark_read, talk[0], min(seen, 2**62))
        return Response(status_code=204)

    async def _events(self, request: Request) -> Response:
        talk = await self._talk(request)
        if talk is None:
            return Response(status_code=204)  # tells EventSource not to come back before there is a talk
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._stream(talk[0]), media_type="text/event-stream", headers=headers)

    async def _stream(self, talk_id: int) -> AsyncIterator[str]:
        latest = await self._parts.database.read(talks.transcript, talk_id, limit=1)
        last = latest[-1].id if latest else 0
        with self._lookers.watching(talk_id) as queue:
            yield "retry: 3000\n\n: hello\n\n"
            while True:
                try:
                    shown: Exchange | None = await asyncio.wait_for(queue.get(), BEAT)
                except TimeoutError:
                    yield ": beat\n\n"
                    shown = None
                else:
                    if shown is None:
                        return
                for row in await self._parts.database.read(_pushed_after, talk_id, last):
                    last = row.id
                    for message in wire.history([row]):
                        yield f"event: message\nid: {message['id']}\ndata: {json.dumps(message, ensure_ascii=False)}\n\n"

    async def _photo(self, request: Request) -> Response:
        """A public copy, to its owner: the photo of a report is not public yet."""
        talk = await self._talk(request)
        keys = await self._parts.database.read(photos.photo_keys, request.path_params["photo"])
        size = {"large": 1, "small": 2}.get(request.path_params["size"])
        if talk is None or keys is None or size is None or not await self._may_see(talk[1], request.path_params["photo"], keys[0]):
            return Response(status_code=404)
        key = keys[size]
        if not isinstance(key, str):
            return Response(status_code=404)
        try:
            picture = await self._parts.media.get(key)
        except MediaMissing:
            return Response(status_code=404)
        return Response(picture, media_type="image/jpeg", headers={"cache-control": "private, max-age=86400"})

    async def _may_see(self, resident_id: int, photo_id: int, owner: int | None) -> bool:
        return owner == resident_id or await self._parts.database.read(photos.in_report_of, photo_id, resident_id)

    async def _export(self, request: Request) -> Response:
        now = await self._parts.database.read(_now)
        subject = self._parts.house.links.open("export", request.path_params["token"], now)
        if subject is None:
            return Response(status_code=404)
        data = await self._parts.database.read(residents.export, int(subject))
        content = json.dumps(data, ensure_ascii=False, indent=2)
        name = f"youli-{now:%Y%m%d}.json"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return Response(content, media_type="application/json; charset=utf-8", headers=headers)

    def _bad(self, request: Request) -> Response:
        language = preferred(request.headers.get("accept-language", ""), self._parts.house.language)
        text = self._parts.house.library.texts.render(language, "bot.bad_request")
        return JSONResponse({"error": {"code": "bot.bad_request", "text": text}}, 400)


def _pushed_after(tx: Tx, talk_id: int, after: int) -> list[StoredExchange]:
    return [row for row in talks.transcript(tx, talk_id, after=after, limit=100) if row.said is None]


def _now(tx: Tx) -> datetime:
    return tx.now
