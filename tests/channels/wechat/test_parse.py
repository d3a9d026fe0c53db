"""Every kind of message and event WeChat sends, as captured (payloads.json), and what we make of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from werobot.parser import parse_user_msg

from bot.channels.wechat.envelope import Unreadable
from bot.channels.wechat.parse import parse
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


def test_two_events_of_one_second_have_two_ids() -> None:
    clicks = [payload for payload in PAYLOADS if payload["name"].startswith("menu click")]
    found = [parse(payload["xml"].encode()) for payload in clicks]
    assert len({item.id for item in found if isinstance(item, Incoming)}) == 2


@pytest.mark.parametrize("lost", ["FromUserName", "MsgId", "MsgType"])
def test_a_message_without_its_name_is_none(lost: str) -> None:
    text = PAYLOADS[0]["xml"].replace(f"<{lost}>", "<X>").replace(f"</{lost}>", "</X>")
    with pytest.raises(Unreadable):
        parse(text.encode())
