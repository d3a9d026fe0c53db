"""My points: what they come from, the streak, and the switch to do without."""

from tests.play import Person, Time


async def answer(person: Person) -> None:
    """Answer one question."""
    await person.say("/quiz one")
    await person.say("A")
    if "选好了" in person.labels:
        await person.tap("选好了")


async def test_who_has_none_is_told_how_far_the_next_level_is(person: Person) -> None:
    words = await person.say("积分")
    assert words.startswith("您有 0 分，第 1 级，再 20 分升一级。")
    assert "不排名，不是信用分" in words


async def test_where_they_come_from_is_shown(person: Person) -> None:
    await person.say("/tip")
    await answer(person)
    words = await person.say("我的积分")
    assert "看贴士 1 次，1 分" in words
    assert "答题 1 次" in words
    assert words.startswith(("您有 2 分", "您有 3 分"))


async def test_days_in_a_row_are_told(person: Person, time: Time) -> None:
    await answer(person)
    assert "连着" not in await person.say("积分")
    time.passes(days=1)
    await answer(person)
    assert "连着 2 天答题" in await person.say("积分")


async def test_they_can_be_switched_off_and_on_again(person: Person) -> None:
    await person.say("/tip")
    await person.say("积分")
    words = await person.tap("不要积分了")
    assert "积分关着" in words
    assert "分升一级" not in words
    await person.say("/tip another")
    await answer(person)
    assert "积分 +" not in person.words
    await person.say("积分")
    await person.tap("重新开始积分")
    assert "您有 1 分" in person.words


async def test_in_english(person: Person) -> None:
    await person.say("/language en")
    assert "points" in await person.say("points")
    await person.send(choice="/points off")
    assert not any("\u4e00" <= character <= "\u9fff" for character in person.words)
