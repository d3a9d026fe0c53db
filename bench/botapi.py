"""A Bot API that answers at once: bots under load call it, and it tells who was written to.

It keeps nothing and refuses nothing; what Telegram refuses, tests/fakes/telegram.py knows.
"""

import asyncio
import re
from collections.abc import Callable
from typing import cast

from bench.account import BOT

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
METHOD = re.compile(rb"[A-Z]+ /[^ ]*?/(\w+)[ ?]")
CHAT = re.compile(rb"chat_id[^\d]*?(\d+)")  # of a form, of its parts, or of JSON
ANSWERS = {
    b"getMe": b'{"id":%d,"is_bot":true,"first_name":"Bench","username":"bench_bot"}' % BOT,
    b"getWebhookInfo": b'{"url":"","has_custom_certificate":false,"pending_update_count":0}',
    b"getUpdates": b"[]",
}
MESSAGE = b'{"message_id":%d,"date":1795406400,"chat":{"id":%s,"type":"private","first_name":"R"},"text":"."}'
Listener = Callable[[int, bytes], None]


class BotApi:
    """The server. ``heard`` is called with the chat and the body of every message that a bot sends."""

    def __init__(self) -> None:
        self.heard: Listener | None = None
        self.messages = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """Listen on a free port; the address that bots are given."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Call(self), "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    def answer(self, method: bytes, body: bytes) -> bytes:
        """The result of a call, as JSON."""
        if not method.startswith(b"send"):
            return ANSWERS.get(method, b"true")
        self.messages += 1
        chat = CHAT.search(body)
        if chat is None:
            return b"null"
        if self.heard is not None:
            self.heard(int(chat[1]), body)
        return MESSAGE % (self.messages, chat[1])


class _Call(asyncio.Protocol):
    """One kept connection of a bot."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self._heard, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._heard) < whole:
                return
            head, body, self._heard = self._heard[:end], self._heard[end + 4 : whole], self._heard[whole:]
            method = METHOD.match(head)
            result = b'{"ok":true,"result":%s}' % self._api.answer(method[1] if method else b"", body)
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (len(result), result)
            )
