"""Published editions at the doors of the figures: /stats?edition=N shows one, /stats/editions.json lists them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions import editions
from actions.editions import Frozen
from bot.house import House
from civic.errors import Refused
from civic.figures import Figure, Value, public
from content.texts import Texts
from db.editions import Edition, list_editions
from db.moments import from_ms
from db.tx import Tx
from web.parts import Parts

LISTED = 100  # editions in the list
SHOWN = 12  # on the page of the figures


def routes(parts: Parts) -> list[Route]:
    """The list."""

    async def listed(request: Request) -> Response:
        found = await parts.database.read(list_editions, LISTED)
        told = [told_of(edition, parts.house) for edition in found]
        return JSONResponse({"editions": told}, headers={"cache-control": "no-cache"})

    return [Route("/stats/editions.json", listed)]


def frozen(tx: Tx, wanted: str, today: date) -> Frozen:
    """The edition of this id. Raises Refused("edition.unknown")."""
    if not wanted.isascii() or not wanted.isdigit() or len(wanted) > 9:
        raise Refused("edition.unknown", edition=wanted[:20])
    return editions.find(tx, int(wanted), today)


def shown(found: Frozen, figures: Sequence[Figure]) -> list[Value]:
    """The values of an edition that the public may see, with the breakdowns that are drawn."""
    return editions.chosen(found.values, {figure.key: figure.by for figure in public(figures)})


def told_of(edition: Edition, house: House) -> dict[str, Any]:
    """An edition as JSON values."""
    return {
        "id": edition.id,
        "period": edition.period,
        "from": edition.first_day,
        "to": edition.last_day,
        "number": edition.number,
        "published": _at(edition, house).isoformat(timespec="seconds"),
        "name": edition.name,
        "text": edition.text,
        "note": edition.note,
    }


def banner(found: Frozen, house: House, language: str) -> dict[str, Any]:
    """What a page says above the figures of an edition."""
    texts, edition = house.library.texts, found.edition
    day = f"{_at(edition, house):%Y-%m-%d}"
    return {
        "title": _title(edition, texts, language),
        "signed": texts.render(language, "edition.signed", name=edition.name, day=day),
        "text": edition.text,
        "note": edition.note,
        "later": [(one.id, texts.render(language, "edition.version", number=one.number)) for one in found.later],
    }


def links(found: Sequence[Edition], house: House, language: str) -> list[tuple[int, str]]:
    """Id and name of editions, to be chosen from."""
    return [(one.id, _title(one, house.library.texts, language)) for one in found]


def _title(edition: Edition, texts: Texts, language: str) -> str:
    """By its days: who knows which week «2026-W47» is?"""
    days = texts.render(language, "stats.span", start=edition.first_day, end=edition.last_day)
    return texts.render(language, "edition.title", period=days, number=edition.number)


def _at(edition: Edition, house: House) -> datetime:
    return from_ms(edition.at).astimezone(house.zone)
