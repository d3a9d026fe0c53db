"""What a message means: a command, a choice, words, or a button of the past."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Address, Incoming
from bot.routing import Meaning, closest, read
from content.library import Library
from db.talks import Talk

OFFERED = [["3:litter", "🗑 乱丢垃圾"], ["3:parking", "🚗 车辆乱停"], ["/menu", "菜单"], ["3:8", "早上 8 点"]]


def talk(options: list[list[str]] | None = None) -> Talk:
    """A talk in which these options were offered last, with serial 3."""
    offered = OFFERED if options is None else options
    return Talk(1, "web", "u", "report", "category", {}, {}, offered, 3, "", ("report", "category", "{}", "{}"))


def meant(library: Library, options: list[list[str]] | None = None, **message: object) -> Meaning:
    """What a message means there."""
    return read(Incoming(Address("web", "u"), "m", **message), talk(options), library)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("菜单", ("menu", "")),
        (" 菜单。", ("menu", "")),
        ("ＭＥＮＵ", ("menu", "")),
        ("/report", ("report", "")),
        ("/report litter", ("report", "litter")),
        ("/REPORT  litter ", ("report", "litter")),
        ("／随手拍", ("report", "")),
        ("/help@youli_bot", ("help", "")),
        ("/start poster-7", ("start", "poster-7")),
        ("/no-such", ("no-such", "")),
        ("取消", ("cancel", "")),
        ("算了", ("cancel", "")),
        ("返回", ("back", "")),
        ("My Reports", ("reports", "")),
    ],
)
def test_commands(library: Library, typed: str, command: tuple[str, str]) -> None:
    assert meant(library, [], text=typed) == Meaning(command=command)


@pytest.mark.parametrize("typed", ["1", "１", "①", "A", "ａ", "一", "选1", "乱丢垃圾", "🗑 乱丢垃圾", "垃圾！"])
def test_the_first_option_in_many_ways(library: Library, typed: str) -> None:
    assert meant(library, text=typed) == Meaning(choice="litter")


def test_an_option_that_is_a_command(library: Library) -> None:
    assert meant(library, text="3") == meant(library, text="菜单") == Meaning(command=("menu", ""))


def test_an_option_goes_before_a_command_of_the_same_name(library: Library) -> None:
    assert meant(library, [["3:question", "答题"]], text="答题") == Meaning(choice="question")


@pytest.mark.parametrize("typed", ["5", "0", "99", "E", "乱", "乱丢垃圾和车辆乱停", "点", "1 号楼"])
def test_other_words_are_words(library: Library, typed: str) -> None:
    assert meant(library, text=typed) == Meaning(text=typed)


def test_labels_that_differ_only_in_decoration_are_not_guessed(library: Library) -> None:
    options = [["3:a", "🌳 树"], ["3:b", "🌲 树"]]
    assert meant(library, options, text="树") == Meaning(text="树")
    assert meant(library, options, text="🌲 树") == Meaning(choice="b")


def test_a_tap(library: Library) -> None:
    assert meant(library, choice="3:parking") == Meaning(choice="parking")
    assert meant(library, choice="/quiz tip:dogs-leash") == Meaning(command=("quiz", "tip:dogs-leash"))


@pytest.mark.parametrize("value", ["2:parking", "4:parking", "3:other", "parking", "", ":", "3:", "３:parking"])
def test_a_button_of_another_step_is_known_as_old(library: Library, value: str) -> None:
    assert meant(library, choice=value) == Meaning(stale=True)


@pytest.mark.parametrize("typed", ["", "  ", "\u200b", "\u202e\x00", "/", "／", "\n"])
def test_nothing_is_nothing(library: Library, typed: str) -> None:
    assert meant(library, text=typed) == Meaning()


def test_what_the_channel_knows_to_be_a_command_is_one(library: Library) -> None:
    assert meant(library, text="1", command=("start", "qr")) == Meaning(command=("start", "qr"))


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("贴示", "tip"),  # sounds alike: the wrong character of a pinyin keyboard
        ("大题", "quiz"),
        ("取肖", "cancel"),
        ("我得上报", "reports"),
        ("隐思", "privacy"),
        ("quizz", "quiz"),
        ("reprot", "report"),
        ("subscrbe", "daily"),
    ],
)
def test_the_closest_command(library: Library, typed: str, command: str) -> None:
    assert closest(typed, library) == command


@pytest.mark.parametrize("typed", ["", "嗯", "今天天气不错", "文昌路十二号门口有一堆垃圾没人管", "xyzzy", "12345"])
def test_nothing_is_close(library: Library, typed: str) -> None:
    assert closest(typed, library) is None


@given(typed=st.text(max_size=60))
def test_any_words_mean_something_and_only_one_thing(library: Library, typed: str) -> None:
    found = meant(library, text=typed)
    assert sum(bool(part) for part in (found.command, found.choice, found.text, found.stale)) <= 1
    assert not found.stale
    closest(typed, library)
