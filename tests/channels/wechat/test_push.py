"""What a verified account may send by itself: quotas, rights that are learned, outages."""

import httpx
import pytest

from bot.channels.wechat import CUSTOM, TEMPLATE, Account
from bot.channels.wechat.channel import WechatChannel
from bot.dispatch import Dispatch
from bot.postman import LONGEST_WAIT
from tests.channels.wechat.conftest import ANNE, BO, Town
from tests.channels.wechat.platform import TOKEN


async def test_news_is_pushed_while_they_are_there(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE)
    assert await town.postman.round() == 1
    [text] = town.api.texts(ANNE)
    assert "我们已经安排清理" in text
    assert await town.states() == {"sent": 1}


async def test_what_is_pushed_is_numbered_on_so_that_no_number_means_two_things(town: Town) -> None:
    menu = await town.platform.say(ANNE, "菜单")
    await town.news(ANNE)
    await town.postman.round()
    [text] = town.api.texts(ANNE)
    number = len(menu.labels) + 1
    assert f"{number}. <a" in text
    found = await town.platform.say(ANNE, str(number))
    assert "R20261123-0001" in found.plain or "没有" in found.plain
    assert "还没听懂" not in found.plain


async def test_five_after_a_message_the_rest_rides_on_the_next_answer(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    for number in range(8):
        await town.news(ANNE, key="tip.stopped", note=f"{number}")
    for _ in range(10):
        await town.postman.round()
    assert len(town.api.texts(ANNE)) == 5
    assert 45047 not in town.api.refused
    assert await town.waiting() == 3
    shown = await town.platform.say(ANNE, "菜单")
    assert shown.plain.count("不再每天发了") == 3
    assert await town.waiting() == 0


@pytest.mark.parametrize("act", ["CLICK", "subscribe", "SCAN", "tap"])
async def test_three_in_a_minute_after_a_tap(town: Town, act: str) -> None:
    if act == "tap":
        await town.platform.say(ANNE, "菜单", bizmsgmenuid="/menu")
    else:
        await town.platform.event(ANNE, act, "menu" if act == "CLICK" else "poster-1")
    for _ in range(4):
        await town.news(ANNE, key="tip.stopped")
    for _ in range(4):
        await town.postman.round()
    assert len(town.api.texts(ANNE)) == 3
    town.time.passes(seconds=70)
    town.api.calls.clear()
    await town.news(ANNE, key="tip.stopped")
    await town.postman.round()
    assert "message/custom/send" not in town.api.calls


async def test_after_two_days_nobody_is_asked_and_the_letter_waits(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    town.time.passes(hours=48)
    await town.news(ANNE, key="tip.stopped")
    await town.postman.round()
    assert town.api.calls == []
    shown = await town.platform.say(ANNE, "菜单")
    assert "不再每天发了" in shown.text


async def test_what_does_not_fit_into_the_answer_follows_at_once_not_in_hours(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    town.time.passes(hours=49)
    for number in range(5):
        await town.news(ANNE, key="news.reply", note=f"第{number}件。" + "路面冲洗过了，绿化带也补种了。" * 10)
    town.api.kind = "verified-subscription"  # no templates: they wait
    for _ in range(5):
        await town.postman.round()
    assert await town.waiting() == 5
    shown = await town.platform.say(ANNE, "菜单")
    assert "还有" not in shown.text
    town.time.passes(seconds=LONGEST_WAIT / 1000)
    for _ in range(6):
        await town.postman.round()
    everything = shown.text + "".join(town.api.texts(ANNE))
    assert [everything.count(f"第{number}件") for number in range(5)] == [1] * 5


@pytest.mark.parametrize("code", [45015, 45047])
async def test_wechat_knows_better_what_the_allowance_is(town: Town, code: int) -> None:
    await town.platform.say(ANNE, "菜单")
    town.api.faults.append(("message/custom", code))
    await town.news(ANNE, key="tip.stopped")
    await town.postman.round()
    town.api.calls.clear()
    await town.news(ANNE, key="tip.stopped")
    await town.postman.round()
    assert town.api.calls == [], "it is not asked again before they are back"
    assert (await town.platform.say(ANNE, "菜单")).text.count("不再每天发了") == 2


@pytest.mark.parametrize("code", [43004, 43019, 40003])
async def test_news_for_who_does_not_follow_was_lost_though_they_came_back(town: Town, code: int) -> None:
    await town.platform.say(ANNE, "菜单")
    town.api.faults.append(("message/custom", code))
    await town.news(ANNE)
    await town.postman.round()
    assert (await town.states(), await _reachable(town)) == ({"waiting": 1}, 0)
    town.api.calls.clear()
    town.time.passes(days=7)
    await town.postman.round()
    assert town.api.calls == [], "WeChat is not asked again before they are back"
    welcome = await town.platform.event(ANNE, "subscribe")
    assert "我们已经安排清理" in welcome.text
    assert (await town.states(), await _reachable(town)) == ({"sent": 1}, 1)


async def test_who_left_is_not_written_to_until_they_are_back(town: Town) -> None:
    await town.platform.event(ANNE, "subscribe")
    await town.platform.event(ANNE, "unsubscribe")
    assert await _reachable(town) == 0
    await town.platform.event(ANNE, "subscribe")
    assert await _reachable(town) == 1


async def test_48001_teaches_for_a_day_also_after_a_restart(town: Town, account: Account) -> None:
    town.api.kind = "unverified"
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE, key="tip.stopped")
    await town.postman.round()
    assert not town.channel.rights.may(CUSTOM)
    assert "不再每天发了" in (await town.platform.say(ANNE, "菜单")).text
    again = await reopened(town, account)
    assert not again.rights.may(CUSTOM)
    assert again.rights.may(TEMPLATE)
    town.time.passes(days=1, minutes=1)
    assert (await reopened(town, account)).rights.may(CUSTOM)


async def test_an_account_that_is_verified_later_is_tried_again_when_check_finds_nothing_wrong(
    town: Town, account: Account
) -> None:
    town.api.kind = "unverified"
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE, key="tip.stopped")
    await town.postman.round()
    told = await town.channel.state()
    assert told["state"] == "note"
    assert "messages within the allowance (2026-11-23 " in told["words"]
    town.api.kind = "verified-service"
    assert "tried again now" in (await town.channel.state(sound=True))["words"]
    assert (await town.channel.state())["state"] == "ok"
    town.time.passes(hours=7)
    await town.postman.round()
    assert len(town.api.texts(ANNE)) == 1


async def test_a_wrong_secret_costs_no_letter(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    right, town.api.secret = town.api.secret, "another"
    await town.news(ANNE)
    for _ in range(40):
        await town.postman.round()
        town.time.passes(hours=1)
    assert await town.waiting() == 1
    town.api.secret = right
    town.time.passes(minutes=1)
    await town.postman.round()
    assert await town.states() == {"sent": 1}


async def test_a_send_that_never_left_costs_no_allowance(town: Town) -> None:
    """Without a token to send with, one of the five messages was taken each time."""
    await town.platform.say(ANNE, "菜单")
    town.api.faults.extend([("message/custom", 40001)] * 9)
    await town.news(ANNE)
    for _ in range(6):
        await town.postman.round()
        town.time.passes(minutes=2)
    assert town.api.texts(ANNE) == []
    town.api.faults.clear()
    for _ in range(4):
        await town.news(ANNE)
    for _ in range(6):
        await town.postman.round()
    assert len(town.api.texts(ANNE)) == 5


async def test_ten_minutes_of_outage_then_everything_arrives_once_in_order(town: Town) -> None:
    for user in (ANNE, BO):
        await town.platform.say(user, "菜单")
        for number in range(4):
            await town.news(user, note=f"第{number}件。")
    town.api.down = True
    for _ in range(60):
        await town.postman.round()
        town.time.passes(seconds=10)
    assert town.api.texts(ANNE) == []
    town.api.down = False
    for _ in range(30):
        await town.postman.round()
        town.time.passes(seconds=10)
    for user in (ANNE, BO):
        arrived = [text[text.index("第") :][:3] for text in town.api.texts(user)]
        assert arrived == ["第0件", "第1件", "第2件", "第3件"]
    assert await town.states() == {"sent": 8}


async def test_a_send_without_answer_is_tried_again_for_news_and_not_for_broadcasts(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    town.api.faults.append(("message/custom", httpx.ReadTimeout))
    await town.news(ANNE)
    await town.postman.round()
    town.time.passes(minutes=1)
    await town.postman.round()
    assert len(town.api.texts(ANNE)) == 2, "better doubled than missing"
    town.api.faults.append(("message/custom", httpx.ReadTimeout))
    await town.tip(ANNE)
    for _ in range(3):
        await town.postman.round()
        town.time.passes(minutes=10)
    assert sum("礼让" in text for text in town.api.texts(ANNE)) == 1
    assert await town.states() == {"sent": 1, "unsure": 1}


@pytest.mark.parametrize("trouble", [45047, httpx.ConnectError, 48001])
async def test_a_late_answer_that_cannot_be_sent_comes_when_it_can(town: Town, trouble: int | type[Exception]) -> None:
    """It lay there for «更多», and nobody knew."""
    town.disk.delays.append(16.0)
    town.api.faults.append(("message/custom", trouble))
    assert (await town.platform.say(ANNE, "菜单")).text == ""
    await town.platform.later()
    await town.postman.round()
    assert town.api.texts(ANNE) == []
    shown = await town.platform.say(ANNE, "积分")
    town.time.passes(minutes=1)
    await town.postman.round()
    if trouble == 48001:  # we may not write: it rides, with its options still to tap
        assert "今日贴士" in (await town.platform.tap(ANNE, shown, "今日贴士")).plain or shown.labels
        assert "今日贴士" in shown.plain
    else:
        [text] = town.api.texts(ANNE)
        assert "今日贴士" in text and "今日贴士" not in shown.plain
    assert await town.states() == {"sent": 1}


async def test_a_long_letter_goes_on_by_more(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.news(ANNE, note="路面冲洗过了，绿化带也补种了。" * 100)
    await town.postman.round()
    [text] = town.api.texts(ANNE)
    assert "更多（2/" in text
    assert "绿化带" in (await town.platform.say(ANNE, "更多")).text


async def reopened(town: Town, account: Account) -> WechatChannel:
    """The channel after a restart of the process."""
    channel = WechatChannel(
        TOKEN,
        Dispatch(town.database, town.house),
        town.channel._media,
        town.channel._darkroom,
        town.folder,
        account,
        httpx.AsyncClient(transport=town.api),
    )
    await channel.open()
    return channel


async def _reachable(town: Town) -> int:
    found = await town.database.read(lambda tx: tx.connection.exec_driver_sql("SELECT reachable FROM talks").scalar())
    assert isinstance(found, int)
    return found
