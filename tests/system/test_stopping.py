"""Stopping while people talk: streams end at once, requests are answered, nothing acknowledged is lost."""

import asyncio
import socket
import time
from urllib.parse import urlsplit

import httpx

from serving import GRACE
from tests.play import until
from tests.system.conftest import Starter
from tests.system.server import Server
from tests.system.visitor import Visitor, browser, new_id

TALKING, LOOKING = 12, 5


async def talk(url: str, acknowledged: dict[str, str]) -> None:
    """Write until nobody answers any more; what was acknowledged, by id."""
    async with browser(url) as client:
        visitor = Visitor(client)
        while True:
            number = new_id()
            try:
                response = await visitor.post(id=number, text="菜单")
            except httpx.TransportError:
                return
            assert response.status_code == 200, response.text
            acknowledged[number] = response.text


async def look(url: str, looking: asyncio.Event) -> float:
    """Hold a stream open; when it ended."""
    async with browser(url) as client:
        await Visitor(client).say("菜单")
        async with client.stream("GET", "/chat/events") as response:
            async for line in response.aiter_lines():
                if line == ": hello":
                    looking.set()
    return time.monotonic()


def held_and_never_read(server: Server, cookie: str) -> socket.socket:
    """A stream whose browser has fallen asleep."""
    address = urlsplit(server.url)
    line = socket.create_connection((address.hostname, address.port))
    line.sendall(f"GET /chat/events HTTP/1.1\r\nHost: town\r\nCookie: youli={cookie}\r\n\r\n".encode())
    return line


async def test_streams_end_requests_are_answered_and_nothing_is_lost(starter: Starter) -> None:
    server = starter(rate_limit="off")
    await asyncio.to_thread(server.start)
    opened = [asyncio.Event() for _ in range(LOOKING)]
    streams = [asyncio.create_task(look(server.url, event)) for event in opened]
    async with browser(server.url) as client:
        sleeper = Visitor(client)
        await sleeper.say("菜单")
        asleep = held_and_never_read(server, sleeper.cookie)
    acknowledged: dict[str, str] = {}
    talking = [asyncio.create_task(talk(server.url, acknowledged)) for _ in range(TALKING)]
    await until(lambda: all(event.is_set() for event in opened) and len(acknowledged) > TALKING)
    told = time.monotonic()
    took = await asyncio.to_thread(server.stop)
    ended = await asyncio.gather(*streams)
    await asyncio.gather(*talking)
    asleep.close()
    assert max(ended) - told < GRACE, "they did not have to be cut"
    assert took < GRACE
    kept = {row[0] for row in server.rows("SELECT key FROM exchanges")}
    assert kept.issuperset(acknowledged)
    assert server.rows("PRAGMA integrity_check") == [("ok",)]
