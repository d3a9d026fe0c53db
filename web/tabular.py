"""Tables as files for programs and spreadsheets: CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any


def marked(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """A demo's rows say so themselves, in one more column."""
    yield (*next(rows), "demo")
    yield from ((*row, "demo") for row in rows)


def sheet(rows: Iterable[Sequence[object]]) -> str:
    """CSV as RFC 4180 has it, with the mark by which spreadsheets know UTF-8; no cell is a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
