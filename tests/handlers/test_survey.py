"""After a report was dealt with: solved or not, how satisfied, why not; what was said first stays apart."""

from typing import Any

import pytest

from actions import muting, residents, retention, surveys
from civic.staff import ADMINISTRATOR, Staff
from tests.handlers.test_my_reports import move, send
from tests.play import Person, Time, picture, rows_of


async def asked(person: Person, *moves: str) -> str:
    """A report that was resolved and whose resident looks at it; its number."""
    number = await send(person)
    await move(person, number, "accept", "resolve", *moves)
    await person.say(f"/reports {number}")
    return number


async def said(person: Person) -> list[tuple[Any, ...]]:
    """Of each survey: round, first and last word on solved, on satisfaction, reasons, words."""
    keys = ("round", "first_solved", "solved", "first_satisfaction", "satisfaction", "reasons", "words")
    return [tuple(row[key] for key in keys) for row in await rows_of(person.database, "surveys")]


async def counted(person: Person) -> list[tuple[str, Any]]:
    """What the figures are made of: the deeds of surveys, and whether each was good."""
    deeds = {"survey_asked", "report_rated", "report_satisfied"}
    lines = await rows_of(person.database, "journal")
    return [(line["deed"], line["right"]) for line in lines if line["deed"] in deeds]


async def reminders(person: Person) -> int:
    """Remind whoever is to be reminded now; how many."""
    house = person.dispatch.house
    return await person.database.write(surveys.remind, house.library, house.zone)


async def test_who_is_satisfied_is_asked_two_things(person: Person) -> None:
    number = await asked(person)
    assert f"{number} 办得怎么样" in await person.tap("解决了")
    assert person.labels == ["满意", "一般", "不满意", "先不评"]
    assert "记下了，谢谢您" in await person.tap("满意")
    assert await said(person) == [(1, 1, 1, "satisfied", "satisfied", "[]", "")]
    assert await counted(person) == [("survey_asked", None), ("report_rated", 1), ("report_satisfied", 1)]


async def test_who_is_not_may_choose_reasons_and_add_words(person: Person) -> None:
    await asked(person)
    await person.tap("解决了")
    assert "哪里还可以更好" in await person.tap("一般")
    await person.tap("等得太久")
    assert "已经选了：等得太久" in await person.tap("照片和现场不一样") or "等得太久、照片和现场不一样" in person.words
    assert "✓ 等得太久" in person.labels
    assert "已经选了：照片和现场不一样" in await person.tap("等得太久")  # taken back
    assert "1000 字以内" in await person.say("长" * 1001)
    assert "谢谢您说出来" in await person.say("前后等了九天")
    assert await said(person) == [(1, 1, 1, "partly", "partly", '["photo"]', "前后等了九天")]
    assert await counted(person) == [("survey_asked", None), ("report_rated", 1), ("report_satisfied", 0)]


async def test_the_last_question_may_be_left_open(person: Person) -> None:
    await asked(person)
    await person.tap("解决了")
    await person.tap("先不评")
    await person.tap("菜单") if "菜单" in person.labels else await person.say("菜单")
    assert await said(person) == [(1, 1, 1, None, None, "[]", "")]
    number = (await rows_of(person.database, "reports"))[0]["number"]
    await person.say(f"/reports {number}")
    await person.tap("评一评")
    await person.tap("不满意")
    assert "记下了" in await person.tap("选好了")
    assert await said(person) == [(1, 1, 1, "unsatisfied", "unsatisfied", "[]", "")]


async def test_what_is_not_solved_goes_back_and_is_asked_again_in_the_next_round(person: Person) -> None:
    number = await asked(person)
    await person.tap("还没有")
    assert "说一句现在是什么样" in await person.tap("没有照片")
    words = await person.say("还在原地")
    assert f"{number} 已经退回重办" in words and "办得怎么样" in words
    await person.tap("不满意")
    await person.tap("只办了一部分")
    await person.tap("选好了")
    await move(person, number, "resolve")
    await person.say(f"/reports {number}")
    await person.tap("解决了")
    await person.tap("满意")
    assert await said(person) == [
        (1, 0, 0, "unsatisfied", "unsatisfied", '["partly"]', ""),
        (2, 1, 1, "satisfied", "satisfied", "[]", ""),
    ]
    assert await counted(person) == [
        ("survey_asked", None),
        ("report_rated", 0),
        ("report_satisfied", 0),
        ("survey_asked", None),
        ("report_rated", 1),
        ("report_satisfied", 1),
    ]


