"""Veils faces and plates on the copies of reports' photos, made anew from the sealed originals."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

from bot.eyes import Blind, Box, Eyes
from bot.house import House
from bot.media import Media, MediaMissing, MediaUnavailable
from bot.photos import publish, receive
from bot.picture import LARGE, examine, fit
from bot.veil import veiled
from civic.errors import Refused
from db import veils
from db.database import Database
from db.photos import ALL, FACES
from db.veils import Bare, Part

log = logging.getLogger("youli.retoucher")
TRIES = 8  # over about two hours with the waits below
LONGEST_WAIT = 3600.0
AWAY = 60.0  # seconds between tries while our own store is away; these are not counted
AT_ONCE = 8  # photos for which the process is started once
IDLE = 2.0
LARGEST = 100_000_000  # bytes; what is sealed was let in already


class Retoucher:
    """Works off photos that are to be veiled, one after the other; several may run, each photo is leased."""

    def __init__(
        self,
        database: Database,
        house: House,
        media: Media,
        folder: Path,
        eyes: Callable[[], AbstractAsyncContextManager[Eyes]] = Eyes,
    ) -> None:
        """``folder`` takes an original while it is looked at; ``eyes`` opens what looks at it."""
        self._database, self._house, self._media, self._folder, self._eyes = database, house, media, folder, eyes
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Veil until stopped."""
        while not self._stop.is_set():
            try:
                looked = await self.round()
            except Exception:
                log.exception("retoucher's round failed")
                looked = 0
            if looked == 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):
                        await self._stop.wait()

    def stop(self) -> None:
        """Finish the photo in hand and go; what was taken besides is due again when its lease is over."""
        self._stop.set()

    async def round(self) -> int:
        """Veil what is due; how many photos that were."""
        due = await self._database.write(veils.due, AT_ONCE)
        left = list(due)
        while left and not self._stop.is_set():
            async with self._eyes() as eyes:
                while left and not self._stop.is_set():
                    if not await self._retouch(left.pop(0), eyes):
                        break  # another process for the others
        return len(due)

    async def _retouch(self, photo: Bare, eyes: Eyes) -> bool:
        """One photo; whether the process is still good."""
        try:
            large, small, veil = await self._copies(photo, eyes)
            keys = await publish(self._media, large), await publish(self._media, small)
        except (MediaMissing, Refused) as error:
            log.error("photo can't be veiled", extra={"photo": photo.id, "kind": type(error).__name__})
            await self._database.write(veils.give_up, photo.id)
        except MediaUnavailable as error:  # it will be back, and then they are made
            log.warning("photo not veiled", extra={"photo": photo.id, "kind": type(error).__name__})
            await self._database.write(veils.later, photo.id, AWAY, counted=False)
        except Blind as error:
            log.warning("photo not veiled", extra={"photo": photo.id, "kind": str(error) or type(error).__name__})
            if photo.tries >= TRIES:
                await self._database.write(veils.give_up, photo.id)
            else:
                await self._database.write(veils.later, photo.id, min(LONGEST_WAIT, 5.0 * 2**photo.tries))
            return False
        else:
            await self._database.write(veils.done, photo, veil, *keys)
        return True

    async def _copies(self, photo: Bare, eyes: Eyes) -> tuple[bytes, bytes, str]:
        """The large and the small copy, and what is veiled on them. Raises as ``examine`` and ``Eyes.look``."""
        staged = await receive(await self._media.stream(photo.sealed_key), LARGEST, self._folder)
        try:
            examined = await asyncio.to_thread(examine, staged.path)
        finally:
            staged.discard()
        found = await eyes.look(examined.large)
        plated = any(self._asks_plate(category) for category in photo.categories)
        drawn = _drawn(photo.parts, fit(examined.width, examined.height, LARGE))
        boxes = (*found.faces, *(() if plated else found.plates), *drawn)
        return *await asyncio.to_thread(veiled, examined.large, boxes), FACES if plated else ALL

    def _asks_plate(self, category: str) -> bool:
        """Whether the case needs the plate: then it stays, and the photo is nobody else's."""
        known = self._house.library.categories.get(category)
        return known is not None and known.plate_ask is not None


def _drawn(parts: tuple[Part, ...], size: tuple[int, int]) -> list[Box]:
    """Thousandths of a picture of this size as its pixels."""
    across, down = size[0] / 1000, size[1] / 1000
    return [
        (round(left * across), round(top * down), round((left + width) * across), round((top + height) * down))
        for left, top, width, height in parts
    ]
