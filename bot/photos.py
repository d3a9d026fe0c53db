"""Photo intake: received to disk, examined, put into the store with copies that anybody may see."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

from bot.media import Media, MediaUnavailable
from bot.picture import examine
from civic.errors import Refused
from db.database import HICCUP, Busy


@dataclass(frozen=True, slots=True)
class Staged:
    """A received file on disk, not looked at yet. Whoever holds it discards it; ``Darkroom.develop`` does."""

    path: Path
    sha256: str
    bytes: int

    def discard(self) -> None:
        """Remove the file; nothing happens if it is gone."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Developed:
    """A photo in the store.

    ``taken_at`` is the camera's local time, ``taken_offset`` that time's distance from UTC where the camera
    wrote it; ``place`` is WGS-84 (lat, lon) in degrees; ``phash`` as in civic.phash.
    """

    sha256: str
    mime: str
    bytes: int
    width: int
    height: int
    taken_at: datetime | None
    place: tuple[float, float] | None
    phash: str
    sealed_key: str
    large_key: str
    small_key: str
    taken_offset: timedelta | None = None


# Asked for so, and read as it comes: a kilobyte that is unpacked twice can be a gigabyte at once.
AS_IT_IS = {"accept-encoding": "identity"}


async def receive(chunks: AsyncIterator[bytes], limit: int, folder: Path) -> Staged:
    """Write what arrives to a new file in ``folder``, at most ``limit`` bytes, hashing on the way.

    Raises Refused (photo.too_big, photo.empty), MediaUnavailable if the disk does not take it, and whatever
    ``chunks`` raises. Then no file stays behind.
    """
    digest, size = hashlib.sha256(), 0
    with _new_file(folder) as path:
        async for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise Refused("photo.too_big", limit_mb=max(1, limit // 1_000_000))
            await asyncio.to_thread(_append, path, chunk)
            digest.update(chunk)
        if size == 0:
            raise Refused("photo.empty")
    return Staged(path, digest.hexdigest(), size)


@contextmanager
def _new_file(folder: Path) -> Iterator[Path]:
    """An empty private file that goes away if the block fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix="photo-", dir=folder)
        os.close(descriptor)
    except OSError as error:
        raise MediaUnavailable("no room to receive a photo") from error
    path = Path(name)
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _append(path: Path, chunk: bytes) -> None:
    try:
        # Not «ab»: after a cancellation it would make the removed file anew.
        with path.open("r+b") as file:
            file.seek(0, os.SEEK_END)
            file.write(chunk)
    except OSError as error:
        raise MediaUnavailable("no room to receive a photo") from error


class Darkroom:
    """Develops photos on its own threads, so that conversations do not wait for pictures."""

    def __init__(self, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="darkroom")
        # Twice the threads: while one photo is decoded, another is being stored; the rest wait on disk.
        self._seats = asyncio.Semaphore(2 * threads)
        self._coming = 0  # messages with photos that are being received
        self._inside = 0  # photos that are being developed, or wait for it
        self._since = 0.0  # when the last of them was done, or the first came in
        self._pace = 0.0  # seconds from one to the next, on average of the last ones

    def behind(self) -> float:
        """Seconds until photos that come now would be developed, by how long the last ones took. How long somebody
        takes to send one does not count: their line is slow, not we."""
        still = perf_counter() - self._since - HICCUP if self._inside else 0.0
        return (self._coming + self._inside) * self._pace + max(0.0, still)

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Photos of a message are received while the block lasts."""
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    async def develop(self, staged: Staged, media: Media, patience: float | None = None) -> Developed:
        """Examine the file, store the sealed original and the public copies; the file is gone afterwards.

        The same photo again stores nothing new. Raises Refused (as ``examine``), MediaUnavailable, and ``Busy`` when
        it would have to wait longer than ``patience`` seconds; the file is gone then too.
        """
        try:
            with self.developing():
                async with self._seat(patience):
                    loop = asyncio.get_running_loop()
                    examined = await loop.run_in_executor(self._pool, examine, staged.path)
                    sealed_key = _key("sealed", staged.sha256, examined.suffix)
                    await media.put(sealed_key, staged.path)
                    # Public keys come from the copies: they say nothing about the sealed original.
                    large_key, small_key = await asyncio.gather(
                        publish(media, examined.large), publish(media, examined.small)
                    )
        finally:
            staged.discard()
        return Developed(
            sha256=staged.sha256,
            mime=examined.mime,
            bytes=staged.bytes,
            width=examined.width,
            height=examined.height,
            taken_at=examined.exif.taken_at,
            place=examined.exif.place,
            phash=examined.phash,
            sealed_key=sealed_key,
            large_key=large_key,
            small_key=small_key,
            taken_offset=examined.exif.taken_offset,
        )

    @contextmanager
    def developing(self) -> Iterator[None]:
        """A photo is developed, or waits for it, while the block lasts."""
        if not self._inside:
            self._since = perf_counter()
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            now = perf_counter()
            self._pace += (now - self._since - self._pace) / 4
            self._since = now

    @asynccontextmanager
    async def _seat(self, patience: float | None) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(patience):
                await self._seats.acquire()
        except TimeoutError:
            raise Busy from None
        try:
            yield
        finally:
            self._seats.release()

    def close(self) -> None:
        """Finish the photos being decoded, drop those that wait."""
        self._pool.shutdown(cancel_futures=True)


def _key(folder: str, sha256: str, suffix: str) -> str:
    return f"{folder}/{sha256[:2]}/{sha256}.{suffix}"


async def publish(media: Media, jpeg: bytes) -> str:
    """Store a copy that may be shown; its key. Raises MediaUnavailable."""
    key = _key("public", hashlib.sha256(jpeg).hexdigest(), "jpg")
    await media.put(key, jpeg)
    return key
