"""An open loop: messages come when people write, whether or not earlier ones have their answer.

Times count from the moment a message should have left, not from when a connection was free: a server that stands still
for a second is late for all who wrote in that second (coordinated omission; Gil Tene, «How NOT to Measure Latency»).
"""

import asyncio
import itertools
import random
import re
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from bench.residents import DIALOGUE, WIRES, Door, Web

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
AFTER = re.compile(rb"\r\nretry-after:\s*(\d+)", re.IGNORECASE)
TRIES = 7  # of one message; as the page of the web chat does, and about as long as anybody waits
PATIENCE = 30.0  # seconds after which an answer is given up
PHOTOS = 20
LINES = (
    1500  # connections for each door that a proxy in front of the house would allow; beyond them it answers 503 itself
)
PAUSE = 5.0  # seconds after which a machine asks again that was not told when


@dataclass
class Window:
    """What happened to the messages that should have left in some seconds. Times in seconds."""

    due: int = 0
    waited: list[float] = field(default_factory=list)  # of good answers to words
    photos: list[float] = field(default_factory=list)  # and to photos
    shed: int = 0  # told to come again: in words, or by 429 or 503
    barred: int = 0  # of these by the proxy: no connection was left
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
        self._newcomers = itertools.count(people + 1)  # who comes when nobody of them is free
        self._busy = 0  # connections on which an answer is waited for
        self._said: Counter[int] = Counter()
        self._lines: list[Line] = []
        self._called: dict[int, asyncio.Future[None]] = {}  # whose answer comes by a call of the Bot API

    def heard(self, resident: int) -> None:
        """Somebody was written to through the Bot API."""
        waiting = self._called.setdefault(resident, asyncio.get_running_loop().create_future())
        if not waiting.done():
            waiting.set_result(None)

    async def come(self, rates: Sequence[float], windows: Sequence[Window], seconds: float) -> None:
        """Write in windows of so many seconds, each with its own rate; returns when all have an answer or gave up."""
        self._began, self._windows, self._seconds = time.perf_counter(), windows, seconds
        async with asyncio.TaskGroup() as group:
            for at in self._moments(rates):
                due = self._began + at
                if (wait := due - time.perf_counter()) > 0:
                    await asyncio.sleep(wait)
                self._window(due).due += 1
                resident = self._free.popleft() if self._free else next(self._newcomers)
                group.create_task(self._write(resident, due))

    def hang_up(self) -> None:
        """Close all connections."""
        for line in self._lines:
            line.hang_up()

    def _moments(self, rates: Sequence[float]) -> Iterator[float]:
        for number, rate in enumerate(rates):
            at = number * self._seconds + self._chance.expovariate(rate)
            while at < (number + 1) * self._seconds:
                yield at
                at += self._chance.expovariate(rate)

    def _window(self, at: float) -> Window:
        return self._windows[min(int((at - self._began) / self._seconds), len(self._windows) - 1)]

    async def _write(self, resident: int, due: float) -> None:
        photo = bool(self._photo) and isinstance(self._wire, Web) and self._chance.random() < 1 / PHOTOS
        request = self._request(resident, photo=photo)
        for _ in range(TRIES):
            window = self._window(due)
            try:
                await self._turn(resident, request)
            except Shed as told:
                window.shed += 1
                window.barred += told.barred
                if told.after is None:  # who was told in words writes another day
                    break
                await asyncio.sleep(told.after)
                due, request = time.perf_counter(), self._wire.again(request)
            except (OSError, TimeoutError) as error:
                window.failed += 1
                window.trouble = window.trouble or f"{type(error).__name__} {error}".strip()
                break
            else:
                (window.photos if photo else window.waited).append(time.perf_counter() - due)
                break
        self._called.pop(resident, None)
        self._free.append(resident)

    def _request(self, resident: int, *, photo: bool) -> bytes:
        if photo:
            assert isinstance(self._wire, Web)
            return self._wire.photo(resident, self._photo)
        self._said[resident] += 1
        return self._wire.request(resident, DIALOGUE[(self._said[resident] - 1) % len(DIALOGUE)])

    async def _turn(self, resident: int, request: bytes) -> None:
        if self._busy == LINES:
            raise Shed(PAUSE, barred=True)
        self._busy += 1
        try:
            head, body = await self._answered(request)
        finally:
            self._busy -= 1
        status = head[9:12]
        if status in (b"429", b"503"):
            after = AFTER.search(head)
            raise Shed(float(after[1]) if after else PAUSE)
        if self._wire.shed(body):
            raise Shed(None)
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
    """The server asked to come again: by itself after so many seconds, or in words."""

    def __init__(self, after: float | None, *, barred: bool = False) -> None:
        super().__init__("asked to come again")
        self.after, self.barred = after, barred
