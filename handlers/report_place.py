"""Where is it? A shared position, the position in the photo (only if the resident agrees), or words."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from actions import reports
from bot.conversation import Reply, Turn, opt, say
from bot.messages import Place, Say
from civic.choices import plain
from civic.errors import Refused
from civic.geo import in_range
from handlers.scene import scene

Follow = Callable[..., Reply]
SHORTEST = 2  # characters of an address that somebody could find


def shared(turn: Turn) -> dict[str, Any]:
    """A position that was sent, as the conversation keeps it. Raises Refused when it can't be on the map."""
    place = turn.message.place
    if place is None or not in_range(place.lat, place.lon):
        raise Refused("report.bad_place")
    return kept(place)


def kept(place: Place) -> dict[str, Any]:
    """A Place as JSON values."""
    return {"lat": round(place.lat, 6), "lon": round(place.lon, 6), "label": place.label[:200], "origin": place.origin}


def ask_place(turn: Turn) -> Say:
    """Offers the photo's own position, if it has one."""
    if reports.place_of_photos(scene(turn), turn.data["photos"]) is None:
        return replace(say("report.place"), asks_place=True)
    return replace(say("report.place_photo", opt("photo_place")), asks_place=True)


def _points(turn: Turn) -> bool:
    """Whether words only point at a place («use this position»), as a button might have said."""
    return plain(turn.text) in turn.word("report.place_words").split("|")


def _of_photos(turn: Turn) -> Place | None:
    """The photos' own position, where that is chosen, by whichever words. Raises Refused."""
    chosen = turn.choice == "photo_place"
    located = reports.place_of_photos(scene(turn), turn.data["photos"]) if chosen or _points(turn) else None
    if chosen and located is None:
        raise Refused("report.bad_place")
    return located


def take_place(turn: Turn, follow: Follow) -> Reply:
    """Keep the place and go on."""
    if turn.message.place is not None:
        place = shared(turn)
        if not place["label"] and not turn.text:
            place["label"] = ""
    elif (located := _of_photos(turn)) is not None:
        place = kept(located)
    else:
        if _points(turn):
            raise Refused("report.place_not_sent")
        if len(turn.text) < SHORTEST:
            raise Refused("report.place_too_short")
        if len(turn.text) > 200:
            raise Refused("report.place_too_long", limit=200)
        place = {"lat": None, "lon": None, "label": turn.text, "origin": "typed"}
    return follow({**turn.data, "place": place}, turn)