async def test_the_first_word_is_kept_and_counted_once(person: Person) -> None:
    number = await asked(person)
    await person.tap("解决了")
    await person.tap("满意")
    await person.say(f"/reports {number}")
    await person.tap("还没有")
    await person.photo(picture("back again"))
    await person.tap("不满意")
    assert await said(person) == [(1, 1, 0, "satisfied", "unsatisfied", "[]", "")]
    assert await counted(person) == [("survey_asked", None), ("report_rated", 1), ("report_satisfied", 1)]


async def test_what_the_office_closed_can_still_be_answered(person: Person) -> None:
    number = await asked(person, "close")
    assert f"{number} 办结了" in await person.tap("解决了")
    await person.tap("满意")
    assert await said(person) == [(1, 1, 1, "satisfied", "satisfied", "[]", "")]


async def test_it_goes_back_only_so_often_and_so_long(person: Person, time: Time) -> None:
    number = await asked(person)
    for _ in range(2):
        await person.say(f"/reports unsolved {number}")
        await person.say("还在")
        await person.tap("先不评")
        await move(person, number, "resolve")
    words = await person.say(f"/reports unsolved {number}")
    assert "已经退回过 2 次" in words and "重新报一份" in words and "12345" in words
    assert person.labels == ["随手拍", "菜单"]
    assert (await said(person))[-1][:3] == (3, 0, 0)  # the answer is not lost
    await move(person, number, "close", "reopen", "resolve", "close")  # the office may, as often as it likes
    other = await asked(person, "close")
    time.passes(days=14)
    assert "办结已经过了 14 天" in await person.say(f"/reports unsolved {other}")
    assert (await said(person))[-1][:3] == (1, None, None)
    assert "用不上了" in await person.say(f"/reports solved {other}")


async def test_a_rating_comes_too_late(person: Person, time: Time) -> None:
    await asked(person)
    await person.tap("解决了")
    time.passes(days=14)
    assert "评不了" in await person.tap("满意")


async def test_who_says_nothing_is_reminded_once(person: Person, time: Time) -> None:
    number = await asked(person)
    time.passes(days=2, hours=23)
    assert await reminders(person) == 0
    time.passes(hours=1)
    assert await reminders(person) == 1
    letters = [row for row in await rows_of(person.database, "letters") if "survey.reminder" in row["say"]]
    assert len(letters) == 1 and number in letters[0]["say"]
    time.passes(days=3)
    assert await reminders(person) == 0
    await move(person, number, "reopen", "resolve")
    time.passes(days=3)
    assert await reminders(person) == 1  # another round, another survey


@pytest.mark.parametrize(
    "why", ["answered", "reopened", "hidden", "muted", "over", "erased", "withdrawn after it was sent back"]
)
async def test_nobody_is_reminded_in_vain(person: Person, time: Time, why: str) -> None:
    number = await asked(person)
    if why == "answered":
        await person.tap("解决了")
    elif why == "reopened":
        await move(person, number, "reopen")
    elif why == "hidden":
        await move(person, number, "hide")
    elif why == "over":
        await move(person, number, "close")
        time.passes(days=15)
    elif why == "erased":
        await person.say("删除我的数据")
        await person.tap("确定删除")
    elif why == "withdrawn after it was sent back":
        await person.tap("还没有")
        await person.say("还在")
        await person.say(f"/reports withdraw {number}")
        await person.tap("确定撤回")
    time.passes(days=4)
    if why == "muted":
        house, li, reason = person.dispatch.house, Staff("Li", ADMINISTRATOR), "同一件报了很多次"
        await person.database.write(muting.mute, house.library, house.zone, li, number, 9, reason)
    assert await reminders(person) == 0


async def test_an_answer_is_exported_and_its_words_go_with_who_said_them(person: Person) -> None:
    number = await asked(person)
    await person.tap("解决了")
    await person.tap("一般")
    await person.tap("等得太久")
    await person.say("我家门口")
    resident = (await rows_of(person.database, "residents"))[0]["id"]
    held = await person.database.read(residents.export, resident)
    assert [(row["satisfaction"], row["reasons"], row["words"]) for row in held["surveys"]] == [
        ("partly", ["slow"], "我家门口")
    ]
    await person.say("删除我的数据")
    await person.tap("确定删除")
    assert await said(person) == [(1, 1, 1, "partly", "partly", '["slow"]', "")]
    assert number


async def test_words_go_when_the_reports_time_is_over(person: Person, time: Time) -> None:
    await asked(person)
    await person.tap("解决了")
    await person.tap("一般")
    await person.say("我家门口")
    time.passes(days=400)
    assert await person.database.write(retention.clear, person.dispatch.house.library) == 1
    assert (await said(person))[0][-1] == ""


async def test_somebody_else_can_not_rate_it(person: Person) -> None:
    number = await asked(person)
    await person.tap("解决了")
    other = Person(person.dispatch, person.database, user="somebody-else")
    assert "没找到编号" in await other.say(f"/reports rate {number}")
