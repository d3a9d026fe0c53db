"""A few residents who talk while something else goes on, each at their own time; what is told is how long they wait."""

import asyncio
import itertools
import time
from contextlib import suppress

from bench.residents import DIALOGUE, Telegram

TALKERS = 300
EACH = 0.1  # seconds from one message to the next
PATIENCE = 10.0
START = "/start"  # is answered by two messages, which leave by calls


class Talkers:
    """They talk to one server after another. Half of what they say is answered in the webhook's response, half by
    calls of the Bot API."""

    def __init__(self) -> None:
        self.waited: dict[str, list[float]] = {}  # seconds, by what went on meanwhile
        self.unanswered = 0
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    def heard(self, chat: int) -> None:
        """One of them was written to through the Bot API."""
        if (waiting := self._waiting.pop(chat, None)) is not None and not waiting.done():
            waiting.set_result(None)

    async def talk(self, wire: Telegram, meanwhile: str, over: asyncio.Event) -> None:
        """Talk until it is over, and wait for the last answers."""
        while not over.is_set():
            task = asyncio.create_task(self._ask(wire, next(self._numbers), meanwhile))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), EACH)
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _ask(self, wire: Telegram, number: int, meanwhile: str) -> None:
        lap, talker = divmod(number, TALKERS)
        text = START if number % 2 else DIALOGUE[(talker // 2 + lap) % len(DIALOGUE)]
        waiting = self._waiting[talker + 1] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        try:
            if not await _posted(wire, wire.request(talker + 1, text)):
                await asyncio.wait_for(waiting, PATIENCE)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            self.unanswered += 1
        else:
            self.waited.setdefault(meanwhile, []).append(time.perf_counter() - began)


async def _posted(wire: Telegram, request: bytes) -> bool:
    """Whether the answer was in the response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise OSError(head[:40].decode())
        return b"content-length: 0\r\n" not in head.lower()
    finally:
        writer.close()
