"""Fetches photos that are still at their channel, develops them, keeps them."""

import asyncio
import logging
from collections.abc import Mapping

from bot.channel import Channel, PhotoGone, TryLater
from bot.messages import Photo
from civic.errors import Refused
from db import photos
from db.database import Database
from db.photos import WaitingPhoto

log = logging.getLogger("youli.collector")
ATTEMPTS = 20  # over about half a day with the waits below
LONGEST_WAIT = 3600.0
IDLE = 2.0


class Collector:
    """Works off photos with state «waiting»; several may run, each photo is leased."""

    def __init__(self, database: Database, channels: Mapping[str, Channel]) -> None:
        self._database = database
        self._channels = channels
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Fetch until stopped."""
        while not self._stop.is_set():
            try:
                fetched = await self.round()
            except Exception:
                log.exception("collector's round failed")
                fetched = 0
            if fetched == 0:
                try:
                    await asyncio.wait_for(self._stop.wait(), IDLE)
                except TimeoutError:
                    continue

    def stop(self) -> None:
        """Finish the round and go."""
        self._stop.set()

    async def round(self) -> int:
        """Fetch what is due; how many photos that were."""
        due = await self._database.write(photos.due_photos, tuple(self._channels), 8)
        await asyncio.gather(*(self._fetch(photo) for photo in due))
        return len(due)

    async def _fetch(self, photo: WaitingPhoto) -> None:
        try:
            developed = await self._channels[photo.channel].fetch(photo.ref)
        except (PhotoGone, Refused) as error:
            log.info("photo can't be had", extra={"photo": photo.id, "kind": type(error).__name__})
            await self._database.write(photos.photo_failed, photo.id)
        except TryLater as later:
            await self._try_later(photo, later.after)
        except Exception:
            log.exception("photo not fetched", extra={"photo": photo.id})
            await self._try_later(photo, None)
        else:
            facts = Photo(photo.ref, developed).facts()
            assert facts is not None
            await self._database.write(photos.photo_developed, photo.id, facts)

    async def _try_later(self, photo: WaitingPhoto, after: float | None) -> None:
        if photo.attempts >= ATTEMPTS:
            await self._database.write(photos.photo_failed, photo.id)
        else:
            await self._database.write(photos.retry_photo, photo.id, after or min(LONGEST_WAIT, 2.0**photo.attempts))
