"""The express line answers whatever comes exactly as uvicorn's own parser would, and only faster."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from web.express import LARGEST, Express, Whole

STREAMED = (b"Transfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n\r\n")


def post(body: bytes = b"hello", *fields: bytes, target: bytes = b"/echo", length: bytes | None = None) -> bytes:
    """A request as clients write it."""
    size = b"%d" % len(body) if length is None else length
    return b"\r\n".join((b"POST %b HTTP/1.1" % target, b"Host: here", b"Content-Length: " + size, *fields, b"", body))


class House:
    """An application that tells what it was asked, and how uvicorn or the express line came to it."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.whole: list[bool] = []
        self.gone = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.whole.append(isinstance(getattr(receive, "__self__", None), Whole))
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        asked = {key: scope[key] for key in sorted(scope) if key not in {"client", "server"}}
        self.seen.append(asked | {"headers": [tuple(field) for field in scope["headers"]], "body": body})
        await getattr(self, scope["path"].strip("/"), self.echo)(body, receive, send)

    async def echo(self, body: bytes, receive: Any, send: Any, status: int = 200, *fields: tuple[bytes, bytes]) -> None:
        answer = b"%d %b" % (len(self.seen), body[:20])
        headers = [(b"content-length", b"%d" % len(answer)), (b"x-kind", b"echo"), *fields]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def refused(self, body: bytes, receive: Any, send: Any) -> None:
        await self.echo(body, receive, send, 429, (b"retry-after", b"1"))

    async def closing(self, body: bytes, receive: Any, send: Any) -> None:
        await self.echo(body, receive, send, 200, (b"connection", b"close"))

    async def injected(self, body: bytes, receive: Any, send: Any) -> None:
        await self.echo(body, receive, send, 200, (b"x-name", b"a\r\nset-cookie: theirs"))

    async def streamed(self, body: bytes, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for part in (b"one", b"two"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    async def wrong(self, body: bytes, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]})
        await send({"type": "http.response.body", "body": b"short"})

    async def broken(self, body: bytes, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        raise RuntimeError("between head and body")

    async def silent(self, body: bytes, receive: Any, send: Any) -> None:
        return None

    async def waiting(self, body: bytes, receive: Any, send: Any) -> None:
        await self.go.wait()
        await self.echo(body, receive, send)

    async def patient(self, body: bytes, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "http.disconnect"
        self.gone.set()


class Wire(asyncio.Transport):
    """A connection that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """What was read already still comes."""

    def resume_reading(self) -> None:
        """See there."""


class Line:
    """One connection to a house."""

    def __init__(self, kind: type[HttpToolsProtocol]) -> None:
        self.house, self.wire, self.state = House(), Wire(), ServerState()
        self.state.default_headers = [(b"date", b"Sat, 28 Nov 2026 12:00:00 GMT")]
        config = Config(self.house, log_config=None, access_log=False, lifespan="off")
        self.end = kind(config, self.state, {"of": "the server"})
        self.end.connection_made(self.wire)

    async def say(self, *pieces: bytes) -> "Line":
        """Bytes as they arrive, all before anything is answered."""
        for piece in pieces:
            if not self.wire.closed:
                self.end.data_received(piece)
        await self.quiet()
        return self

    async def quiet(self) -> None:
        """Until all that can be answered is answered."""
        for _ in range(20):
            await asyncio.sleep(0)

    @property
    def outcome(self) -> tuple[Any, ...]:
        """All that a client and an application see."""
        return self.wire.written, self.wire.closed, self.house.seen


async def alike(*batches: Sequence[bytes]) -> Line:
    """The same bytes to uvicorn's protocol and to ours, batch by batch, with the same outcome; our line."""
    lines = Line(HttpToolsProtocol), Line(Express)
    for batch in batches:
        for line in lines:
            await line.say(*batch)
        assert lines[0].outcome == lines[1].outcome
    return lines[1]


async def test_plain_messages_on_a_kept_connection_take_the_express_line() -> None:
    asked = [post(b"one"), post("菜单".encode(), b"Cookie: youli=a.b; c", target=b"/echo?x=1&y=%E8"), post(b"")]
    line = await alike(*([one] for one in [post(b"1"), post(b"2", b"Connection: keep-alive"), asked[0], asked[2]]))
    assert line.house.whole == [True] * 4
    assert line.wire.written.count(b"HTTP/1.1 200 OK") == 4
    assert line.end.server_state.total_requests == 4


ODD = {
    "chunks": [b"\r\n".join((b"POST /echo HTTP/1.1", *STREAMED))],
    "chunks and a length": [post(b"5\r\nhello\r\n0\r\n\r\n", b"Transfer-Encoding: chunked")],
    "two lengths": [post(b"hello", b"Content-Length: 5")],
    "two lengths that differ": [post(b"hello", b"Content-Length: 3")],
    "no length": [b"POST /echo HTTP/1.1\r\nHost: here\r\n\r\n"],
    "a length with a sign": [post(length=b"+5")],
    "a length in words": [post(length=b"five")],
    "a length with a zero before it": [post(length=b"05")],
    "expects": [post(b"hello", b"Expect: 100-continue")],
    "expects, and the body comes later": [post(b"", b"Expect: 100-continue", length=b"5"), b"hello"],
    "wants to close": [post(b"hello", b"Connection: close")],
    "wants to upgrade": [post(b"hello", b"Connection: Upgrade", b"Upgrade: h2c")],
    "an old client": [post().replace(b"HTTP/1.1", b"HTTP/1.0")],
    "an unknown version": [post().replace(b"HTTP/1.1", b"HTTP/1.7")],
    "escaped path": [post(target=b"/e%63ho")],
    "escaped query": [post(target=b"/echo?x=%20")],
    "fragment": [post(target=b"/echo?x#y")],
    "space in the target": [post(target=b"/echo x")],
    "whole address": [post(target=b"http://here/echo")],
    "a name with a space": [post(b"hello", b"X Name: 1")],
    "a folded line": [post(b"hello", b"X-Name: 1", b" 2")],
    "a line without a colon": [post(b"hello", b"nonsense")],
    "an empty name": [post(b"hello", b": 1")],
    "a bare line feed": [post(b"hello", b"X-Name: 1\nX-Other: 2")],
    "a bare carriage return": [post(b"hello", b"X-Name: 1\rX-Other: 2")],
    "a zero byte": [post(b"hello", b"X-Name: 1\x002")],
    "beyond ASCII": [post(b"hello", "X-Name: 菜".encode())],
    "a space around values": [post(b"hello", b"X-Name: \t a  b \t ", b"X-Empty:", b"X-Blank:   ")],
    "an empty line first": [b"\r\n" + post()],
    "an empty line behind": [post() + b"\r\n", post()],
    "rubbish": [b"\x16\x03\x01\x02\x00\x01\x00"],
    "rubbish behind": [post() + b"rubbish\r\n\r\n"],
    "another method": [post().replace(b"POST", b"PUT"), post()],
    "too large to be express": [post(b"x" * (LARGEST + 1))],
    "two at once": [post(b"one") + post(b"two")],
    "refused": [post(target=b"/refused"), post()],
    "closing": [post(target=b"/closing"), post()],
    "streamed": [post(target=b"/streamed"), post()],
    "shorter than it says": [post(target=b"/wrong"), post()],
    "silent": [post(target=b"/silent"), post()],
    "a header within a header": [post(target=b"/injected"), post()],
}


@pytest.mark.parametrize("pieces", ODD.values(), ids=ODD)
async def test_whatever_is_not_plain_is_uvicorns(pieces: list[bytes]) -> None:
    await alike(pieces, [post(b"after")])
    await alike(*([piece] for piece in pieces), [post(b"after")])


@settings(max_examples=60)
@given(st.data())
def test_wherever_the_bytes_are_cut(data: st.DataObject) -> None:
    plain = st.sampled_from([post(b"a"), post(b"b" * 40, b"X-Name: 1"), post(b""), post(b"c", target=b"/refused")])
    stream = b"".join(data.draw(st.lists(plain | st.sampled_from([one for ones in ODD.values() for one in ones]))))
    cuts = sorted({0, len(stream), *data.draw(st.lists(st.integers(0, len(stream)), max_size=4))})
    pieces = [stream[start:end] for start, end in pairwise(cuts)]

    async def both() -> None:
        if data.draw(st.booleans()):
            await alike(pieces)
        else:
            await alike(*([piece] for piece in pieces))

    asyncio.run(both())


async def test_answers_keep_their_order_while_the_first_one_waits() -> None:
    line = Line(Express)
    line.house.go.clear()
    await line.say(post(b"first", target=b"/waiting"), post(b"second"), post(b"third"))
    assert line.wire.written == b"" and line.house.whole == [True]
    line.house.go.set()
    await line.quiet()
    order = [line.wire.written.index(word) for word in (b"1 first", b"2 second", b"3 third")]
    assert order == sorted(order) and line.house.whole == [True, False, False]
    await line.say(post(b"fourth"))
    assert line.house.whole[-1] and line.wire.written.endswith(b"4 fourth")


async def test_who_waits_for_the_client_hears_that_it_left() -> None:
    line = Line(Express)
    await line.say(post(target=b"/patient"))
    assert not line.house.gone.is_set()
    line.end.connection_lost(None)
    await line.quiet()
    assert line.house.gone.is_set() and line.wire.written == b"" and not line.state.tasks


async def test_a_server_that_stops_answers_and_closes() -> None:
    line = Line(Express)
    line.house.go.clear()
    await line.say(post(target=b"/waiting"))
    line.end.shutdown()
    assert not line.wire.closed
    line.house.go.set()
    await line.quiet()
    assert b"\r\nconnection: close\r\n\r\n1 hello" in line.wire.written and line.wire.closed


async def test_an_error_between_head_and_body_is_told_honestly() -> None:
    line = await Line(Express).say(post(target=b"/broken"))
    assert line.wire.written.startswith(b"HTTP/1.1 500") and line.wire.written.count(b"HTTP/1.1") == 1


async def test_a_client_that_reads_slowly_is_waited_for() -> None:
    line = Line(Express)
    line.end.pause_writing()
    await line.say(post())
    assert line.wire.written == b""
    line.end.resume_writing()
    await line.quiet()
    assert line.wire.written.endswith(b"1 hello")


async def test_a_silent_connection_is_closed_and_a_busy_one_is_not() -> None:
    line = Line(Express)
    line.house.go.clear()
    await line.say(post(), post(target=b"/waiting"))
    line.end.timeout_keep_alive_handler()  # set by the first answer, it rings while the second is still made
    assert not line.wire.closed
    line.house.go.set()
    await line.quiet()
    line.end.timeout_keep_alive_handler()  # the last answer is younger than that
    assert not line.wire.closed
    assert line.end.timeout_keep_alive_task is not None
    line.end.timeout_keep_alive = 0
    line.end.timeout_keep_alive_handler()
    assert line.wire.closed


async def test_a_connection_on_which_nothing_comes_any_more_is_closed_by_itself() -> None:
    line = Line(Express)
    line.end.timeout_keep_alive = 0
    await line.say(post())
    assert line.wire.closed and line.wire.written.endswith(b"1 hello")
