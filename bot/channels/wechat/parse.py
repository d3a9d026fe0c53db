"""WeChat's XML → Incoming. wechatpy reads the XML; its messages' gaps (see protocols B1) are filled here."""

from collections.abc import Mapping

from wechatpy import parse_message

from bot.messages import Address, Incoming, Photo, Place
from civic.choices import clean
from civic.geo import gcj02_to_wgs84, in_range

LONGEST = 64  # characters of an OpenID or a message's id; both are shorter
# «subscribe_scan» is wechatpy's name for following by a code: it takes the «qrscene_» off the key, too.
ARRIVALS = frozenset({"subscribe", "subscribe_scan", "subscribe_scan_product", "scan"})
Data = Mapping[str, object]


class Unreadable(Exception):
    """The body is no message of WeChat's."""


def parse(raw: bytes) -> Incoming | None:
    """The message in a (decrypted) body, or None for an event that wants no answer. Raises Unreadable.

    Ids: MsgId, and for events FromUserName+CreateTime+Event+EventKey, since two events can share a second.
    """
    try:
        data: Data = parse_message(raw)._data
    except Exception as error:  # wechatpy raises a dozen kinds for bad XML: all mean the same
        raise Unreadable(type(error).__name__) from None
    address, kind = Address("wechat", _name(data, "FromUserName")), _word(data, "MsgType").lower()
    if kind == "event":
        return _event(data, address)
    number = _name(data, "MsgId")
    if kind == "text":
        return Incoming(address, number, text=_word(data, "Content"))
    if kind == "image" and _word(data, "PicUrl"):
        return Incoming(address, number, photos=(Photo(_word(data, "PicUrl")),))
    if kind == "voice" and _word(data, "Recognition"):
        return Incoming(address, number, text=_word(data, "Recognition"))
    if kind == "location":
        return _location(data, address, number)
    return Incoming(address, number, unsupported=kind)


def _word(data: Data, name: str) -> str:
    """An element's text; nothing when it is missing or empty. Raises Unreadable when it is more than text."""
    value = data.get(name) or ""
    if not isinstance(value, str):  # it stands there twice, or holds elements or attributes
        raise Unreadable(name)
    return value


def _name(data: Data, name: str) -> str:
    """What somebody or something is known by. Raises Unreadable when there is none."""
    value = _word(data, name)
    if not 0 < len(value) <= LONGEST:
        raise Unreadable(name)
    return value


def _location(data: Data, address: Address, number: str) -> Incoming:
    """A place chosen on WeChat's map: GCJ-02, kept as WGS-84 with its origin."""
    try:
        lat, lon = float(_word(data, "Location_X")), float(_word(data, "Location_Y"))
    except ValueError:
        return Incoming(address, number, unsupported="location")
    if not in_range(lat, lon):
        return Incoming(address, number, unsupported="location")
    lat, lon = gcj02_to_wgs84(lat, lon)
    return Incoming(address, number, place=Place(lat, lon, clean(_word(data, "Label")), "wechat"))


def _event(data: Data, address: Address) -> Incoming | None:
    event, key = _word(data, "Event").lower(), clean(_word(data, "EventKey"))
    number = f"e:{address.user}:{_name(data, 'CreateTime')}:{event}:{key}"[:160]
    if event in ARRIVALS:
        payload = "" if event == "subscribe_scan_product" else key.removeprefix("qrscene_")
        return Incoming(address, number, command=("start", payload))
    if event == "click":
        name, _, argument = key.partition(" ")
        return Incoming(address, number, command=(name, argument))
    return None
