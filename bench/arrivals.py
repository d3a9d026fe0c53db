"""An open loop: messages come when people write, whether or not earlier ones have their answer.

Times count from the moment a message should have left, not from when a connection was free: a server that stands still
for a second is late for all who wrote in that second (coordinated omission; Gil Tene, «How NOT to Measure Latency»).
"""

import asyncio
import random
import re
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from bench.residents import DIALOGUE, WIRES, Door, Web

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
PATIENCE = 30.0  # seconds after which an answer is given up
PHOTOS = 20
LINES = 1000  # kept connections for each door; who finds none free waits, and that counts


@dataclass
class Window:
    """What happened to the messages that should have left in some seconds. Times in seconds."""

    due: int = 0
    waited: list[float] = field(default_factory=list)  # of good answers
    shed: int = 0  # told to come again: 429, 503
    failed: int = 0
    trouble: str = ""  # the first failure


class Line(asyncio.Protocol):
    """One kept connection: one request, one answer."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[tuple[bytes, bytes]] | None = None
        self._heard = b""
        self.open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("hung up"))

    def data_received(self, data: bytes) -> None:
        self._heard += data
        end = self._heard.find(b"\r\n\r\n")
        if end < 0 or self._answer is None or self._answer.done():
            return
        length = LENGTH.search(self._heard, 0, end)
        whole = end + 4 + (int(length[1]) if length else 0)
        if len(self._heard) >= whole:
            head, body, self._heard = self._heard[: end + 2], self._heard[end + 4 : whole], b""
            self._answer.set_result((head, body))

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Head and body of the answer. Raises ConnectionError, TimeoutError."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._answer
        except TimeoutError:
            self.hang_up()
            raise

    def hang_up(self) -> None:
        """Close it."""
        self.open = False
        self._transport.abort()


class Arrivals:
    """People of one door who write at random moments, so many a second on average (a Poisson process)."""

    def __init__(self, door: Door, port: int, people: int, photo: bytes = b"") -> None:
        """With a ``photo``, one message in PHOTOS is that (web chat only)."""
        self._wire, self._port, self._photo = WIRES[door](port), port, photo
        self._chance = random.Random(door)
        self._free = deque(range(1, people + 1))  # who has the last answer and may write again
        self._said = dict.fromkeys(self._free, 0)
        self._lines: list[Line] = []
        self._room = asyncio.Semaphore(LINES)
        self._called: dict[int, asyncio.Future[None]] = {}  # whose answer comes by a call of the Bot API

    def heard(self, resident: int) -> None:
        """Somebody was written to through the Bot API."""
        waiting = self._called.setdefault(resident, asyncio.get_running_loop().create_future())
        if not waiting.done():
            waiting.set_result(None)

    async def come(self, rate: float, windows: Sequence[Window], seconds: float) -> None:
        """Write for as long as there are windows of so many seconds; returns when all have an answer or gave up."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for at in self._moments(rate, len(windows) * seconds):
                wait = began + at - time.perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                window = windows[int(at / seconds)]
                window.due += 1
                if not self._free:
                    window.failed += 1
                    window.trouble = window.trouble or "nobody left who has the last answer"
                    continue
                group.create_task(self._write(self._free.popleft(), began + at, window))

    def hang_up(self) -> None:
        """Close all connections."""
        for line in self._lines:
            line.hang_up()

    def _moments(self, rate: float, until: float) -> Iterator[float]:
        at = self._chance.expovariate(rate)
        while at < until:
            yield at
            at += self._chance.expovariate(rate)

    async def _write(self, resident: int, due: float, window: Window) -> None:
        try:
            await self._turn(resident)
        except Shed:
            window.shed += 1
        except (OSError, TimeoutError) as error:
            window.failed += 1
            window.trouble = window.trouble or f"{type(error).__name__} {error}".strip()
        else:
            window.waited.append(time.perf_counter() - due)
        finally:
            self._called.pop(resident, None)
            self._free.append(resident)

    async def _turn(self, resident: int) -> None:
        if self._photo and isinstance(self._wire, Web) and self._chance.random() < 1 / PHOTOS:
            request = self._wire.photo(resident, self._photo)
        else:
            request = self._wire.request(resident, DIALOGUE[self._said[resident] % len(DIALOGUE)])
            self._said[resident] += 1
        async with self._room:
            head, body = await self._answered(request)
        status = head[9:12]
        if status in (b"429", b"503"):
            raise Shed
        self._wire.learn(resident, head)
        if status == b"200" and self._wire.good.search(body):
            return
        if status == b"200" and self._wire.later and self._wire.later.fullmatch(body):
            async with asyncio.timeout(PATIENCE):
                await self._called.setdefault(resident, asyncio.get_running_loop().create_future())
            return
        raise OSError(f"{head[9:12].decode()} {body[:120].decode(errors='replace')}")

    async def _answered(self, request: bytes) -> tuple[bytes, bytes]:
        """By a kept connection if there is one; as HTTP clients do, once more by a new one when the server closed that
        just now (RFC 9112, 9.3.1): the same message comes twice and is answered alike."""
        kept = bool(self._lines)
        line = await self._line()
        try:
            answer = await line.ask(request)
        except ConnectionError:
            if not kept:
                raise
            line = await self._fresh()
            answer = await line.ask(request)
        if line.open:
            self._lines.append(line)
        return answer

    async def _line(self) -> Line:
        while self._lines:
            line = self._lines.pop()
            if line.open:
                return line
        return await self._fresh()

    async def _fresh(self) -> Line:
        _, line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", self._port)
        return line


class Shed(Exception):
    """The server asked to come again."""
