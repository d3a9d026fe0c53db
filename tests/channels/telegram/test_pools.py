"""Many calls of the Bot API at once: each has a connection, no set of them is large, and what is open is used."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from bot.channel import SendFailure
from bot.channels.telegram.api import Api
from bot.channels.telegram.pools import SIZE
from tests.play import until

ANSWER = b'{"ok": true, "result": {"message_id": 1}}'


class Slow:
    """A Bot API server that answers when it may, and counts connections."""

    def __init__(self) -> None:
        self.opened = self.open = self.asked = 0
        self.may = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        self.opened += 1
        self.open += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head.lower())
                assert length is not None
                await reader.readexactly(int(length[1]))
                self.asked += 1
                await self.may.wait()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER))
        except asyncio.IncompleteReadError:
            self.open -= 1
            writer.close()


@pytest.fixture
async def slow() -> Slow:
    return Slow()


@pytest.fixture
async def api(slow: Slow) -> AsyncIterator[Api]:
    server = await asyncio.start_server(slow.serve, "127.0.0.1", 0)
    opened = Api("123456:" + "a" * 35, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    yield opened
    await opened.close()
    server.close()


async def call(api: Api) -> int:
    result = await api.call("sendMessage", {"chat_id": 1, "text": "hi"})
    return int(result["message_id"])


async def test_however_many_are_under_way_none_waits_for_a_connection_and_what_is_too_many_goes(
    slow: Slow, api: Api
) -> None:
    many = 3 * SIZE + 4
    calls = [asyncio.create_task(call(api)) for _ in range(many)]
    await until(lambda: slow.asked == many)
    assert slow.open == many
    slow.may.set()
    assert await asyncio.gather(*calls) == [1] * many
    await until(lambda: slow.open == SIZE)
    for _ in range(20):
        await call(api)
    assert (slow.open, slow.opened) == (SIZE, many), "what stayed open is used"


async def test_a_call_that_is_given_up_leaves_its_place_to_others(slow: Slow, api: Api) -> None:
    for _ in range(2):
        for lost in [asyncio.create_task(call(api)) for _ in range(SIZE + 1)]:
            await asyncio.sleep(0)
            lost.cancel()
    with pytest.raises(SendFailure):
        await api.call("sendMessage", {"chat_id": 1, "text": "hi"}, wait=0.05)
    slow.may.set()
    assert await asyncio.gather(*(call(api) for _ in range(SIZE))) == [1] * SIZE
    await until(lambda: slow.open <= SIZE)
