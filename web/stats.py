"""The public figures: GET /stats for people, /stats.json and /stats.csv for programs.

What stands on fewer than five people is hidden here (civic.figures.publish); staff see it in `main.py stats`.
"""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions import figure_sheets, figure_words
from bot.house import House
from civic.catalogue import PUBLIC
from civic.errors import Refused
from civic.figures import Cell, Value
from content.library import Library
from web import editions
from web.looking import Asked, Seen, look, read
from web.parts import Parts
from web.tabular import marked, sheet

BARS = 8  # in one chart of the overview; the rest stands in its table
Sections = dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]]
_FIGURES = {figure.key: figure for figure in PUBLIC}


def routes(parts: Parts) -> list[Route]:
    """The three doors. Parameters: period (or from and to), area, channel, figure, lang, edition;
    JSON also: compare."""
    rooms = Rooms(parts)
    doors = {"/stats": rooms.page, "/stats.json": rooms.document, "/stats.csv": rooms.sheet}
    return [Route(path, door) for path, door in doors.items()]


class Rooms:
    """Counting is done for one visitor at a time, so that a chat never waits for all readers."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._turn = asyncio.Semaphore(1)

    async def page(self, request: Request) -> Response:
        """HTML."""
        asked, at, found = await self._look(request, all_of_it=False)
        view = _page(self._parts.house, asked, at, found)
        html = self._parts.templates.get_template("stats.html").render(view)
        return Response(html, 400 if isinstance(found, Refused) else 200, _headers(asked), "text/html")

    async def document(self, request: Request) -> Response:
        """JSON."""
        asked, _, found = await self._look(request)
        library, language = self._parts.house.library, asked.language
        if isinstance(found, Refused):
            error = {"code": found.key, "text": _why(library, found, language)}
            return JSONResponse({"error": error}, 400, _headers(asked))
        document = figure_sheets.document(
            library,
            found.period,
            found.values,
            language,
            area=asked.area,
            channel=asked.channel,
            compared=found.compared,
        )
        if found.frozen is not None:
            for figure in document["figures"]:
                figure.update(found.frozen.words[language][figure["key"]])
            document["edition"] = editions.told_of(found.frozen.edition, self._parts.house)
            document["later"] = [one.id for one in found.frozen.later]
        more = {"behind": found.behind} | ({"demo": True} if self._parts.house.made_up else {})
        return JSONResponse(document | more, headers=_headers(asked))

    async def sheet(self, request: Request) -> Response:
        """CSV."""
        asked, _, found = await self._look(request)
        library, language, headers = self._parts.house.library, asked.language, _headers(asked)
        if isinstance(found, Refused):
            return Response(_why(library, found, language), 400, headers, "text/plain")
        name, rows = "youli-stats", figure_sheets.rows(library, found.period, found.values, language)
        if self._parts.house.made_up:
            name, rows = "youli-demo-stats", marked(rows)
        headers["content-disposition"] = f'attachment; filename="{name}-{found.period.key}.csv"'
        return Response(sheet(rows), 200, headers, "text/csv")

    async def _look(self, request: Request, *, all_of_it: bool = True) -> tuple[Asked, datetime, Seen | Refused]:
        asked = read(request, self._parts.house.language)
        async with self._turn:
            return asked, *await self._parts.database.read(look, self._parts.house, asked, all_of_it)


def _headers(asked: Asked) -> dict[str, str]:
    return {"cache-control": "no-cache", "vary": "accept-language", "content-language": asked.language}


def _why(library: Library, refused: Refused, language: str) -> str:
    params: dict[str, Any] = dict(refused.params)
    return library.texts.render(language, refused.key, **params)


def _page(house: House, asked: Asked, at: datetime, found: Seen | Refused) -> dict[str, Any]:
    """What the template shows."""
    library, language = house.library, asked.language
    seen = None if isinstance(found, Refused) else found
    frozen = seen.frozen if seen else None
    signed = frozen.words[language] if frozen else {}

    def words(key: str, **params: Any) -> str:
        kind, _, figure = key.partition(".")
        known = signed.get(figure, {}) if kind in {"label", "formula"} else {}
        return known.get(kind) or library.texts.render(language, f"stats.{key}", **params)

    values = [value for value in (seen.values if seen else ()) if asked.figure in {None, value.key}]
    return {
        "words": words,
        "edition": editions.banner(frozen, house, language) if frozen else None,
        "published": editions.links(seen.published, house, language) if seen else (),
        "published_title": library.texts.render(language, "edition.list"),
        "later_title": library.texts.render(language, "edition.later"),
        "language": language,
        "city": library.city.in_language(language).name,
        "asked": asked,
        "period": seen.period if seen else None,
        "refused": _why(library, found, language) if isinstance(found, Refused) else None,
        "updated": f"{at:%Y-%m-%d %H:%M}",
        "behind": seen.behind if seen else 0,
        "choices": _choices(at.date()),
        "place": " · ".join(_places(library, asked)),
        "districts": library.city.districts,
        "channels": [(name, figure_words.label(library, "channel", name, language)) for name in house.manners],
        "sections": _sections(library, values, asked),
        "most": None if asked.figure else BARS,
    }


def _places(library: Library, asked: Asked) -> list[str]:
    """The names of what was filtered."""
    names = {district.id: district.in_language(asked.language) for district in library.city.districts}
    filters = (("area", asked.area), ("channel", asked.channel))
    return [
        names.get(key) or figure_words.label(library, dimension, key, asked.language)
        for dimension, key in filters
        if key
    ]


def _sections(library: Library, values: Iterable[Value], asked: Asked) -> Sections:
    """section → its cards and charts."""
    sections: Sections = {}
    for value in values:
        cards, charts = sections.setdefault(_FIGURES[value.key].section, ([], []))
        cards.append(_card(library, value, asked.language))
        charts.extend(_chart(library, value, name, asked.language) for name in value.by or () if not value.hidden)
    return sections


def _choices(today: date) -> list[tuple[str, str]]:
    """The periods that are one tap away: name and key."""
    year, week, _ = today.isocalendar()
    previous = today.replace(day=1) - timedelta(days=1)
    return [
        *((name, name) for name in ("today", "last-7", "last-30")),
        ("week", f"{year}-W{week:02}"),
        ("month", f"{today:%Y-%m}"),
        ("previous", f"{previous:%Y-%m}"),
    ]


def _card(library: Library, value: Value, language: str) -> dict[str, Any]:
    """A figure in words; ``part`` is the length of its bar, for a rate."""
    rate = _FIGURES[value.key].unit in figure_words.PERCENT and value.value is not None
    return {
        "key": value.key,
        "apart": bool(_FIGURES[value.key].by),
        "part": _percent(value.value or 0) if rate else None,
        **_words(library, value, value.key, language),
    }


def _chart(library: Library, value: Value, dimension: str, language: str) -> dict[str, Any]:
    """A breakdown; ``part`` is the length of a bar in percent: of 1 for a rate, else of the longest."""
    cells = (value.by or {}).get(dimension, ())
    if not any(cell.hidden or cell.numerator or cell.denominator for cell in cells):
        cells = ()
    longest = max((cell.value or 0 for cell in cells), default=0)
    top = 1 if _FIGURES[value.key].unit in figure_words.PERCENT else longest
    return {
        "key": value.key,
        "dimension": dimension,
        "peak": f"{longest:,.0f}",
        "fractions": any(cell.denominator is not None for cell in cells),
        "cells": [
            {
                "name": figure_words.label(library, dimension, cell.key, language),
                "part": _percent((cell.value or 0) / top if top else 0),
                **_words(library, cell, value.key, language),
            }
            for cell in cells
        ],
    }


def _words(library: Library, shown: Value | Cell, figure: str, language: str) -> dict[str, str]:
    return {
        "number": figure_words.words(shown, figure),
        "unit": figure_words.unit(shown, figure, library.texts, language),
        "fraction": figure_words.fraction(shown),
    }


def _percent(part: float) -> str:
    return f"{100 * part:.2f}".rstrip("0").rstrip(".")
