"""The figures of a period as JSON values and as rows, for every door: one way to write each number."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from actions.figure_words import HIDDEN, fraction, label, written
from actions.statistics import Compared
from civic.catalogue import BY_KEY
from civic.comparing import Change
from civic.figures import Cell, Value, grade
from civic.periods import Period
from content.library import Library
from content.texts import Texts


def document(
    library: Library,
    period: Period,
    values: Iterable[Value],
    language: str,
    *,
    area: str | None = None,
    channel: str | None = None,
    compared: Compared | None = None,
) -> dict[str, Any]:
    """The statistics as JSON values: period, filter, figures. A rate is a number from 0 to 1.

    ``compared`` (previous, year_ago → period and changes) is told beside each figure.
    """
    others = compared or {}
    return {
        "period": _period(period),
        "filter": {"area": area, "channel": channel},
        "compared": {name: _period(other) for name, (other, _) in others.items()},
        "figures": [
            {
                "key": value.key,
                "label": library.texts.render(language, f"stats.label.{value.key}"),
                "section": BY_KEY[value.key].section,
                "unit": BY_KEY[value.key].unit,
                **_numbers(value),
                **{name: _change(found[value.key]) for name, (_, found) in others.items()},
                "grade": grade(BY_KEY[value.key], value.value),
                "formula": library.texts.render(language, f"stats.formula.{value.key}"),
                "source": BY_KEY[value.key].source,
                "by": value.by
                and {
                    name: [
                        {
                            "key": cell.key,
                            "label": label(library, name, cell.key, language),
                            **_numbers(cell),
                            **_changes(value.key, name, cell.key, others),
                        }
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
    return {**numbers, "hidden": HIDDEN} if shown.hidden else numbers


def _period(period: Period) -> dict[str, str]:
    return {"key": period.key, "from": period.start.isoformat(), "to": period.end.isoformat()}


def _change(change: Change) -> dict[str, Any]:
    return {"value": change.before, "difference": change.difference, "ratio": change.ratio}


def _changes(figure: str, dimension: str, cell: str, others: Compared) -> dict[str, Any]:
    found = {name: changes[figure].by.get(dimension, {}).get(cell) for name, (_, changes) in others.items()}
    return {name: _change(change) for name, change in found.items() if change is not None}


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
    "hidden",
)


def rows(library: Library, period: Period, values: Iterable[Value], language: str) -> Iterator[Sequence[Any]]:
    """The statistics as a table (``COLUMNS``): one row for each figure and each cell of its breakdowns."""
    yield COLUMNS
    when = (period.key, period.start.isoformat(), period.end.isoformat())
    for value in values:
        figure = BY_KEY[value.key]
        names = (figure.key, library.texts.render(language, f"stats.label.{figure.key}"))
        formula = library.texts.render(language, f"stats.formula.{figure.key}")
        yield (*when, *names, "", "", "", figure.unit, *_exact(value), formula, HIDDEN if value.hidden else "")
        for dimension, cells in (value.by or {}).items():
            for cell in cells:
                place = (dimension, cell.key, label(library, dimension, cell.key, language))
                yield (*when, *names, *place, figure.unit, *_exact(cell), formula, HIDDEN if cell.hidden else "")


def _exact(shown: Value | Cell) -> tuple[Any, ...]:
    numbers = (shown.value, shown.numerator, shown.denominator)
    return tuple("" if number is None else number for number in numbers)


def table(values: Iterable[Value], texts: Texts, language: str) -> list[tuple[str, ...]]:
    """Rows for the terminal: figure, number with unit, numerator / denominator. The first is the heading."""
    found = [tuple(texts.render(language, f"stats.table.{name}") for name in ("figure", "value", "fraction"))]
    for value in values:
        number = written(value, value.key, texts, language)
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
            number = written(cell, value.key, texts, language)
            found.append((name, number, fraction(cell)))
    return found
