"""问一问: answered with its source, near matches when unsure, honest when there is none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.house import House
from db import unanswered
from tests.play import Person, Time, everything, rows_of

STRANGE = "能不能在家养蜜蜂"  # near to several answers, sure of none
BEYOND = "今天股票涨了没"


async def known(person: Person) -> Person:
    """Somebody who has been greeted and has nothing open."""
    await person.say("/start")
    await person.say("取消")
    return person


async def deeds(person: Person) -> list[tuple[str, Any, Any]]:
    lines = await rows_of(person.database, "journal")
    return [(row["deed"], row["subject"], row["topic"]) for row in lines if row["deed"].startswith("asked")]


async def test_a_question_is_answered_with_its_reason_the_citys_rule_and_its_sources(person: Person) -> None:
    await known(person)
    words = await person.say("遛狗不牵绳罚多少")
    assert words.startswith("问：遛狗不牵绳罚多少\n")
    assert "云汀市：（演示）犬绳不超过 1.5 米" in words
    assert "依据：《动物防疫法》第30条第2款 · 2026-11 核对" in words
    assert "依据：《云汀市养犬管理条例》（演示）第18条 · 2026-11 核对" in words
    assert person.labels[:2] == ["上报：不文明养犬", "练几题：文明养犬"]
    assert await deeds(person) == [("asked", "dogs-a-leash", "dogs")]


async def test_where_the_pack_is_silent_that_is_said(person: Person) -> None:
    await known(person)
    words = await person.say("一户能养几条狗")
    assert "一户能养几只犬：云汀市的规定我这里还没有登记，以本市规定为准，可以打 12345 问" in words
    assert "云汀市：" not in words


async def test_what_the_pack_says_only_in_part_is_said_in_part(person: Person) -> None:
    await known(person)
    words = await person.say("遛狗不牵绳罚多少")
    assert "云汀市：（演示）犬绳" in words
    assert "养犬由谁来管" in words
    assert "犬绳长度和不牵绳的罚款：" not in words


async def test_a_question_without_local_part_says_nothing_of_the_city(person: Person) -> None:
    await known(person)
    words = await person.say("献血一次献多少毫升")
    assert "200 毫升" in words and "云汀市" not in words and "12345" not in words


async def test_another_number_than_12345_is_told(person: Person) -> None:
    await known(person)
    assert "\n电话：96110\n" in await person.say("96110是什么电话")


async def test_what_can_be_done_about_it_is_one_tap_away(person: Person) -> None:
    await known(person)
    await person.say("遛狗不牵绳罚多少")
    await person.tap("练几题")
    assert "1/5 · 文明养犬" in person.words
    await person.say("取消")
    await person.say("遛狗不牵绳罚多少")
    await person.tap("上报：")
    assert "照片" in person.words


@pytest.mark.parametrize("said", ["路灯坏了", "井盖没了", "护栏被撞坏了"])
async def test_who_told_of_a_broken_lamp_was_told_who_pays_for_a_fall(person: Person, said: str) -> None:
    await known(person)
    words = await person.say(said)
    assert "产权单位要及时补上或者修好" in words and "依据：《城市道路管理条例》第23条" in words
    assert person.labels[0] == "上报：公共设施损坏"
    assert "照片" in await person.tap("上报：公共设施损坏")


async def test_near_matches_are_offered_and_answered(person: Person) -> None:
    await known(person)
    await person.say("狗绳多长")
    assert "您是不是想问" in person.words
    await person.tap("遛狗不牵绳罚多少")
    assert person.words.startswith("问：遛狗不牵绳罚多少")
    assert [subject for _, subject, _ in await deeds(person)] == ["dogs-a-length", "dogs-a-leash"]


async def test_a_bare_word_is_met_with_what_it_may_mean(person: Person) -> None:
    await known(person)
    assert "您是不是想问" in await person.say("抽烟")
    assert len(person.labels) == 5  # three near, to report it, the menu


async def test_when_unsure_nothing_is_claimed(person: Person) -> None:
    await known(person)
    words = await person.say(STRANGE)
    assert "不乱答" in words and "依据" not in words
    assert 2 <= len(person.labels) <= 5 and person.labels[-1] == "菜单"
    assert await deeds(person) == [("asked_in_vain", None, None)]


async def test_when_there_is_nothing_that_is_said_with_the_way_out(person: Person) -> None:
    await known(person)
    words = await person.say(BEYOND)
    assert "不乱说" in words and "12345" in words and "不记是谁问的" in words
    assert {"今日贴士", "问一问", "随手拍"} <= set(person.labels)
    assert await deeds(person) == [("asked_in_vain", None, None)]


async def test_what_was_asked_in_vain_is_counted_without_its_asker(person: Person, time: Time) -> None:
    await known(person)
    await person.say(BEYOND)
    time.passes(days=1)
    await person.say(f" {BEYOND}？")
    await person.say(STRANGE)
    assert await person.database.read(unanswered.most, 10) == [
        (BEYOND, 2, "2026-11-24"),
        (STRANGE, 1, "2026-11-24"),
    ]
    assert await person.database.read(unanswered.most, 1) == [(BEYOND, 2, "2026-11-24")]
    found = await everything(person.database)
    assert {key for row in found["unanswered"] for key in row} == {"words", "count", "last_day"}
    assert BEYOND not in str(found["journal"])


async def test_words_that_tell_of_somebody_are_not_kept_and_it_is_not_said_that_they_are(person: Person) -> None:
    await known(person)
    words = await person.say("我的股票账号 13800001111 怎么登录")
    assert "记下了" not in words
    assert await person.database.read(unanswered.most, 10) == []


async def test_small_talk_is_not_taken_for_a_question(person: Person) -> None:
    await known(person)
    assert "还没听懂" in await person.say("你吃饭了没有呀")
    assert await deeds(person) == []


async def test_who_told_of_something_was_not_offered_to_report_it(person: Person) -> None:
    await known(person)
    assert "拿不准" in await person.say("有人乱停车")
    assert person.labels[-2:] == ["上报：机动车违停", "菜单"]
    assert "2 张" in await person.tap("上报：机动车违停")


@pytest.mark.parametrize(
    ("words", "answer"),
    [("谢谢你！", "不客气"), ("Thank you.", "不客气"), ("你是真人吗？", "是程序，不是真人"), ("转人工", "12345")],
)
async def test_a_courtesy_was_not_understood(person: Person, words: str, answer: str) -> None:
    await known(person)
    assert answer in await person.say(words)
    assert "今日贴士" in person.labels
    assert await deeds(person) == []
    assert await person.database.read(unanswered.most, 10) == []


@pytest.mark.parametrize("words", ["问一问", "规则", "/ask", "ask"])
async def test_asked_without_a_question_it_shows_how(person: Person, words: str) -> None:
    await known(person)
    assert "直接打字就行" in await person.say(words)
    assert person.labels[-1] == "菜单"
    await person.tap("楼上装修到几点")
    assert "装修要在规定的时段里做" in person.words


async def test_somebody_new_is_greeted_first(person: Person) -> None:
    assert "我是有礼" in await person.say("遛狗不牵绳罚多少")
    assert await deeds(person) == []


async def test_a_question_where_only_buttons_are_asked_for_is_answered(person: Person) -> None:
    await known(person)
    await person.say("答题")
    assert "问：楼上装修到几点" in await person.say("楼上装修到几点")


async def test_words_that_answer_the_open_step_are_no_question(person: Person) -> None:
    await known(person)
    await person.say("/report litter")
    while "在哪里" not in person.words:
        await person.tap("没有照片" if any("没有照片" in label for label in person.labels) else person.labels[0])
    await person.say("楼道里堆杂物的那栋楼门口")
    assert "问：" not in person.words


async def test_in_english(person: Person) -> None:
    await known(person)
    await person.say("/language en")
    words = await person.say("is a leash required for dogs")
    assert words.startswith("Q: Fine for walking a dog without a leash")
    assert "Yunting: (Demo) Leashes up to 1.5 m" in words
    assert "Source: Animal Epidemic Prevention Law, Art. 30 para. 2 · checked 2026-11" in words
    assert person.labels[0] == "Report: Dogs"


async def test_on_solemn_days_no_game_is_offered(person: Person, time: Time) -> None:
    await known(person)
    time.now = datetime(2026, 12, 13, 4, 0, tzinfo=UTC)
    await person.say("遛狗不牵绳罚多少")
    assert not any("练几题" in label for label in person.labels)


async def test_an_answer_that_is_gone_is_searched_for(person: Person, house: House) -> None:
    await known(person)
    await person.send(choice="/ask dogs-a-gone")
    assert person.words
    assert "出了点小状况" not in person.words
