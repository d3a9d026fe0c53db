"""The menu, help, and what is said when nothing fits."""

import pytest

from handlers import CONVERSATIONS
from tests.play import Person


@pytest.mark.parametrize("words", ["菜单", "主菜单", "首页", "menu", "/menu", "/菜单", "ＭＥＮＵ"])
async def test_the_menu_by_any_of_its_names(person: Person, words: str) -> None:
    assert "想做点什么" in await person.say(words)
    assert person.labels == ["今日贴士", "答题", "问一问", "随手拍", "我的上报", "我的积分", "怎么用"]


@pytest.mark.parametrize("words", ["帮助", "怎么用", "/help", "help"])
async def test_help_names_the_words_the_ways_back_and_the_telephones(person: Person, words: str) -> None:
    said = await person.say(words)
    assert "「随手拍」" in said
    assert "「返回」「取消」「菜单」" in said
    for number in ("12345", "110", "119", "120", "122"):
        assert number in said


async def test_every_word_that_help_names_is_understood(person: Person) -> None:
    said = await person.say("帮助")
    named = [line.partition("「")[2].partition("」")[0] for line in said.splitlines() if line.startswith("「")]
    assert len(named) >= 10
    for word in named:
        await person.say(word)
        assert "还没听懂" not in person.words, word
        assert "您是想找" not in person.words, word
        await person.say("取消")


async def test_help_in_english(person: Person) -> None:
    await person.say("/language en")
    said = await person.say("help")
    assert "report" in said
    assert not any("\u4e00" <= character <= "\u9fff" for character in said)


async def test_every_option_of_the_menu_leads_somewhere(person: Person) -> None:
    await person.say("菜单")
    for option in person.options:
        await person.send(choice=option.value)
        assert "出了点小状况" not in person.words
        assert person.words


@pytest.mark.parametrize("kind", ["voice", "video", "sticker", "file"])
async def test_what_we_cannot_read_is_said(person: Person, kind: str) -> None:
    await person.say("菜单")
    await person.send(unsupported=kind)
    assert "这种消息我还看不懂" in person.words
    assert "随手拍" in person.labels


async def test_after_something_was_said_the_menu_is_short(person: Person) -> None:
    await person.say("/quiz")
    assert "接下来呢" in await person.say("取消")


async def test_every_command_belongs_to_one_conversation_or_to_the_engine(person: Person) -> None:
    own = {"back", "cancel", "resume"}
    opened = [name for conversation in CONVERSATIONS for name in conversation.opens]
    assert len(opened) == len(set(opened))
    commands = {command.name for command in person.dispatch.house.library.commands}
    assert commands <= {*opened, *own}
