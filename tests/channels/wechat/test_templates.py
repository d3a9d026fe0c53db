"""Template messages and consents: every kind of news in both languages fits what WeChat takes, and no news is lost by a
template that it does not take."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from actions import moves, muting
from bot.channels.wechat import Account
from bot.channels.wechat.notices import template
from civic.staff import ADMINISTRATOR, Staff
from db import followers, talks
from db.reports import find_report
from db.tx import Tx
from tests.channels.wechat.conftest import ANNE, BO, Town
from tests.fakes.wechat import RIGHTS
from tests.system.visitor import NUMBER

STATUS = (
    "T-status thing1=category thing2=place phrase3=status time4=due thing5=note character_string6=number "
    "thing7=department time8=created time9=now thing10=text"
)
NOTICE = "T-notice thing1=category phrase2=status thing3=note"
OFFICE = Staff("小王", ADMINISTRATOR)
POPUP = (
    "<List><TemplateId>T-notice</TemplateId><SubscribeStatusString>accept</SubscribeStatusString>"
    "<PopupScene>1</PopupScene></List>"
)


@pytest.fixture
def account(account: Account) -> Account:
    return replace(account, status_template=STATUS, notice_template=NOTICE)


async def reported(town: Town, user: str, place: str) -> str:
    """Somebody reports litter; its number."""
    shown = await town.platform.say(user, "/report litter")
    for words in ("1", place, *["1"] * 8):
        if found := NUMBER.findall(shown.text):
            return str(found[0])
        shown = await town.platform.say(user, words)
    raise AssertionError(shown.text)


async def moved(town: Town, number: str, name: str, note: str = "", **given: Any) -> None:
    """The office moves a report."""
    house, given = town.house, {"no_photo": "没带相机" if name == "resolve" else ""} | given
    await town.database.write(
        lambda tx: moves.move(
            tx, house.library, house.zone, number, name, OFFICE, note or "已经安排，\n等一等。", **given
        )
    )


async def told(town: Town, user: str = ANNE) -> dict[str, str]:
    """The fields of the newest template message that came by this round, the only one."""
    town.api.people[user].got.clear()
    for _ in range(3):
        await town.postman.round()
    (message,) = town.api.people[user].got
    return {name: value["value"] for name, value in message["data"].items()}


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_news_of_a_real_report_as_template_messages_told_the_present_for_the_deadline(
    town: Town, language: str
) -> None:
    """A merged or a followed report came without its category, two lines as they were, which WeChat refuses (47003)."""
    for user in (ANNE, BO):
        await town.platform.say(user, "菜单")
        if language == "en":
            await town.platform.say(user, "切换语言")
    litter = {"zh": "乱丢垃圾", "en": "Litter"}[language]
    number = await reported(town, ANNE, "文昌路与桂花街交叉口东北角公交站台旁边的绿化带里")
    second, merged = await reported(town, ANNE, "学府街 3 号"), await reported(town, ANNE, "学府街 5 号")
    await town.database.write(_follow, number, BO)
    town.time.passes(days=2, minutes=1)
    until = {"until": date(2026, 12, 2)}
    course: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        (number, "accept", "已受理", {}),
        (number, "assign", "已派单", {}),
        (number, "start", "处理中", {}),
        (number, "ask", "等您补充", {}),
        (number, "answer", "", {}),
        (number, "extend", "已延期", until),
        (number, "hold", "暂缓办理", until),
        (number, "resume", "处理中", {}),
        (number, "resolve", "请您确认", {}),
        (number, "rework", "返工中", {}),
        (second, "reject", "未受理", {}),
        (second, "restore", "已收到", {}),
        (second, "refer", "已告去处", {"target": "12345"}),
        (merged, "merge", "已合并", {"target": number}),
    )
    for which, step, status, given in course:
        await moved(town, which, step, **given)
        if not status:
            continue
        fields = await told(town)
        assert (fields["thing1"], fields["phrase3"], fields["character_string6"]) == (litter, status, which), step
        assert (fields["thing5"], fields["time8"]) == ("已经安排， 等一等。", "2026-11-23"), step
        assert fields["time9"] == f"{town.time().astimezone(town.house.zone):%Y-%m-%d %H:%M}"
        assert fields["time4"] > fields["time9"], f"{step}: the deadline"
        assert fields["thing7"] != "-", step
    for user in (ANNE, BO):
        town.api.people[user].got.clear()
    await moved(town, number, "resolve", "清理好了。")
    for _ in range(3):
        await town.postman.round()
    shared = [one["data"] for one in town.api.people[ANNE].got if one["data"]["character_string6"]["value"] == merged]
    followed = [one["data"] for one in town.api.people[BO].got]
    for (data,) in (shared, followed):
        assert [data[name]["value"] for name in ("thing1", "phrase3", "thing5")] == [litter, "有进展", "清理好了。"]
        assert data["time4"]["value"] > data["time9"]["value"]
    await town.database.write(moves.reply, town.house.library, town.house.zone, number, OFFICE, "谢谢您。")
    fields = await told(town)
    assert (fields["thing1"], fields["phrase3"], fields["thing5"]) == (litter, "有回复", "谢谢您。")
    about, again = {
        "zh": (("您的上报", "不限地点", "有礼"), "拍张照片发来就行"),
        "en": (("your reports", "anywhere", "Youli"), "Just send a photo"),
    }[language]
    for days, status, reason in ((3, "暂停上报", "一天报了五十次"), (0, "恢复上报", again)):
        await town.database.write(
            muting.mute, town.house.library, town.house.zone, OFFICE, number, days, "一天报了五十次" if days else ""
        )
        fields = await told(town)
        assert (fields["phrase3"], fields["thing5"]) == (status, reason)
        assert (fields["thing1"], fields["thing2"], fields["thing7"]) == about, "unmuted: «- / - / 恢复上报»"
        assert (fields["time4"] > fields["time9"]) == bool(days)
    assert 47003 not in town.api.refused
    assert await town.waiting() == 0


@pytest.mark.parametrize("code", [47003, 40037])
async def test_news_was_lost_where_the_template_was_wrong(town: Town, code: int) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.platform.deliver(ANNE, "event", Event="subscribe_msg_popup_event", SubscribeMsgPopupEvent=POPUP)
    town.time.passes(days=3)
    town.api.faults += [("message/template", code), ("message/subscribe", code)]
    await town.news(ANNE)
    await town.postman.round()
    assert (await town.states(), town.api.refused) == ({"waiting": 1}, [code, code])
    words = (await town.channel.state())["words"]
    assert f"refused template messages ({code}, 2026-11-26" in words
    assert "compare YOULI_WECHAT_STATUS_TEMPLATE with" in words
    assert f"refused subscription notifications ({code}" in words
    assert "48001" not in words
    assert town.api.people[ANNE].got == []
    assert "我们已经安排清理" in (await town.platform.say(ANNE, "菜单")).text


async def test_news_of_who_left_for_good_ends_by_itself(town: Town) -> None:
    await town.platform.say(ANNE, "菜单")
    await town.platform.event(ANNE, "unsubscribe")
    await town.news(ANNE)
    town.time.passes(days=3)
    await town.postman.round()
    assert (await town.waiting(), town.api.refused) == (1, [43004])
    town.time.passes(days=30)
    await town.postman.round()
    assert (await town.states(), town.api.refused) == ({"expired": 1}, [43004])


async def test_a_consent_is_good_for_one_notification(town: Town) -> None:
    RIGHTS["no templates"] = RIGHTS["verified-service"] - {"template"}
    town.api.kind = "no templates"
    await town.platform.say(ANNE, "菜单")
    town.api.people[ANNE].consents["T-notice"] = 1
    for _ in range(2):  # told twice, counted once
        await town.platform.deliver(
            ANNE, "event", Event="subscribe_msg_popup_event", SubscribeMsgPopupEvent=POPUP, CreateTime="1700000999"
        )
    town.time.passes(days=3)
    for _ in range(2):
        await town.news(ANNE)
    for _ in range(3):
        await town.postman.round()
    [message] = town.api.people[ANNE].got
    assert (message["template_id"], await town.states()) == ("T-notice", {"sent": 1, "waiting": 1})


async def test_a_consent_that_wechat_does_not_know_is_forgotten(town: Town) -> None:
    RIGHTS["no templates"] = RIGHTS["verified-service"] - {"template"}
    town.api.kind = "no templates"
    await town.platform.say(ANNE, "菜单")
    await town.platform.deliver(ANNE, "event", Event="subscribe_msg_popup_event", SubscribeMsgPopupEvent=POPUP)
    town.time.passes(days=3)
    for _ in range(2):
        await town.news(ANNE)
    for _ in range(3):
        await town.postman.round()
        town.time.passes(hours=7)
    assert town.api.calls.count("message/subscribe/bizsend") == 1
    assert await town.waiting() == 2


@pytest.mark.parametrize(
    "setting",
    ["T", "T thing1", "T thing1=colour", "T Thing1=place", "T phrase1=category", "T time1=note", "T number1=number"],
)
def test_a_template_that_is_none_is_explained(setting: str) -> None:
    with pytest.raises(ValueError, match="YOULI_X: "):
        template("YOULI_X", setting)


def _follow(tx: Tx, number: str, user: str) -> None:
    found, report = talks.find_talk(tx, "wechat", user), find_report(tx, number)
    assert found is not None and report is not None
    followers.follow(tx, report.id, found[1])
