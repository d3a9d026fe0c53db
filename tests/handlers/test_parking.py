"""A badly parked car: what the report needs, what is said before it is sent, and what nobody promises."""

from dataclasses import replace
from datetime import datetime

import pytest

from bot.messages import Photo
from content.library import Library
from tests.play import Person, Time, picture

MISSING = "还差 1 张照片"


def taken(name: str, hour: int, minute: int) -> Photo:
    """A photo whose camera knew the time."""
    photo = picture(name)
    assert photo.developed is not None
    return replace(
        photo,
        developed=replace(photo.developed, taken_at=datetime.fromisoformat(f"2026-11-23T{hour:02}:{minute:02}:30")),
    )


async def to_time(person: Person, plate: str = "浙A12345", place: str = "文昌路 12 号门口", *photos: Photo) -> str:
    """A parking report up to the question about the time."""
    await person.say("/report parking")
    await person.photo(*(photos or (picture("near"), picture("far"))))
    await person.say(place)
    assert "停在哪里" in person.words
    await person.tap("人行道")
    assert "禁停标志或标线" in person.words
    await person.tap("有禁停标线")
    return await person.say(plate)


async def to_summary(person: Person, plate: str = "浙A12345", place: str = "文昌路 12 号门口") -> str:
    await to_time(person, plate, place)
    await person.say("11:40–11:55")
    return await person.tap("不用了")


async def test_place_kind_sign_plate_and_span_are_asked_and_shown(person: Person) -> None:
    assert "从几点到几点" in await to_time(person)
    assert "没看出是几点到几点" in await person.say("停了好久")
    assert "还要补一句吗" in await person.say("上午11点40到11点55")
    words = await person.tap("不用了")
    for shown in ("人行道", "有禁停标线", "浙A12345", "2026-11-23 11:40–11:55", "照片：2 张"):
        assert shown in words
    assert "只有一个时间" not in words and "还差" not in words
    words = await person.tap("提交")
    assert "城市管理" in words and "罚" not in words


async def test_the_times_of_the_photos_are_offered(person: Person) -> None:
    await to_time(person, "浙A12345", "文昌路 12 号门口", taken("near", 11, 40), taken("far", 11, 52))
    assert person.labels[0] == "照片里的时间：2026-11-23 11:40–11:52"
    await person.tap("照片里的时间")
    assert "2026-11-23 11:40–11:52" in await person.tap("不用了")


async def test_a_camera_that_is_wrong_by_hours_is_not_believed(person: Person) -> None:
    await to_time(person, "浙A12345", "文昌路 12 号门口", taken("near", 11, 40), taken("far", 19, 0))
    assert person.labels[0] == "就是现在"


async def test_what_is_missing_is_said_and_can_be_added(person: Person) -> None:
    await person.say("/report parking")
    await person.photo(picture("near"))
    await person.tap("照片够了")
    await person.say("文昌路 12 号门口")
    await person.tap("车行道")
    await person.tap("没看到")
    await person.say("浙AD12345")
    await person.tap("就是现在")
    words = await person.tap("不用了")
    assert MISSING in words and "只有一个时间" in words
    assert MISSING not in await person.photo(picture("far"))
    assert "照片：2 张" in person.words
    assert "编号" in await person.tap("提交")


async def test_the_same_plate_at_the_same_place_today_is_told_before_sending(person: Person, time: Time) -> None:
    assert "今天您在这里" not in await to_summary(person)
    await person.tap("提交")
    time.passes(hours=1)
    assert "今天您在这里" not in await to_summary(person, place="学府街口")
    await person.say("取消")
    assert "今天您在这里" not in await to_summary(person, plate="浙A54321")
    await person.say("取消")
    assert "编号 261123-1" in await to_summary(person, place="文昌路12号门口")
    await person.tap("补到今天那份里")
    assert "补充什么" in person.words
    await person.photo(picture("later"))
    assert "261123-1" in person.words
    await person.say("/report")
    assert "接着填" in person.labels
    await person.tap("重新开始")
    await person.say("取消")
    time.passes(days=1)
    assert "今天您在这里" not in await to_summary(person)


async def test_what_was_withdrawn_does_not_count(person: Person) -> None:
    await to_summary(person)
    await person.tap("提交")
    await person.say("/reports withdraw 261123-1")
    await person.tap("撤回")
    assert "今天您在这里" not in await to_summary(person)


async def test_one_plate_again_and_again_is_answered_kindly_and_never_refused(person: Person, time: Time) -> None:
    for _ in range(3):
        assert "7 天里报过" not in await to_summary(person)
        await person.tap("提交")
        time.passes(days=1)
    words = await to_summary(person)
    assert "7 天里报过 3 次" in words and "不会办得更快" in words
    assert "编号" in await person.tap("提交")
    time.passes(days=8)
    assert "7 天里报过" not in await to_summary(person)


async def test_what_somebody_else_reported_is_not_told(person: Person) -> None:
    await to_summary(person)
    await person.tap("提交")
    other = Person(person.dispatch, person.database, user="somebody-else")
    words = await to_summary(other)
    assert "今天您在这里" not in words and "261123-1" not in words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_about_parking_promises_a_penalty(library: Library, language: str) -> None:
    words = library.categories["parking"].in_language(language)
    said = " ".join((words.photo_hint, words.privacy_hint, words.rule)).casefold()
    assert not any(word in said for word in ("罚", "扣分", "fine", "penalt"))
