"""Answers longer than a message: pages that survive a restart, and numbers that stay good."""

import httpx
import pytest

from bot.channels.wechat.channel import WechatChannel
from bot.channels.wechat.visit import PAGES_LAST
from bot.dispatch import Dispatch
from tests.channels.wechat.conftest import ANNE, SENTENCE, Town
from tests.channels.wechat.platform import TOKEN, Shown


@pytest.fixture(params=["unverified", "verified-subscription"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def read(town: Town, shown: Shown, way: str = "tap") -> list[Shown]:
    """All pages, by tapping or typing."""
    found = [shown]
    while "更多（" in shown.plain:
        shown = await (town.platform.tap(ANNE, shown, "更多") if way == "tap" else town.platform.say(ANNE, way))
        found.append(shown)
    return found


@pytest.mark.parametrize("way", ["tap", "更多", "more", " 更多。"])
async def test_every_page_comes_once_in_order(town: Town, way: str) -> None:
    found = await read(town, await town.platform.say(ANNE, "/lecture"), way)
    assert len(found) > 2
    whole = "".join(page.text for page in found)
    positions = [whole.index(SENTENCE.format(number)) for number in range(120)]
    assert positions == sorted(positions)
    assert f"更多（2/{len(found)}）" in found[0].plain
    after = await town.platform.say(ANNE, "更多", bizmsgmenuid="/more")
    assert "后面没有了" in after.text


async def test_pages_survive_a_restart(town: Town) -> None:
    shown = await town.platform.say(ANNE, "/lecture")
    await town.channel.close()
    http = httpx.AsyncClient(transport=town.api)
    reopened = WechatChannel(
        TOKEN, Dispatch(town.database, town.house), town.channel._media, town.channel._darkroom, town.folder, http=http
    )
    town.platform.door = reopened.door
    assert len(await read(town, shown)) > 2
    await reopened.close()


async def test_other_words_are_answered_first_and_the_pages_stay(town: Town) -> None:
    shown = await town.platform.say(ANNE, "/lecture")
    assert "今日贴士" in (await town.platform.say(ANNE, "菜单")).plain
    rest = await read(town, await town.platform.tap(ANNE, shown, "更多"))
    assert "1. 今日贴士" in rest[-1].plain
    assert "积分" in (await town.platform.say(ANNE, "2")).plain, "the numbers on the last page are those of its answer"


async def test_pages_are_over_after_a_day(town: Town) -> None:
    shown = await town.platform.say(ANNE, "/lecture")
    town.time.passes(seconds=PAGES_LAST + 1)
    assert "后面没有了" in (await town.platform.tap(ANNE, shown, "更多")).text


async def test_a_repeated_request_for_more_gets_the_same_page(town: Town) -> None:
    await town.platform.say(ANNE, "/lecture")
    second = await town.platform.deliver(ANNE, "text", Content="更多", MsgId="88")
    assert await town.platform.deliver(ANNE, "text", Content="更多", MsgId="88") == second


async def test_erasing_oneself_erases_the_pages(town: Town) -> None:
    await town.platform.say(ANNE, "/lecture")
    erase = await town.platform.say(ANNE, "删除我的数据")
    await town.platform.tap(ANNE, erase, "确定删除")
    counted = "SELECT count(*) FROM wechat_pages"
    assert await town.database.read(lambda tx: tx.connection.exec_driver_sql(counted).scalar()) == 0


@pytest.mark.parametrize("word", ["更多", "more"])
async def test_more_was_not_understood_when_no_page_waited(town: Town, word: str) -> None:
    menu = await town.platform.say(ANNE, "菜单")
    shown = await town.platform.say(ANNE, word)
    assert "后面没有了" in shown.text
    assert f"{len(menu.labels) + 1}. 菜单" in shown.plain, "numbers go on, so that none means two things"
    assert "今日贴士" in (await town.platform.tap(ANNE, shown, "菜单")).plain


async def test_more_in_an_open_step_is_a_word_for_that_step(town: Town) -> None:
    await town.platform.say(ANNE, "随手拍")
    assert "后面没有了" not in (await town.platform.say(ANNE, "更多")).text
