"""Fetches photos that are still at their channel, develops them, keeps them; tells who sent one that can't be had."""

import asyncio
import logging
from collections.abc import Mapping

from bot.channel import Channel, PhotoGone, TryLater
from bot.letters import say_to_json
from bot.media import MediaUnavailable
from bot.messages import Option, Photo, Say
from civic.errors import Refused
from db import letters, photos, talks
from db.database import Database
from db.photos import WaitingPhoto
from db.tx import Tx

log = logging.getLogger("youli.collector")
ATTEMPTS = 20  # over about half a day with the waits below
LONGEST_WAIT = 3600.0
AWAY = 60.0  # seconds between tries while the channel itself or our own store is away; these are not counted
TOLD = 7 * 24 * 3600 * 1000  # ms for which it is worth saying that a photo is lost
LOST = Say("photo.lost", {}, (Option("/reports", "command.reports"),))
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
        except PhotoGone:
            await self._give_up(photo, LOST)
        except Refused as refused:
            await self._give_up(photo, Say(refused.key, refused.params))
        except TryLater as later:
            if later.counted:
                await self._try_later(photo, later.after)
            else:
                await self._database.write(photos.retry_photo, photo.id, later.after or AWAY, counted=False)
        except MediaUnavailable:
            log.warning("store is away: photo not fetched", extra={"photo": photo.id})
            await self._database.write(photos.retry_photo, photo.id, AWAY, counted=False)
        except Exception:
            log.exception("photo not fetched", extra={"photo": photo.id})
            await self._try_later(photo, None)
        else:
            facts = Photo(photo.ref, developed).facts()
            assert facts is not None
            await self._database.write(photos.photo_developed, photo.id, facts)

    async def _try_later(self, photo: WaitingPhoto, after: float | None) -> None:
        if photo.attempts >= ATTEMPTS:
            await self._give_up(photo, LOST)
        else:
            await self._database.write(photos.retry_photo, photo.id, after or min(LONGEST_WAIT, 2.0**photo.attempts))

    async def _give_up(self, photo: WaitingPhoto, say: Say) -> None:
        log.info("photo can't be had", extra={"photo": photo.id, "kind": say.key})
        await self._database.write(_lost, photo, say)


def _lost(tx: Tx, photo: WaitingPhoto, say: Say) -> None:
    """It can't be had, and whoever sent it is told, once for all photos of a moment."""
    photos.photo_failed(tx, photo.id)
    talk = talks.latest_talk(tx, photo.resident_id) if photo.resident_id is not None else None
    if talk is not None:
        talks.lock(tx, talk[0])  # else two at once would not see each other's letter
        collapse, until = f"photo:{photo.resident_id}", tx.ms + TOLD
        letters.add_letter(tx, *talk, say_to_json(say), collapse=collapse, expires_at=until)
