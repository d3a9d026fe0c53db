"""First contact: greeting, area, daily tip."""

from tests.play import Person


async def test_a_new_resident_is_greeted_and_asked_one_thing_at_a_time(person: Person) -> None:
    words = await person.say("/start")
    assert "我是有礼" in words and "哪个区" in words
    words = await person.tap("听荷区")
    assert "哪个社区" in words
    await person.tap(person.labels[0])
    assert "每天几点" in person.words
    words = await person.tap("早上 8 点")
    assert "每天 8:00" in words and "试一题" in words
    assert "来一题" in person.labels[0]


async def test_the_area_is_found_by_typing_its_name_or_pinyin(person: Person) -> None:
    community = next(iter(person.dispatch.house.library.city.communities.values()))
    await person.say("/start")
    assert community.zh in await person.say(community.zh[:2])
    await person.say("/area")
    assert "记下了：码头社区" in await person.say("碼頭社區")  # traditional characters
    await person.say("/area")
    assert "记下了：桂花里社区" in await person.say("我住在桂花里那边")


async def test_everything_can_be_skipped(person: Person) -> None:
    await person.say("/start")
    await person.tap("先跳过")
    assert "不主动发" in await person.tap("先不用")


async def test_hello_told_everything_again(person: Person) -> None:
    assert "我是有礼" in await person.say("你好")
    for hello in ("你好", "您好呀！", "Hi"):
        assert "我是有礼" not in await person.say(hello)
        assert person.words.startswith("你好，我在。") and "哪个区" in person.words
    await person.tap("先跳过")
    assert "每天几点" in await person.say("你好")
    await person.tap("先不用")
    assert "我在" in await person.say("你好") and "今日贴士" in person.labels


async def test_hello_was_taken_for_an_address(person: Person) -> None:
    await person.say("/start")
    for words in ("随手拍", "噪声", "没有照片，直接继续"):
        await person.say(words)
    assert "在哪里" in await person.say("你好") and person.words.startswith("你好，我在。")


async def test_the_words_of_a_button_work_without_it(person: Person) -> None:
    await person.say("/start")
    assert "每天几点" in await person.say("每天发我一条")
    assert "不再每天发了" in await person.say("不再每天发")


async def test_an_hour_can_be_typed_but_never_at_night(person: Person) -> None:
    await person.say("/daily")
    assert "早太晚" in await person.say("3点")
    assert "每天 19:00" in await person.say("19点")


async def test_the_poster_that_brought_somebody_is_remembered(person: Person) -> None:
    await person.say("/start poster-wenhua-12")
    held = await person.database.read(lambda tx: tx.connection.exec_driver_sql("SELECT source FROM residents").scalar())
    assert held == "poster-wenhua-12"


async def test_the_language_can_be_switched(person: Person) -> None:
    await person.say("/start")
    words = await person.say("/language")
    assert "speak English" in words
    assert "What would you like" in await person.say("menu")
    assert "说中文" in await person.say("中文")


async def test_a_newcomer_who_asks_at_once_was_told_no_such_community(person: Person) -> None:
    await person.say("/start")
    assert "《动物防疫法》" in await person.say("遛狗不牵绳罚多少")
    await person.say("/start")
    assert "没找到" not in await person.say("谢谢")
    await person.say("/start")
    assert "没找到「火星」" in await person.say("火星")
    assert "想问" in await person.say("有人把车停盲道上了") and "没找到" not in person.words  # longer than any name
    await person.say("/start")
    await person.tap("先跳过")
    assert "每天几点" in person.words and "《动物防疫法》" in await person.say("遛狗不牵绳罚多少")
    assert "没提交" not in await person.say("取消")


async def test_whose_first_words_were_a_call_for_help_was_never_welcomed(person: Person) -> None:
    assert "119" in await person.say("着火了快来人")
    assert "我是有礼" in await person.say("你好")
    await person.tap("先跳过")
    await person.tap("先不用")
    assert "我是有礼" not in await person.say("你好")
