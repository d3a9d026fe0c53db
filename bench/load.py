"""The residents: many at once; on each connection the next one speaks when the last one has an answer.

It runs in a process of its own (``python -m bench.load``): jobs come on standard input, outcomes go to
standard output, one JSON line each. Requests are built before the clock starts: the load is no bottleneck.
"""

import asyncio
import gc
import hashlib
import itertools
import json
import random
import re
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal, Protocol, cast

import uvloop

TOKEN = "bench"
# What a resident says, again and again: the menu, a question of the quiz, its answer, a tip, the points.
DIALOGUE = ("菜单", "答题", "1", "A", "贴士", "积分")
GREETING = "你好"
PATIENCE = 15.0  # seconds for the last answers after the end of a run
TOO_MANY = 50  # errors that end a run


@dataclass(frozen=True)
class Job:
    """One run. ``seconds`` 0 is the warm-up: every resident writes once and becomes known."""

    subject: str  # its residents, their dialogues and cookies live on from job to job
    wire: Literal["wechat", "web"]
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
    seconds: float
    p50: float
    p99: float
    worst: float
    busy: float
    errors: int
    trouble: str  # the first error
    dialogue: list[tuple[str, str]]  # what one resident said and heard


class Wire(Protocol):
    """A door of the bot: how a message is written and an answer known to be good."""

    good: re.Pattern[bytes]
    words: re.Pattern[bytes]

    def request(self, resident: int, text: str) -> bytes: ...

    def learn(self, resident: int, head: bytes) -> None: ...


class WeChat:
    """A text message as the WeChat server posts it in plain mode."""

    # A question with a picture is answered by a card, whose words are a Description.
    good = re.compile(rb"<(?:Content|Description)><!\[CDATA\[(?!\]\]>)")
    words = re.compile(rb"<(?:Content|Description)><!\[CDATA\[(.*?)\]\]></", re.DOTALL)

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._ids = itertools.count(time.time_ns())

    def request(self, resident: int, text: str) -> bytes:
        now, nonce, user = str(int(time.time())), str(random.getrandbits(31)), f"oBench{resident:022d}"
        # developers.weixin.qq.com, 接入指南: sha1 of token, timestamp and nonce, sorted and joined.
        signature = hashlib.sha1("".join(sorted((TOKEN, now, nonce))).encode()).hexdigest()  # noqa: S324
        body = (
            f"<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{text}]]></Content><MsgId>{next(self._ids)}</MsgId></xml>"
        ).encode()
        query = f"signature={signature}&timestamp={now}&nonce={nonce}&openid={user}"
        return (
            f"POST /wechat?{query} HTTP/1.1\r\nHost: {self._host}\r\nUser-Agent: Mozilla/4.0\r\n"
            f"Accept: */*\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def learn(self, resident: int, head: bytes) -> None:
        """WeChat names the sender in every message."""


class Web:
    """A message through the web chat's JSON door; the resident's cookie comes with the first answer."""

    good = re.compile(rb'"text":\s*"[^"]')
    words = re.compile(rb'"text":\s*"((?:[^"\\]|\\.)*)"')
    cookie = re.compile(rb"\r\nset-cookie:\s*([^;\r]+)", re.IGNORECASE)

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._cookies: dict[int, str] = {}

    def request(self, resident: int, text: str) -> bytes:
        name = uuid.UUID(int=random.getrandbits(128), version=4)
        body = json.dumps({"id": str(name), "text": text}, ensure_ascii=False).encode()
        known = f"Cookie: {self._cookies[resident]}\r\n" if resident in self._cookies else ""
        return (
            f"POST /chat/messages HTTP/1.1\r\nHost: {self._host}\r\nOrigin: http://{self._host}\r\n"
            "User-Agent: Mozilla/5.0\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
            f"{known}Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def learn(self, resident: int, head: bytes) -> None:
        if found := self.cookie.search(head):
            self._cookies[resident] = found[1].decode()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, ready to be sent."""

    resident: int
    text: str
    request: bytes


class Crowd:
    """The residents of one subject, taking turns; each goes through DIALOGUE in its order."""

    def __init__(self, job: Job) -> None:
        assert job.residents >= 2 * job.connections, "a resident would write before the last answer came"
        self.wire: Wire = WeChat(job.port) if job.wire == "wechat" else Web(job.port)
        self.dialogue: list[tuple[str, str]] = []
        self._residents = job.residents
        self._taken = 0

    def greetings(self) -> Iterator[Turn]:
        """Every resident's first message."""
        return (self._turn(resident, GREETING) for resident in range(self._residents))

    def turns(self, stock: int) -> Iterator[Turn]:
        """Turns without end, the first ``stock`` of them built now; those not taken are taken next time."""
        ready = [self._numbered(number) for number in range(self._taken, self._taken + stock)]
        later = (self._numbered(number) for number in itertools.count(self._taken + stock))
        return map(self._take, itertools.chain(ready, later))

    def _take(self, turn: Turn) -> Turn:
        self._taken += 1
        return turn

    def _numbered(self, number: int) -> Turn:
        lap, resident = divmod(number, self._residents)
        # Residents start at different places, so that every moment of every run has the same mix.
        return self._turn(resident, DIALOGUE[(lap + resident) % len(DIALOGUE)])

    def _turn(self, resident: int, text: str) -> Turn:
        return Turn(resident, text, self.wire.request(resident, text))


class Run:
    """One job under way: its lines take turns from the crowd until the time is over."""

    def __init__(self, job: Job, crowd: Crowd) -> None:
        self.job = job
        self.crowd = crowd
        self.turns = crowd.turns(job.expected) if job.seconds else crowd.greetings()
        self.seconds: list[float] = []  # of each good answer
        self.in_time = 0
        self.errors = 0
        self.trouble = ""
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
        self._transport.write(self._turn.request)

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
        now = time.perf_counter()
        run, turn = self._run, self._turn
        assert self._transport is not None
        assert turn is not None
        wire = run.crowd.wire
        if head[9:12] != b"200" or not wire.good.search(body):
            run.fail(f"{turn.text} got {head[:20].decode()!r} {body[:300].decode(errors='replace')!r}")
        else:
            run.seconds.append(now - self._sent)
            run.in_time += now <= run.over
        wire.learn(turn.resident, head)
        if turn.resident == 0:
            words = b" / ".join(found[1] for found in wire.words.finditer(body))
            run.crowd.dialogue.append((turn.text, words.decode(errors="replace")))
        if self.last.search(head):
            self._close("")
            return
        self._turn = run.next()
        if self._turn is None:
            self._close("")
            return
        self._sent = now
        self._transport.write(self._turn.request)

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
    loop = asyncio.get_running_loop()
    while request := await loop.run_in_executor(None, sys.stdin.readline):
        job = Job(**json.loads(request))
        crowd = crowds.get(job.subject) or crowds.setdefault(job.subject, Crowd(job))
        outcome = await Run(job, crowd).go()
        print(json.dumps(asdict(outcome), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
