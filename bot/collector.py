"""Fetches photos that are still at their channel, develops them, keeps them; tells who sent one that can't be had."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress

from bot.channel import Channel, PhotoGone, TryLater
from bot.letters import say_to_json
from bot.media import MediaUnavailable
from bot.messages import Option, Photo, Say
from civic.errors import Refused
from db import letters, photos, reach, talks
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
HANDS = 8  # photos that are being fetched


class Collector:
    """Works off photos with state «waiting»; several may run, each photo is leased."""

    def __init__(self, database: Database, channels: Mapping[str, Channel]) -> None:
        self._database = database
        self._channels = channels
        self._hands: set[asyncio.Task[None]] = set()  # each holds a photo: one that drips in holds up no other
        self._bell = asyncio.Event()
        self._stop = False

    async def run(self) -> None:
        """Fetch until stopped, then finish what is in hand."""
        while not self._stop:
            self._bell.clear()
            try:
                taken = await self._take()
            except Exception:
                log.exception("collector's round failed")
                taken = []
            if not taken and not self._stop:
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):
                        await self._bell.wait()
        if self._hands:
            await asyncio.wait(self._hands)

    def stop(self) -> None:
        """Finish what is in hand and go."""
        self._stop = True
        self._bell.set()

    async def round(self) -> int:
        """Fetch what is due; how many photos that were."""
        tasks = await self._take()
        if tasks:
            await asyncio.wait(tasks)
        return len(tasks)

    async def _take(self) -> list[asyncio.Task[None]]:
        room = HANDS - len(self._hands)
        due = await self._database.write(photos.due_photos, tuple(self._channels), room) if room else []
        tasks = [asyncio.create_task(self._fetch(photo)) for photo in due]
        self._hands.update(tasks)
        for task in tasks:
            task.add_done_callback(self._done)
        return tasks

    def _done(self, task: asyncio.Task[None]) -> None:
        self._hands.discard(task)
        self._bell.set()
        if not task.cancelled() and task.exception() is not None:  # not noted: its lease runs out, it is tried again
            log.error("photo's outcome not noted", exc_info=task.exception())

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
    talk = reach.latest_talk(tx, photo.resident_id) if photo.resident_id is not None else None
    if talk is not None and talk[2]:  # who left everywhere need not find this when they are back
        talk_id, channel, _ = talk
        talks.lock(tx, talk_id)  # else two at once would not see each other's letter
        collapse, until = f"photo:{photo.resident_id}", tx.ms + TOLD
        letters.add_letter(tx, talk_id, channel, say_to_json(say), collapse=collapse, expires_at=until)
