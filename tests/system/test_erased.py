"""Somebody who came by three channels erases themselves: what is left in the files of their city, byte by byte."""

import asyncio
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.fakes.served import served, until
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.system import wechat
from tests.system.conftest import Starter
from tests.system.server import Server
from tests.system.test_logs import LAT, LON, PERSONAL, PLATE, STREET, WORDS
from tests.system.visitor import Visitor, browser, jpeg

CHAT = 7_731_946_205  # somebody's on Telegram
CODE = re.compile(r"\b([0-9A-Z]{4}) ([0-9A-Z]{4})\b")


def holding(folder: Path, *words: str) -> list[tuple[str, str]]:
    """Files, by their names or bytes, that hold one of these."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    written = [(str(path.relative_to(folder)), path.read_bytes()) for path in files]
    return [(name, word) for name, content in written for word in words if word.encode() in content or word in name]


async def test_of_who_is_erased_on_three_channels_no_file_holds_more_than_is_said(starter: Starter) -> None:
    telegram = FakeTelegram(time.monotonic)
    with served(telegram.app) as address:
        settings = {"telegram_token": TOKEN, "telegram_api_base": address}
        await _erased(starter(rate_limit="off", log_level="debug", **settings), telegram)


async def _erased(server: Server, telegram: FakeTelegram) -> None:
    await asyncio.to_thread(server.start)
    async with browser(server.url) as client:
        visitor = Visitor(client)
        number = await visitor.report(jpeg(5), place=STREET, note=WORDS)
        await visitor.say("/report parking")
        await visitor.upload(jpeg(6), text=WORDS)
        await visitor.say(PLATE)
        await visitor.post(place={"lat": LAT, "lon": LON, "label": STREET})
        await visitor.say("/cancel")
        code = await _code(visitor)
        told = [f"/link {code}", WORDS, PLATE]
        for place, words in enumerate(told, start=1):
            answer = await wechat.posted(client, wechat.message("text", f"{place}", Content=words))
            assert answer.status_code == 200
        for place, words in enumerate((f"/link {await _code(visitor)}", WORDS, PLATE), start=1):
            telegram.says(CHAT, words)
            await asyncio.to_thread(_answered, telegram, place)
        assert server.rows("SELECT count(DISTINCT resident_id), count(*) FROM talks") == [(1, 3)]
        name = visitor.cookie.partition(".")[0]
        assert all(holding(server.data, one) != [] for one in (wechat.FOLLOWER, str(CHAT)))  # they were there
        await visitor.say("/erase")
        await visitor.tap("删除")
    server.stop()
    with closing(sqlite3.connect(server.data / "youli.db")) as file, file:
        file.execute("DELETE FROM ticks WHERE what IN ('files', 'upkeep')")  # an hour goes by
    await asyncio.to_thread(server.start)  # the clock's round
    await asyncio.to_thread(until, lambda: server.rows("SELECT count(*) FROM ticks WHERE what = 'files'") == [(1,)])
    server.stop()
    # What stays by design: the place of the report that goes on, what was asked in vain (without a person), and the
    # browser's cookie, whose chat goes on with a blank resident.
    left = holding(server.folder, *PERSONAL, wechat.FOLLOWER, str(CHAT), name)
    assert left == [("data/youli.db", WORDS), ("data/youli.db", STREET), ("data/youli.db", name)]
    assert server.rows("SELECT words FROM unanswered") == [(WORDS,)]
    assert server.rows("SELECT words FROM report_words") == [(f"{number} {STREET}",)]
    assert server.rows("SELECT channel, user FROM talks") == [("web", name)]
    assert len(list((server.data / "media" / "sealed").rglob("*.*"))) == 1  # the report's; the draft's is gone


def _answered(telegram: FakeTelegram, count: int) -> None:
    until(lambda: len(telegram.chat(CHAT)) >= count)


async def _code(visitor: Visitor) -> str:
    await visitor.say("/link")
    found = CODE.search(await visitor.tap("码"))
    assert found is not None, visitor.words
    return found[1] + found[2]
