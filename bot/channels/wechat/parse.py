"""WeChat's XML → Incoming. wechatpy reads the XML; its messages' gaps (see protocols B1) are filled here."""

from xml.etree.ElementTree import ParseError

from wechatpy import parse_message

from bot.messages import Address, Incoming, Photo, Place
from civic.geo import gcj02_to_wgs84, in_range

IGNORED = frozenset({"unsubscribe", "location", "view", "templatesendjobfinish", "masssendjobfinish"})


class Unreadable(Exception):
    """The body is no message of WeChat's."""


def parse(raw: bytes) -> Incoming | None:
    """The message in a (decrypted) body, or None for an event that wants no answer. Raises Unreadable.

    Ids: MsgId, and for events FromUserName+CreateTime+Event+EventKey, since two events can share a second.
    """
    try:
        message = parse_message(raw)
        if message is None:
            raise Unreadable
        data = message._data
        user, kind = str(data["FromUserName"]), str(data["MsgType"]).lower()
        if kind == "event":
            return _event(data, user)
        number = str(data["MsgId"])
    except Unreadable:
        raise
    except (ParseError, Exception) as error:  # wechatpy raises a dozen kinds for bad XML: all mean the same
        raise Unreadable(type(error).__name__) from None
    address = Address("wechat", user)
    if kind == "text":
        return Incoming(address, number, text=str(data.get("Content") or ""))
    if kind == "image":
        return Incoming(address, number, photos=(Photo(str(data["PicUrl"])),))
    if kind == "voice" and data.get("Recognition"):
        return Incoming(address, number, text=str(data["Recognition"]))
    if kind == "location":
        return _location(data, address, number)
    return Incoming(address, number, unsupported=kind)


def _location(data: dict[str, object], address: Address, number: str) -> Incoming:
    """A place chosen on WeChat's map: GCJ-02, kept as WGS-84 with its origin."""
    try:
        lat, lon = float(str(data["Location_X"])), float(str(data["Location_Y"]))
    except (KeyError, ValueError):
        return Incoming(address, number, unsupported="location")
    if not in_range(lat, lon):
        return Incoming(address, number, unsupported="location")
    lat, lon = gcj02_to_wgs84(lat, lon)
    return Incoming(address, number, place=Place(lat, lon, str(data.get("Label") or ""), "wechat"))


def _event(data: dict[str, object], user: str) -> Incoming | None:
    event, key = str(data.get("Event", "")).lower(), str(data.get("EventKey") or "")
    number = f"e:{user}:{data.get('CreateTime')}:{event}:{key}"[:160]
    address = Address("wechat", user)
    if event in {"subscribe", "scan"}:
        return Incoming(address, number, command=("start", key.removeprefix("qrscene_")))
    if event == "click":
        name, _, argument = key.partition(" ")
        return Incoming(address, number, command=(name, argument))
    return None
