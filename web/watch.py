"""Editors' changes: noticed, checked, and only then served. A bad edit is told and changes nothing."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path

from actions import asking, daily
from bot.house import House
from content.library import ContentError, Library, load

log = logging.getLogger("youli.content")
EVERY = 3.0  # seconds between looks at the files


class Watch:
    """Looks at the content folder and replaces the house's library when all of it is right."""

    def __init__(self, house: House, folder: Path, city: str) -> None:
        self._house, self._folder, self._city = house, folder, city
        self._stop = asyncio.Event()
        self.problems: tuple[str, ...] = ()

    async def run(self) -> None:
        """Look until stopped."""
        await asyncio.to_thread(self._prepare, self._house.library)
        seen = await asyncio.to_thread(self._state)
        while not self._stop.is_set():
            try:
                await asyncio.wait_for(self._stop.wait(), EVERY)
            except TimeoutError:
                now = await asyncio.to_thread(self._state)
                if now != seen:
                    seen = now
                    await self.reload()

    def stop(self) -> None:
        """No more looking."""
        self._stop.set()

    async def reload(self) -> None:
        """Take the new content if it is right."""
        try:
            self._house.library = await asyncio.to_thread(self._load)
        except ContentError as error:
            self.problems = tuple(str(problem) for problem in error.problems)
            log.error("content not taken over, the last good one stays: %s", " | ".join(self.problems[:5]))
        else:
            self.problems = ()
            log.info("content taken over")

    def _load(self) -> Library:
        library = load(self._folder, self._city)
        self._prepare(library)
        return library

    def _prepare(self, library: Library) -> None:
        """What takes a moment is made before anybody asks for it."""
        daily.prepare(library, datetime.now(self._house.zone).date())
        asking.prepare(library)

    def _state(self) -> frozenset[tuple[str, int]]:
        files = (path for path in self._folder.rglob("*") if path.suffix in {".toml", ".svg"})
        return frozenset((str(path), path.stat().st_mtime_ns) for path in files)
