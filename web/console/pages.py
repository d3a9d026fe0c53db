"""How the console's pages are made: the frame around them, words in the reader's language, moments, names."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from civic.errors import Refused
from content.library import Library
from db.moments import from_ms
from web.console.visit import Visit
from web.parts import Parts

ROOMS = {  # in the bar, with the right that each asks for
    "today": None,
    "queue": None,
    "map": None,
    "stats": None,
    "supervisions": "supervisions",
    "departments": None,
    "people": "people",
    "mutes": "mutes",
    "sources": "sources",
    "audit": "audit",
    "operations": "operations",
    "bulletins": "publish",
}


class Pages:
    """Fills templates/console/*.html."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @property
    def library(self) -> Library:
        """The content as it is now."""
        return self._parts.house.library

    def names(self, language: str) -> "Names":
        """What things are called in a language."""
        return Names(self.library, language, self._parts.house.zone)

    def show(self, visit: Visit, template: str, status: int = 200, **view: Any) -> Response:
        """A page of somebody who is signed in. ``room`` in the view marks where in the bar they are."""
        rooms = [name for name, right in ROOMS.items() if right is None or visit.staff.may(right)]
        frame = {"me": visit.colleague, "token": visit.token, "rooms": rooms, "room": None, "said": None, "sent": None}
        return self.plain(template, visit.language, status, **(frame | view))

    def plain(self, template: str, language: str, status: int = 200, **view: Any) -> Response:
        """A page for anybody."""
        city = self.library.city.in_language(language).name
        names = self.names(language)
        facts = {"words": names.words, "names": names, "language": language, "city": city}
        html = self._parts.templates.get_template(f"console/{template}").render(facts | view)
        headers = {"cache-control": "no-store", "content-language": language}
        return Response(html, status, headers, media_type="text/html")

    def why(self, refused: Refused, language: str) -> str:
        """A refusal in words; moves and states in it by their names."""
        names, params = self.names(language), dict(refused.params)
        if refused.key.startswith("move."):
            called = {"move": "casework.move", "moves": "casework.move", "status": "stats.status"}
            for param, words in called.items():
                ids = str(params.get(param, "")).split(", ")
                params[param] = ", ".join(names.either(f"{words}.{one}", one) for one in ids if one)
        return names.words(refused.key, **params)


class Names:
    """What ids are called, and how moments are written, for one reader."""

    def __init__(self, library: Library, language: str, zone: Any) -> None:
        self.library, self.language, self.zone = library, language, zone

    def words(self, key: str, /, **params: object) -> str:
        """The sentence of a key."""
        return self.library.texts.render(self.language, key, **params)

    def either(self, key: str, otherwise: str) -> str:
        """The sentence of a key, or something else where there is none."""
        return self.words(key) if self.library.texts.has(self.language, key) else otherwise

    def department(self, department: str | None) -> str:
        """A department's name."""
        return self.library.city.department_name(department, self.language) if department else ""

    def area(self, area: str | None) -> str:
        """A community's name; one the city no longer has is called by its id."""
        if area is None:
            return ""
        community = self.library.city.communities.get(area)
        return community.in_language(self.language) if community else area

    def target(self, target: str) -> str:
        """What a line of the history is about besides its words: a ground by its name, anything else as it is."""
        grounds = (one.in_language(self.language).name for one in self.library.grounds if one.id == target)
        return next(grounds, target)

    def moment(self, milliseconds: int) -> str:
        """A moment on the city's clocks, to the minute."""
        return f"{self._at(milliseconds):%Y-%m-%d %H:%M}"

    def iso(self, milliseconds: int) -> str:
        """The same for programs."""
        return self._at(milliseconds).isoformat(timespec="seconds")

    def _at(self, milliseconds: int) -> datetime:
        return from_ms(milliseconds).astimezone(self.zone)


def fields(form: Mapping[str, Any], *names: str) -> dict[str, str]:
    """What was typed into these fields, so that a refused form comes back as it was sent."""
    return {name: value for name in names if isinstance(value := form.get(name, ""), str)}
