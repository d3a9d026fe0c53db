"""WeChat's XML → Incoming, or a happening that wants no answer.

The XML is read by expat, as wechatpy's reader does (tests compare the two), in a third of its time. Plain words, which
most messages are, are taken out of WeChat's own form by one expression: reading was the dearest part of a message, and
that costs a fifth again. What wechatpy's messages lack (protocols B1) is filled in here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from bot.channels.wechat.envelope import Unreadable
from bot.messages import Address, Incoming, Photo, Place
from civic.choices import clean
from civic.geo import gcj02_to_wgs84, in_range

LONGEST = 64  # characters of an OpenID or a message's id; both are shorter
ARRIVALS = frozenset({"subscribe", "subscribe_scan_product", "scan"})
DEEPEST = 4  # elements within each other; WeChat's own lists have three
UNSHOWN = "【收到不支持的消息类型，暂无法显示】"  # what WeChat writes for kinds it does not hand over
# What our own clickable text carries (render.link): a command, or an option with its offer's number.
_OURS = re.compile(r"/[^\n]{1,120}|\d{1,9}:[^\n]{1,120}")
# Words as WeChat sends them (接收普通消息): sender, words, number. CDATA that anything could hide in is expat's.
_WORDS = re.compile(
    rb"<xml>\s*<ToUserName><!\[CDATA\[[\w-]*\]\]></ToUserName>\s*"
    rb"<FromUserName><!\[CDATA\[([\w-]{1,64})\]\]></FromUserName>\s*<CreateTime>\d+</CreateTime>\s*"
    rb"<MsgType><!\[CDATA\[text\]\]></MsgType>\s*<Content><!\[CDATA\[([^\]]*)\]\]></Content>\s*"
    rb"<MsgId>(\d{1,64})</MsgId>\s*</xml>"
)
_UNUSUAL = bytes(set(range(0x20)) - set(b"\t\n"))  # XML forbids them, or reads them as something else
Data = Mapping[str, object]


@dataclass(frozen=True)
class Left:
    """They no longer follow the account."""

    user: str


@dataclass(frozen=True)
class Consented:
    """They allowed (or took back) one-time notifications: template → how many more, None for «no more»."""

    user: str
    id: str
    templates: Mapping[str, int | None]


@dataclass(frozen=True)
class Delivered:
    """WeChat tells what came of something we sent: its kind, WeChat's words, for mass messages the counts."""

    kind: str
    status: str
    number: str = ""
    sent: int = 0
    failed: int = 0


Happening = Left | Consented | Delivered


def parse(raw: bytes) -> Incoming | Happening | None:
    """The message in a (decrypted) body; a happening; or None for an event that changes nothing.

    Ids: MsgId, and for events FromUserName+CreateTime+Event+EventKey, since two events can share a second.
    Raises Unreadable.
    """
    words = _WORDS.fullmatch(raw)
    if words is not None and len(raw.translate(None, _UNUSUAL)) == len(raw) and raw.find(b"\xef\xbf") < 0:
        return _words(*words.groups())  # U+FFFE and U+FFFF, which begin so, are forbidden, too
    data = read(raw)
    address, kind = Address("wechat", _name(data, "FromUserName")), _name(data, "MsgType").lower()
    if kind == "event":
        return _event(data, address)
    return _message(data, kind, address, _name(data, "MsgId"))


def _words(user: bytes, content: bytes, number: bytes) -> Incoming:
    """What ``_WORDS`` found. Raises Unreadable."""
    try:
        data = {"Content": content.decode().strip()}
    except UnicodeDecodeError as error:
        raise Unreadable(type(error).__name__) from None
    return _text(data, Address("wechat", user.decode()), number.decode())


def read(raw: bytes) -> Data:
    """The message's elements by name: a text, elements within by name, a list where a name stands twice, None for
    an empty one. Raises Unreadable."""
    try:
        text = raw.decode()
        if "<!DOCTYPE" in text:  # entities, with which a small document becomes a huge one
            raise Unreadable("a document type")
        root = ElementTree.fromstring(text)  # nosec B314 # noqa: S314 - no document type, and the body is capped
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        raise Unreadable(type(error).__name__) from None
    found = _value(root, DEEPEST)
    if root.tag != "xml" or not isinstance(found, dict):
        raise Unreadable("no message")
    return found


