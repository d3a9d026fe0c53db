"""随手拍: from a photo to a number, left and resumed, refused and repaired."""

import pytest

from bot.messages import Photo
from tests.play import Person, picture


async def to_summary(person: Person) -> str:
    """A litter report up to its summary."""
    await person.photo(picture("one"))
    await person.tap("上报问题")
    await person.tap("垃圾")
    await person.say("文昌路 12 号门口")
    while "还要补一句吗" not in person.words:
        await person.tap(person.labels[0])
    return await person.tap("不用了")


async def test_a_photo_first_becomes_a_report_with_a_number(person: Person) -> None:
    assert "想上报，还是只想问问" in await person.photo(picture("one"))
    await person.tap("上报问题")
    assert len(person.labels) == 7  # six likely kinds, then «more»
    await person.tap("垃圾")
    assert "在哪里" in person.words
    await person.say("文昌路 12 号门口")
    while "还要补一句吗" not in person.words:
        await person.tap(person.labels[0])
    words = await person.say("已经堆了两天")
    assert "文昌路 12 号门口" in words and "已经堆了两天" in words and "照片：1 张" in words
    words = await person.tap("提交")
    assert "编号 261123-1" in words and "前给您回音" in words and "顺便记一条" in words


async def test_a_report_can_be_left_and_resumed(person: Person) -> None:
    await person.photo(picture("one"))
    await person.tap("上报问题")
    await person.tap("垃圾")
    words = await person.say("答题")
    assert "先给您留着" in words
    words = await person.say("随手拍")
    assert "还没提交，接着填吗" in words
    assert "在哪里" in await person.tap("接着填")


async def test_a_question_that_may_stay_open_was_left_by_its_button_only(person: Person) -> None:
    await person.say("/report litter")
    await person.photo(picture("one"))
    await person.say("文昌路 12 号门口")
    assert "点下面的按钮" in await person.say("不用了")  # this one has to be answered
    assert "在小区里面" in await person.tap("生活垃圾")
    assert "还要补一句吗" in await person.say("不用了。")
    assert "在小区里面" not in await person.tap("不用了")


async def test_missing_evidence_is_said_before_sending(person: Person) -> None:
    await person.say("/report parking")
    assert "2 张" in person.words
    await person.photo(picture("one"))
    assert "最好再来 1 张" in person.words
    await person.tap("照片够了")
    await person.say("文昌路与学府街口")
    for _ in range(8):
        if "还要补一句吗" in person.words:
            break
        await (
            person.say("浙A12345") if "车牌" in person.words or "号牌" in person.words else person.tap(person.labels[0])
        )
    assert "还差 1 张照片" in await person.tap("不用了")


async def test_a_plate_is_checked(person: Person) -> None:
    await person.say("/report parking")
    await person.photo(picture("one"), picture("two"))
    await person.say("文昌路与学府街口")
    for _ in range(8):
        if "牌" in person.words.splitlines()[-1]:
            break
        await person.tap(person.labels[0])
    assert "没对上格式" in await person.say("A-1")
    assert "没对上格式" not in await person.say("浙a·d12345")


async def test_the_position_of_the_photo_is_used_only_when_agreed(person: Person) -> None:
    await person.photo(picture("one", place=(30.27, 120.15)))
    await person.tap("上报问题")
    words = await person.tap("垃圾")
    assert "照片里带着拍摄位置" in words
    await person.tap("用照片里的位置")
    while "还要补一句吗" not in person.words:
        await person.tap(person.labels[0])
    assert "新苑社区，定位处附近" in await person.tap("不用了")


@pytest.mark.parametrize(
    ("typed", "filed"),
    [("乱扔垃圾", "乱丢垃圾"), ("店里有人抽烟", "室内吸烟"), ("有人遛狗不牵绳", "不文明养犬"), ("Too noisy", "Noise")],
)
async def test_a_category_was_not_known_by_what_else_people_call_it(person: Person, typed: str, filed: str) -> None:
    if typed.isascii():
        await person.say("/language en")
    await person.photo(picture("one"))
    await person.tap(person.labels[0])
    await person.say(typed)
    await person.say("文昌路 12 号")
    while filed not in person.words:
        await person.tap(person.labels[-1])


