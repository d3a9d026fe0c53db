"""Every kind of message and event WeChat sends, as captured (payloads.json), and what we make of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import parse_message
from werobot.parser import parse_user_msg

from bot.channels.wechat.envelope import Unreadable
from bot.channels.wechat.parse import parse, read
from bot.messages import Incoming
from civic.geo import haversine

PAYLOADS = json.loads(Path(__file__).with_name("payloads.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload["name"])
def test_what_a_payload_means(payload: dict[str, Any]) -> None:
    found, expected = parse(payload["xml"].encode()), dict(payload["expect"])
    if "happening" in expected:
        assert (type(found).__name__ if found else None) == expected.pop("happening")
        assert {name: getattr(found, name) for name in expected} == expected
        return
    assert isinstance(found, Incoming)
    assert (found.address.channel, found.address.user) == ("wechat", "oAnne")
    if "place" in expected:
        assert found.place is not None
        lat, lon = expected.pop("place")
        assert haversine(found.place.lat, found.place.lon, lat, lon) < 5  # metres, from GCJ-02 to WGS-84
        assert (found.place.label, found.place.origin) == (expected.pop("label"), expected.pop("origin"))
    if "photo" in expected:
        assert [photo.ref for photo in found.photos] == [expected.pop("photo")]
    if "command" in expected:
        assert list(found.command or ()) == expected.pop("command")
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload["name"])
def test_another_reader_sees_the_same(payload: dict[str, Any]) -> None:
    """werobot's parser, written by others, agrees on who wrote, and on the words."""
    theirs, ours = parse_user_msg(payload["xml"]), parse(payload["xml"].encode())
    assert theirs.source == "oAnne"
    if isinstance(ours, Incoming) and theirs.type == "text" and not ours.unsupported:
        assert (theirs.content or "").strip() == ours.text


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload["name"])
def test_wechatpy_reads_the_same_elements(payload: dict[str, Any]) -> None:
    theirs = parse_message(payload["xml"])._data
    if theirs.get("Event") == "subscribe_scan":  # its own name for following by a code
        theirs = theirs | {"Event": "subscribe", "EventKey": f"qrscene_{theirs['EventKey']}"}
    assert read(payload["xml"].encode()) == theirs


SIGNS = st.sampled_from("甲a1 \t\n\r\x0b\x01&<>]\u3000\ufffe\uffe5😀").map(str) | st.sampled_from(["]]>", "<![CDATA["])


@given(
    st.text("oX_- ", max_size=4), st.lists(SIGNS, max_size=8).map("".join), st.sampled_from(["", "\n", "\x0c", "<A/>"])
)
def test_words_are_read_as_the_reader_of_everything_reads_them(user: str, content: str, gap: str) -> None:
    """The short way for plain words says the same as the long way, or leaves it to that."""
    words = f"<Content><![CDATA[{content}]]></Content>{gap}"
    head = f"<ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName>"
    head += "<CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    raw = f"<xml>{head}{words}<MsgId>7</MsgId></xml>".encode()
    found: list[object] = []
    for body in (raw, raw.replace(b"<xml>", b"<xml><Idx>1</Idx>")):  # what the short way does not know
        try:
            found.append(parse(body))
        except Unreadable:
            found.append(Unreadable)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no xml",
        b"<xml><MsgType>text</MsgType>",
        b"\xff\xfe<\0x\0m\0l\0/\0>\0",
        b"<other><MsgType>text</MsgType></other>",
        b'<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
        b"<xml>" + b"<a>" * 9000 + b"</a>" * 9000 + b"</xml>",
    ],
    ids=["nothing", "no xml", "cut off", "another encoding", "no message", "entities", "very deep"],
)
def test_what_is_no_message_is_unreadable(broken: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(broken)


def test_two_events_of_one_second_have_two_ids() -> None:
    clicks = [payload for payload in PAYLOADS if payload["name"].startswith("menu click")]
    found = [parse(payload["xml"].encode()) for payload in clicks]
    assert len({item.id for item in found if isinstance(item, Incoming)}) == 2


@pytest.mark.parametrize("lost", ["FromUserName", "MsgId", "MsgType"])
def test_a_message_without_its_name_is_none(lost: str) -> None:
    text = PAYLOADS[0]["xml"].replace(f"<{lost}>", "<X>").replace(f"</{lost}>", "</X>")
    with pytest.raises(Unreadable):
        parse(text.encode())
