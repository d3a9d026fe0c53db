"""What we hold, as a file, or erased; and the language we speak."""

import re

import pytest

from tests.play import Person, Time, picture


async def test_what_we_hold_is_told_in_numbers(person: Person) -> None:
    await person.photo(picture("one"))
    words = await person.say("隐私")
    assert "照片 1 张" in words
    assert "没有姓名，没有电话" in words
    assert "https://youli.example/privacy" in words
    assert person.labels == ["导出我的数据", "删除我的数据", "菜单"]


async def test_the_link_to_the_file_is_good_for_a_quarter_of_an_hour_and_for_this_person_only(
    person: Person, time: Time
) -> None:
    await person.say("隐私")
    words = await person.tap("导出我的数据")
    found = re.search(r"https://youli\.example/export/(\S+)", words)
    assert found
    links = person.dispatch.house.links
    assert links.open("export", found[1], time.now) == "1"
    assert links.open("other", found[1], time.now) is None
    time.passes(minutes=14)
    assert links.open("export", found[1], time.now) == "1"
    time.passes(minutes=2)
    assert links.open("export", found[1], time.now) is None


@pytest.mark.parametrize("forged", ["", "1", "1.9999999999.", "1.9999999999.AAAA", "..", "2.{rest}", "1.9999999999.é"])
async def test_a_forged_link_opens_nothing(person: Person, time: Time, forged: str) -> None:
    links = person.dispatch.house.links
    rest = links.seal("export", "1", time.now).partition(".")[2]
    assert links.open("export", forged.replace("{rest}", rest), time.now) is None


async def test_erasing_asks_first_and_can_be_left(person: Person) -> None:
    words = await person.say("删除我的数据")
    assert "找不回来" in words
    assert person.labels == ["不删，留着", "确定删除"]
    assert "好，都还在" in await person.tap("不删，留着")


async def test_what_is_neither_yes_nor_no_erases_nothing(person: Person) -> None:
    await person.say("/tip")
    await person.say("/erase")
    assert "点下面的按钮" in await person.say("嗯？")
    assert "参与记录 0 条" not in await person.say("隐私")


async def test_after_erasing_one_may_begin_again(person: Person) -> None:
    await person.say("/tip")
    await person.say("/erase")
    assert "删好了" in await person.tap("确定删除")
    await person.tap("重新开始")
    assert "我是有礼" in person.words


async def test_the_language_is_switched_back_and_forth(person: Person) -> None:
    await person.say("/start")
    assert "speak English" in await person.say("语言")
    assert "说中文" in await person.say("language")
    assert "speak English" in await person.say("/language en")
    assert "speak English" in await person.say("/language en")
    assert "说中文" in await person.say("/language zh")


async def test_in_the_middle_of_something_the_language_can_be_switched(person: Person) -> None:
    await person.photo(picture("one"))
    await person.say("上报问题")
    await person.say("/language en")
    assert "What would you like" in await person.say("menu")
    await person.say("/report")
    assert person.labels == ["Go on with it", "Start anew"]