async def test_a_question_about_what_a_photo_shows_is_no_report(person: Person) -> None:
    await person.photo(picture("one"))
    assert "乱停车罚多少" not in await person.say("乱停车罚多少钱")
    assert "报" in person.words and "地点" not in person.words


@pytest.mark.parametrize("typed", ["用照片里的位置", "「用这个位置」", "就用这个位置。", "照片里有"])
async def test_the_position_of_the_photo_can_be_agreed_to_in_words(person: Person, typed: str) -> None:
    await person.photo(picture("one", place=(30.27, 120.15)))
    await person.tap("上报问题")
    await person.tap("垃圾")
    await person.say(typed)
    while "还要补一句吗" not in person.words:
        await person.tap(person.labels[0])
    assert "新苑社区，定位处附近" in await person.tap("不用了")


@pytest.mark.parametrize("typed", ["用这个位置", "📍 发送我的位置", "这里", "my location"])
async def test_words_that_only_point_were_taken_as_an_address(person: Person, typed: str) -> None:
    if typed.isascii():
        await person.say("/language en")
    await person.say("/report litter")
    await person.photo(picture("one"))
    words = await person.say(typed)
    assert "没有带上定位" in words or "No position came" in words
    await person.say("文昌路 12 号")  # the question is still open
    while "文昌路 12 号" not in person.words:
        await person.tap(person.labels[-1])


@pytest.mark.parametrize(
    ("at", "told"), [((30.27, 120.15), "地点：新苑社区，定位处附近"), ((31.5, 121.5), "地点：31.5000, 121.5000")]
)
async def test_a_position_was_told_by_figures_where_its_community_is_known(
    person: Person, at: tuple[float, float], told: str
) -> None:
    await person.say("/report litter")
    await person.photo(picture("one"))
    await person.place(*at)
    while "还要补一句吗" not in person.words:
        await person.tap(person.labels[0])
    assert told in await person.tap("不用了")


async def test_a_shared_position_starts_or_fills_a_report(person: Person) -> None:
    await person.say("/report litter")
    await person.photo(picture("one"))
    await person.place(30.27, 120.15, "文昌路 12 号")
    assert "在哪里" not in person.words


async def test_something_can_be_changed_before_sending(person: Person) -> None:
    await to_summary(person)
    await person.tap("改一改")
    await person.tap("地点")
    words = await person.say("学府街 3 号")
    assert "学府街 3 号" in words and "文昌路" not in words
    assert "编号" in await person.tap("提交")


async def test_back_goes_one_step_back_and_cancel_sends_nothing(person: Person) -> None:
    await to_summary(person)
    assert "还要补一句吗" in await person.say("返回")
    assert "什么也没提交" in await person.say("取消")
    assert "还没有上报过" in await person.say("我的上报")


async def test_ten_photos_are_too_many_and_the_draft_stays(person: Person) -> None:
    photos: list[Photo] = [picture(str(number)) for number in range(9)]
    await person.photo(*photos)
    await person.tap("上报问题")
    assert "最多 9 张" in await person.photo(picture("ten"))
    assert "垃圾" in " ".join(person.labels)


async def test_an_emergency_is_sent_to_the_telephone_and_not_kept(person: Person) -> None:
    words = await person.say("着火了快来人")
    assert "119" in words
    said = await person.database.read(lambda tx: tx.connection.exec_driver_sql("SELECT said FROM exchanges").scalar())
    assert "着火" not in str(said)


async def test_no_more_than_twenty_reports_a_day(person: Person) -> None:
    for _ in range(20):
        await to_summary(person)
        await person.tap("提交")
    await to_summary(person)
    assert "已经报了 20 件" in await person.tap("提交")
    assert "提交" in person.labels


async def half_way(person: Person) -> None:
    """A report with a photo and a category, left when it asks for the place."""
    await person.photo(picture("one"))
    await person.tap("上报问题")
    await person.tap("垃圾")
    assert "先给您留着" in await person.say("菜单")


