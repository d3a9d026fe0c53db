"""Calling the Bot API: python-telegram-bot's client, its errors as what to do next (research: protocols A5).

Nothing of a call is ever logged: its address holds the token, its body what people wrote.
"""

import asyncio
import logging
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx
from telegram import InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from bot.channel import Away, Gone, Moved, Rejected, SendFailure, TooMany, Unsure
from bot.channels.telegram.pools import Pools
from bot.channels.telegram.render import Call
from bot.outside import HttpClient, trusted
from bot.photos import AS_IT_IS

ANSWER = 15.0  # seconds that an answer may keep us waiting
CONNECT = 5.0
OVER = 5.0  # seconds beyond that after which a call ends, however many bytes still drip in
FILE = 60.0  # seconds for a whole file
SILENT = ("telegram", "httpx", "httpcore")  # loggers that would write addresses and bodies
NOBODY = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "bot can't initiate")
# What certainly did not leave: no connection was made, or none was free.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)

# What the library raises at an answer that is no answer of the Bot API's (a proxy's, half of one).
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


class BadToken(Away):
    """Telegram does not know this token."""


class Elsewhere(SendFailure):
    """Another instance asks for this bot's updates, or a webhook is set."""


class Client(ExtBot[None]):
    """python-telegram-bot's client, with a way to call a method and get its answer as JSON: one update that its
    types can't read would else cost a whole batch (protocols A2)."""

    def _insert_defaults(self, data: dict[str, object]) -> None:
        """We have none; and the library would look for them in types that ours are not."""

    async def call(self, method: str, fields: Mapping[str, Any], wait: float) -> Any:
        """The result of a method. Raises TelegramError."""
        return await self._post(method, dict(fields), read_timeout=wait)


class Api:
    """One bot at one Bot API server."""

    def __init__(self, token: str, base: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        for name in SILENT:  # every failure of theirs reaches us, and is told in our words
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.bot = int(token.partition(":")[0])
        self._files = f"{base}/file/bot{token}/"
        self._transport = transport
        # Connections of their own: the long waits for updates must not take those of the other calls.
        self._requests = Pools(self._request), self._request(2)
        self._client = Client(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
        )
        # The library's own error looks at itself and would warn at each 429 that its type will change.
        warnings.filterwarnings("ignore", message=".*retry_after", category=PTBDeprecationWarning)

    def _request(self, connections: int) -> HTTPXRequest:
        return HTTPXRequest(
            connection_pool_size=connections,
            read_timeout=ANSWER,
            write_timeout=ANSWER,
            connect_timeout=CONNECT,
            pool_timeout=CONNECT,
            httpx_kwargs={"transport": self._transport} if self._transport else {"verify": trusted()},
        )

    async def call(self, method: str, fields: Mapping[str, Any], wait: float = ANSWER) -> Any:
        """The result of a method, as JSON. Raises a SendFailure."""
        try:
            async with asyncio.timeout(wait + OVER):
                return await self._client.call(method, fields, wait)
        except TimeoutError:
            raise Unsure("no end of the answer") from None
        except TelegramError as error:
            raise failure(error) from None  # its text may hold an address
        except UNREADABLE:
            raise Unsure("not understood") from None

    async def make(self, call: Call) -> Any:
        """The same for a rendered call."""
        return await self.call(call.method, call.fields)

    async def answer_tap(self, query: str) -> None:
        """Stop a tapped button's spinning. Whether that works or not, the answer itself is on its way."""
        try:
            await self.call("answerCallbackQuery", {"callback_query_id": query}, CONNECT)
        except SendFailure:
            return

    @asynccontextmanager
    async def file(self, file_id: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """A file's content in pieces. Raises a SendFailure: Rejected when it can't be had any more."""
        found = await self.call("getFile", {"file_id": file_id})
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str):
            raise Away("file: not understood")
        try:
            async with (
                asyncio.timeout(FILE),
                HttpClient(timeout=ANSWER, verify=trusted(), transport=self._transport) as client,
                client.stream("GET", self._files + quote(path), headers=AS_IT_IS) as answer,
            ):
                if answer.status_code in {400, 404, 410}:
                    raise Rejected(f"file: {answer.status_code}")
                if answer.status_code != 200:
                    raise Away(f"file: {answer.status_code}")
                yield answer.aiter_raw()
        except (httpx.HTTPError, TimeoutError) as error:
            raise Away(f"file: {type(error).__name__}") from None

    async def close(self) -> None:
        """Let go of the connections."""
        for request in self._requests:
            await request.shutdown()


def upload(content: bytes, name: str) -> InputFile:
    """A file to be sent along with a call."""
    return InputFile(content, filename=name, attach=False)


def failure(error: TelegramError) -> SendFailure:
    """What to do about an error. BadRequest is a kind of NetworkError there, so it is looked at first."""
    words = str(error.message)
    match error:
        case Forbidden():
            return Gone("blocked")
        case ChatMigrated():
            return Moved(str(error.new_chat_id))
        case RetryAfter():
            after = error._retry_after
            return TooMany("too many", float(after.total_seconds()))
        case InvalidToken():
            return BadToken("the token is refused")
        case Conflict():
            return Elsewhere(words)
        case BadRequest():
            gone = any(phrase in words.casefold() for phrase in NOBODY)
            return Gone("chat not found") if gone else Rejected(words[:120])
        case TimedOut() | NetworkError():
            return _network(error, words)
        case _:
            return Unsure("not understood")


def _network(error: TelegramError, words: str) -> SendFailure:
    """Whether it left before the network failed. A server error means that it was not taken; a gateway that waited
    for an answer in vain does not know."""
    cause = error.__cause__
    if isinstance(cause, UNSENT):
        return Away(type(cause).__name__)
    if isinstance(cause, httpx.HTTPError):
        return Unsure(type(cause).__name__)
    if "Entity Too Large" in words:
        return Rejected("too large")
    return Unsure("gateway timeout") if "Gateway Time" in words else Away("server error")
