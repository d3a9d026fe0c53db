"""My reports: the list, one with its history, what can be done with it, and what no longer can."""

from dataclasses import replace

import pytest

from actions import reports
from civic.staff import ADMINISTRATOR, Staff
from db.tx import Tx
from tests.play import Person, Time, picture, rows_of


async def send(person: Person, note: str = "不用了") -> str:
    """A litter report; its number."""
    await person.photo(picture(note))
    for said in ("上报问题", "1", "文昌路 12 号门口", "1", "1", note):
        await person.say(said)
    await person.tap("提交")
    rows = await rows_of(person.database, "reports")
    return str(rows[-1]["number"])


async def move(person: Person, number: str, *names: str) -> None:
    """The office moves a report."""
    house = person.dispatch.house
    li = Staff("Li", ADMINISTRATOR)

    def unit(tx: Tx, name: str) -> None:
        reports.move(tx, house.library, house.zone, number, name, li, "一句说明", no_photo="没带相机")

    for name in names:
        await person.database.write(unit, name)


async def test_who_sent_none_is_told_how_to_begin(person: Person) -> None:
    assert "还没有上报过" in await person.say("我的上报")
    assert person.labels == ["随手拍", "菜单"]


async def test_the_list_shows_the_newest_first_with_its_state(person: Person, time: Time) -> None:
    first = await send(person)
    time.passes(days=1)
    second = await send(person)
    await move(person, first, "accept")
    words = await person.say("我的上报")
    assert words.splitlines()[1:] == [
        f"{second} 🗑️ 乱丢垃圾 · 11 月 24 日 · 已收到",
        f"{first} 🗑️ 乱丢垃圾 · 11 月 23 日 · 已受理",
    ]
    assert [label.split()[0] for label in person.labels] == [second, first, "菜单"]


async def test_older_ones_are_on_the_next_page(person: Person) -> None:
    numbers = [await send(person) for _ in range(7)]
    await person.say("进度")
    assert [label.split()[0] for label in person.labels[:5]] == numbers[:1:-1]
    await person.tap("更早的")
    assert [label.split()[0] for label in person.labels[:2]] == [numbers[1], numbers[0]]
    assert "更早的" not in person.labels
    assert "还没有上报过" not in await person.say("/reports page 99")


async def test_one_report_with_its_history_and_its_photos(person: Person, time: Time) -> None:
    number = await send(person, "堆了两天")
    await move(person, number, "accept")
    time.passes(hours=2)
    await move(person, number, "start")
    await person.say("我的上报")
    words = await person.tap(number)
    assert "现在：处理中，11 月 25 日 17:30 前回音" in words
    assert "受理 › 分类 › 派单 › 【办理】 › 反馈 › 回访" in words
    assert "您说：堆了两天" in words
    assert "11 月 23 日 12:00 您上报了" in words
    assert "11 月 23 日 12:00 受理：一句说明" in words
    assert "11 月 23 日 14:00 开始处理：一句说明" in words
    assert "Li" not in words
    assert [alt for item in person.last for _, alt in item.images] == ["上报时的照片"]


@pytest.mark.parametrize(
    ("moves", "offered"),
    [
        ((), ["补充信息", "撤回"]),
        (("accept",), ["补充信息", "撤回"]),
        (("ask",), ["补充信息", "撤回"]),
        (("accept", "resolve"), ["解决了", "还没有"]),
        (("accept", "resolve", "close"), ["解决了", "还没有"]),
        (("reject",), []),
    ],
)
async def test_what_is_offered_is_what_can_be_done(person: Person, moves: tuple[str, ...], offered: list[str]) -> None:
    number = await send(person)
    await move(person, number, *moves)
    await person.say(f"/reports {number}")
    assert person.labels == [*offered, "我的上报", "菜单"]
    for label in offered:
        await person.say(f"/reports {number}")
        await person.tap(label)
        assert "用不上了" not in person.words
        assert "没找到" not in person.words
        await person.say("取消")


async def test_words_and_photos_can_be_added(person: Person) -> None:
    number = await send(person)
    await person.say(f"/reports {number}")
    assert f"给 {number} 补充什么" in await person.tap("补充信息")
    assert f"加到 {number} 里了" in await person.say("又多了一堆")
    await person.tap("再补充一点")
    assert "含 2 张照片" in await person.photo(picture("a"), picture("b"))
    await person.tap("看详情")
    assert "您补充：又多了一堆" in person.words
    assert [alt for item in person.last for _, alt in item.images].count("补充的照片") == 2


