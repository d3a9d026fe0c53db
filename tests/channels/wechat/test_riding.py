"""Notices for people we may not write to: they ride on the next answer, within its bytes, each once and in order."""

import re

import pytest

from bot.channels.wechat.visit import LEAST_ANSWER, RIDE, Signals
from bot.messages import Address, Incoming
from db.talks import Talk
from tests.channels.wechat.conftest import ANNE, Town

LONG = "清理完了，路面也冲洗过，旁边的绿化带一并补种。" * 6


@pytest.fixture
def kind() -> str:
    return "unverified"


async def test_news_rides_on_the_next_answer_and_can_be_acted_on(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE)
    assert await town.postman.round() == 0
    menu = await town.platform.say(ANNE, "菜单")
    assert "经办人回复：我们已经安排清理" in menu.plain
    number = re.search(r"(\d+)\. 看详情", menu.plain)
    assert number is not None
    assert int(number[1]) == len(menu.labels), "its options are numbered on"
    assert await town.states() == {"sent": 1}
    assert "安排清理" not in (await town.platform.say(ANNE, "菜单")).plain


@pytest.mark.parametrize("way", ["number", "words", "tap", "tap on a test account"])
async def test_what_a_notice_offers_can_be_chosen_in_every_way(town: Town, way: str) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE)
    shown = await town.platform.say(ANNE, "菜单")
    if way.startswith("tap"):
        town.platform.formal = way == "tap"
        found = await town.platform.tap(ANNE, shown, "看详情")
    else:
        found = await town.platform.say(ANNE, "看详情" if way == "words" else str(len(shown.labels)))
    assert "R20261123-0001" in found.plain or "没有" in found.plain  # the report's own page, or that there is none
    assert "还没听懂" not in found.plain


async def test_a_newer_state_replaces_an_older_one(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE, note="旧的", collapse="report:1")
    await town.news(ANNE, note="新的", collapse="report:1")
    shown = await town.platform.say(ANNE, "菜单")
    assert "新的" in shown.plain
    assert "旧的" not in shown.plain


async def test_what_does_not_fit_is_counted_and_read_by_asking(town: Town) -> None:
    menu = await town.platform.say(ANNE, "菜单")
    for number in range(12):
        await town.news(ANNE, note=f"第{number}件：{LONG}")
    shown = await town.platform.say(ANNE, "菜单")
    assert shown.text.startswith(menu.text), "the answer comes first and is whole"
    read = [int(number) for number in re.findall(r"第(\d+)件", shown.text)]
    rest = re.search(r"还有 (\d+) 条通知", shown.plain)
    assert rest is not None
    assert int(rest[1]) + len(read) == 12
    for _ in range(12):
        shown = await town.platform.tap(ANNE, shown, "通知")
        read += [int(number) for number in re.findall(r"第(\d+)件", shown.text)]
        if "还有" not in shown.plain:
            break
    assert read == list(range(12)), "each once, in order"
    assert "没有新通知" in (await town.platform.say(ANNE, "通知")).text
    assert await town.states() == {"sent": 12}


async def test_notices_leave_their_share_to_the_answer(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    for number in range(12):
        await town.news(ANNE, note=f"第{number}件。")
    shown = await town.platform.say(ANNE, "停止")  # a very short answer
    notices = shown.text[shown.text.index("R20261123") :]
    assert len(notices.encode()) <= 2000 - LEAST_ANSWER


async def test_a_notice_longer_than_a_page_is_read_in_pages(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE, note=LONG * 6)
    shown = await town.platform.say(ANNE, "菜单")
    assert "还有 1 条通知" in shown.plain
    text = ""
    shown = await town.platform.say(ANNE, "通知")
    while "更多（" in shown.plain:
        text += shown.text
        shown = await town.platform.say(ANNE, "更多")
    assert (text + shown.text).count("绿化带") == 36


async def test_an_answer_that_came_too_late_brings_its_notices_once_more(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE)
    town.disk.delays.append(16.0)
    await town.platform.say(ANNE, "菜单")  # the tries ran out before
    await town.platform.later()
    assert "安排清理" not in (await town.platform.say(ANNE, "答题")).plain, "the late answer may still be read"
    town.time.passes(seconds=RIDE + 1)
    assert "安排清理" in (await town.platform.say(ANNE, "积分")).plain
    town.time.passes(seconds=RIDE + 1)
    assert "安排清理" not in (await town.platform.say(ANNE, "菜单")).plain
    assert await town.states() == {"sent": 1}


async def test_a_repeated_message_gets_the_same_notices(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE)
    first = await town.platform.deliver(ANNE, "text", Content="菜单", MsgId="77")
    await town.news(ANNE, note="之后才来的。")
    assert await town.platform.deliver(ANNE, "text", Content="菜单", MsgId="77") == first
    assert "之后才来的" in (await town.platform.say(ANNE, "菜单")).plain


async def test_expired_ones_are_not_told(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE)
    town.time.passes(days=30)
    assert "安排清理" not in (await town.platform.say(ANNE, "菜单")).plain


async def test_a_notice_that_cannot_be_rendered_spoils_nothing(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE, key="news.no_longer_there")
    await town.news(ANNE)
    assert "安排清理" in (await town.platform.say(ANNE, "菜单")).plain
    assert await town.states() == {"dead": 1, "sent": 1}


async def test_words_of_the_channel_belong_to_the_conversation_where_it_offers_them(town: Town) -> None:
    signals = Signals(town.house)
    message = Incoming(Address("wechat", ANNE), "1", text="更多")
    talk = Talk(1, "wechat", ANNE, None, None, {}, {}, [["1:more", "更多"]], 1, "", (None, None, "{}", "{}"))
    assert signals.meant(message, talk) is None
    talk.options = []
    assert signals.meant(message, talk) == "/more"
