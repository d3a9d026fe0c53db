"""Bulletins: look at the figures and words of a period, sign them, and they are public and on their way."""

import asyncio
from datetime import date
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions import issuing
from actions.audit import record
from actions.bulletins import Bulletin, Drawing, bulletin
from actions.issuing import Draft
from civic.bulletins import Words
from civic.errors import Refused
from civic.periods import Period, last_over, parse_period
from db.editions import Edition, list_editions
from db.tx import Tx
from web.bulletins.files import FILES
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.visit import Visit
from web.parts import Parts

LISTED = 20  # editions


class Bulletins:
    """/console/bulletins."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            doorman.page("/console/bulletins", self._page, "publish"),
            doorman.page("/console/bulletins/{name}.{kind}", self._file, "publish"),
            doorman.form("/console/bulletins", self._sign, "publish"),
        ]

    async def _page(self, visit: Visit) -> Response:
        """``period`` in the address; if none is given the first that waits to be signed, else the last week."""
        return await self._show(visit, visit.request.query_params.get("period", ""))

    async def _show(self, visit: Visit, asked: str, status: int = 200, **view: Any) -> Response:
        def look(tx: Tx) -> tuple[Period, Bulletin | None, str | None, list[Edition], list[Edition], list[Period]]:
            period = self._period(tx, asked)
            days = (period.start.isoformat(), period.end.isoformat())
            said, found = None, None
            try:
                found = bulletin(
                    tx, self._pages.library, period, visit.language, issuing.around(tx, self._parts.house, period)
                )
                if period.end >= period.today:
                    raise Refused("edition.not_over", last=period.end.isoformat())
            except Refused as refused:
                said = self._pages.why(refused, visit.language)
            waiting = issuing.unsigned(tx, self._pages.library, period.today)
            return period, found, said, list_editions(tx, LISTED, *days), list_editions(tx, LISTED), waiting

        try:
            period, found, why_not, same, editions, waiting = await self._parts.database.read(look)
        except Refused as refused:
            if asked == "":
                raise
            return await self._show(visit, "", 422, said=self._pages.why(refused, visit.language))
        frame: dict[str, Any] = {
            "room": "bulletins",
            "period": period,
            "parts": [_shown(part) for part in found.parts] if found else [],
            "why_not": why_not,
            "same": same,
            "editions": editions,
            "waiting": waiting,
            "kinds": list(FILES),
            "typed": {"text": "", "note": ""},
        }
        return self._pages.show(visit, "bulletins.html", status, **(frame | view))

    async def _file(self, visit: Visit) -> Response:
        """A file of the period as the figures are now: to read and edit before anybody signs."""
        made = FILES.get(visit.request.path_params["kind"])
        if made is None:
            raise Refused("console.not_found")

        def unit(tx: Tx) -> Bulletin:
            period = self._period(tx, visit.request.path_params["name"])
            return bulletin(
                tx, self._pages.library, period, visit.language, issuing.around(tx, self._parts.house, period)
            )

        found = await self._parts.database.read(unit)
        content = await asyncio.to_thread(made.make, self._pages.library, found)
        name = f"{found.name}.{visit.request.path_params['kind']}"
        await self._parts.database.write(record, visit.staff, "file.made", name)
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return Response(content, headers=headers, media_type=made.mime)

    async def _sign(self, visit: Visit) -> Response:
        asked, typed = visit.text("period"), {name: visit.text(name) for name in ("text", "note")}

        def unit(tx: Tx) -> Draft:
            period = self._period(tx, asked)
            return issuing.draft(tx, self._pages.library, period, issuing.around(tx, self._parts.house, period))

        try:
            drafted = await self._parts.database.read(unit)
            await self._parts.database.write(issuing.issue, self._parts.house, visit.staff, drafted, **typed)
        except Refused as refused:
            if refused.key == "staff.may_not":
                raise
            return await self._show(visit, asked, 422, said=self._pages.why(refused, visit.language), typed=typed)
        return RedirectResponse(f"/console/bulletins?period={drafted.period.lasting}#sent=signed", 303)

    def _period(self, tx: Tx, asked: str) -> Period:
        today: date = tx.local(self._parts.house.zone).date()
        if not asked:
            return next(iter(issuing.unsigned(tx, self._pages.library, today)), last_over("week", today))
        return parse_period(asked, today, self._pages.library.city.campaign_days)


def _shown(part: Any) -> dict[str, Any]:
    """A part of a bulletin as the template shows it."""
    if isinstance(part, Words):
        return {"kind": part.style, "text": part.text}
    if isinstance(part, Drawing):
        return {"kind": "drawing", "title": part.title, "cells": part.cells}
    return {"kind": "numbers", "row": part}