def _value(element: Element, deepest: int) -> str | dict[str, object] | None:
    if not len(element):
        text = (element.text or "").strip() or None
        return {"@": element.attrib, "": text} if element.attrib else text
    if not deepest:
        raise Unreadable("too deep")
    found: dict[str, object] = {}
    for child in element:
        name = child.tag
        value = _value(child, deepest - 1) if len(child) or child.attrib else (child.text or "").strip() or None
        if name not in found:
            found[name] = value
        elif isinstance(before := found[name], list):
            before.append(value)
        else:
            found[name] = [before, value]
    return found


def _message(data: Data, kind: str, address: Address, number: str) -> Incoming:
    if kind == "text":
        return _text(data, address, number)
    if kind == "image" and (_word(data, "PicUrl") or _word(data, "MediaId")):
        # The address needs no rights; where it is over, the media id may still do, for three days.
        return Incoming(address, number, photos=(Photo(f"{_word(data, 'PicUrl')} {_word(data, 'MediaId')}".rstrip()),))
    if kind == "voice" and _word(data, "Recognition"):
        return Incoming(address, number, text=_word(data, "Recognition"))
    if kind == "location":
        return _location(data, address, number)
    return Incoming(address, number, unsupported=kind)


def _text(data: Data, address: Address, number: str) -> Incoming:
    """Words; where they come from a tap on our clickable text, also what that offered (not on test accounts)."""
    text, tapped = _word(data, "Content"), _word(data, "bizmsgmenuid")
    if text == UNSHOWN:
        return Incoming(address, number, unsupported="unknown")
    return Incoming(address, number, text=text, choice=tapped if _OURS.fullmatch(tapped) else None)


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


def _event(data: Data, address: Address) -> Incoming | Happening | None:
    event, key = _word(data, "Event").lower(), clean(_word(data, "EventKey"))
    number = f"e:{address.user}:{_name(data, 'CreateTime')}:{event}:{key}"[:160]
    if event in ARRIVALS:
        payload = "" if event == "subscribe_scan_product" else key.removeprefix("qrscene_")
        return Incoming(address, number, command=("start", payload))
    if event == "click":
        name, _, argument = key.removeprefix("/").partition(" ")
        return Incoming(address, number, command=(name, argument))
    if event == "unsubscribe":
        return Left(address.user)
    if event in {"subscribe_msg_popup_event", "subscribe_msg_change_event"}:
        return Consented(address.user, number, _consents(data, event))
    if event == "subscribe_msg_sent_event":
        told = _listed(data, "SubscribeMsgSentEvent")
        return Delivered("notice", ", ".join(f"{item.get('ErrorCode')} {item.get('ErrorStatus')}" for item in told))
    if event in {"templatesendjobfinish", "masssendjobfinish"}:
        return Delivered(
            "template" if event.startswith("template") else "mass",
            _word(data, "Status"),
            _word(data, "MsgID") or _word(data, "MsgId"),
            _count(data, "SentCount"),
            _count(data, "ErrorCount"),
        )
    return None  # views, reported positions, menu helpers whose message follows, and events to come


def _consents(data: Data, event: str) -> Mapping[str, int | None]:
    """Each «accept» is good for one notification; a «reject» in the settings takes all back."""
    popup = event == "subscribe_msg_popup_event"
    changes: dict[str, int | None] = {}
    for item in _listed(data, "SubscribeMsgPopupEvent" if popup else "SubscribeMsgChangeEvent"):
        template, status = str(item.get("TemplateId") or ""), item.get("SubscribeStatusString")
        if not 0 < len(template) <= LONGEST:
            continue
        if popup and status == "accept":
            changes[template] = (changes.get(template) or 0) + 1
        elif not popup and status == "reject":
            changes[template] = None
    return changes


def _listed(data: Data, name: str) -> list[Mapping[str, object]]:
    """The items of «<name><List>…»: the reader makes a list of several only."""
    inner = data.get(name)
    items = inner.get("List") if isinstance(inner, Mapping) else None
    return [item for item in (items if isinstance(items, list) else [items]) if isinstance(item, Mapping)]


def _count(data: Data, name: str) -> int:
    word = _word(data, name)
    return int(word) if word.isdecimal() and len(word) < 10 else 0
