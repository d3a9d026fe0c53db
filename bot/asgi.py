"""The hot doors speak ASGI directly: no request object, no middleware between the socket and the unit."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_plus

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Door = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
PATIENCE = 10.0  # seconds for the rest of a body that is too big anyway
NO_SNIFFING = (b"x-content-type-options", b"nosniff")
MOST_WASTED = 100_000_000  # bytes of such a rest


class TooBig(Exception):
    """The body is larger than this door takes."""


class Gone(Exception):
    """The client went away while sending."""


async def body(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises TooBig when it has more than ``limit`` bytes, Gone."""
    size, chunks = 0, []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            await _drop(receive, message)
            raise TooBig
        if not message.get("more_body", False):
            return b"".join(chunks) if len(chunks) > 1 else bytes(chunks[0])


async def _drop(receive: Receive, message: MutableMapping[str, Any]) -> None:
    """Read what the client still sends, up to a point: cut off in the middle, it would see a broken connection
    instead of our answer, and try again."""
    wasted = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while message.get("more_body", False) and wasted < MOST_WASTED:
                message = await receive()
                wasted += len(message.get("body", b""))


def capped(receive: Receive, limit: int) -> Receive:
    """A receive that raises TooBig once more than ``limit`` bytes came and the rest was dropped."""
    size = 0

    async def counted() -> MutableMapping[str, Any]:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size <= limit:
            return message
        await _drop(receive, message)
        raise TooBig

    return counted


async def respond(send: Send, status: int, content: bytes, kind: bytes, headers: Headers | None = None) -> None:
    """Send a whole response."""
    fields = [(b"content-type", kind), (b"content-length", b"%d" % len(content)), NO_SNIFFING, *(headers or ())]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": content})


def query(scope: Scope) -> dict[str, str]:
    """The query's last value of each name."""
    found = {}
    for part in scope["query_string"].decode("latin-1").split("&"):
        name, _, value = part.partition("=")
        if value:
            found[name] = unquote_plus(value) if "%" in value or "+" in value else value
    return found


def header(scope: Scope, name: bytes) -> str:
    """A header's value, or nothing."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""
