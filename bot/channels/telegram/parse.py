"""Telegram's JSON → Update. Read by hand: a field that is new or missing must not lose us a message (protocols A2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.channels.telegram import LARGEST_FILE
from bot.messages import Address, Incoming, Photo, Place
from civic.choices import clean
from civic.geo import in_range

Raw = Mapping[str, Any]
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"})
# Content that we can't use, the more special name first: an animation also carries a document.
UNUSABLE = (
    "animation", "voice", "video_note", "video", "audio", "sticker", "contact", "poll", "dice", "game", "story",
    "paid_media", "document",
)  # fmt: skip
# What Telegram tells of the chat itself; nobody said anything.
SERVICE = frozenset(
    {
        "pinned_message", "new_chat_title", "new_chat_photo", "delete_chat_photo", "group_chat_created",
        "message_auto_delete_timer_changed", "write_access_allowed", "users_shared", "chat_shared", "connected_website",
        "chat_background_set", "proximity_alert_triggered", "web_app_data", "successful_payment", "refunded_payment",
        "video_chat_started", "video_chat_ended", "video_chat_scheduled", "video_chat_participants_invited",
        "new_chat_members", "left_chat_member", "boost_added", "giveaway_created", "forum_topic_created", "gift",
        "unique_gift", "migrate_to_chat_id", "migrate_from_chat_id", "passport_data",
    }
)  # fmt: skip


# Where each kind of update names who it comes from.
OWNERS = (
    ("message", "from"), ("edited_message", "from"), ("callback_query", "from"), ("my_chat_member", "from"),
    ("poll_answer", "user"),
)  # fmt: skip


class Unreadable(Exception):
    """This is no update as Telegram sends them; the text says what kind of error, never what was in it."""


@dataclass(frozen=True, slots=True)
class Update:
    """One update. ``message``: somebody said something; ``member``: they blocked us (``reachable`` False) or came
    back; ``group``: it was not said in private; ``picked``: they answered a quiz, ``poll``, by the option with this
    position; ``nothing``: nobody waits for a word."""

    number: int
    kind: Literal["message", "member", "group", "picked", "nothing"]
    chat: str = ""
    incoming: Incoming | None = None
    album: str | None = None
    tap: str | None = None  # the query of a tapped button: it spins until that is answered
    reachable: bool = True
    language: str | None = None
    poll: str = ""
    picked: int = 0


def parse(raw: Raw) -> Update:
    """One update, of any kind. Raises Unreadable."""
    try:
        number = int(raw["update_id"])
        if "message" in raw:
            return _message(number, raw["message"])
        if "edited_message" in raw:
            return _edited(number, raw["edited_message"])
        if "callback_query" in raw:
            return _tapped(number, raw["callback_query"])
        if "poll_answer" in raw:
            return _picked(number, raw["poll_answer"])
        if "my_chat_member" in raw:
            return _member(number, raw["my_chat_member"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Unreadable(type(error).__name__) from None
    return Update(number, "nothing")


def owner(raw: Raw) -> str | None:
    """Whose update it seems to be, also where the rest of it can't be read."""
    for kind, name in OWNERS:
        if isinstance(found := raw.get(kind), Mapping) and isinstance(sender := found.get(name), Mapping):
            return str(sender.get("id"))[:64]
    return None


def number_of(raw: object) -> int | None:
    """The update's number, if it has one."""
    number = raw.get("update_id") if isinstance(raw, Mapping) else None
    return number if isinstance(number, int) else None


def _message(number: int, message: Raw) -> Update:
    chat, sender = message["chat"], message.get("from") or {}
    language = _language(sender)
    if chat["type"] != "private":
        return Update(
            number, "group" if chat["type"] in {"group", "supergroup"} else "nothing", _id(chat), language=language
        )
    if sender.get("is_bot") or not SERVICE.isdisjoint(message):
        return Update(number, "nothing")
    address = Address("telegram", _id(chat))
    if "text" in message:
        incoming = Incoming(address, str(number), text=_words(str(message["text"])), language=language)
    else:
        incoming = _content(Incoming(address, str(number), language=language), message)
    album = message.get("media_group_id")
    return Update(number, "message", _id(chat), incoming, None if album is None else str(album)[:64])


def _content(incoming: Incoming, message: Raw) -> Incoming:
    """What was sent instead of words, added to who sent it."""
    if message.get("photo"):
        largest = max(message["photo"], key=lambda size: size["width"] * size["height"])
        photo = Photo(f"photo:{largest['file_id']}")
        return replace(incoming, photos=(photo,), text=str(message.get("caption") or ""))
    if "venue" in message or "location" in message:
        return replace(incoming, place=_place(message))
    if "document" in message and "animation" not in message:
        return _document(incoming, message)
    return replace(incoming, unsupported=next((kind for kind in UNUSABLE if kind in message), "other"))


