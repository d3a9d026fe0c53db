"""The express line: a POST that comes in one piece is handed over whole, past most of uvicorn's machinery.

That costs a third of what uvicorn costs, and nearly all messages come so. Only what is plain beyond doubt is taken:
one length, no chunks, nothing to expect, nothing behind it, no request before it still unanswered. Anything else goes
to uvicorn's own parser as it came, on the same connection; so does every answer that is not a plain 200.
"""

import asyncio
import re
from functools import cached_property, lru_cache
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

_PLAIN = bytes(range(0x20, 0x7F))  # printable ASCII
_ASKED = re.compile(rb"POST (/[!\"$&-~]*) HTTP/1\.1")  # nothing in it that must be decoded
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([!-~](?:[ -~]*[!-~])?)")
_UNUSUAL = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer"})
_OURS = frozenset({b"connection", b"transfer-encoding"})
LARGEST = 64 * 1024  # bytes of a body: what is larger is streamed


@lru_cache(8192)  # clients say the same again and again
def _field(line: bytes) -> tuple[bytes, bytes] | None:
    """A header's name and value; None for one that asks for more than an answer."""
    found = _FIELD.fullmatch(line)
    if found is None:
        return None
    name, value = found[1].lower(), found[2]
    if name in _UNUSUAL or (name == b"connection" and value.lower() != b"keep-alive"):
        return None
    return name, value


@lru_cache(8192)
def _line(name: bytes, value: bytes) -> bytes:
    """A header as it is written; nothing where uvicorn has to see to it, or says what is wrong with it."""
    line = b"%b: %b\r\n" % (name, value)
    if name in _OURS or line.translate(None, _PLAIN) != b"\r\n":
        return b""
    return line


class Express(HttpToolsProtocol):
    """uvicorn's protocol with the line beside it."""

    def __init__(self, config: Config, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        self._within = False  # uvicorn's parser has part of a request
        self._idle_since = 0.0  # by the loop's clock

    def data_received(self, data: bytes) -> None:
        """Hand over a whole request, or leave it to uvicorn."""
        before: RequestResponseCycle | None = self.cycle  # uvicorn's own type forgets that there may be none
        free = not self._within and (before is None or before.response_complete)
        plain = free and data.startswith(b"POST /") and not self.transport.is_closing()
        whole = self._read(data) if plain else None
        if whole is None:
            return super().data_received(data)
        self.cycle = whole
        task = asyncio.Task(whole.run_asgi(self.app), loop=self.loop, name="express")  # else each gets a new name
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return None

    def on_message_begin(self) -> None:
        self._within = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._within = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """uvicorn's, but the timer for who falls silent runs on instead of being set anew at each answer."""
        if self.pipeline or self.transport.is_closing():
            return super().on_response_complete()
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._wait_for_more(self.timeout_keep_alive)
        return None

    def _wait_for_more(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Close what nothing has come on for as long as it may."""
        self.timeout_keep_alive_task = None
        cycle: RequestResponseCycle | None = self.cycle
        if self._within or (cycle is not None and not cycle.response_complete):
            return None
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0.001:
            return self._wait_for_more(left)
        return super().timeout_keep_alive_handler()

    def _read(self, data: bytes) -> "Whole | None":
        """The request, if it is plain and complete."""
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        asked = _ASKED.fullmatch(first)
        if asked is None:
            return None
        headers, length = [], None
        for line in lines:
            field = _field(line)
            if field is None or (field[0] == b"content-length" and length is not None):
                return None
            if field[0] == b"content-length":
                length = field[1]
            headers.append(field)
        if length is None or length != b"%d" % len(body) or len(body) > LARGEST:
            return None
        path, _, query = asked[1].partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "method": "POST",
            "root_path": "",
            "path": path.decode(),
            "raw_path": path,
            "query_string": query,
            "headers": headers,
            "state": self.app_state.copy(),
        }
        return Whole(self, scope, body)


class Whole(RequestResponseCycle):
    """A request with all of its body, and its answer, written at once."""

    def __init__(self, protocol: Express, scope: dict[str, Any], body: bytes) -> None:
        # Not uvicorn's own: half of what it prepares is for bodies that are still on their way.
        self.scope = scope  # type: ignore[assignment]
        self.transport, self.flow = protocol.transport, protocol.flow
        self.logger, self.access_logger, self.access_log = protocol.logger, protocol.access_logger, protocol.access_log
        self.default_headers = protocol.server_state.default_headers
        self.on_response = protocol.on_response_complete
        self.disconnected = self.waiting_for_100_continue = False
        self.keep_alive = True
        self.body = body  # type: ignore[assignment]
        self.more_body = False
        self.response_started = self.response_complete = False
        self.chunked_encoding = None
        self.expected_content_length = 0
        self._given = False
        self._head: Any = None

    @cached_property
    def message_event(self) -> asyncio.Event:  # type: ignore[override]
        """Only who waits for the client to go away needs it."""
        return asyncio.Event()

    async def receive(self) -> Any:
        """The body; after that, uvicorn's word that the client went away."""
        if self._given or self.disconnected:
            return await super().receive()
        self._given = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Any) -> None:
        """Head and body in one write; uvicorn's way for anything but a plain 200."""
        if message["type"] == "http.response.start":
            self._head = None
            if message["status"] == 200 and not self.response_started and not self.access_log:
                self._head = message
                return
        elif self._head is not None:
            head, self._head = self._head, None
            if self._answer(head["headers"], message):
                return
            await super().send(head)
        await super().send(message)

    def _answer(self, headers: Any, message: Any) -> bool:
        """Write it all, if it is plain and complete, and somebody reads."""
        body = message.get("body", b"")
        if message.get("more_body") or self.disconnected or self.flow.write_paused:
            return False
        fields = [*self.default_headers, *headers]
        if (b"content-length", b"%d" % len(body)) not in fields:
            return False
        lines = [_line(*field) for field in fields]
        if b"" in lines:
            return False
        end = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        self.transport.write(b"".join((STATUS_LINE[200], *lines, end, body)))
        self.response_started = self.response_complete = True
        if "message_event" in self.__dict__:
            self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True
