"""A bulletin on paper (PDF), as a card for chats (PNG), and its drawings: set by typst from one layout."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from actions.bulletins import Bulletin, Drawing, Part, to_json
from civic.bulletins import Words
from content.library import Library
from web.typeset import ARCHIVED, Kind, typeset

Form = Literal["paper", "card", "drawing"]
INCH = 144  # dots of a picture: a card is 1080 wide


def paper(library: Library, bulletin: Bulletin) -> bytes:
    """A PDF for archives that a screen reader can read."""
    return _set(library, bulletin, "paper", bulletin.parts)


def card(library: Library, bulletin: Bulletin) -> bytes:
    """All up to the first drawing, so the template's beginning: title, dates, numbers, the first sentence; and the next
    small print, which says of when the numbers are and where they are explained."""
    first = next((at for at, part in enumerate(bulletin.parts, start=1) if isinstance(part, Drawing)), None)
    rest = bulletin.parts[first:] if first else ()
    small = [part for part in rest if isinstance(part, Words) and part.style == "small"]
    return _set(library, bulletin, "card", [*bulletin.parts[:first], *small[:1]])


def picture(library: Library, bulletin: Bulletin, drawing: Drawing) -> bytes:
    """One drawing as PNG."""
    return _set(library, bulletin, "drawing", [drawing])


def _set(library: Library, bulletin: Bulletin, form: Form, parts: Iterable[Part]) -> bytes:
    told = {
        "form": form,
        "title": bulletin.title,
        "language": bulletin.language,
        "page": library.texts.render(bulletin.language, "bulletin.page", page="{page}", pages="{pages}"),
        "parts": to_json(replace(bulletin, parts=tuple(parts))),
    }
    kind: Kind = "pdf" if form == "paper" else "png"
    standards = ARCHIVED if form == "paper" else ()
    return typeset("bulletin.typ", kind, {"told": json.dumps(told)}, inch=INCH, standards=standards)