async def test_too_many_words_are_refused_and_the_place_is_kept(person: Person) -> None:
    number = await send(person)
    await person.say(f"/reports add {number}")
    assert "1000 字以内" in await person.say("长" * 1001)
    assert f"加到 {number} 里了" in await person.say("短")


async def test_the_offices_question_is_answered_by_adding(person: Person) -> None:
    number = await send(person)
    await move(person, number, "accept", "ask")
    await person.say(f"/reports {number}")
    assert "等您补充" in person.words
    await person.tap("补充信息")
    await person.say("三号楼")
    await person.say(f"/reports {number}")
    assert "现在：已受理" in person.words
    assert "您回答：三号楼" in person.words


async def test_a_report_can_be_withdrawn_after_a_question(person: Person) -> None:
    number = await send(person)
    await person.say(f"/reports {number}")
    assert f"撤回 {number}？" in await person.tap("撤回")
    assert "现在：已收到" in await person.tap("先不了")
    await person.tap("撤回")
    assert f"{number} 撤回了" in await person.tap("确定撤回")
    assert "已撤回" in await person.say("我的上报")


@pytest.mark.parametrize("typed", ["撤回", "「撤回上报」", "补充信息", "withdraw"])
async def test_who_wants_to_withdraw_where_nothing_offers_it_is_shown_their_reports(person: Person, typed: str) -> None:
    number = await send(person)
    await person.say(f"/reports add {number}")
    await person.say("又多了一袋")
    assert number in await person.say(typed)


async def test_solved_closes_and_thanks(person: Person) -> None:
    number = await send(person)
    await move(person, number, "accept", "resolve")
    await person.say(f"/reports {number}")
    assert f"{number} 办结了" in await person.tap("解决了")


@pytest.mark.parametrize("with_photo", [True, False])
async def test_unsolved_goes_back_with_a_photo_or_words(person: Person, with_photo: bool) -> None:
    number = await send(person)
    await move(person, number, "accept", "resolve")
    await person.say(f"/reports {number}")
    await person.tap("还没有")
    words = await (person.photo(picture("still")) if with_photo else person.say("还在那里"))
    assert f"{number} 已经退回重办" in words
    await person.tap("看详情")
    assert "现在：已受理" in person.words
    assert "退回重办" in person.words


@pytest.mark.parametrize("deed", ["solved", "unsolved", "withdraw"])
async def test_an_old_button_of_a_report_that_moved_on_says_so(person: Person, deed: str) -> None:
    number = await send(person)
    moves = ("reject",) if deed == "withdraw" else ("accept",)
    await move(person, number, *moves)
    await person.say("菜单")
    await person.send(choice=f"/reports {deed} {number}")
    assert f"{number} 刚有了新进展，这一步用不上了" in person.words
    assert "move" not in person.words


async def test_tapping_twice_is_answered_kindly(person: Person) -> None:
    number = await send(person)
    await move(person, number, "accept", "resolve")
    for words in ("谢谢您回来说一声", "办得怎么样"):
        await person.send(choice=f"/reports solved {number}")
        assert words in person.words


async def test_what_is_over_takes_nothing_more(person: Person) -> None:
    number = await send(person)
    await move(person, number, "reject")
    assert "已经办完了，不能再补充" in await person.say(f"/reports add {number}")


async def test_it_may_end_while_the_question_is_open(person: Person) -> None:
    number = await send(person)
    await person.say(f"/reports withdraw {number}")
    await move(person, number, "accept", "resolve")
    assert "用不上了" in await person.tap("确定撤回")
    await person.say("取消")


@pytest.mark.parametrize("number", ["261123-99", "x", "999999999999999999999999999", "261123-1"])
async def test_a_report_of_somebody_else_is_as_unknown_as_one_that_is_none(person: Person, number: str) -> None:
    await send(Person(person.dispatch, person.database, user="somebody-else"))
    for words in (f"/reports {number}", f"/reports add {number}", f"/reports solved {number}"):
        assert "没找到编号" in await person.say(words)


async def test_a_category_that_was_taken_away_is_still_listed(person: Person) -> None:
    number = await send(person)
    library = person.dispatch.house.library
    person.dispatch.house.library = replace(library, categories={})
    assert f"{number}  litter" in await person.say("我的上报")
    assert "现在：已收到" in await person.say(f"/reports {number}")


async def test_in_english(person: Person) -> None:
    number = await send(person)
    await move(person, number, "accept")
    await person.say("/language en")
    assert "Litter" in await person.say("my reports")
    assert "Now: accepted" in await person.say(f"/reports {number}")
