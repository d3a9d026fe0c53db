"""The door in all three modes, and what it does about WeChat's three tries."""

import asyncio
from time import time

import pytest

from tests.channels.wechat.conftest import ANNE, Town
from tests.channels.wechat.platform import DEADLINE, ServiceFault, call, message, signature

pytestmark = pytest.mark.parametrize("kind", ["verified-service", "unverified"])
HELLO = message(
    {
        "ToUserName": "gh_0123456789ab",
        "FromUserName": ANNE,
        "CreateTime": "1",
        "MsgType": "text",
        "Content": "菜单",
        "MsgId": "1",
    }
)


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_a_talk_in_every_mode(town: Town) -> None:
    hello = await town.platform.event(ANNE, "subscribe", "qrscene_poster-7")
    assert "我是有礼" in hello.text
    menu = await town.platform.say(ANNE, "菜单😊")
    assert menu.labels
    assert (await town.platform.tap(ANNE, await town.platform.say(ANNE, "菜单"), "答题")).labels
    assert town.platform.tries == ["200"] * 4


@pytest.mark.parametrize("mode", ["compatible", "safe"])
async def test_where_encryption_is_on_nothing_else_is_taken(town: Town) -> None:
    plain = {"timestamp": "1700000000", "nonce": "n", "signature": signature("token-of-the-tests", "1700000000", "n")}
    assert (await call(town.platform.door, "POST", plain, HELLO.encode()))[0] == 403
    claimed = plain | {"encrypt_type": "aes", "msg_signature": plain["signature"]}
    assert (await call(town.platform.door, "POST", claimed, HELLO.encode()))[0] == 403
    wrong = (("msg_signature", "0" * 40), ("msg_signature", ""), ("nonce", "other"), ("signature", "0" * 40))
    for name, value in wrong:
        assert (await town.platform.ask(HELLO, **{name: value}))[0] == 403, name
    assert (await town.platform.ask(HELLO))[0] == 200


@pytest.mark.parametrize("mode", ["compatible"])
async def test_in_compatible_mode_the_encrypted_part_counts(town: Town) -> None:
    parameters, body = town.platform.packed(HELLO)
    forged = body.replace("菜单".encode(), "我的上报".encode(), 1)
    assert forged != body
    shown = town.platform.seen((await call(town.platform.door, "POST", parameters, forged))[1], ANNE)
    assert "还没有" not in shown.text
    assert shown.labels


@pytest.mark.parametrize("mode", ["safe"])
async def test_a_message_for_another_account_is_refused(town: Town) -> None:
    town.platform.crypt.app_id = "wxother"
    assert (await town.platform.ask(HELLO))[0] == 403


