"""The web chat's JSON: requests checked, answers written. Public and stable: other front ends use it too."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from bot.messages import Address, Exchange, Incoming, Outgoing, Place
from bot.rendering import from_json
from civic.choices import clean
from civic.errors import Refused
from civic.geo import in_range
from db.history import StoredExchange
from db.moments import from_ms

SEVERAL = {"several": True}
LONGEST = 2000  # characters of one text
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def parse(raw: bytes, visitor: str, language: str | None = None) -> Incoming:
    """``{"id", "text" | "choice" | "place"}`` → Incoming; ``language`` is the browser's, in which somebody new is
    greeted. Raises Refused (bot.bad_request, bot.too_long)."""
    try:
        data = orjson.loads(raw)
    except ValueError:
        raise Refused("bot.bad_request") from None
    if not isinstance(data, dict):
        raise Refused("bot.bad_request")
    number = message_id(data.get("id"))
    text, choice, place = data.get("text"), data.get("choice"), data.get("place")
    if (text is not None) + (choice is not None) + (place is not None) != 1:
        raise Refused("bot.bad_request")
    address = Address("web", visitor)
    if text is not None:
        return Incoming(address, number, text=words(text), language=language)
    if choice is not None:
        if len(words(choice)) > 200:
            raise Refused("bot.bad_request")
        return Incoming(address, number, choice=clean(choice), language=language)
    return Incoming(address, number, place=_place(place), language=language)


def message_id(value: object) -> str:
    """A client's message id, a uuid in practice. Raises Refused."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Refused("bot.bad_request")
    return value


def words(value: object) -> str:
    """A text of bearable length. Raises Refused."""
    if not isinstance(value, str):
        raise Refused("bot.bad_request")
    if len(value) > LONGEST:
        raise Refused("bot.too_long", limit=LONGEST)
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair: no text that could be stored
        raise Refused("bot.bad_request") from None
    return value


def _place(value: object) -> Place:
    if not isinstance(value, dict):
        raise Refused("bot.bad_request")
    lat, lon, label = value.get("lat"), value.get("lon"), value.get("label", "")
    if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in (lat, lon)):
        raise Refused("report.bad_place")
    place = Place(float(lat), float(lon), clean(words(label or ""))[:200])  # type: ignore[arg-type]
    if not in_range(place.lat, place.lon):
        raise Refused("report.bad_place")
    return place


@lru_cache(64)  # all turns of one commit have the same
def moment(at: datetime) -> str:
    """A moment in JSON: UTC, to the second."""
    return f"{at.isoformat()[:19]}Z"


def bot_messages(number: int, when: str, answer: Sequence[Outgoing]) -> list[dict[str, Any]]:
    """Our side of an exchange; ids are ``17.1``, ``17.2`` …"""
    return [
        {
            "id": f"{number}.{place}",
            "at": when,
            "from": "bot",
            "text": item.text,
            "options": [{"value": option.value, "label": option.label} for option in item.options],
            "images": [{"url": url, "alt": alt} for url, alt in item.images],
            **(SEVERAL if item.several else {}),
        }
        for place, item in enumerate(answer, start=1)
    ]


def answer(exchange: Exchange) -> bytes:
    """The response to a message that was sent."""
    when = moment(exchange.at)
    return orjson.dumps(
        {
            "messages": bot_messages(exchange.id, when, exchange.answer),
            "language": exchange.language,
            "you": {"id": str(exchange.id), "at": when},
        }
    )


def history(page: Sequence[StoredExchange]) -> list[dict[str, Any]]:
    """A page of the transcript, both sides, in order."""
    lines: list[dict[str, Any]] = []
    for row in page:
        when = moment(from_ms(row.at))
        said = orjson.loads(row.said) if row.said else None
        if said and (said.get("text") or said.get("photos") or said.get("place")):
            lines.append(
                {
                    "id": str(row.id),
                    "at": when,
                    "from": "you",
                    "text": said.get("text", ""),
                    "options": [],
                    "images": [
                        {"url": f"/chat/photos/{photo}/large.jpg", "alt": ""} for photo in said.get("photos", [])
                    ],
                    "place": said.get("place"),
                }
            )
        lines.extend(bot_messages(row.id, when, from_json(row.answer)))
    return lines


def exchange_id(value: str | None) -> int | None:
    """The exchange that an id like ``17`` or ``17.2`` belongs to. Raises Refused for anything else."""
    if not value:
        return None
    head = value.partition(".")[0]
    if not head.isascii() or not head.isdigit() or len(head) > 18:
        raise Refused("bot.bad_request")
    return int(head)
