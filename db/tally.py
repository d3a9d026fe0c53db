"""Reading what was added up, and the lines that are not in yet: counts of a period by deed and one dimension."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, func, literal, select

from civic.figures import SMALL
from civic.levels import DAY, Built, Run, runs
from db import rollups, sums
from db.marks import mark, reach
from db.rolling import deeds
from db.rollups import JOURNAL
from db.sums import BESIDE, CITY, Key, Sum
from db.tables import journal
from db.tables import rollups as table
from db.tx import Tx

NEWEST = 20_000  # lines that are not added up yet and are still read: a tenth of a second
Cell = tuple[str, str]  # deed, and the value of the dimension


def behind(tx: Tx) -> int:
    """How many lines the figures do not know yet: none, but while a long journal is being added up."""
    return max(0, reach(tx, journal).line - mark(tx, JOURNAL).line - NEWEST)


class Tally:
    """The journal as it is now, in some areas (None: everywhere) and on one channel (None: on all)."""

    def __init__(self, tx: Tx, areas: Collection[str] | None, channel: str | None) -> None:
        self._tx, self._areas, self._channel = tx, areas, channel

    @cached_property
    def _tail(self) -> dict[Key, Sum]:
        """The lines that are not added up yet."""
        tx = self._tx
        seen = mark(tx, JOURNAL)
        upto = min(reach(tx, journal).line, seen.line + NEWEST)
        if upto <= seen.line:
            return {}
        found = [*sums.lines(tx, seen.line, upto), *sums.derived(tx, seen.line, upto)]
        return sums.added(found) if found else {}

    @cached_property
    def _built(self) -> Built:
        return rollups.built(self._tx)

    @cached_property
    def _deeds(self) -> set[str]:
        return {*deeds(self._tx, CITY), *(key.deed for key in self._tail)}

    def counts(
        self, by: str, start: date, end: date, only: Collection[str] | None = None, exact: Collection[str] = ()
    ) -> dict[Cell, dict[str, int]]:
        """(deed, cell) → lines, right, graded, points, people.

        ``by`` is the dimension: day, area, channel, about, or empty for the whole. ``only`` these deeds. People are
        counted exactly for the ``exact`` deeds; of the others it is enough to know whether they are few (``SMALL``),
        and their number is a lower bound.
        """
        names = sorted(self._deeds if only is None else self._deeds.intersection(only))
        found: dict[Cell, list[int]] = defaultdict(lambda: [0] * 6)  # the numbers, the largest crowd, all crowds
        numbers = (table.c.lines, table.c.right, table.c.graded, table.c.points, table.c.people)
        query = [*(func.sum(column) for column in numbers[:4]), func.max(table.c.people), func.sum(table.c.people)]
        for run in self._runs(by, start, end):
            for deed, cell, *more in self._rows(by, run, names, query):
                _fold(found[deed, cell], more)
        for key, one in self._newest(by, start, end, names):
            _fold(found[key], (*one.numbers, len(one.who), len(one.who)))
        unsure = [
            key
            for key, (*_, least, most) in found.items()
            if least < most and (key[0] in exact or least < SMALL <= most)
        ]
        crowds = self.crowds(by, start, end, unsure)
        return {
            key: dict(zip(("lines", "right", "graded", "points"), four, strict=True))
            | {"people": len(crowds[key]) if key in crowds else least}
            for key, (*four, least, _) in found.items()
        }

    def crowds(self, by: str, start: date, end: date, cells: Collection[Cell]) -> dict[Cell, BitMap]:
        """Who stands behind each of these cells."""
        names = sorted({deed for deed, _ in cells})
        parts: dict[Cell, list[BitMap]] = {cell: [] for cell in cells}
        for run in self._runs(by, start, end) if names else ():
            for deed, cell, who in self._rows(by, run, names, [table.c.who], {cell for _, cell in cells}):
                if (deed, cell) in parts:
                    parts[deed, cell].append(BitMap.deserialize(who))
        for key, one in self._newest(by, start, end, names):
            if key in parts:
                parts[key].append(one.who)
        return {cell: BitMap().union(*some) for cell, some in parts.items()}

    def _runs(self, by: str, start: date, end: date) -> list[Run]:
        return [Run(DAY, start.isoformat(), end.isoformat())] if by == "day" else runs(start, end, self._built)

    def _rows(
        self,
        by: str,
        run: Run,
        names: Sequence[str],
        columns: Sequence[ColumnElement[Any]],
        cells: Collection[str] | None = None,
    ) -> Iterator[Any]:
        """Deed, cell and ``columns`` of a run's rows: grouped, or as they are where only some ``cells`` are wanted."""
        scopes = [BESIDE if by == "area" else CITY] if self._areas is None else sorted(self._areas)
        cell = table.c.scope if by == "area" and self._areas is not None else table.c[by] if by else literal("")
        where = [
            table.c.level == run.level,
            table.c.scope.in_(scopes),
            table.c.deed.in_(names),
            table.c.day.between(run.first, run.last),
        ]
        if self._channel is not None:
            where.append(table.c.channel == self._channel)
        if cells is None:
            query = select(table.c.deed, cell, *columns).where(*where).group_by(table.c.deed, *([cell] if by else ()))
        else:
            query = select(table.c.deed, cell, *columns).where(*where, *([cell.in_(sorted(cells))] if by else ()))
        yield from self._tx.execute(query)

    def _newest(self, by: str, start: date, end: date, names: Sequence[str]) -> Iterator[tuple[Cell, Sum]]:
        """The same of the lines that are not in the rollups yet."""
        for key, one in self._tail.items():
            if key.deed in names and start.isoformat() <= key.day <= end.isoformat() and self._here(key, by):
                cell = key.scope if by == "area" and self._areas is not None else getattr(key, by) if by else ""
                yield (key.deed, cell), one

    def _here(self, key: Key, by: str) -> bool:
        scopes = self._areas if self._areas is not None else (BESIDE if by == "area" else CITY,)
        return key.scope in scopes and self._channel in {None, key.channel}


def _fold(total: list[int], more: Sequence[Any]) -> None:
    for at in (0, 1, 2, 3, 5):
        total[at] += int(more[at])
    total[4] = max(total[4], int(more[4]))
