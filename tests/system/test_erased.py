"""Somebody who came by two channels erases themselves: what is left in the files of their city, byte by byte."""

import asyncio
import re
from pathlib import Path

from tests.system import wechat
from tests.system.conftest import Starter
from tests.system.test_logs import LAT, LON, PERSONAL, PLATE, STREET, WORDS
from tests.system.visitor import Visitor, browser, jpeg

CODE = re.compile(r"\b([0-9A-Z]{4}) ([0-9A-Z]{4})\b")


def holding(folder: Path, *words: str) -> list[tuple[str, str]]:
    """Files, by their names or bytes, that hold one of these."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    written = [(str(path.relative_to(folder)), path.read_bytes()) for path in files]
    return [(name, word) for name, content in written for word in words if word.encode() in content or word in name]


async def test_of_who_is_erased_on_two_channels_no_file_holds_more_than_is_said(starter: Starter) -> None:
    server = starter(rate_limit="off", log_level="debug")
    await asyncio.to_thread(server.start)
    async with browser(server.url) as client:
        visitor = Visitor(client)
        number = await visitor.report(jpeg(5), place=STREET, note=WORDS)
        await visitor.say("/report parking")
        await visitor.upload(jpeg(6), text=WORDS)
        await visitor.say(PLATE)
        await visitor.post(place={"lat": LAT, "lon": LON, "label": STREET})
        await visitor.say("/cancel")
        await visitor.say("/link")
        code = CODE.search(await visitor.tap("码"))
        assert code is not None, visitor.words
        told = [f"/link {code[1]}{code[2]}", WORDS, PLATE]
        for place, words in enumerate(told, start=1):
            answer = await wechat.posted(client, wechat.message("text", f"{place}", Content=words))
            assert answer.status_code == 200
        assert server.rows("SELECT count(DISTINCT resident_id) FROM talks") == [(1,)]
        name = visitor.cookie.partition(".")[0]
        assert holding(server.data, wechat.FOLLOWER) != []  # it was there
        await visitor.say("/erase")
        await visitor.tap("删除")
    server.stop()
    await asyncio.to_thread(server.start)  # the clock's first round
    server.stop()
    # What stays by design: the place of the report that goes on, what was asked in vain (without a person), and the
    # browser's cookie, whose chat goes on with a blank resident.
    left = holding(server.folder, *PERSONAL, wechat.FOLLOWER, name)
    assert left == [("data/youli.db", WORDS), ("data/youli.db", STREET), ("data/youli.db", name)]
    assert server.rows("SELECT words FROM unanswered") == [(WORDS,)]
    assert server.rows("SELECT words FROM report_words") == [(f"{number} {STREET}",)]
    assert server.rows("SELECT channel, user FROM talks") == [("web", name)]
    assert len(list((server.data / "media" / "sealed").rglob("*.*"))) == 1  # the report's; the draft's is gone
