"""Makes archives while the house works: by hand or every night, each looked through, old ones put away."""

import asyncio
import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pyrage.x25519 import Identity

from backup.archive import MEDIA, SECRET, Manifest, Writer, in_place, lock, unpack
from backup.keeping import made_at, name, outdated
from bot.media import Media, MediaMissing, MediaUnavailable
from bot.rounds import rounds
from civic.errors import Refused
from db.audit import add_line
from db.database import Database, passing, reason, sqlite_file
from db.disk import obstacle
from db.dumping import Damaged, Failed, look_through, read_through
from db.migrate import current
from db.residents import tick, ticked

log = logging.getLogger("youli.backup")
EVERY = 60.0  # seconds between looks at the clock
AGAIN = 3  # hours until another try after one that failed
MAKING = ".making-"


class AlreadyMaking(Exception):
    """Another process is making an archive in the same folder."""


@dataclass(frozen=True)
class Plan:
    """Where archives go and how many stay. ``url`` is the database's, ``recipient`` an age public key or nothing."""

    folder: Path
    url: str
    zone: ZoneInfo
    secret: Path
    hour: int | None = None
    days: int = 7
    weeks: int = 4
    recipient: str = ""
    media: bool = True


@dataclass(frozen=True)
class Made:
    """An archive that was made and looked through."""

    path: Path
    size: int
    manifest: Manifest


class Keeper:
    """See the module's text. As a worker it makes one archive a day, once among all processes."""

    def __init__(self, plan: Plan, database: Database, media: Media) -> None:
        self._plan, self._database, self._media = plan, database, media
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Make what is due until stopped."""
        await rounds(self.look, EVERY, self._stop, partial(log.exception, "backup failed"))

    def stop(self) -> None:
        """Begin nothing new."""
        self._stop.set()

    async def look(self) -> Made | None:
        """Make the day's archive if it is time and nobody has or is at it."""
        now = await self._database.read(lambda tx: tx.local(self._plan.zone))
        day = f"{now:%Y-%m-%d}"
        if self._plan.hour is None or now.hour < self._plan.hour or await self._database.read(ticked, "backup", day):
            return None
        if not await self._database.write(tick, "backup-try", f"{day}T{now.hour // AGAIN}"):
            return None
        made = await self.make(self._plan.folder)
        await self._database.write(tick, "backup", day)
        await self._note(made, "clock")
        await asyncio.to_thread(self._put_away)
        return made

    async def task(self, folder: str = "", media: bool = True) -> dict[str, Any]:
        """For the command: where the archive is and what is in it. Raises Refused with what went wrong."""
        where = Path(folder) if folder else self._plan.folder
        try:
            made = await self.make(where, media)
        except Exception as error:
            if not passing(error) and not isinstance(error, AlreadyMaking | Damaged | Failed | MediaUnavailable):
                raise
            raise Refused("desk.backup_failed", why=obstacle(error, where) or reason(error)) from error
        await self._note(made, "terminal")
        manifest = made.manifest
        rows = sum(manifest.rows.values())
        return {"path": str(made.path), "bytes": made.size, "rows": rows, "media": len(manifest.media)}

    async def make(self, folder: Path, media: bool = True) -> Made:
        """One archive, now. Raises AlreadyMaking, Damaged, OSError, MediaUnavailable, ``db.dumping.Failed``."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        at = await self._database.read(lambda tx: tx.now)
        with _alone(folder), tempfile.TemporaryDirectory(dir=folder, prefix=MAKING) as room:
            plain, locked = Path(room) / "plain", Path(room) / "locked"
            await self._fill(plain, at, Path(room), media and self._plan.media)
            keys: list[Identity] = []
            if self._plan.recipient:
                keys = [await asyncio.to_thread(lock, plain, locked, self._plan.recipient)]
                plain.unlink()
            done = locked if keys else plain
            seen = await look_at(done, Path(room), keys)
            target = folder / name(at, bool(keys))
            await asyncio.to_thread(in_place, done, target)
        size = target.stat().st_size
        log.info("backup made", extra={"file": target.name, "bytes": size, "files": len(seen.files)})
        return Made(target, size, seen)

    async def _fill(self, path: Path, at: datetime, room: Path, media: bool) -> None:
        kind = "postgresql" if sqlite_file(self._plan.url) is None else "sqlite"
        revision = await self._database.read(current)
        # The photos after the database: what it names is there, but for what was deleted meanwhile.
        dump = room / "dump"
        rows = await self._database.dump(dump)
        writer = Writer(path)
        try:
            await asyncio.to_thread(writer.add, Manifest("", kind, None, {}, {}).database, dump)
            dump.unlink()
            if self._plan.secret.exists():
                await asyncio.to_thread(writer.add, SECRET, self._plan.secret.read_bytes())
            if media:
                async for key in self._media.keys():
                    try:
                        content = await self._media.get(key)
                    except MediaMissing:  # deleted meanwhile
                        continue
                    await asyncio.to_thread(writer.add, MEDIA + key, content)
            await asyncio.to_thread(writer.close, at.isoformat(timespec="seconds"), kind, revision, rows)
        except BaseException:
            writer.abandon()
            raise

    async def _note(self, made: Made, who: str) -> None:
        detail = made.manifest.extent + (", encrypted" if self._plan.recipient else "")
        try:
            await self._database.write(add_line, None, who, "backup.made", made.path.name, detail, who)
        except Exception as error:  # a full disk is no reason to have no backup elsewhere
            if not passing(error):
                raise
            log.error("backup not noted in the audit log", extra={"file": made.path.name})

    def _put_away(self) -> None:
        there = [path.name for path in self._plan.folder.iterdir()]
        for old in outdated(there, self._plan.days, self._plan.weeks):
            (self._plan.folder / old).unlink()
            log.info("backup put away", extra={"file": old})


async def look_at(path: Path, beside: Path, keys: list[Identity]) -> Manifest:
    """Take an archive apart in a temporary place: every file as it was written, the database whole, with as many rows
    as it had. Raises Damaged, Locked, ``db.dumping.Failed``."""
    with tempfile.TemporaryDirectory(dir=beside) as name:
        folder = Path(name)
        manifest = await asyncio.to_thread(unpack, path, folder, keys, media=False)
        database = folder / manifest.database
        if manifest.kind == "sqlite":
            if await asyncio.to_thread(look_through, database) != manifest.rows:
                raise Damaged("its tables have not as many rows as they had")
        else:
            await read_through(database)
    return manifest


def newest(folder: Path) -> datetime | None:
    """When the newest archive of a folder was made."""
    if not folder.is_dir():
        return None
    return max((at for path in folder.iterdir() if (at := made_at(path.name))), default=None)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time makes archives in a folder; what a killed one left is removed."""
    lock_file = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyMaking(f"another backup into {folder} is being made") from None
        for left in folder.glob(f"{MAKING}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(lock_file)
