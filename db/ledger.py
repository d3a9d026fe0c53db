"""The rows of sums behind a view: read in few statements, each row once, however many questions are asked of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, func, literal, select, union_all

from civic.levels import Run, Span, runs
from db.sums import BESIDE, CITY, TOGETHER
from db.tables import rollups as table
from db.tx import Tx

_c = table.c
_NUMBERS = (_c.lines, _c.right, _c.graded, _c.points)
Cell = tuple[str, str]  # deed, and the value of the dimension
Row = tuple[Sequence[Any], BitMap]  # the columns of _COLUMNS, who
_COLUMNS = (_c.deed, _c.day, _c.scope, _c.area, _c.channel, _c.about, *_NUMBERS, _c.who)
_AT = {column.name: at for at, column in enumerate(_COLUMNS, 1)}  # behind the level
NUMBERS = slice(_AT["lines"], _AT["who"])  # where the numbers stand in a row


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
            self._fetch(scopes, names, lacking)
        if not by:
            whole = {(name, ""): [row for span in spans for row in one[span]] for name, one in read.items()}
            return {cell: rows for cell, rows in whole.items() if rows}
        at, found = _AT[self.column(by)], defaultdict[Cell, list[Row]](list)
        for name, one in read.items():
            for span in spans:
                for row in one[span]:
                    found[name, row[0][at]].append(row)
        return found

    def totals(self, by: str, names: Collection[str], spans: Iterable[Span]) -> Iterator[Sequence[Any]]:
        """Deed, cell, the four numbers added up, the largest crowd of a row, all crowds added up; once for each run
        of spans."""
        cell = self._cell(by)
        numbers = [*(func.sum(one) for one in _NUMBERS), func.max(_c.people), func.sum(_c.people)]
        group = [_c.deed, *([cell] if by else ())]
        parts = [
            select(_c.deed, cell, *numbers).where(*self._where(self.scopes(by), run, names)).group_by(*group)
            for run in runs(spans)
        ]
        return iter(self._all(parts))

    def crowds(
        self, by: str, names: Collection[str], cells: Collection[str], spans: Iterable[Span]
    ) -> Iterator[tuple[str, str, BitMap]]:
        """Deed, cell and who, row by row, of some cells."""
        cell = self._cell(by)
        some = [cell.in_(sorted(cells))] if by else []
        parts = [
            select(_c.deed, cell, _c.who).where(*self._where(self.scopes(by), run, names), *some) for run in runs(spans)
        ]
        for deed, key, who in self._all(parts):
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

    def _cell(self, by: str) -> ColumnElement[str]:
        return _c[self.column(by)] if by else literal("")

    def _fetch(self, scopes: Sequence[str], names: Collection[str], lacking: Sequence[Span]) -> None:
        parts = [select(literal(run.level), *_COLUMNS).where(*self._where(scopes, run, names)) for run in runs(lacking)]
        fresh: dict[str, dict[Span, list[Row]]] = {name: {span: [] for span in lacking} for name in names}
        unpacked = BitMap.deserialize
        for row in self._all(parts):
            fresh[row[1]].setdefault((row[0], row[2]), []).append((row, unpacked(row[-1])))
        for name, read in fresh.items():
            self._read[scopes, name] |= read

    def _where(self, scopes: Sequence[str], run: Run, names: Collection[str]) -> list[ColumnElement[bool]]:
        where = [
            _c.level == run.level,
            _c.scope.in_(scopes),
            _c.deed.in_(sorted(names)),
            _c.day.between(run.first, run.last),
        ]
        return where if self._channel is None else [*where, _c.channel == self._channel]

    def _all(self, parts: Sequence[Any]) -> Sequence[Any]:
        if not parts:
            return ()
        # At once: one by one a row costs twice as much.
        return self._tx.execute(union_all(*parts) if len(parts) > 1 else parts[0]).all()
