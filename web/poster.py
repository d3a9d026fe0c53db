"""Posters: an A4 sheet with codes for each community or campaign, as PDF for printing or PNG for a chat."""

import io
import json
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from civic.errors import Refused
from civic.posters import payload
from content.city import City
from content.library import Library
from web.codes import Code
from web.typeset import ARCHIVED, Kind, Unset, typeset

KINDS: tuple[Kind, ...] = ("pdf", "png")
INCH = 300  # dots of a PNG: A4 is 2480 × 3508
LONGEST = 16  # characters of a campaign's name: more would be small from 1.5 m
SMALLEST = 280  # pixels of a picture with a code
_HERE = Path(__file__).parent
_ICON = _HERE / "static" / "chat" / "icon.svg"
_LINES = ("tip", "report", "ask")


@dataclass(frozen=True)
class Order:
    """A sheet to be made: what its codes bring along, and the names that are printed on it (either may be "")."""

    payload: str
    area: str = ""
    campaign: str = ""


def orders(city: City, area: str | None, campaign: str | None, title: str, everywhere: bool) -> list[Order]:
    """The sheets for an area (id or name), a campaign (id, and ``title`` for people), or every community.

    Raises Refused for what does not go together, does not exist, or does not fit into a code.
    """
    if everywhere and area is not None:
        raise Refused("poster.all_or_one")
    if not everywhere and area is None and campaign is None:
        raise Refused("poster.for_whom")
    if len(title) > LONGEST:
        raise Refused("poster.long_title", longest=LONGEST)
    if everywhere:
        places = [(place.id, place.zh) for place in city.communities.values()]
        return [Order(payload(key, campaign), name, title) for key, name in places]
    if area is None:
        return [Order(payload(None, campaign), "", title)]
    key, name = _area(city, area)
    return [Order(payload(key, campaign), name, title)]


def _area(city: City, wanted: str) -> tuple[str, str]:
    """Id and Chinese name of a community or district by its id or either name."""
    places = {**city.communities, **{district.id: district for district in city.districts}}
    for key, place in places.items():
        if wanted in {key, place.zh, place.en}:
            return key, place.zh
    raise Refused("poster.unknown_area", area=wanted[:40], city=city.id)


def draw(library: Library, order: Order, codes: tuple[Code, ...], kind: Kind) -> bytes:
    """The sheet, Chinese large and English small. Raises Refused for a character that can't be printed."""
    sheet = {"sheet": json.dumps(_sheet(library, order, codes))}
    try:
        # A PDF for archives may have no character without a shape: it also vouches for the picture.
        pdf = typeset("poster.typ", "pdf", sheet, inch=INCH, standards=ARCHIVED)
        return pdf if kind == "pdf" else typeset("poster.typ", "png", sheet, inch=INCH, standards=ARCHIVED)
    except Unset as unset:
        raise Refused("poster.unprintable", why=str(unset).rpartition("error: ")[2]) from None


def _sheet(library: Library, order: Order, codes: tuple[Code, ...]) -> dict[str, object]:
    """What templates/poster.typ reads: words, the icon, and for each code its SVG, name, note and link."""
    city, texts = library.city, library.texts

    def both(key: str) -> dict[str, str]:
        return {
            language: texts.render(language, f"poster.{key}", city=city.in_language(language).name)
            for language in ("zh", "en")
        }

    return {
        "title": " · ".join(filter(None, (texts.render("zh", "page.name"), city.zh.name, order.area, order.campaign))),
        "name": texts.render("zh", "page.name"),
        "icon": _ICON.read_text("utf-8"),
        "city": city.zh.name,
        "area": order.area,
        "campaign": order.campaign,
        "what": both("what"),
        "lines": [both(f"line.{line}") for line in _LINES],
        "scan": both("scan"),
        "small": both("small"),
        "demo": both("demo") if city.fictional else None,
        "codes": [
            {
                "svg": _framed(code.picture) if code.picture else _squares(code.link),
                "name": texts.render("zh", f"stats.channel.{code.channel}"),
                "note": code.note or texts.render("zh", f"poster.note.{code.channel}"),
                "link": code.link,
            }
            for code in codes
        ],
    }


def _squares(link: str) -> str:
    """A QR code as SVG: black on white with its quiet zone; a quarter of it may get dirty (level Q)."""
    import segno

    out = io.BytesIO()
    segno.make_qr(link, error="q", boost_error=False).save(out, kind="svg", border=4, dark="#000", light="#fff")
    return out.getvalue().decode()


def _framed(png: bytes) -> str:
    """A picture as SVG, since the layout is handed text."""
    data = b64encode(png).decode()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">'
        f'<image width="100" height="100" href="data:image/png;base64,{data}"/></svg>'
    )


def picture(raw: bytes) -> bytes:
    """An account's own code as the operator saved it, as PNG. Raises Refused for what is no usable picture."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as opened:
            opened.load()
            if min(opened.size) < SMALLEST or max(opened.size) > 1.2 * min(opened.size):
                raise Refused("poster.bad_size", smallest=SMALLEST)
            out = io.BytesIO()
            opened.convert("RGB").save(out, "PNG")
    except (OSError, ValueError, Image.DecompressionBombError):
        raise Refused("poster.bad_picture") from None
    return out.getvalue()
