"""The media store: photos and other files by key, in a local folder or in S3-compatible storage."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

# «sealed/ab/abcdef….jpg»: folders and a name with one extension; nothing that could climb out of the store.
_KEY = re.compile(r"(?=.{1,200}\Z)(?:[a-z0-9][a-z0-9_-]*/)+[a-z0-9][a-z0-9_-]*\.[a-z0-9]+")
_CHUNK = 256 * 1024  # bytes a stream hands out at a time

# A store that does not answer must become an error while somebody is still waiting for their answer.
# Plain http is for stores inside one's own network; the operator's endpoint decides.
_RETRIES: dict[str, Any] = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
_CLIENT: dict[str, Any] = {"connect_timeout": "5s", "timeout": "30s", "allow_http": True}
# The library follows redirects wherever they lead, with the session token of temporary keys, and has no setting for
# that. So every host that is not meant is behind this proxy: nothing can listen on port 0.
_NOWHERE = "http://127.0.0.1:0"


class MediaMissing(Exception):
    """Nothing is stored under this key."""


class MediaUnavailable(Exception):
    """The store cannot do it now: disk full, no permission, storage not answering. Trying again may help."""


class Media:
    """Files by key. The same key always means the same content, so a key contains the content's hash: its name is
    the content's SHA-256.

    Keys are lower-case paths such as «sealed/ab/abcdef….jpg». Reading with a key that is none raises
    MediaMissing like any other absent file; writing with one is a mistake of the caller's: ValueError.
    Every method may raise MediaUnavailable.
    """

    def __init__(self, store: ObjectStore, root: Path | None) -> None:
        """``root`` is the folder behind a local store; None for a store that keeps its own promises."""
        self._store = store
        self._root = root

    @classmethod
    def open(cls, url: str, folder: Path, hosts: Sequence[str] = ()) -> Self:
        """The store at ``url`` («s3://bucket/prefix»), or in ``folder`` if the url is empty.

        Credentials and endpoint of S3-compatible storage come from its usual variables (AWS_ACCESS_KEY_ID,
        AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL), which obstore reads. Only ``hosts`` and
        networks named there are asked, whatever the store says; all where none is named.
        Raises ValueError for any other url and for variables that the library refuses, MediaUnavailable if the folder
        cannot be made.
        """
        if url:
            if not url.startswith("s3://"):
                raise ValueError("the media url is s3://bucket/prefix, or empty for a local folder")
            fence = {"proxy_url": _NOWHERE, "proxy_excludes": ",".join(hosts)} if hosts else {}
            options: dict[str, Any] = {"client_options": {**_CLIENT, **fence}, "retry_config": _RETRIES}
            try:
                return cls(from_url(url, **options), None)
            except BaseError as error:  # half a pair of keys, a word that is none
                raise ValueError(f"YOULI_MEDIA_URL and AWS_…: {str(error).partition(chr(10))[0]}") from None
        with _translated(str(folder)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(folder.parent)
            return cls(LocalStore(folder), folder)

    async def put(self, key: str, content: Path | bytes) -> None:
        """Store ``content`` (a file's path, or bytes) unless it is there already; durable on return."""
        if not _sound(key):
            raise ValueError("not a media key: lower-case folders, a name and an extension")
        if self._root is not None:  # all at once on a thread: each step that comes back here waits for its turn
            return await asyncio.to_thread(self._put_here, key, content, self._root)
        size = len(content) if isinstance(content, bytes) else (await asyncio.to_thread(content.stat)).st_size
        with _translated(key):
            if await self._size(key) != size:
                await self._write(key, content)

    def _put_here(self, key: str, content: Path | bytes, root: Path) -> None:
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        with _translated(key):
            # A file of another size can only be what a power cut left of an earlier attempt: written anew.
            try:
                found = obstore.head(self._store, key)["size"]
            except FileNotFoundError:
                found = None
            if found != size:
                obstore.put(self._store, key, content)
            # Also when it was there: whoever wrote it may not have synced it yet.
            _sync(*_names(root, key))

    async def get(self, key: str) -> bytes:
        """The whole content. Raises MediaMissing."""
        if not _sound(key):
            raise MediaMissing("not a media key")
        with _translated(key):
            result = await obstore.get_async(self._store, key)
            content = bytes(await result.bytes_async())
        if self._root is None and not await asyncio.to_thread(_is_named, content, key):
            raise MediaUnavailable(f"{key} came with another content")
        return content

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """The content in pieces, from elsewhere in one. Raises MediaMissing here, before a piece is asked for."""
        if not _sound(key):
            raise MediaMissing("not a media key")
        if self._root is None:
            return _whole(await self.get(key))
        with _translated(key):
            result = await obstore.get_async(self._store, key)
        return _pieces(key, result.stream(min_chunk_size=_CHUNK))

    async def delete(self, key: str) -> None:
        """Remove the content for good; nothing happens if it is gone already.

        The caller makes sure that no record refers to the key any more: equal photos share one.
        """
        if not _sound(key):
            raise ValueError("not a media key: lower-case folders, a name and an extension")
        with _translated(key):
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._store, key)
            await self._flush(key)

    async def exists(self, key: str) -> bool:
        """Whether something is stored under the key."""
        with _translated(key):
            return _sound(key) and await self._size(key) is not None

    async def keys(self) -> AsyncIterator[str]:
        """All keys, in no order; what is put meanwhile may be missing."""
        with _translated("keys"):
            async for page in obstore.list(self._store):
                for found in page:
                    if _sound(found["path"]):
                        yield found["path"]

    async def prove(self) -> None:
        """Put, read and delete a few bytes, each by the request that a photo needs. Raises as these do."""
        content = os.urandom(16)
        key = f"check/{sha256(content).hexdigest()}.bin"
        with _translated(key):
            await self._write(key, content)  # first: of all answers only this one's refusal tells why
        await self.get(key)
        await self.delete(key)
        await self.exists(key)  # of what is not there, where listing is not allowed, it is refused

    async def _write(self, key: str, content: Path | bytes) -> None:
        try:
            await obstore.put_async(self._store, key, content)
        except FileNotFoundError as error:  # not the key is missing: the bucket is
            raise MediaUnavailable(key) from error

    async def _size(self, key: str) -> int | None:
        try:
            return (await obstore.head_async(self._store, key))["size"]
        except FileNotFoundError:
            return None

    async def _flush(self, key: str) -> None:
        """Make a local file, or its absence, durable: its content and the folders that lead to its name."""
        if self._root is not None:
            await asyncio.to_thread(_sync, *_names(self._root, key))


def _sound(key: str) -> bool:
    return _KEY.fullmatch(key) is not None


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """The store's many errors as our two."""
    try:
        yield
    except FileNotFoundError as error:
        raise MediaMissing(key) from error
    except (BaseError, OSError) as error:
        raise MediaUnavailable(key) from error


def _is_named(content: bytes, key: str) -> bool:
    """Whether it is what was put: what a store gives instead, or sends us to, is nobody's photo."""
    return key.rpartition("/")[2].partition(".")[0] == sha256(content).hexdigest()


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _pieces(key: str, source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    with _translated(key):
        async for piece in source:
            yield piece


def _names(root: Path, key: str) -> Sequence[Path]:
    """A file and the folders that lead to it."""
    path = root / key
    return [path, *path.parents[: key.count("/") + 1]]


def _sync(*paths: Path) -> None:
    for path in paths:
        if not path.exists():  # deleted: then it is the folder that has to forget it
            continue
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
