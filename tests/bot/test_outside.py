"""Fetching from outside: names that lead inside, second answers of the name server, bodies that unpack without end."""

import asyncio
import gzip
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from threading import Thread
from time import sleep
from typing import Any

import httpx
import pytest

from bot.channel import SendFailure
from bot.channels.telegram.api import Api
from bot.channels.wechat.api import Api as WechatApi
from bot.channels.wechat.api import Unreachable
from bot.outside import HttpClient, Inside, Outside, public
from tests.fakes.telegram import TOKEN

INSIDE = (
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),  # noqa: S104
    *(
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "2002:7f00:1::",
        "ff02::1",
    ),
)


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_told_however_they_are_written(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1", "::ffff:1.1.1.1"])
def test_addresses_of_the_internet_are_let_through(address: str) -> None:
    assert public(address)


def answers(monkeypatch: pytest.MonkeyPatch, *each: tuple[str, ...]) -> list[Any]:
    """A name server that gives one of these answers after the other; what it was asked."""
    asked, left = [], list(each)

    async def getaddrinfo(host: str, port: int, **_: int) -> list[Any]:
        asked.append(host)
        return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in left.pop(0)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "found", [("127.0.0.1",), ("1.1.1.1", "127.0.0.1"), ("::ffff:127.0.0.1",), ("169.254.169.254",)]
)
async def test_a_picture_host_that_leads_inside_was_fetched(
    found: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[bytes] = []
    server = await asyncio.start_server(lambda reader, writer: reached.append(b""), "127.0.0.1", 0)
    answers(monkeypatch, found)
    port = server.sockets[0].getsockname()[1]
    async with server, httpx.AsyncClient(transport=Outside()) as client:
        with pytest.raises(Inside):
            await client.get(f"http://mmbiz.qpic.cn:{port}/x")
    assert reached == []


async def test_a_name_is_looked_up_once_and_asked_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, ("1.1.1.1",), ("127.0.0.1",))
    sent: list[httpx.Request] = []

    async def connected(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", connected)
    async with httpx.AsyncClient(transport=Outside()) as client:
        assert (await client.get("https://mmbiz.qpic.cn/x")).status_code == 200
    assert asked == ["mmbiz.qpic.cn"]
    assert (sent[0].url.host, sent[0].headers["host"]) == ("1.1.1.1", "mmbiz.qpic.cn")
    assert sent[0].extensions["sni_hostname"] == "mmbiz.qpic.cn"


async def test_a_kilobyte_that_was_packed_twice_took_a_gigabyte() -> None:
    packed = gzip.compress(gzip.compress(bytes(1_000_000)))

    def platform(request: httpx.Request) -> httpx.Response:
        if "getFile" in request.url.path:
            return httpx.Response(200, json={"ok": True, "result": {"file_path": "a"}})
        assert request.headers["accept-encoding"] == "identity"
        packed_twice = {"content-encoding": "gzip, gzip"}
        return httpx.Response(200, headers=packed_twice, stream=httpx.ByteStream(packed))

    async with Api(TOKEN, "https://telegram.test", httpx.MockTransport(platform)).file("a") as chunks:
        assert b"".join([chunk async for chunk in chunks]) == packed


RESET = struct.pack("ii", 1, 0)  # SO_LINGER: whoever closes says that nothing more is taken, instead of goodbye


@pytest.fixture
async def reset() -> AsyncIterator[str]:
    """The address of a host that ends every connection as soon as it begins, for a loop that is busy: it hears of the
    beginning and of the end at once."""
    with socket.create_server(("127.0.0.1", 0)) as host:

        def end_all() -> None:
            with suppress(OSError):  # that it is closed ends it
                while True:
                    connection, _ = host.accept()
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    connection.close()

        async def busy() -> None:
            while True:
                sleep(0.002)  # noqa: ASYNC251 - that is the point
                await asyncio.sleep(0)

        Thread(target=end_all, daemon=True).start()
        work = asyncio.create_task(busy())
        yield f"http://127.0.0.1:{host.getsockname()[1]}"
        work.cancel()
        host.shutdown(socket.SHUT_RDWR)


async def page(url: str) -> None:
    async with HttpClient() as client:
        await client.get(url)


async def telegram_call(url: str) -> None:
    await Api(TOKEN, url).call("getMe", {})


async def wechat_call(url: str) -> None:
    await WechatApi(url, "wx", "secret").say("anne", "好")


@pytest.mark.parametrize(
    ("ask", "failure"),
    [
        (page, httpx.TransportError),
        (telegram_call, SendFailure),
        (wechat_call, Unreachable),
    ],
)
async def test_a_connection_that_ends_as_it_begins_is_a_failure_like_others(
    ask: Callable[[str], Awaitable[None]], failure: type[Exception], reset: str
) -> None:
    for _ in range(10):
        with pytest.raises(failure):
            await ask(reset)
