"""The rows of sums behind a view: read in few statements, each row once, however many questions are asked of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from pyroaring import BitMap
from sqlalchemy import ColumnElement, bindparam, func, literal_column, select, union_all

from civic.levels import Span, runs
from db.sums import BESIDE, CITY, TOGETHER
from db.tables import rollups as table
from db.tx import Hot, Tx, among, given

_c = table.c
_NUMBERS = (_c.lines, _c.right, _c.graded, _c.points)
Cell = tuple[str, str]  # deed, and the value of the dimension
Row = tuple[Sequence[Any], BitMap]  # the columns of _COLUMNS, who
_COLUMNS = (_c.deed, _c.day, _c.scope, _c.area, _c.channel, _c.about, *_NUMBERS, _c.who)
_AT = {column.name: at for at, column in enumerate(_COLUMNS, 1)}  # behind the level
NUMBERS = slice(_AT["lines"], _AT["who"])  # where the numbers stand in a row


class Shape(NamedTuple):
    """What a statement looks like: what it reads, by which column, and how many values it is given of each."""

    reads: Literal["rows", "totals", "crowds"]
    column: str
    levels: Sequence[str]  # one for each run
    scopes: int
    names: int
    cells: int
    channel: bool


class Ledger:
    """Sums in some areas (None: everywhere) and on one channel (None: on all)."""

    def __init__(self, tx: Tx, areas: Collection[str] | None, channel: str | None) -> None:
        self._tx, self._channel = tx, channel
        self._areas = None if areas is None else tuple(sorted(areas))
        self._read: defaultdict[tuple[Sequence[str], str], dict[Span, list[Row]]] = defaultdict(dict)

    def rows(self, by: str, names: Collection[str], spans: Iterable[Span]) -> dict[Cell, list[Row]]:
        """Of each cell its rows (``NUMBERS``, who): all there are of some deeds."""
        scopes, spans = self.scopes(by), list(spans)
        read = {name: self._read[scopes, name] for name in names}
        lacking = [span for span in spans if any(span not in one for one in read.values())]
        if lacking:
            self._fetch(by, names, lacking)
        if not by:
            whole = {(name, ""): [row for span in spans for row in one[span]] for name, one in read.items()}
            return {cell: rows for cell, rows in whole.items() if rows}
        at, found = _AT[self.column(by)], defaultdict[Cell, list[Row]](list)
        for name, one in read.items():
            for span in spans:
                for row in one[span]:
                    found[name, row[0][at]].append(row)
        return found

    def totals(self, by: str, names: Collection[str], spans: Iterable[Span]) -> Sequence[Sequence[Any]]:
        """Deed, cell, the four numbers added up, the largest crowd of a row, all crowds added up; once for each run
        of spans."""
        return self._all("totals", by, names, spans)

    def crowds(
        self, by: str, names: Collection[str], cells: Collection[str], spans: Iterable[Span]
    ) -> Iterator[tuple[str, str, BitMap]]:
        """Deed, cell and who, row by row, of some cells."""
        for deed, key, who in self._all("crowds", by, names, spans, cells if by else ()):
            yield deed, key, BitMap.deserialize(who)

    def scopes(self, by: str) -> Sequence[str]:
        """Where the rows of a dimension stand: without channels where nobody asks for them."""
        if self._areas is not None:
            return self._areas
        scope = BESIDE if by == "area" else CITY
        return (scope if by == "channel" or self._channel is not None else TOGETHER[scope],)

    def column(self, by: str) -> str:
        """Where a dimension is found: in the whole city areas stand side by side, else each is a scope."""
        return "scope" if by == "area" and self._areas is not None else by

    def _fetch(self, by: str, names: Collection[str], lacking: Sequence[Span]) -> None:
        fresh: dict[str, dict[Span, list[Row]]] = {name: {span: [] for span in lacking} for name in names}
        unpacked = BitMap.deserialize
        for row in self._all("rows", by, names, lacking):
            fresh[row[1]].setdefault((row[0], row[2]), []).append((row, unpacked(row[-1])))
        for name, read in fresh.items():
            self._read[self.scopes(by), name] |= read

    def _all(
        self,
        reads: Literal["rows", "totals", "crowds"],
        by: str,
        names: Collection[str],
        spans: Iterable[Span],
        cells: Collection[str] = (),
    ) -> Sequence[Sequence[Any]]:
        parts = runs(spans)
        if not parts:
            return ()
        scopes, levels = self.scopes(by), tuple(run.level for run in parts)
        some = sorted(cells)
        some += some[-1:] * ((1 << len(some).bit_length()) - len(some))  # as few shapes as can be
        column = self.column(by) if by and reads != "rows" else ""
        shape = Shape(reads, column, levels, len(scopes), len(names), len(some), self._channel is not None)
        days = given("first", [run.first for run in parts]) | given("last", [run.last for run in parts])
        lists = given("scope", scopes) | given("deed", sorted(names)) | given("cell", some)
        return self._tx.hot(_statement(shape), **days, **lists, channel=self._channel)


@lru_cache(maxsize=512)
def _statement(shape: Shape) -> Hot:
    """Its runs at once: one by one a row costs twice as much."""
    parts = [_part(shape, at, level) for at, level in enumerate(shape.levels)]
    return Hot(union_all(*parts) if len(parts) > 1 else parts[0])


def _part(shape: Shape, at: int, level: str) -> Any:
    cell: ColumnElement[str] = _c[shape.column] if shape.column else literal_column("''")
    where = [
        _c.level == literal_column(f"'{level}'"),
        _c.scope.in_(among("scope", shape.scopes)),
        _c.deed.in_(among("deed", shape.names)),
        _c.day.between(bindparam(f"first_{at}"), bindparam(f"last_{at}")),
    ]
    if shape.channel:
        where.append(_c.channel == bindparam("channel"))
    if shape.reads == "rows":
        return select(literal_column(f"'{level}'"), *_COLUMNS).where(*where)
    if shape.reads == "crowds":
        some = [cell.in_(among("cell", shape.cells))] if shape.cells else []
        return select(_c.deed, cell, _c.who).where(*where, *some)
    numbers = [*(func.sum(one) for one in _NUMBERS), func.max(_c.people), func.sum(_c.people)]
    return select(_c.deed, cell, *numbers).where(*where).group_by(_c.deed, *([cell] if shape.column else ()))
