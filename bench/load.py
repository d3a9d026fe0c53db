"""The load: many residents at once; on each connection the next one speaks when the last one has an answer.

It runs in a process of its own (``python -m bench.load``) and plays the Bot API as well, whose address is its first
line. Then jobs come on standard input, outcomes go to standard output, one JSON line each. Requests are built before
the clock starts: the load is no bottleneck.
"""

import asyncio
import gc
import json
import re
import sys
import time
from dataclasses import asdict, dataclass
from typing import cast

import uvloop

from bench.botapi import BotApi
from bench.residents import WIRES, Crowd, Door, Turn

PATIENCE = 15.0  # seconds for the last answers after the end of a run
TOO_MANY = 50  # errors that end a run


@dataclass(frozen=True)
class Job:
    """One run. ``seconds`` 0 is the warm-up: every resident writes once and becomes known."""

    subject: str  # its residents, their dialogues and cookies live on from job to job
    wire: Door
    port: int
    connections: int
    residents: int
    seconds: float
    expected: int  # turns to build beforehand; further ones are built as they are needed


@dataclass(frozen=True)
class Outcome:
    """What a run showed. Times in milliseconds; ``busy`` is this process's share of its core."""

    turns: int  # answered within the time of the run
    answered: int  # answered and right, those after the end included
    called: int  # of these, answered by a call of the Bot API
    seconds: float
    p50: float
    p99: float
    worst: float
    busy: float
    errors: int
    trouble: str  # the first error
    dialogue: list[tuple[str, str]]  # what one resident said and heard


