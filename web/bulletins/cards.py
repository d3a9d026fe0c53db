"""Picture cards for chats, drawn when they are fetched: GET /cards/TOKEN.png.

A token stands for an edition's bulletin (``17~zh``) or for what somebody of the staff answers for (``staff~3~zh``); it
is signed and ends (bot.links), so an address that was passed on shows that card and nothing else.
"""

import asyncio
import re
from collections import OrderedDict
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from actions import editions, issuing, people
from actions.bulletins import Bulletin, from_json
from actions.scope import scope
from bot.house import House
from civic.errors import Refused
from civic.periods import parse_period
from db import staff
from db.database import Database
from db.tx import Tx
from web.bulletins.paper import card

KEPT = 32  # cards in memory: some 60 KB each
SCOPE_PERIOD = "last-30"
_PATH = re.compile(r"/cards/([A-Za-z0-9~._-]+)\.png")


class Cards:
    """Draws them, one at a time: typesetting takes a tenth of a second of a core."""

    def __init__(self, database: Database, house: House) -> None:
        self._database, self._house = database, house
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._turn = asyncio.Lock()

    async def picture(self, path: str) -> bytes | None:
        """The card of a path of ours; None for any other, and for a token that is forged or over."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        now = await self._database.read(_now)
        subject = self._house.links.open("card", found[1], now) if found[1].count(".") >= 2 else None
        if subject is None:
            return None
        async with self._turn:
            kept = f"{subject} {now:%Y-%m-%dT%H}" if subject.startswith("staff~") else subject
            if kept not in self._kept:
                try:
                    bulletin = await self._database.read(self._composed, subject)
                except Refused:
                    return None
                self._kept[kept] = await asyncio.to_thread(card, self._house.library, bulletin)
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return self._kept[kept]

    def _composed(self, tx: Tx, subject: str) -> Bulletin:
        """The unit behind a card. Raises Refused when its edition or person is no more."""
        here = tx.local(self._house.zone)
        today = here.date()
        who, *rest = subject.split("~")
        if who != "staff":
            frozen = editions.find(tx, int(who), today)
            shown = issuing.published(tx, self._house.library, frozen.period, frozen.values)
            return from_json(frozen.bulletins[rest[0]], frozen.period, rest[0], shown)
        colleague = staff.find_colleague(tx, int(rest[0]))
        if colleague is None or not colleague.active:
            raise Refused("staff.unknown")
        acting = people.acting(tx, colleague, today, "")
        period, moment = parse_period(SCOPE_PERIOD, today), f"{here:%Y-%m-%d %H:%M}"
        return scope(tx, self._house.library, acting, period, rest[1], moment, made_up=self._house.made_up)

    def routes(self) -> list[Route]:
        """GET /cards/TOKEN.png."""

        async def show(request: Request) -> Response:
            picture = await self.picture(request.url.path)
            if picture is None:
                return Response(status_code=404)
            return Response(picture, media_type="image/png", headers={"cache-control": "private, max-age=3600"})

        return [Route("/cards/{token}.png", show)]


def _now(tx: Tx) -> datetime:
    return tx.now
