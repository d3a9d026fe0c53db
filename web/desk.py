"""The local socket: commands of ``main.py`` reach the running server, which alone may write the SQLite file.

One line of JSON there, one line back: ``{"do": name, "with": {…}}`` → ``{"ok": …}`` or
``{"refused": {"key", "params"}}``.
Only the owner of the data directory can open the socket.
"""

import asyncio
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from civic.errors import Refused

log = logging.getLogger("youli.desk")
Task = Callable[..., Awaitable[Any]]
LARGEST = 1024 * 1024
LONGEST_NAME = 104  # bytes of a socket's path, with the zero at its end: macOS; Linux allows 108


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name for a socket that fits: systems allow 104 bytes or a little more. Linux reaches a folder of any depth
    by its descriptor; elsewhere a name that is too long is an OSError."""
    links = Path("/proc/self/fd")
    if len(os.fsencode(path)) < LONGEST_NAME or not links.is_dir():
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        yield str(links / str(folder) / path.name)
    finally:
        os.close(folder)


def _bound(path: Path) -> socket.socket:
    """The socket, closed to others before anybody can connect."""
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX)
    with _short(path) as name:
        bound.bind(name)
    path.chmod(0o600)
    return bound


class Desk:
    """Serves tasks by name."""

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        self._tasks = tasks
        self._server: asyncio.Server | None = None
        self._callers: set[asyncio.StreamWriter] = set()

    async def open(self, path: Path) -> None:
        """Listen; a socket left behind by a killed server is replaced (the database's lock says it is ours)."""
        self._server = await asyncio.start_unix_server(self._serve, sock=_bound(path), limit=LARGEST)
        self._path = path

    async def close(self) -> None:
        """Stop listening, hang up."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
            await asyncio.gather(*(_hung_up(caller) for caller in self._callers))

    async def do(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Do a task here and now. Raises Refused."""
        task = self._tasks.get(name)
        if task is None:
            raise Refused("desk.unknown", task=name)
        return await task(**arguments)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._callers.add(writer)
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line), ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            log.info("desk: a caller hung up")
        finally:
            self._callers.discard(writer)
            await _hung_up(writer)

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            call = json.loads(line)
            return {"ok": await self.do(call["do"], call.get("with", {}))}
        except Refused as refused:
            return {
                "refused": {"key": refused.key, "params": {name: str(value) for name, value in refused.params.items()}}
            }
        except Exception as error:
            log.exception("desk task failed")
            return {"error": type(error).__name__}


class DeskCall:
    """A caller's side: one connection, any number of tasks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, path: Path) -> "DeskCall | None":
        """Reach a running server, or None when none listens."""
        try:
            with _short(path) as name:
                reader, writer = await asyncio.open_unix_connection(name, limit=64 * LARGEST)
        except OSError:
            return None
        return cls(reader, writer)

    async def do(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Have a task done by the server. Raises Refused, or ConnectionError when it went away."""
        self._writer.write(json.dumps({"do": name, "with": arguments}).encode() + b"\n")
        await self._writer.drain()
        line = await self._reader.readline()
        if not line:
            raise ConnectionError("the server went away")
        answer = json.loads(line)
        if "refused" in answer:
            raise Refused(answer["refused"]["key"], **answer["refused"]["params"])
        if "error" in answer:
            raise RuntimeError(f"the server could not do that: {answer['error']} (see its log)")
        return answer["ok"]

    async def aclose(self) -> None:
        """Hang up; ``contextlib.aclosing`` calls it."""
        await _hung_up(self._writer)


async def _hung_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):  # the other side was quicker
        await writer.wait_closed()
