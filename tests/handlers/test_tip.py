"""Tips: today's, another, a question about it, daily or no more."""

from tests.play import Person, Time


async def test_todays_tip_has_a_title_one_thing_to_do_and_its_source(person: Person) -> None:
    words = await person.say("贴士")
    assert "今天就做：" in words
    assert person.labels == ["再来一条", "考考我", "每天发我一条"]


async def test_another_is_another(person: Person) -> None:
    seen = {await person.say("贴士")}
    for _ in range(10):
        words = await person.tap("再来一条")
        assert words not in seen
        seen.add(words)


async def test_the_question_is_about_this_tip(person: Person) -> None:
    words = await person.say("贴士")
    library = person.dispatch.house.library
    tip = next(tip for tip in library.tips.values() if tip.zh.title in words.splitlines()[0])
    assert library.questions[tip.question].zh.stem in await person.tap("考考我")


async def test_every_tip_can_be_asked_about(person: Person) -> None:
    library = person.dispatch.house.library
    for tip in library.tips.values():
        assert library.questions[tip.question].zh.stem in await person.say(f"/quiz tip:{tip.id}"), tip.id


async def test_who_gets_it_daily_can_stop_it_and_begin_again(person: Person) -> None:
    await person.say("/daily")
    await person.say("8:00")
    await person.say("贴士")
    assert "不再每天发" in person.labels
    assert "不再每天发了" in await person.tap("不再每天发")
    await person.tap("改个时间再发")
    assert "每天几点" in person.words
    await person.say("19:00")
    await person.say("贴士")
    assert "不再每天发" in person.labels


async def test_stopping_what_never_began_is_fine(person: Person) -> None:
    for words in ("停止", "退订", "stop"):
        assert "不再每天发了" in await person.say(words)


async def test_on_a_solemn_day_there_is_no_game_and_no_emoji(person: Person, time: Time) -> None:
    usual = await person.say("贴士")
    time.passes(days=20)  # 13 December
    words = await person.say("贴士")
    assert "考考我" not in person.labels
    assert ord(words[0]) < 0x1F000
    assert ord(usual[0]) >= 0x2000
    await person.tap("再来一条")
    assert "考考我" not in person.labels


async def test_in_english(person: Person) -> None:
    await person.say("/language en")
    words = await person.say("tip")
    assert not any("\u4e00" <= character <= "\u9fff" for character in words)
