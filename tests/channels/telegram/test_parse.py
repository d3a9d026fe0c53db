"""Updates as Telegram sends them (payloads/*.json), and what we make of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram.parse import Unreadable, Update, merge, number_of, owner, parse
from bot.messages import Address, Incoming, Photo, Place

PAYLOADS = sorted((Path(__file__).parent / "payloads").glob("*.json"))


def seen(update: Update) -> dict[str, Any]:
    """All of an update, by the names that the payloads use."""
    names = ("kind", "chat", "album", "tap", "reachable", "poll", "picked")
    found: dict[str, Any] = {name: getattr(update, name) for name in names}
    if (said := update.incoming) is not None:
        found |= {name: getattr(said, name) for name in ("id", "text", "choice", "under", "unsupported", "language")}
        found["photos"] = [photo.ref for photo in said.photos]
        found["place"] = said.place and [said.place.lat, said.place.lon, said.place.label, said.place.origin]
    return found


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_payload(path: Path) -> None:
    payload = json.loads(path.read_text(encoding="utf-8"))
    expected = payload["becomes"]
    if "unreadable" in expected:
        with pytest.raises(Unreadable, match=f"^{expected['unreadable']}$"):
            parse(payload["update"])
        assert number_of(payload["update"]) == payload["update"]["update_id"]
        return
    found = seen(parse(payload["update"]))
    assert {name: found[name] for name in expected} == expected
    if expected["kind"] == "message":
        said = [name for name in ("text", "choice", "photos", "place", "unsupported") if found[name]]
        allowed = [["text"], ["choice"], ["photos"], ["text", "photos"], ["place"], ["unsupported"]]
        assert said in allowed, said


def test_an_album_has_all_photos_and_all_words() -> None:
    def part(number: int, text: str = "", unsupported: str | None = None) -> Incoming:
        photos = () if unsupported else (Photo(f"photo:{number}"),)
        return Incoming(Address("telegram", "7"), str(number), text=text, photos=photos, unsupported=unsupported)

    whole = merge([part(1), part(2, "井盖松了"), part(3, unsupported="video")])
    assert (whole.id, whole.text, whole.unsupported) == ("1", "井盖松了", None)
    assert [photo.ref for photo in whole.photos] == ["photo:1", "photo:2"]
    assert merge([part(1, unsupported="video"), part(2, unsupported="video")]).unsupported == "video"


def test_the_owner_is_found_where_the_rest_cant_be_read() -> None:
    assert owner({"update_id": 1, "message": {"from": {"id": 9}}}) == "9"
    assert owner({"update_id": 1, "message": []}) is None
    assert number_of({"update_id": "1"}) is None
    assert number_of([]) is None


@pytest.mark.parametrize("beyond", ["1e999", "1" + "0" * 400, "NaN", "91"])
def test_a_number_beyond_all_bounds_makes_an_update_unreadable(beyond: str) -> None:
    place = f'{{"latitude": {beyond}, "longitude": 1}}'
    message = f'{{"chat": {{"id": 1, "type": "private"}}, "location": {place}}}'
    with pytest.raises(Unreadable):
        parse(json.loads(f'{{"update_id": 1, "message": {message}}}'))


@pytest.mark.parametrize("beyond", ["1" + "0" * 70, "1e70", "9007199254740993"])
def test_a_chat_beyond_64_bits_was_answered_by_500(beyond: str) -> None:
    words = f'{{"chat": {{"id": {beyond}, "type": "private"}}, "text": "你好"}}'
    with pytest.raises(Unreadable):
        parse(json.loads(f'{{"update_id": 1, "message": {words}}}'))
    under = f'{{"message_id": {beyond}, "date": 1, "text": "x", "chat": {{"id": 1, "type": "private"}}}}'
    tapped = f'{{"id": "1", "from": {{"id": 1}}, "data": "x", "message": {under}}}'
    with pytest.raises(Unreadable):
        parse(json.loads(f'{{"update_id": 1, "callback_query": {tapped}}}'))


def test_a_place_keeps_where_it_comes_from() -> None:
    message = {"chat": {"id": 1, "type": "private"}, "location": {"latitude": 1, "longitude": 2}}
    said = parse({"update_id": 1, "message": message}).incoming
    assert said is not None
    assert said.place == Place(1.0, 2.0, "", "telegram")
