"""Doors for the office's own programs: GET /api/figures.json and /api/reports.json.

Read-only, with a token that stands for somebody of the staff: a program gets what that person sees in the console,
without names, words, addresses and positions.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions import figure_sheets, tokens
from civic.errors import Refused
from civic.staff import Staff
from db import queue
from db.database import Busy
from db.moments import from_ms
from db.queue import Sight, Wanted
from db.reports import Report
from db.tokens import used
from db.tx import Tx
from web import looks
from web.console.figures import STAFF
from web.door import preferred
from web.figures.asked import asked
from web.figures.look import Seen, look
from web.figures.page import why
from web.parts import Parts
from web.throttle import Rate, Throttle

PACE = Rate("api", 120, 60)
PAGE, MOST = 500, 1000  # reports
Room = Callable[[Request, Staff, str], Awaitable[Response]]


class Programs:
    """Lets programs in and serves them."""

    def __init__(self, parts: Parts, throttle: Throttle) -> None:
        self._parts, self._throttle = parts, throttle
        self._turn = asyncio.Semaphore(1)

    def routes(self) -> list[Route]:
        """Both doors."""
        rooms = {"/api/figures.json": self._figures, "/api/reports.json": self._reports}
        return [Route(path, self._door(room)) for path, room in rooms.items()]

    def _door(self, room: Room) -> Callable[[Request], Awaitable[Response]]:
        async def door(request: Request) -> Response:
            language = preferred(request.headers.get("accept-language", ""), self._parts.house.language)
            kind, _, secret = request.headers.get("authorization", "").partition(" ")
            who = None
            if kind.lower() == "bearer" and secret.strip():
                who = await self._parts.database.read(self._acting, secret.strip())
            if who is None:
                refusal = self._refusal(Refused("token.unknown"), language, 401)
                refusal.headers["www-authenticate"] = "Bearer"
                return refusal
            staff, number, seen_today = who
            if wait := await self._throttle.wait(PACE, str(number)):
                slower = self._refusal(Refused("bot.too_fast", seconds=wait), language, 429)
                slower.headers["retry-after"] = str(wait)
                return slower
            try:
                if not seen_today:
                    await self._parts.database.write(self._used, number)
                return await room(request, staff, language)
            except Refused as refused:
                return self._refusal(refused, language, 400)
            except Busy:
                return self._refusal(Refused("bot.busy"), language, 503)

        return door

    def _acting(self, tx: Tx, secret: str) -> tuple[Staff, int, bool] | None:
        today = tx.local(self._parts.house.zone).date()
        found = tokens.acting(tx, secret, today, "api")
        return None if found is None else (found[0], found[1].id, found[1].used_day == today.isoformat())

    def _used(self, tx: Tx, number: int) -> None:
        used(tx, number, tx.local(self._parts.house.zone).date().isoformat())

    async def _figures(self, request: Request, staff: Staff, language: str) -> Response:
        wanted = asked("/api/figures.json", request.query_params, language)
        async with self._turn:
            _, wanted, found = await self._parts.database.read(look, self._parts.house, STAFF, wanted, True)
        if isinstance(found, Refused):
            raise found
        return JSONResponse(self._document(found, wanted.language, wanted.area, wanted.channel), headers=PRIVATE)

    def _document(self, found: Seen, language: str, area: str | None, channel: str | None) -> dict[str, Any]:
        library, compared = self._parts.house.library, found.compared
        place = {"area": area, "channel": channel}
        document = figure_sheets.document(library, found.period, found.values, language, compared=compared, **place)
        return document | {"behind": found.behind, "demo": self._parts.house.made_up}

    async def _reports(self, request: Request, staff: Staff, language: str) -> Response:
        after, limit = (_number(request, name, usual) for name, usual in (("after", 0), ("limit", PAGE)))
        if not 1 <= limit <= MOST:
            raise Refused("bot.bad_request")
        sight = Sight(staff.departments, staff.areas)
        wanted = Wanted(order="oldest")
        page = await self._parts.database.read(queue.page, sight, wanted, limit + 1, (0, after))
        more = page[limit - 1].id if len(page) > limit else None
        zone = self._parts.house.zone
        await looks.note(self._parts, staff, "api/reports", f"after={after}", len(page[:limit]))
        return JSONResponse({"reports": [_told(one, zone) for one in page[:limit]], "next": more}, headers=PRIVATE)

    def _refusal(self, refused: Refused, language: str, status: int) -> Response:
        error = {"code": refused.key, "text": why(self._parts.house.library, refused, language)}
        return JSONResponse({"error": error}, status, PRIVATE)


PRIVATE = {"cache-control": "no-store"}


def _number(request: Request, name: str, usual: int) -> int:
    written = request.query_params.get(name, str(usual))
    if not written.isascii() or not written.isdigit() or len(written) > 15:
        raise Refused("bot.bad_request")
    return int(written)


def _told(report: Report, zone: Any) -> dict[str, Any]:
    """A report for programs."""

    def moment(at: int | None) -> str | None:
        return None if at is None else from_ms(at).astimezone(zone).isoformat(timespec="seconds")

    return {
        "id": report.id,
        "number": report.number,
        "category": report.category,
        "area": report.area,
        "department": report.department,
        "status": report.status,
        "priority": report.priority,
        "created": moment(report.created_at),
        "due": moment(report.due_at),
        "resolved": moment(report.resolved_at),
        "closed": moment(report.closed_at),
        "rounds": report.rounds,
        "returns": report.returns,
        "reworks": report.reworks,
    }
