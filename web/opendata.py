"""Open data: the public figures of a period as CSV, JSON and Parquet, each with the dictionary that explains it."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from actions.figure_sheets import COLUMNS
from civic.catalogue import PUBLIC
from content.library import Library

NUMBERS = frozenset({"value", "numerator", "denominator"})


def parquet(rows: Iterator[Sequence[Any]]) -> bytes:
    """A table (``actions.figure_sheets.rows``, its first row the names) as a Parquet file: text as text, numbers as
    numbers; what is hidden or has nothing to divide by is null."""
    from arro3.core import Array, DataType, Table
    from arro3.io import write_parquet

    names, *lines = rows
    table: dict[str, Any] = {}
    for at, name in enumerate(names):
        if name in NUMBERS:
            table[name] = Array([_number(line[at]) for line in lines], DataType.float64())
        else:
            table[name] = Array([str(line[at]) for line in lines], DataType.string())
    out = io.BytesIO()
    write_parquet(Table.from_pydict(table), out)
    return out.getvalue()


def _number(cell: object) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def dictionary(library: Library, language: str) -> dict[str, Any]:
    """What every column and every public figure means, in words."""
    texts = library.texts
    return {
        "columns": [{"name": name, "means": texts.render(language, f"opendata.column.{name}")} for name in COLUMNS],
        "hidden": texts.render(language, "stats.note_few"),
        "empty": texts.render(language, "stats.note_empty"),
        "licence": texts.render(language, "opendata.licence", city=library.city.in_language(language).name),
        "figures": [
            {
                "key": figure.key,
                "label": texts.render(language, f"stats.label.{figure.key}"),
                "formula": texts.render(language, f"stats.formula.{figure.key}"),
                "unit": figure.unit,
                "by": list(figure.by),
                "source": figure.source,
            }
            for figure in PUBLIC
        ],
    }
