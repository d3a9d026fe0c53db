"""Words within WeChat's bytes: clickable options, pages, and XML that nothing breaks out of."""

import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.wechat.render import LIMIT, body, card, compose, encoded, link, pages, reply, size, tame
from bot.messages import Button, Outgoing
from tests.channels.wechat.platform import LINK

OPTIONS = (Button("3:yes", "是的"), Button("/menu", "菜单"))


def more(page: int, count: int) -> str:
    return link(f"更多（{page}/{count}）", "/more", "更多")


def test_options_are_numbered_and_can_be_tapped() -> None:
    raw = compose([Outgoing("好吗？", OPTIONS)])
    assert raw is not None
    first, second = raw.decode().splitlines()[1:]
    assert LINK.fullmatch(first.removeprefix("1. ")), first
    content, number, label = LINK.findall(second)[0]
    assert (unquote(content), unquote(number), label) == ("菜单", "/menu", "菜单")
    assert second.startswith("2. ")


def test_numbers_go_on_through_the_whole_answer_and_from_where_others_ended() -> None:
    text = body([Outgoing("一", OPTIONS), Outgoing("二", OPTIONS)], first=5, linked=False).decode()
    assert text == "一\n5. 是的\n6. 菜单\n\n二\n7. 是的\n8. 菜单"


def test_options_with_letters_of_their_own_get_no_number() -> None:
    options = (Button("1:0", "A. 先下后上"), Button("1:1", "✓ B. 排队"), Button("/menu", "菜单"))
    shown = re.sub(r"<[^>]+>", "", body([Outgoing("怎么坐车？", options)]).decode())
    assert shown.splitlines() == ["怎么坐车？", "A. 先下后上", "✓ B. 排队", "3. 菜单"]


def test_where_links_take_too_much_room_numbers_stay() -> None:
    options = tuple(Button(f"1:{number}", f"第{number}个很长很长的选项名字") for number in range(20))
    raw = compose([Outgoing("选一个", options)])
    assert raw is not None
    text = raw.decode()
    assert "<a" not in text
    assert "20. 第19个很长很长的选项名字" in text


def test_a_value_too_long_to_come_back_is_left_out() -> None:
    assert "msgmenuid=0" in link("选", "1:" + "长" * 40)


def test_what_people_wrote_is_never_a_link() -> None:
    words = tame(Outgoing('说明：<a href="https://evil.example">点我</a> <A> 3<5'))
    assert "<a" not in words.text.lower()
    assert "3<5" in words.text
    assert "<a" not in LINK.sub(r"\3", link("<a>", "1:x")).lower()


@settings(max_examples=60)
@given(st.lists(st.text(min_size=1, max_size=1200), min_size=1, max_size=6), st.integers(0, 12))
def test_pages_fit_and_lose_nothing(texts: list[str], options: int) -> None:
    buttons = tuple(Button(f"9:{number}", f"选项{number}") for number in range(options))
    words = [*(Outgoing(text) for text in texts), Outgoing("选", buttons)]
    found = pages(words, more)
    assert all(size(page) <= LIMIT for page in found)
    bare = "".join(re.sub(r"\n<a [^>]*>更多（\d+/\d+）</a>$", "", page) for page in found)
    assert "".join(bare.split()) == "".join(body(words).decode().split())
    for number, page in enumerate(found[:-1], start=2):
        assert f"更多（{number}/{len(found)}）" in page


def test_pages_end_where_a_sentence_ends() -> None:
    sentences = "这是一句不长不短的话，讲的是垃圾怎么分类。" * 60
    first, *_ = pages([Outgoing(sentences)], more)
    assert first.rsplit("\n", 1)[0].endswith("。")


NASTY = ["]]>", "]]>]]>", "x]]></Content><MsgType>image</MsgType>", "\x08\x00a", "\ud800b", "&amp;<b>"]


@pytest.mark.parametrize("text", NASTY)
def test_nothing_breaks_out_of_a_reply(text: str) -> None:
    for made in (reply(encoded(text), "u]]>", "a", 1), card(text, text, "https://x/?a=1&b=]]>", "u", "a", 1)):
        found = ElementTree.fromstring(made)  # noqa: S314 - what we wrote ourselves
        assert len(found.findall("MsgType")) == 1
        kept = "".join(sign for sign in text if sign not in "\x08\x00\ud800")
        assert (found.findtext("Content") or found.findtext("Articles/item/Title")) == kept
