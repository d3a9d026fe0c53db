"""Editors' changes: noticed, checked, and only then served. A bad edit is told and changes nothing. And whether what is
remembered is a demo."""

import asyncio
import contextlib
import logging
import os
from datetime import datetime
from itertools import chain
from pathlib import Path

from actions import daily
from bot.house import House
from content.library import ContentError, Library, load
from db import demo
from db.database import Database

log = logging.getLogger("youli.content")
MARKED = 60.0  # seconds between looks at the demo's mark
EVERY = 1.0  # seconds between looks at the files: a millisecond each
PAUSE = 0.002  # seconds between steps of what is prepared, most of them shorter
SETTLED = 5  # looks after which those who waited for us to start are served
State = frozenset[tuple[str, int, int]]  # path, time of its last change, size


class Watch:
    """Looks at the content folder and replaces the house's library when all of it is right. ``seen`` is the folder's
    state before the house's library was loaded: what is edited from then on is noticed."""

    def __init__(self, house: House, folder: Path, city: str, seen: State) -> None:
        self._house, self._folder, self._city, self._seen = house, folder, city, seen
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Look until stopped. Those who wait for us to start go first: what takes a moment is prepared after that."""
        looks = 0
        while not self._stop.is_set():
            try:
                async with asyncio.timeout(EVERY):
                    await self._stop.wait()
            except TimeoutError:
                looks += 1
                if looks == SETTLED:
                    await self._prepare(self._house.library)
                now = await asyncio.to_thread(state, self._folder)
                if now != self._seen:
                    self._seen = now
                    await self.reload()

    def stop(self) -> None:
        """No more looking."""
        self._stop.set()

    async def reload(self) -> None:
        """Take the new content if it is right. Whatever is wrong with it, the last good one goes on being served."""
        try:
            library = (await asyncio.to_thread(load, self._folder, self._city)).served()
            await self._prepare(library)
            self._house.library = library
        except ContentError as error:
            told = " | ".join(map(str, error.problems[:5]))
            log.error("content not taken over, the last good one stays: %s", told)
        except Exception:  # a file that can't be opened, a slip of ours: the watch must not end
            log.exception("content not taken over, the last good one stays")
        else:
            log.info("content taken over")

    async def _prepare(self, library: Library) -> None:
        """What takes a moment is made before anybody asks for it, step by step between what people say: a thread that
        is busy for half a second would have them wait at each of the turns of the interpreter that an answer needs."""
        today = datetime.now(self._house.zone).date()
        for _ in chain(daily.prepare(library, today), library.finder.prepare()):
            if self._stop.is_set():
                break
            await asyncio.sleep(PAUSE)


class DemoMark:
    """Whether this is a demo, looked up now and then: another process may have made or removed it meanwhile."""

    def __init__(self, house: House, database: Database) -> None:
        self._house, self._database = house, database
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Look until stopped."""
        while not self._stop.is_set():
            try:
                async with asyncio.timeout(MARKED):
                    await self._stop.wait()
            except TimeoutError:
                await self.look()

    def stop(self) -> None:
        """No more looking."""
        self._stop.set()

    async def look(self) -> None:
        """Take over what stands in the database; while it is away, what was known stands."""
        try:
            self._house.made_up = await self._database.read(demo.find) is not None
        except Exception as error:
            log.warning("the demo's mark could not be looked up", extra={"kind": type(error).__name__})


def state(folder: Path) -> State:
    """What tells one edit from another. Files may go while we look, and programs leave marks that lead nowhere."""
    found = set()
    for where, _, names in os.walk(folder):  # a third of what pathlib takes for it
        for name in names:
            if name.endswith((".toml", ".svg", ".geojson")) and not name.startswith("."):
                path = f"{where}/{name}"
                with contextlib.suppress(OSError):
                    about = os.stat(path)  # noqa: PTH116
                    found.add((path, about.st_mtime_ns, about.st_size))
    return frozenset(found)
