"""The statistics of a period: in numbers, and as JSON, rows and words for every language."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from civic.catalogue import BY_KEY, FIGURES
from civic.errors import Refused
from civic.figures import Cell, Counts, Figure, Value, evaluate, grade
from civic.periods import Period
from civic.posters import origin
from content.library import Library
from content.texts import Texts
from db import figures
from db.tally import behind
from db.tx import Tx

__all__ = [
    "Cell",
    "Value",
    "behind",
    "breakdown",
    "document",
    "fraction",
    "label",
    "rows",
    "statistics",
    "table",
    "unit",
    "words",
]

EMPTY, FEW = "—", "<5"


def statistics(
    tx: Tx,
    library: Library,
    period: Period,
    *,
    area: str | None = None,
    channel: str | None = None,
    chosen: Sequence[Figure] = FIGURES,
) -> list[Value]:
    """Figures of a period, for the city, one area (a district or community id) or one channel.

    ``chosen`` are figures of the catalogue, each with the breakdowns that are to be counted (``drawn``): both cost
    time. A unit that only reads. Raises Refused("stats.unknown_area").
    """
    areas = None if area is None else communities(library, area)
    wanted = {(dimension, name) for figure in chosen for dimension in ("", *figure.by) for name in figure.sets}
    counts = figures.count(tx, period, wanted, areas, channel)
    counts = {**counts, **_bases(library, areas)}
    return [evaluate(figure, counts, period.days) for figure in chosen]


def drawn(chosen: Iterable[Figure], breakdowns: Mapping[str, Collection[str]]) -> list[Figure]:
    """The figures with some of their breakdowns only: figure → dimensions."""
    return [
        replace(figure, by=tuple(name for name in figure.by if name in breakdowns.get(figure.key, ())))
        for figure in chosen
    ]


def _bases(library: Library, areas: Collection[str] | None) -> Counts:
    """The permanent residents of the place and of each community, as far as the city file knows them."""
    heads = {one: library.city.residents_of([one]) for one in (library.city.communities if areas is None else areas)}
    known = {"": library.city.residents_of(areas)}
    return {
        (dimension, "base"): {key: {"people": number} for key, number in cells.items() if number is not None}
        for dimension, cells in (("", known), ("area", heads))
    }


def communities(library: Library, area: str) -> list[str]:
    """The communities of a district, or the one community. Raises Refused("stats.unknown_area")."""
    for district in library.city.districts:
        if district.id == area:
            return [community.id for community in district.communities]
    if area not in library.city.communities:
        raise Refused("stats.unknown_area", area=area[:40])
    return [area]


def label(library: Library, dimension: str, key: str, language: str) -> str:
    """The name of a breakdown's cell: of an area, topic, category, status, deed, channel; a day as it is."""
    texts = library.texts
    if not key:
        return texts.render(language, f"stats.unknown.{dimension}")
    if dimension == "department":
        return library.city.department_name(key, language)
    if dimension == "area":
        districts = {district.id: district for district in library.city.districts}
        place = library.city.communities.get(key) or districts.get(key)
        return place.in_language(language) if place else key
    if dimension == "source" and (poster := origin(key)) is not None:
        area, campaign = poster
        names = [label(library, "area", area, language)] if area else []
        return texts.render(language, "stats.poster", name=" · ".join([*names, *filter(None, [campaign])]))
    if dimension == "topic" and key in library.topics:
        return library.topics[key].in_language(language).name
    if dimension == "category" and key in library.categories:
        return library.categories[key].in_language(language).name
    text = f"deed.{key}" if dimension == "deed" else f"stats.{dimension}.{key}"
    return texts.render(language, text) if texts.has(language, text) else key


def words(shown: Value | Cell, figure: str) -> str:
    """A number for people, without its unit: 1,234 · 66.7% · 5.5 · — for an empty denominator."""
    if shown.hidden:
        return FEW
    if shown.value is None:
        return EMPTY
    kind = BY_KEY[figure].unit
    if kind == "rate":
        return f"{shown.value:.1%}"
    if kind == "gain":
        return f"{100 * shown.value:+.1f}"
    return f"{shown.value:,.1f}" if kind in {"daily", "hours", "per_head"} else f"{shown.value:,.0f}"