async def test_a_draft_survives_being_asked_whether_to_go_on_and_leaving_again(person: Person) -> None:
    await half_way(person)
    for _ in range(3):
        assert "接着填吗" in await person.say("随手拍")
        await person.say("菜单")
    await person.photo(picture("two"))
    await person.say("菜单")
    await person.say("随手拍")
    assert "在哪里" in await person.tap("接着填")
    await person.say("文昌路 12 号门口")
    while "还要补一句吗" not in person.words:
        await person.tap(person.labels[0])
    assert "照片：2 张" in await person.tap("不用了")


async def test_a_position_that_brings_somebody_back_is_the_place_of_the_draft(person: Person) -> None:
    await half_way(person)
    await person.place(30.27, 120.15, "文昌路 12 号")
    assert "接着填吗" in person.words
    assert "在哪里" not in await person.tap("接着填")
    while "还要补一句吗" not in person.words:
        await person.tap(person.labels[0])
    assert "地点：文昌路 12 号" in await person.tap("不用了")


async def test_photos_beyond_nine_are_not_added_to_a_draft_that_is_taken_up(person: Person) -> None:
    await half_way(person)
    await person.photo(*(picture(str(number)) for number in range(9)))
    words = await person.tap("接着填")
    assert "最多 9 张" in words
    assert "在哪里" in words


async def test_an_album_of_ten_is_refused_as_a_whole(person: Person) -> None:
    assert "最多 9 张" in await person.photo(*(picture(str(number)) for number in range(10)))
    assert "想做点什么" in await person.say("菜单")


async def test_starting_anew_forgets_the_draft(person: Person) -> None:
    await half_way(person)
    await person.say("随手拍")
    assert "是哪一类" in await person.tap("重新开始")
    await person.say("取消")
    assert "是哪一类" in await person.say("随手拍")


async def test_words_under_the_first_photo_become_the_note(person: Person) -> None:
    await person.photo(picture("one"), text="垃圾堆了三天")
    await person.tap("上报问题")
    await person.tap("垃圾")
    words = await person.say("文昌路与学府街口")
    while "请看一眼" not in words:
        assert "还要补一句吗" not in words  # it was said already
        words = await person.tap(person.labels[0])
    assert "说明：垃圾堆了三天" in words


async def test_words_beside_a_photo_answer_the_open_step(person: Person) -> None:
    await person.photo(picture("one"))
    words = await person.say("垃圾")  # instead of the button
    assert "在哪里" in words
    words = await person.photo(picture("two"), text="文")
    assert "一共 2 张" in words and "再说具体一点" in words and "在哪里" in words
    words = await person.photo(picture("three"), text="文昌路 12 号门口")
    assert "一共 3 张" in words and "在哪里" not in words
    while "还要补一句吗" not in person.words:
        await person.tap(person.labels[0])
    words = await person.photo(picture("four"), text="又多了一堆")
    assert "4 张" in words and "地点：文昌路 12 号门口" in words and "说明：又多了一堆" in words
    words = await person.photo(picture("five"), text="刚拍的")
    assert "说明：又多了一堆\n刚拍的" in words


async def test_a_question_under_a_photo_is_answered(person: Person) -> None:
    await person.photo(picture("one"), text="遛狗不牵绳罚多少")
    assert "《动物防疫法》" in await person.tap("只是想问问")
    await person.photo(picture("two"))
    words = await person.say("遛狗不牵绳罚多少")
    assert "没有上报" in words and "《动物防疫法》" in words
    await person.photo(picture("three"))
    assert "点下面的按钮" in await person.say("嗯嗯嗯嗯")
    assert "一共 4 张" not in await person.tap("上报问题")


async def test_words_that_came_with_another_photo_go_into_the_draft_that_is_taken_up_again(person: Person) -> None:
    await person.photo(picture("one"), text="垃圾堆了三天")
    await person.say("垃圾")
    await person.say("菜单")
    await person.photo(picture("two"), text="今天更多了")
    await person.tap("接着填")
    words = await person.say("文昌路与学府街口")
    while "请看一眼" not in words:
        words = await person.tap(person.labels[0])
    assert "说明：垃圾堆了三天\n今天更多了" in words
