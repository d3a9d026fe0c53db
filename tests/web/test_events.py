"""GET /chat/events: notices reach whoever looks, once and in order; unread count and read marks."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.play import PATIENCE
from tests.system.server import Server
from tests.system.visitor import Visitor, browser, jpeg
from web.desk import DeskCall

Event = dict[str, str]


@asynccontextmanager
async def looking(visitor: Visitor, last: str = "", own: str = "") -> AsyncIterator[AsyncIterator[Event]]:
    """The stream as a browser reads it; open once the server has greeted."""
    headers = {"last-event-id": last} if last else {}
    async with visitor.client.stream("GET", "/chat/events", headers=headers, params={"own": own}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.aiter_lines()
        async for line in lines:
            if line == ": hello":
                break
        yield _events(lines)


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    event: Event = {}
    async for line in lines:
        if not line and event:
            yield event
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value


async def soon(events: AsyncIterator[Event], kind: str = "message") -> dict[str, Any]:
    """The next notice, or of another ``kind``."""
    event = await asyncio.wait_for(anext(events), PATIENCE)
    message: dict[str, Any] = json.loads(event["data"])
    assert event["event"] == kind
    assert event["id"] == message["id"]
    return message


async def moved(chat: Server, number: str, move: str) -> None:
    """Staff move a report by the local socket."""
    call = await DeskCall.to(chat.data / "youli.sock")
    assert call is not None
    staff = {"by": "小王", "note": "", "department": None}
    await call.do("reports.move", {"number": number, "move": move, **staff})
    await call.aclose()


async def by_command(chat: Server, number: str, *words: str) -> None:
    """The same from the command line, in another process."""
    done = await asyncio.to_thread(chat.command, "reports", "move", number, *words, "--by", "小王")
    assert number in done.well()


async def told(visitor: Visitor, number: int) -> None:
    """Wait until so many notices are in the transcript."""
    until = time.monotonic() + PATIENCE
    while (await visitor.history())["unread"] < number:
        assert time.monotonic() < until, "no notice came"
        await asyncio.sleep(0.1)


async def test_a_move_by_staff_is_seen_at_once_and_only_by_its_resident(
    chat: Server, visitor: Visitor, stranger: Visitor
) -> None:
    number = await visitor.report(jpeg(11))
    await stranger.say("菜单")
    async with looking(visitor) as events, looking(visitor) as second, looking(stranger) as elsewhere:
        await by_command(chat, number, "accept")
        notice = await soon(events)
        assert number in notice["text"]
        assert notice["from"] == "bot"
        assert "小王" not in notice["text"]
        assert (await soon(second)) == notice  # the same person in another window
        await by_command(chat, number, "resolve", "--note", "已清运", "--no-photo", "夜里没拍")
        later = await soon(events)
        assert "已清运" in later["text"]
        nobody = asyncio.ensure_future(anext(elsewhere))
        await asyncio.sleep(0.2)
        assert not nobody.done()
        nobody.cancel()
    history = await visitor.history()
    assert history["messages"][-2:] == [notice, later]
    assert history["unread"] == 2
    assert (await visitor.post(choice=later["options"][0]["value"])).status_code == 200
    assert chat.rows("SELECT status FROM reports WHERE number = ?", number) == [("closed",)]


async def test_what_is_said_in_one_window_appears_in_the_others_and_not_again_in_its_own(
    chat: Server, visitor: Visitor
) -> None:
    number = await visitor.report(jpeg(16))
    async with (
        looking(visitor, own="aaaaaaaa-") as one,
        looking(visitor, own="bbbbbbbb-") as other,
        looking(visitor) as program,  # which knows nothing of windows, and is told what is pushed
    ):
        await visitor.post(id="aaaaaaaa-0001", text="菜单")
        answers = visitor.last
        assert (await soon(other, "turn"))["text"] == "菜单"
        assert [await soon(other, "turn") for _ in answers] == answers
        await visitor.post(id="aaaaaaaa-0001", text="菜单")  # again, as after a time-out
        await visitor.post(id="bbbbbbbb-0001", text="积分")
        assert (await soon(one, "turn"))["text"] == "积分"
        assert [await soon(one, "turn") for _ in visitor.last] == visitor.last
        await moved(chat, number, "accept")
        notice = await soon(program)
        assert notice == await soon(one) == await soon(other)


async def test_read_marks_count_down_and_never_go_back(chat: Server, visitor: Visitor) -> None:
    number = await visitor.report(jpeg(12))
    await moved(chat, number, "accept")
    await told(visitor, 1)
    await moved(chat, number, "start")
    await told(visitor, 2)
    first, second = (line["id"] for line in (await visitor.history())["messages"][-2:])

    async def read(last: str) -> int:
        response = await visitor.client.post("/chat/read", json={"id": last})
        assert (response.status_code, response.content) == (204, b"")
        return int((await visitor.history())["unread"])

    assert await read(first) == 1
    assert await read(second) == 0
    assert await read(first) == 0
    assert await read("9" * 18) == 0


async def test_a_broken_line_picks_up_after_the_last_notice(chat: Server, visitor: Visitor) -> None:
    number = await visitor.report(jpeg(13))
    async with looking(visitor) as events:
        await moved(chat, number, "accept")
        first = await soon(events)
    await moved(chat, number, "start")  # while nobody looks
    await told(visitor, 2)
    async with looking(visitor, last=first["id"]) as events:
        second = await soon(events)
        assert second["id"] != first["id"]
        assert second == (await visitor.history())["messages"][-1]
    async with looking(visitor) as events:  # without a memory nothing old is told again
        quiet = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.3)
        assert not quiet.done()
        quiet.cancel()


async def test_a_notice_is_not_lost_behind_a_long_talk(chat: Server, visitor: Visitor) -> None:
    number = await visitor.report(jpeg(14))
    async with looking(visitor) as events:
        for _ in range(105):  # one page of the transcript and a bit
            await visitor.say("菜单")
        await moved(chat, number, "accept")
        assert number in (await soon(events))["text"]


async def test_before_the_first_message_there_is_nothing_to_look_at(client: httpx.AsyncClient) -> None:
    response = await client.get("/chat/events")
    assert response.status_code == 204  # by which EventSource knows not to come back


async def test_an_odd_last_event_is_as_good_as_none(visitor: Visitor) -> None:
    await visitor.say("菜单")
    async with looking(visitor, last="nonsense"):
        pass


async def test_a_page_for_which_there_is_no_line_left_is_told_so_and_finds_its_news_by_asking(tmp_path: Path) -> None:
    server = Server(tmp_path, open_pages=1, rate_limit="off")
    await asyncio.to_thread(server.start)
    async with browser(server.url) as client, browser(server.url) as other:
        first, second = Visitor(client), Visitor(other)
        await first.say("菜单")
        number = await second.report(jpeg(15))
        async with looking(first):
            refused = await other.get("/chat/events")
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "60")
            assert refused.json()["error"]["code"] == "bot.busy"
            await moved(server, number, "accept")
            await told(second, 1)
            assert await second.say("菜单")  # who writes has room of their own
        until = time.monotonic() + PATIENCE
        while (await _line(other)) == 503:  # once the first one has gone
            assert time.monotonic() < until
    await asyncio.to_thread(server.stop)


async def _line(client: httpx.AsyncClient) -> int:
    async with client.stream("GET", "/chat/events") as response:
        return response.status_code
