"""Words as calls of the Bot API."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram import LARGEST_BUTTON, MANNERS
from bot.channels.telegram.render import album, message, photo, plain, poll, quiz, text
from bot.messages import Button, Outgoing
from bot.rendering import fit, from_json, length, pieces, to_json
from bot.routing import mark

BUTTONS = (Button("3:a", "来一题"), Button("/menu", "菜单"))
LEADS = ("依据：", "Source:")
ROWS: list[tuple[list[str], list[list[str]]]] = [
    (["来一题", "随手拍", "菜单"], [["来一题", "随手拍", "菜单"]]),
    (["解决了", "还没有"], [["解决了", "还没有"]]),
    (["一", "二", "三", "四"], [["一", "二", "三"], ["四"]]),
    (["A. 让行人先走，再慢慢通过", "B. 按喇叭"], [["A. 让行人先走，再慢慢通过"], ["B. 按喇叭"]]),
    (["🗑 垃圾乱堆", "🚗 车辆乱停", "📢 小广告"], [["🗑 垃圾乱堆", "🚗 车辆乱停"], ["📢 小广告"]]),
    (["One question", "Five questions", "Menu"], [["One question"], ["Five questions", "Menu"]]),
]


def test_a_message_with_buttons() -> None:
    call = message("7", Outgoing("你好", BUTTONS))
    assert call.method == "sendMessage"
    assert call.fields["chat_id"] == 7
    assert call.fields["reply_markup"] == {
        "inline_keyboard": [[{"text": "来一题", "callback_data": "3:a"}, {"text": "菜单", "callback_data": "/menu"}]]
    }
    json.dumps(call.fields)


@pytest.mark.parametrize(("labels", "rows"), ROWS)
def test_short_labels_share_a_row(labels: list[str], rows: list[list[str]]) -> None:
    call = message("7", Outgoing("?", tuple(Button("/x", label) for label in labels)))
    shown = call.fields["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in shown] == rows


def test_our_links_are_not_visited_for_a_preview() -> None:
    assert message("7", Outgoing("https://youli.example/export/x")).fields["link_preview_options"] == {
        "is_disabled": True
    }
    assert "link_preview_options" not in message("7", Outgoing("你好")).fields


def test_a_message_in_the_place_of_another() -> None:
    call = message("7", Outgoing("第二页", BUTTONS, replaces="15"))
    assert (call.method, call.fields["message_id"]) == ("editMessageText", 15)


def test_a_position_is_asked_for_with_a_keyboard_whose_labels_can_be_typed() -> None:
    markup = message("7", Outgoing("在哪里？", BUTTONS, place_button="发送位置")).fields["reply_markup"]
    assert markup["keyboard"][0] == [{"text": "发送位置", "request_location": True}]
    assert markup["keyboard"][1] == [{"text": "来一题"}, {"text": "菜单"}]
    assert message("7", Outgoing("好", clears=True)).fields["reply_markup"] == {"remove_keyboard": True}


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("<b>不是标记</b>", "&lt;b&gt;不是标记&lt;/b&gt;"),
        ('"引号"', '"引号"'),
        ("牵绳\n依据：《养犬规定》第3条 · 核对", "牵绳\n<blockquote>依据：《养犬规定》第3条 · 核对</blockquote>"),
        ("Why\nSource: A & B\nSource: C", "Why\n<blockquote>Source: A &amp; B\nSource: C</blockquote>"),
        ("说到依据：不在行首", "说到依据：不在行首"),
        ("依据不足时怎么办", "依据不足时怎么办"),
        ("", "…"),
    ],
)
def test_text_is_escaped_and_sources_stand_apart(words: str, html: str) -> None:
    assert text(words, LEADS) == {"text": html, "parse_mode": "HTML"}


def test_without_marking_the_words_are_as_they_were() -> None:
    words = Outgoing("a < b\n依据：x")
    assert "blockquote" in message("7", words, LEADS).fields["text"]
    assert plain(message("7", words, LEADS), words).fields["text"] == "a < b\n依据：x"
    assert "parse_mode" not in plain(message("7", words), words).fields
    assert plain(photo("7", words, "id", LEADS), words).fields["caption"] == "a < b\n依据：x"


def test_a_long_value_travels_as_a_mark() -> None:
    long = "/quiz tip:" + "长" * 40
    data = message("7", Outgoing("?", (Button(long, "x"),))).fields["reply_markup"]["inline_keyboard"][0][0][
        "callback_data"
    ]
    assert len(data.encode()) <= LARGEST_BUTTON and data == mark(long, LARGEST_BUTTON)
    assert mark("3:x", LARGEST_BUTTON) == "3:x"
    assert mark("#x", LARGEST_BUTTON) != "#x"  # nobody can pass a value off as a mark


def test_an_album_has_no_buttons_and_an_image_its_caption() -> None:
    media = json.loads(album("7", ["a", b"bytes"]).fields["media"])
    assert media == [{"type": "photo", "media": "a"}, {"type": "photo", "media": "attach://p1"}]
    shown = photo("7", Outgoing("看", BUTTONS, (("/p", "x"),)), "id")
    assert shown.fields["caption"] == "看" and "inline_keyboard" in shown.fields["reply_markup"]


@pytest.mark.parametrize(
    ("words", "native"),
    [
        (Outgoing("对吗？", BUTTONS, right=1), True),
        (Outgoing("对吗？", BUTTONS), False),
        (Outgoing("😀" * 150, BUTTONS, right=1), True),
        (Outgoing("😀" * 151, BUTTONS, right=1), False),
        (Outgoing("对吗？", BUTTONS[:1], right=0), False),
        (Outgoing("对吗？", (*BUTTONS, Button("1:long", "长" * 101)), right=0), False),
        (Outgoing("对吗？", tuple(Button(f"1:{n}", f"{n}") for n in range(13)), right=0), False),
        (Outgoing("看图：对吗？", BUTTONS, (("/pictures/a.png", "图"),), right=0), False),
    ],
)
def test_a_question_within_the_limits_is_a_native_quiz(words: Outgoing, native: bool) -> None:
    assert quiz(words) is native
    if native:
        fields = poll("7", words).fields
        assert fields["correct_option_ids"] == [1] and fields["is_anonymous"] is False
        assert [option["text"] for option in fields["options"]] == [button.label for button in BUTTONS]


def sizes(words: tuple[Outgoing, ...]) -> list[tuple[int, int, int]]:
    """Length of the text, number of images, number of options of each message."""
    return [(length(item.text, MANNERS), len(item.images), len(item.options)) for item in words]


IMAGE = ("/pictures/a.png", "图")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (Outgoing("短", BUTTONS), [(1, 0, 2)]),
        (Outgoing("短", BUTTONS, (IMAGE,)), [(1, 1, 2)]),
        (Outgoing("长" * 1024, BUTTONS, (IMAGE,)), [(1024, 1, 2)]),
        (Outgoing("长" * 1025, BUTTONS, (IMAGE,)), [(0, 1, 0), (1025, 0, 2)]),
        (Outgoing("短", BUTTONS, (IMAGE, IMAGE)), [(0, 2, 0), (1, 0, 2)]),
        (Outgoing("短", BUTTONS, (IMAGE,), place_button="x"), [(0, 1, 0), (1, 0, 2)]),
        (Outgoing("长" * 4096, BUTTONS), [(4096, 0, 2)]),
        (Outgoing("长" * 4097, BUTTONS), [(4096, 0, 0), (1, 0, 2)]),
        (Outgoing("😀" * 2049, BUTTONS), [(4096, 0, 0), (2, 0, 2)]),
    ],
)
def test_what_does_not_fit_goes_on_in_further_messages(words: Outgoing, parts: list[Any]) -> None:
    assert sizes(fit([words], MANNERS)) == parts


def test_text_is_parted_where_a_paragraph_ends() -> None:
    paragraph = "一句话。" * 200
    found = pieces("\n\n".join([paragraph] * 8), MANNERS)
    assert found == ["\n\n".join([paragraph] * 5), "\n\n".join([paragraph] * 3)]


def test_one_long_paragraph_is_parted_where_a_sentence_ends() -> None:
    first, second = pieces("一句话，不短也不长。" * 500, MANNERS)
    assert first.endswith("。") and second.startswith("一句话") and len(first) > 4000


@given(st.text(alphabet="字😀a. \n。", max_size=3000).map(lambda text: (text * 6).strip()))
def test_no_piece_is_too_long_and_no_word_is_lost(words: str) -> None:
    found = pieces(words, MANNERS)
    assert all(length(piece, MANNERS) <= MANNERS.longest for piece in found)
    assert "".join("".join(found).split()) == "".join(words.split())


@given(
    st.builds(
        Outgoing,
        st.text(max_size=20),
        st.lists(st.builds(Button, st.text(max_size=5), st.text(max_size=5)), max_size=2).map(tuple),
        st.just((IMAGE,)),
        st.sampled_from(["", "发送位置"]),
        st.booleans(),
        st.booleans(),
        st.sampled_from([None, "15"]),
        st.sampled_from([None, 0, 2]),
    )
)
def test_an_answer_is_read_as_it_was_stored(words: Outgoing) -> None:
    assert from_json(to_json([words, words])) == (words, words)
