"""The local socket: staff's commands reach the running server, and nobody else does."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from civic.errors import Refused
from web.desk import LARGEST, Desk, DeskCall


class Tasks:
    """What can be asked for here."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.go_on = asyncio.Event()

    async def echo(self, text: str) -> str:
        self.done.append(text)
        return text

    async def refuse(self, number: str) -> None:
        raise Refused("reports.unknown", number=number)

    async def break_down(self) -> None:
        raise KeyError("a bug")

    async def wait(self) -> str:
        await self.go_on.wait()
        return "at last"

    def named(self) -> Mapping[str, Any]:
        return {"echo": self.echo, "refuse": self.refuse, "break": self.break_down, "wait": self.wait}


@pytest.fixture
def tasks() -> Tasks:
    return Tasks()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "youli.sock"


@pytest.fixture
async def desk(path: Path, tasks: Tasks) -> AsyncIterator[Desk]:
    """An open desk."""
    opened = Desk(tasks.named())
    await opened.open(path)
    yield opened
    await opened.close()


async def reached(path: Path) -> DeskCall:
    call = await DeskCall.to(path)
    assert call is not None
    return call


async def test_a_task_is_done_by_the_other_side(path: Path, desk: Desk) -> None:
    call = await reached(path)
    for text in ("你好", "a\nb", "\0", "🀄", "x" * 500_000):
        assert await call.do("echo", {"text": text}) == text
    await call.aclose()


async def test_a_refusal_travels_with_its_words(path: Path, desk: Desk) -> None:
    call = await reached(path)
    with pytest.raises(Refused) as refused:
        await call.do("refuse", {"number": "1-1"})
    assert (refused.value.key, refused.value.params) == ("reports.unknown", {"number": "1-1"})
    with pytest.raises(Refused, match=r"desk\.unknown"):
        await call.do("nonsense", {})
    assert await call.do("echo", {"text": "still here"}) == "still here"
    await call.aclose()


async def test_a_bug_is_said_without_details_and_the_line_stays(path: Path, desk: Desk) -> None:
    call = await reached(path)
    for name, arguments in (("break", {}), ("echo", {"other": 1}), ("echo", {})):
        with pytest.raises(RuntimeError, match="could not do that"):
            await call.do(name, arguments)
    assert await call.do("echo", {"text": "still here"}) == "still here"
    await call.aclose()


NO_TASKS = (b"hello", b"[]", b"{}", b"null", b'{"do":1}', b'{"do":"echo","with":[]}', b"\xff\xfe", b"[" * 5000)


@pytest.mark.parametrize("line", NO_TASKS)
async def test_what_is_no_task_is_an_error_and_the_line_stays(line: bytes, path: Path, desk: Desk) -> None:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(line + b'\n{"do":"echo","with":{"text":"hi"}}\n')
    answer = json.loads(await reader.readline())
    assert set(answer) <= {"error", "refused"}
    assert json.loads(await reader.readline()) == {"ok": "hi"}
    writer.close()


async def test_a_line_without_end_is_cut_off_and_others_are_served(path: Path, desk: Desk) -> None:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"x" * (2 * LARGEST))
    with suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    call = await reached(path)
    assert await call.do("echo", {"text": "hi"}) == "hi"
    await call.aclose()


async def test_many_callers_at_once_do_not_wait_for_each_other(path: Path, desk: Desk, tasks: Tasks) -> None:
    slow, quick = await reached(path), await reached(path)
    waiting = asyncio.ensure_future(slow.do("wait", {}))
    assert await quick.do("echo", {"text": "first"}) == "first"
    tasks.go_on.set()
    assert await waiting == "at last"
    await slow.aclose()
    await quick.aclose()


@pytest.mark.parametrize("lines", [1, 2])
async def test_a_caller_who_hangs_up_before_the_answer_is_nobodys_trouble(
    lines: int, path: Path, desk: Desk, tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_unix_connection(path)
    writer.write(b'{"do": "wait", "with": {}}\n' + (lines - 1) * b'{"do": "echo", "with": {"text": "last"}}\n')
    await writer.drain()
    call = await reached(path)
    await call.do("echo", {"text": "meanwhile"})
    writer.transport.abort()
    await call.do("echo", {"text": "after that"})
    tasks.go_on.set()
    assert await call.do("echo", {"text": "and now"}) == "and now"
    await call.aclose()
    await asyncio.sleep(0.05)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


async def test_only_the_owner_may_come_in(path: Path, desk: Desk) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_nobody_there_is_none_and_a_socket_left_behind_is_replaced(path: Path, tasks: Tasks) -> None:
    assert await DeskCall.to(path) is None
    desk = Desk(tasks.named())
    await desk.open(path)
    await desk.close()
    assert not path.exists()
    path.touch()  # as after a SIGKILL
    assert await DeskCall.to(path) is None
    again = Desk(tasks.named())
    await again.open(path)
    await (await reached(path)).aclose()
    await again.close()


async def test_a_data_directory_far_down_has_its_socket_too(tmp_path: Path, tasks: Tasks) -> None:
    folder = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 6)
    folder.mkdir(parents=True)
    desk = Desk(tasks.named())
    await desk.open(folder / "youli.sock")
    call = await reached(folder / "youli.sock")
    assert await call.do("echo", {"text": "hi"}) == "hi"
    await call.aclose()
    await desk.close()
    assert list(folder.iterdir()) == []


async def test_a_server_that_goes_away_is_said(path: Path) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    server = await asyncio.start_unix_server(hang_up, path)
    call = await reached(path)
    with pytest.raises(ConnectionError, match="went away"):
        await call.do("echo", {"text": "hi"})
    await call.aclose()
    server.close()