class Run:
    """One job under way: its lines take turns from the crowd until the time is over."""

    def __init__(self, job: Job, crowd: Crowd) -> None:
        assert job.residents > job.connections, "a resident would write before the last answer came"
        self.job = job
        self.crowd = crowd
        self.turns = crowd.turns(job.expected) if job.seconds else crowd.greetings()
        self.seconds: list[float] = []  # of each good answer
        self.in_time = self.called = 0
        self.errors = 0
        self.trouble = ""
        self.waiting: dict[int, Line] = {}  # residents whose answer comes through the Bot API
        self.early: dict[int, bytes] = {}  # answers that were there before the response
        self.over = float("inf")
        self.open_lines = job.connections
        self.done = asyncio.get_running_loop().create_future()

    async def go(self) -> Outcome:
        """Run it and say how it went."""
        gc.collect()
        gc.disable()
        began, worked = time.perf_counter(), time.process_time()
        self.over = began + self.job.seconds if self.job.seconds else float("inf")
        lines = [Line(self) for _ in range(self.job.connections)]
        for line in lines:
            line.connect()
        try:
            await asyncio.wait_for(self.done, (self.job.seconds or 60) + PATIENCE)
        except TimeoutError:
            self.fail(f"{self.open_lines} connections without an answer at the end")
        took, work = time.perf_counter() - began, time.process_time() - worked
        gc.enable()
        for line in lines:
            line.hang_up()
        times = sorted(self.seconds) or [0.0]
        return Outcome(
            turns=self.in_time,
            answered=len(self.seconds),
            called=self.called,
            seconds=self.job.seconds or took,
            p50=times[len(times) // 2] * 1000,
            p99=times[len(times) * 99 // 100] * 1000,
            worst=times[-1] * 1000,
            busy=work / took,
            errors=self.errors,
            trouble=self.trouble,
            dialogue=self.crowd.dialogue,
        )

    def next(self) -> Turn | None:
        """The next turn; nothing when the run is over."""
        if time.perf_counter() >= self.over or self.errors >= TOO_MANY:
            return None
        return next(self.turns, None)

    def heard(self, resident: int, body: bytes) -> None:
        """Somebody was written to through the Bot API. Whoever does not wait hears the rest of an answer."""
        if (line := self.waiting.pop(resident, None)) is not None:
            line.answered(body, called=True)
        else:
            self.early[resident] = body

    def fail(self, trouble: str) -> None:
        """Count an error; the first one is told."""
        self.errors += 1
        self.trouble = self.trouble or trouble

    def line_is_done(self) -> None:
        """A line has no more to do; after the last one the run is done."""
        self.open_lines -= 1
        if not self.open_lines and not self.done.done():
            self.done.set_result(None)


class Line(asyncio.Protocol):
    """A kept connection: a request, its answer, the next. Connects again where the server hangs up."""

    length = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
    last = re.compile(rb"\r\nconnection:\s*close", re.IGNORECASE)

    def __init__(self, run: Run) -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._turn: Turn | None = None
        self._closing = False
        self._sent = 0.0
        self._heard = b""

    def connect(self) -> None:
        """Take the next turn on a new connection."""
        self._turn = self._run.next()
        self._sent = time.perf_counter()
        if self._turn is None:
            self._run.line_is_done()
        else:
            self._connecting = asyncio.ensure_future(self._connect())

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._run.job.port)
        except OSError as error:
            self._run.fail(f"no connection: {error}")
            await asyncio.sleep(0.05)
            self.connect()

    def hang_up(self) -> None:
        """Close, whatever is still expected."""
        self._turn = None
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert self._turn is not None
        self._transport = cast("asyncio.Transport", transport)
        self._begin(self._turn)

    def data_received(self, data: bytes) -> None:
        self._heard = self._heard + data if self._heard else data
        end = self._heard.find(b"\r\n\r\n")
        if end < 0:
            return
        length = self.length.search(self._heard, 0, end)
        if length is None:
            self._close(f"an answer without Content-Length: {self._heard[:300]!r}")
        elif len(self._heard) >= end + 4 + int(length[1]):
            head, body, self._heard = self._heard[: end + 2], self._heard[end + 4 :], b""
            self._hear(head, body)

    def _hear(self, head: bytes, body: bytes) -> None:
        run, turn = self._run, self._turn
        assert turn is not None
        wire = run.crowd.wire
        wire.learn(turn.resident, head)
        self._closing = self.last.search(head) is not None
        if head[9:12] == b"200" and wire.good.search(body):
            self.answered(body)
        elif head[9:12] == b"200" and wire.later and wire.later.fullmatch(body):
            if (early := run.early.pop(turn.resident, None)) is not None:
                self.answered(early, called=True)
            else:
                run.waiting[turn.resident] = self
        else:
            run.fail(f"{turn.text} got {head[:20].decode()!r} {body[:300].decode(errors='replace')!r}")
            self._go_on()

    def answered(self, body: bytes, *, called: bool = False) -> None:
        """The turn has its answer."""
        now = time.perf_counter()
        run, turn = self._run, self._turn
        assert turn is not None
        run.seconds.append(now - self._sent)
        run.in_time += now <= run.over
        run.called += called
        if turn.resident == 1:
            run.crowd.dialogue.append((turn.text, run.crowd.wire.words(body)))
        self._go_on()

    def _go_on(self) -> None:
        """The next turn, if there is one."""
        assert self._transport is not None
        self._turn = None if self._closing else self._run.next()
        if self._turn is None:
            self._close("")
        else:
            self._sent = time.perf_counter()
            self._begin(self._turn)

    def _begin(self, turn: Turn) -> None:
        assert self._transport is not None
        self._run.early.pop(turn.resident, None)
        self._transport.write(turn.request)

    def _close(self, trouble: str) -> None:
        """Hang up; ``connection_lost`` goes on from there."""
        assert self._transport is not None
        self._turn, self._heard = None, b""
        if trouble:
            self._run.fail(trouble)
        self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self._run.done.done():
            return
        if self._turn is not None:
            self._run.fail(f"the server hung up on {self._turn.text}: {error or 'without an answer'}")
        self._heard = b""
        self.connect()


async def main() -> None:
    """Do the jobs as they come, until standard input ends."""
    crowds: dict[str, Crowd] = {}
    api = BotApi()
    print(await api.open(), flush=True)
    loop = asyncio.get_running_loop()
    while request := await loop.run_in_executor(None, sys.stdin.readline):
        job = Job(**json.loads(request))
        if job.subject not in crowds:
            crowds[job.subject] = Crowd(WIRES[job.wire](job.port), job.residents)
        run = Run(job, crowds[job.subject])
        api.heard = run.heard
        outcome = await run.go()
        print(json.dumps(asdict(outcome), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
