"""Figures as cards and charts: every number in words once, so that chart, table and file say the same."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from actions import figure_words
from civic.catalogue import BY_KEY
from civic.figures import SERIES, Cell, Value
from content.library import Library
from web.figures.asked import Asked
from web.figures.look import Seen

MANY = 10  # times: from next to nothing, a percentage tells nothing
Rows = Callable[[str, str, str], str | None]  # figure, dimension, key → where the rows behind a cell are shown
Views = dict[str, Any]


def cards(library: Library, seen: Seen, values: Iterable[Value], asked: Asked) -> list[Views]:
    """Each figure in words, with what it is compared with."""
    return [_card(library, seen, value, asked) for value in values]


def charts(library: Library, seen: Seen, values: Iterable[Value], asked: Asked, rows: Rows) -> list[Views]:
    """Each breakdown that is drawn, the days first."""
    places = seen.beside is not None and seen.beside.area != asked.area
    found = [
        (value, dimension)
        for value in values
        for dimension in value.by or ()
        if not value.hidden and not (places and dimension == "area")  # a place is not found within another
    ]
    found.sort(key=lambda one: one[1] not in SERIES)
    return [_chart(library, seen, value, dimension, asked, rows) for value, dimension in found]


def _card(library: Library, seen: Seen, value: Value, asked: Asked) -> Views:
    """``part`` is the length of its bar, for a rate."""
    rate = BY_KEY[value.key].unit == "rate" and value.value is not None
    other = seen.beside.values.get(value.key) if seen.beside else None
    return {
        "key": value.key,
        "source": BY_KEY[value.key].source,
        "apart": bool(BY_KEY[value.key].by),
        "part": percent(value.value or 0) if rate else None,
        **in_words(library, value, value.key, asked.language),
        "other": other and in_words(library, other, value.key, asked.language),
        "change": other and change(library, value, other, value.key, asked.language),
    }


def _chart(library: Library, seen: Seen, value: Value, dimension: str, asked: Asked, rows: Rows) -> Views:
    """``part`` is the length of a bar in percent: of 1 for a rate, else of the longest."""
    cells = sorted((value.by or {}).get(dimension, ()), key=lambda cell: cell.key == "")  # what is not known comes last
    other = seen.beside.values.get(value.key) if seen.beside else None
    others = (other.by or {}).get(dimension, ()) if other else ()
    if not any(cell.hidden or cell.numerator or cell.denominator for cell in (*cells, *others)):
        cells, others = [], ()
    longest = max((abs(cell.value or 0) for cell in (*cells, *others) if cell.key), default=0)
    top = 1 if BY_KEY[value.key].unit == "rate" else longest
    pairs, top_one = list(_pairs(cells, others, dimension)), Cell("", longest, None, None)

    def shown(cell: Cell | None) -> Views | None:
        return (
            None
            if cell is None
            else {
                "value": cell.value,
                "part": percent(min(1, abs(cell.value or 0) / top) if top else 0),
                "below": (cell.value or 0) < 0,
                "hidden": cell.hidden,
                "name": figure_words.label(library, dimension, cell.key, asked.language),
                **in_words(library, cell, value.key, asked.language),
            }
        )

    empty = Cell("", None, None, None)
    return {
        "key": value.key,
        "dimension": dimension,
        "series": dimension in SERIES,
        "peak": figure_words.words(top_one, value.key, library.texts, asked.language) if longest else None,
        "rate": BY_KEY[value.key].unit == "rate",
        "fractions": any(cell.denominator is not None for cell in cells),
        "beside": seen.beside.name if others and seen.beside else None,
        "cells": [
            {**(shown(cell) or {}), "link": _link(asked, value.key, dimension, cell.key, rows), "other": shown(before)}
            for cell, before in ((now or empty, before) for now, before in pairs)
        ],
    }


def _pairs(cells: Sequence[Cell], others: Sequence[Cell], dimension: str) -> Iterable[tuple[Cell | None, Cell | None]]:
    """Cells beside one another: days by their place in the period, all else by what they are."""
    if dimension in SERIES:
        for number, cell in enumerate(cells):
            yield cell, others[number] if number < len(others) else None
        return
    known = {cell.key: cell for cell in others}
    for cell in cells:
        yield cell, known.pop(cell.key, None)
    for gone in known.values():
        yield Cell(gone.key, 0 if gone.denominator is None else None, None, None), gone


def _link(asked: Asked, figure: str, dimension: str, key: str, rows: Rows) -> str | None:
    """Where a click leads: into the place, the channel, the day; else to the rows, for who may see them."""
    if not key:
        return None
    if dimension in {"area", "channel"}:
        return asked.link(beside=None, **{dimension: key}) if dimension == "area" or not asked.edition else None
    if dimension in SERIES:
        return asked.link(period=key, beside=None, step=None, edition=None)
    return rows(figure, dimension, key)


def in_words(library: Library, shown: Value | Cell, figure: str, language: str) -> dict[str, str]:
    """Number, unit, and what stands behind it."""
    return {
        "number": figure_words.words(shown, figure, library.texts, language),
        "unit": figure_words.unit(shown, figure, library.texts, language),
        "fraction": figure_words.fraction(shown),
    }


def change(library: Library, now: Value | Cell, other: Value | Cell, figure: str, language: str) -> str:
    """How much more or less: of rates in percentage points, of all else in percent of the other; nothing where one of
    the two is not shown."""
    if now.value is None or other.value is None or now.hidden or other.hidden:
        return ""
    if BY_KEY[figure].unit in {"rate", "gain"}:
        return f"{100 * (now.value - other.value):+.1f} {library.texts.render(language, 'stats.unit.gain')}"
    ratio = now.value / other.value - 1 if other.value else math.inf
    return f"{ratio:+.1%}" if abs(ratio) <= MANY else ""


def percent(part: float) -> str:
    """A length in percent, as short as it can be written."""
    return f"{100 * part:.2f}".rstrip("0").rstrip(".")
