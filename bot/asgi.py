"""The hot doors speak ASGI directly: no request object, no middleware between the socket and the unit."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Door = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class TooBig(Exception):
    """The body is larger than this door takes."""


class Gone(Exception):
    """The client went away while sending."""


async def body(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises TooBig as soon as it exceeds ``limit`` bytes."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    chunk: bytes = message.get("body", b"")
    if len(chunk) > limit:
        raise TooBig
    if not message.get("more_body", False):
        return chunk
    chunks, size = [chunk], len(chunk)
    while message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooBig
        chunks.append(chunk)
    return b"".join(chunks)


async def respond(send: Send, status: int, content: bytes, kind: bytes, headers: Headers | None = None) -> None:
    """Send a whole response."""
    fields = [(b"content-type", kind), (b"content-length", b"%d" % len(content)), *(headers or ())]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": content})


def query(scope: Scope) -> dict[str, str]:
    """The query's last value of each name."""
    return {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}


def header(scope: Scope, name: bytes) -> str:
    """A header's value, or nothing."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""