def _words(text: str) -> str:
    """Words, or what a deep link of ours asks for: ``/start link_CODE`` joins this channel to another."""
    code = text.removeprefix("/start link_")
    return f"/link {code}" if code != text else text


def _place(message: Raw) -> Place:
    """A position (WGS-84) that was shared, or a place that was picked with its name and address."""
    venue = message.get("venue")
    position = venue["location"] if venue else message["location"]
    label = " ".join(str(venue.get(part) or "") for part in ("title", "address")).strip() if venue else ""
    lat, lon = float(position["latitude"]), float(position["longitude"])
    if not in_range(lat, lon):
        raise ValueError("not on earth")
    return Place(lat, lon, clean(label)[:200], "telegram")


def _document(incoming: Incoming, message: Raw) -> Incoming:
    """An image sent as a file: it keeps where and when it was taken."""
    document = message["document"]
    if document.get("mime_type") not in PICTURES:
        return replace(incoming, unsupported="document")
    if int(document.get("file_size") or 0) > LARGEST_FILE:
        return replace(incoming, unsupported="too_big")
    photo = Photo(f"document:{document['file_id']}")
    return replace(incoming, photos=(photo,), text=str(message.get("caption") or ""))


def _edited(number: int, message: Raw) -> Update:
    """Words that were changed are not read again, and that is said. A live position moves by being edited."""
    chat, sender = message["chat"], message.get("from") or {}
    if chat["type"] != "private" or "location" in message or sender.get("is_bot"):
        return Update(number, "nothing")
    address = Address("telegram", _id(chat))
    incoming = Incoming(address, str(number), unsupported="edited", language=_language(sender))
    return Update(number, "message", _id(chat), incoming)


def _tapped(number: int, query: Raw) -> Update:
    sender, message = query["from"], query.get("message") or {}
    tap = str(query["id"])
    chat = message.get("chat") or {"id": sender["id"], "type": "private"}
    if chat["type"] != "private" or not query.get("data"):
        return Update(number, "nothing", tap=tap)
    # Only words can take the place of words; a message that is too old comes without its date.
    under = _number(message["message_id"]) if message.get("date") and "text" in message else None
    incoming = Incoming(
        Address("telegram", _id(chat)), str(number), choice=str(query["data"]), under=under, language=_language(sender)
    )
    return Update(number, "message", _id(chat), incoming, tap=tap)


def _picked(number: int, answer: Raw) -> Update:
    """It carries no chat; in private the chat is the person. An answer taken back has no options."""
    sender, picked = answer.get("user"), answer["option_ids"]
    if sender is None or sender.get("is_bot") or not picked:
        return Update(number, "nothing")
    poll, language = str(answer["poll_id"])[:64], _language(sender)
    return Update(number, "picked", _id(sender), language=language, poll=poll, picked=int(picked[0]))


def _member(number: int, change: Raw) -> Update:
    chat, status = change["chat"], change["new_chat_member"]["status"]
    if chat["type"] == "private":
        return Update(number, "member", _id(chat), reachable=status not in {"kicked", "left"})
    if status in {"member", "administrator"} and chat["type"] in {"group", "supergroup"}:
        return Update(number, "group", _id(chat), language=_language(change.get("from") or {}))
    return Update(number, "nothing")


def _id(chat: Raw) -> str:
    return _number(chat["id"])


def _number(value: Any) -> str:
    """The number of a chat, a person or a message: of 52 bits, says Telegram; beyond 64 no answer could name it."""
    if abs(number := int(value)) >= 2**52:
        raise ValueError("beyond 52 bits")
    return str(number)


def _language(sender: Raw) -> str | None:
    """Chinese for whoever's Telegram speaks any Chinese, English for everybody else who says what theirs speaks."""
    code = str(sender.get("language_code") or "")
    return ("zh" if code.startswith("zh") else "en") if code else None


def merge(parts: list[Incoming]) -> Incoming:
    """The parts of an album as one message: all its photos, and the words that stand under any of them."""
    photos = tuple(photo for part in parts for photo in part.photos)
    text = "\n".join(part.text for part in parts if part.text)
    unsupported = None if photos else next((part.unsupported for part in parts if part.unsupported), None)
    return replace(parts[0], photos=photos, text=text, unsupported=unsupported)