def document(
    library: Library,
    period: Period,
    values: Iterable[Value],
    language: str,
    *,
    area: str | None = None,
    channel: str | None = None,
) -> dict[str, Any]:
    """The statistics as JSON values: period, filter, figures. A rate is a number from 0 to 1."""
    return {
        "period": {"key": period.key, "from": period.start.isoformat(), "to": period.end.isoformat()},
        "filter": {"area": area, "channel": channel},
        "figures": [
            {
                "key": value.key,
                "label": library.texts.render(language, f"stats.label.{value.key}"),
                "section": BY_KEY[value.key].section,
                "unit": BY_KEY[value.key].unit,
                **_numbers(value),
                "grade": grade(BY_KEY[value.key], value.value),
                "formula": library.texts.render(language, f"stats.formula.{value.key}"),
                "source": BY_KEY[value.key].source,
                "by": value.by
                and {
                    name: [
                        {"key": cell.key, "label": label(library, name, cell.key, language), **_numbers(cell)}
                        for cell in cells
                    ]
                    for name, cells in value.by.items()
                },
            }
            for value in values
        ],
    }


def _numbers(shown: Value | Cell) -> dict[str, Any]:
    numbers: dict[str, Any] = {
        "value": shown.value,
        "numerator": shown.numerator,
        "denominator": shown.denominator,
    }
    return {**numbers, "hidden": FEW} if shown.hidden else numbers


COLUMNS = (
    "period",
    "from",
    "to",
    "figure",
    "label",
    "by",
    "key",
    "name",
    "unit",
    "value",
    "numerator",
    "denominator",
    "formula",
)


def rows(library: Library, period: Period, values: Iterable[Value], language: str) -> Iterator[Sequence[Any]]:
    """The statistics as a table (``COLUMNS``): one row for each figure and each cell of its breakdowns."""
    yield COLUMNS
    when = (period.key, period.start.isoformat(), period.end.isoformat())
    for value in values:
        figure = BY_KEY[value.key]
        names = (figure.key, library.texts.render(language, f"stats.label.{figure.key}"))
        formula = library.texts.render(language, f"stats.formula.{figure.key}")
        yield (*when, *names, "", "", "", figure.unit, *_written(value), formula)
        for dimension, cells in (value.by or {}).items():
            for cell in cells:
                place = (dimension, cell.key, label(library, dimension, cell.key, language))
                yield (*when, *names, *place, figure.unit, *_written(cell), formula)


def _written(shown: Value | Cell) -> tuple[Any, ...]:
    if shown.hidden:
        return (FEW, FEW, FEW)
    numbers = (shown.value, shown.numerator, shown.denominator)
    return tuple("" if number is None else number for number in numbers)


def table(values: Iterable[Value], texts: Texts, language: str) -> list[tuple[str, ...]]:
    """Rows for the terminal: figure, number with unit, numerator / denominator. The first is the heading."""
    found = [tuple(texts.render(language, f"stats.table.{name}") for name in ("figure", "value", "fraction"))]
    for value in values:
        number = f"{words(value, value.key)} {unit(value, value.key, texts, language)}".strip()
        found.append((texts.render(language, f"stats.label.{value.key}"), number, fraction(value)))
    return found


def breakdown(value: Value, library: Library, language: str) -> list[tuple[str, ...]]:
    """Rows for the terminal: one figure as in ``table``, below it the cells of its breakdowns that are not empty."""
    texts = library.texts
    found = table([value], texts, language)
    for dimension, cells in (value.by or {}).items():
        by = texts.render(language, f"stats.by.{dimension}")
        for cell in (cell for cell in cells if cell.numerator or cell.denominator):
            name = f"{by} · {label(library, dimension, cell.key, language)}"
            number = f"{words(cell, value.key)} {unit(cell, value.key, texts, language)}".strip()
            found.append((name, number, fraction(cell)))
    return found


def unit(shown: Value | Cell, figure: str, texts: Texts, language: str) -> str:
    """The word behind a number: people, hours …; nothing behind a percentage or where there is no number."""
    kind = BY_KEY[figure].unit
    return "" if kind == "rate" or shown.value is None else texts.render(language, f"stats.unit.{kind}")


def fraction(shown: Value | Cell) -> str:
    """What stands behind a rate or a mean: «12 / 34»; «n = 34» for a median; nothing for a plain count."""
    if shown.hidden or shown.denominator is None:
        return ""
    if shown.numerator is None:
        return f"n = {shown.denominator:,.0f}"
    return f"{shown.numerator:,.0f} / {shown.denominator:,.0f}"