async def test_a_safe_account_without_its_key_is_told_apart_from_nonsense(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.platform.mode = "safe"
    with caplog.at_level("INFO"):
        assert (await town.platform.ask(HELLO))[0] == 400
    assert "YOULI_WECHAT_AES_KEY" in str(caplog.records[-1].__dict__)


async def test_the_three_tries_are_one_turn_with_one_answer(town: Town) -> None:
    town.disk.delays.append(4.0)
    asked = [asyncio.ensure_future(town.platform.ask(HELLO)) for _ in range(3)]
    for one in asked:
        assert await town.platform.watch.within(one, DEADLINE)
    assert len({one.result() for one in asked}) == 1
    assert await turns(town) == 1


async def test_a_turn_that_outlasts_two_tries_is_answered_by_the_third(town: Town) -> None:
    town.disk.delays.append(12.0)
    shown = await town.platform.say(ANNE, "菜单")
    assert shown.labels
    assert town.platform.tries == ["timeout", "timeout", "200"]


async def test_a_turn_that_outlasts_all_tries_is_given_later(town: Town, kind: str) -> None:
    town.disk.delays.append(16.0)
    shown = await town.platform.say(ANNE, "菜单")
    assert town.platform.tries == ["timeout", "timeout", "200"]
    await town.platform.later()
    await town.postman.round()
    assert await turns(town) == 1
    if kind == "unverified":  # offered by tap
        assert shown.labels == ["更多"]
        shown = await town.platform.tap(ANNE, shown, "更多")
        assert "今日贴士" in shown.plain
    else:  # follows by a customer-service message
        assert shown.text == ""
        [text] = town.api.texts(ANNE)
        assert "今日贴士" in text
        assert "后面没有了" in (await town.platform.say(ANNE, "更多", bizmsgmenuid="/more")).text


async def test_a_third_try_at_a_door_that_saw_none_before_ended_as_a_fault(town: Town, kind: str) -> None:
    """Behind a balancer, or after a restart between the tries."""
    town.api.acts(ANNE, "message")
    town.disk.delays.append(16.0)
    asked = HELLO.replace("<![CDATA[1]]></CreateTime>", f"<![CDATA[{int(time()) - 10}]]></CreateTime>")
    shown = await town.platform.post(asked, ANNE)
    assert town.platform.tries == ["200"]
    assert shown.labels == (["更多"] if kind == "unverified" else [])
    flying = next(iter(town.channel.door._flights.values())).flying
    assert flying is not None
    await town.platform.watch.within(flying)
    await town.postman.round()
    if kind == "unverified":
        assert "今日贴士" in (await town.platform.tap(ANNE, shown, "更多")).plain
    else:
        [text] = town.api.texts(ANNE)
        assert "今日贴士" in text


async def test_a_late_try_that_fails_asks_wechat_for_no_more_than_a_fault(town: Town) -> None:
    town.disk.away = True
    asked = HELLO.replace("<![CDATA[1]]></CreateTime>", f"<![CDATA[{int(time()) - 10}]]></CreateTime>")
    assert (await town.platform.ask(asked))[0] == 503
    town.disk.away = False
    assert (await town.platform.ask(asked))[0] == 200


async def test_a_database_that_is_away_shows_as_a_fault_and_loses_nothing(town: Town) -> None:
    town.disk.away = True
    with pytest.raises(ServiceFault):
        await town.platform.say(ANNE, "菜单")
    assert town.platform.tries == ["503"] * 3
    town.disk.away = False
    assert (await town.platform.say(ANNE, "菜单")).labels


async def test_who_would_wait_too_long_is_told_so_in_words_and_nothing_is_done(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    before = await turns(town)
    town.disk.late = 0.6
    assert (await town.platform.say(ANNE, "贴士")).text == town.house.library.texts.render("zh", "bot.busy")
    assert town.platform.tries == ["200", "200"]
    assert await turns(town) == before
    town.disk.late = 0.0
    assert (await town.platform.say(ANNE, "贴士")).text != town.house.library.texts.render("zh", "bot.busy")
    assert await turns(town) == before + 1


async def test_who_begins_to_follow_while_all_is_busy_is_welcomed_all_the_same(town: Town) -> None:
    town.disk.late = 5.0
    for number, event in enumerate(("subscribe", "SCAN")):
        shown = await town.platform.event(f"{ANNE[:-1]}{number}", event, "door-7")
        assert shown.text and shown.text != town.house.library.texts.render("zh", "bot.busy")
    assert await turns(town) == 2
    tapped = await town.platform.event(ANNE, "CLICK", "tip")  # they can tap again
    assert tapped.text == town.house.library.texts.render("zh", "bot.busy")
    assert await turns(town) == 2


async def test_a_try_of_a_turn_that_is_under_way_is_not_turned_away(town: Town) -> None:
    town.disk.delays.append(4.0)
    asked = [asyncio.ensure_future(town.platform.ask(HELLO))]
    for _ in range(3):
        await asyncio.sleep(0)
    town.disk.late = 5.0
    asked.append(asyncio.ensure_future(town.platform.ask(HELLO)))
    for one in asked:
        assert await town.platform.watch.within(one, DEADLINE)
    assert len({one.result() for one in asked}) == 1
    assert await turns(town) == 1


async def turns(town: Town) -> int:
    """How many messages were handled."""
    counted = "SELECT count(*) FROM exchanges"
    return int(await town.database.read(lambda tx: tx.connection.exec_driver_sql(counted).scalar_one()))


async def test_the_same_event_twice_in_a_second_is_two_events_when_it_says_other_things(town: Town) -> None:
    for key in ("tip", "points"):
        await town.platform.deliver(ANNE, "event", Event="CLICK", EventKey=key, CreateTime="1700009999")
    again = await town.platform.deliver(ANNE, "event", Event="CLICK", EventKey="tip", CreateTime="1700009999")
    assert again.text
    assert await turns(town) == 2


async def test_where_a_position_would_help_it_says_how_to_send_one(town: Town) -> None:
    shown = await town.platform.say(ANNE, "/report litter")
    shown = await town.platform.tap(ANNE, shown, "没有照片")
    assert "＋" in shown.text
    place = {"Location_X": "32.39", "Location_Y": "119.42", "Label": "文昌路 12 号"}
    assert "＋" not in (await town.platform.deliver(ANNE, "location", **place)).text
