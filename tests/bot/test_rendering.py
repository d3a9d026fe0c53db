"""From meaning to the words of one channel, and how an answer is stored."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assembly import MANNERS
from bot.channel import Manners
from bot.messages import Button, Option, Outgoing, Picture, Say
from bot.rendering import fit, from_json, length, render, to_json
from content.library import Library

NARROW = Manners("narrow", pushes=False, buttons=False, longest=2000, length_unit="bytes", messages=1)


def test_a_say_in_both_languages(library: Library) -> None:
    said = Say("bot.too_fast", {"seconds": 7}, (Option("keep", "option.keep"), Option("/menu", "command.menu")))
    chinese, english = (render(said, language, library, 5) for language in ("zh", "en"))
    assert "歇 7 秒再发" in chinese.text
    assert "7 seconds" in english.text
    assert chinese.options == (Button("5:keep", "不删，留着"), Button("/menu", "菜单"))
    assert [option.value for option in english.options] == ["5:keep", "/menu"]


def test_an_option_may_bring_its_own_words_and_a_picture_is_described(library: Library) -> None:
    said = Say("quiz.none", {}, (Option("a", label="A. 牵绳"),), (Picture("/pictures/x.svg", "quiz.picture"),))
    words = render(said, "zh", library, 1)
    assert words.options == (Button("1:a", "A. 牵绳"),)
    assert words.images == (("/pictures/x.svg", "题目的图片"),)


@pytest.mark.parametrize(
    "said", [Say("no.such.key"), Say("bot.too_fast"), Say("quiz.none", {}, (Option("x", "no.key"),))]
)
def test_what_has_no_words_is_a_mistake(library: Library, said: Say) -> None:
    with pytest.raises(Exception, match=r"no\.such\.key|undefined|no\.key"):
        render(said, "zh", library, 1)


def outgoing(text: str, *labels: str) -> Outgoing:
    """Words with options of these labels."""
    return Outgoing(text, tuple(Button(f"1:{label}", label) for label in labels))


def test_where_there_are_buttons_words_stay_as_they_are() -> None:
    words = (outgoing("one", "a"), outgoing("two"))
    assert fit(words, MANNERS["web"]) == words


def test_without_buttons_options_are_numbered_through_the_whole_answer() -> None:
    words = (outgoing("one", "a", "b"), outgoing("two"), outgoing("three", "c"))
    fitted = fit(words, replace(NARROW, messages=5))
    assert [item.text for item in fitted] == ["one\n1. a\n2. b", "two", "three\n3. c"]
    assert [item.options for item in fitted] == [item.options for item in words]


def test_where_only_one_message_may_be_sent_all_becomes_one() -> None:
    words = (outgoing("one", "a"), replace(outgoing("two"), images=(("/x.jpg", "x"),)), outgoing("three", "b"))
    (only,) = fit(words, NARROW)
    assert only.text == "one\n1. a\n\ntwo\n\nthree\n2. b"
    assert [option.label for option in only.options] == ["a", "b"]
    assert only.images == (("/x.jpg", "x"),)


def test_where_two_may_be_sent_the_first_stays_alone() -> None:
    fitted = fit((outgoing("one"), outgoing("two"), outgoing("three")), replace(NARROW, messages=2))
    assert [item.text for item in fitted] == ["one", "two\n\nthree"]


@pytest.mark.parametrize(("unit", "expected"), [("characters", 4), ("bytes", 10), ("utf16", 5)])
def test_length_in_the_channels_own_unit(unit: str, expected: int) -> None:
    assert length("礼a😀b", replace(NARROW, length_unit=unit)) == expected - (unit == "bytes")


TEXT = st.text(max_size=80)
WORDS = st.builds(
    Outgoing,
    TEXT,
    st.lists(st.builds(Button, TEXT, TEXT), max_size=4).map(tuple),
    st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
)


MARKED = st.builds(
    Outgoing,
    TEXT,
    place_button=TEXT,
    in_place=st.booleans(),
    replaces=st.none() | TEXT,
    right=st.none() | st.integers(0, 3),
    several=st.booleans(),
)


@given(st.lists(WORDS | MARKED, max_size=4).map(tuple))
def test_a_stored_answer_is_the_answer(words: tuple[Outgoing, ...]) -> None:
    assert from_json(to_json(words)) == words


@given(st.lists(WORDS, min_size=1, max_size=6).map(tuple), st.sampled_from(sorted(MANNERS)))
def test_whatever_the_channel_every_word_and_option_is_there(words: tuple[Outgoing, ...], name: str) -> None:
    fitted = fit(words, MANNERS[name])
    said = "".join("".join(item.text.split()) for item in fitted)
    assert all("".join(item.text.split()) in said for item in words)
    assert [option for item in fitted for option in item.options] == [o for item in words for o in item.options]
    assert sorted(image for item in fitted for image in item.images) == sorted(i for item in words for i in item.images)
