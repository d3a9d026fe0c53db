"""Operations: what waits and since when, what failed and can be tried again, channels, the clock's tasks, versions."""

import platform
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions import operations
from civic.errors import Refused
from db import updates
from db.dead_letters import dead_letters
from db.migrate import current
from db.tx import Tx
from db.vitals import vitals
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.visit import Visit
from web.parts import Parts

Reporter = Callable[[], Awaitable[Mapping[str, str]]]
"""Tells how a channel does: ``state`` (ok, note, wrong) and ``words``."""
LATE = 60.0  # seconds after which what is due has waited too long
DEEDS = {"retry": operations.retry_letter, "drop": operations.drop_letter}


class Operations:
    """/console/operations."""

    def __init__(
        self, parts: Parts, pages: Pages, folder: Path, version: str, channels: Mapping[str, Reporter]
    ) -> None:
        self._parts, self._pages, self._folder = parts, pages, folder
        self._version, self._channels = version, channels

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            doorman.page("/console/operations", self._page, "operations"),
            doorman.form("/console/operations", self._do, "operations"),
        ]

    async def _page(self, visit: Visit) -> Response:
        return await self._show(visit)

    async def _show(self, visit: Visit, status: int = 200, said: str | None = None) -> Response:
        def look(tx: Tx) -> dict[str, Any]:
            return {
                "now": vitals(tx, self._parts.house.zone),
                "dead": dead_letters(tx),
                "unread": updates.dead(tx),
                "revision": current(tx),
                "engine": _engine(tx),
            }

        found = await self._parts.database.read(look)
        channels = {name: await state() for name, state in self._channels.items()}
        pushing = {name for name, manners in self._parts.house.manners.items() if manners.pushes}
        view = {
            "overdue": {name: age for name, age in found["now"].overdue.items() if name in pushing and age > LATE},
            "channels": channels,
            "versions": {"Youli": self._version, "Python": platform.python_version(), **found.pop("engine")},
            "free": shutil.disk_usage(self._folder if self._folder.exists() else Path()).free // 1_000_000,
        }
        return self._pages.show(visit, "operations.html", status, room="operations", said=said, **view, **found)

    async def _do(self, visit: Visit) -> Response:
        deed = DEEDS.get(visit.text("act"))
        if deed is None:
            raise Refused("bot.bad_request")
        try:
            await self._parts.database.write(deed, visit.staff, visit.number("letter"))
        except Refused as refused:
            return await self._show(visit, 409, self._pages.why(refused, visit.language))
        return RedirectResponse("/console/operations", 303)


def _engine(tx: Tx) -> dict[str, str]:
    """The database's name and version."""
    if tx.connection.dialect.name == "sqlite":
        return {"SQLite": sqlite3.sqlite_version}
    return {"PostgreSQL": str(tx.connection.exec_driver_sql("SHOW server_version").scalar_one())}
