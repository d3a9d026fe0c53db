"""What platforms answer when they are called, or somebody between us and them: a call ends well or as a SendFailure."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from bench.fuzzing import APP, Target
from bot.channel import SendFailure
from bot.channels.telegram.api import Api as BotApi
from bot.channels.wechat.api import Api as WechatApi
from bot.channels.wechat.api import Refusal


def _answers(make: Callable[[httpx.MockTransport], Callable[[], Any]]) -> Target:
    """A platform that answers with the given bytes; the first is the status' hundred."""
    loop = asyncio.new_event_loop()
    current = b""

    def answer(_: httpx.Request) -> httpx.Response:
        status = (200, 400, 403, 404, 409, 429, 500, 502)[(current or b"\0")[0] % 8]
        answer = httpx.ByteStream(current[1:])
        return httpx.Response(status, stream=answer, headers={"content-type": "application/json"})

    asking = make(httpx.MockTransport(answer))

    def target(raw: bytes) -> None:
        nonlocal current
        current = raw
        with suppress(SendFailure):
            loop.run_until_complete(asking())

    return target


def bot_api(_: Path) -> Target:
    """Answers of Telegram's Bot API."""

    def make(transport: httpx.MockTransport) -> Callable[[], Any]:
        api = BotApi("42:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "http://telegram.test", transport)

        async def ask() -> None:
            async with api.file("a"):
                pass

        return ask

    return _answers(make)


def wechat_api(_: Path) -> Target:
    """Answers of WeChat's API, its token's included."""

    def make(transport: httpx.MockTransport) -> Callable[[], Any]:
        http = httpx.AsyncClient(transport=transport)

        async def ask() -> None:
            with suppress(Refusal):
                await WechatApi("http://wechat.test", APP, "a", http=http).upload("a.jpg", b"a", "image/jpeg")

        return ask

    return _answers(make)
