"""Reading what was added up, and the lines that are not in yet: counts of a period by deed and one dimension."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any

from pyroaring import BitMap

from civic.figures import SMALL
from civic.levels import Built, Span, spans
from db import rollups, sums
from db.ledger import NUMBERS, Cell, Ledger
from db.marks import mark, reach
from db.rolling import deeds
from db.rollups import JOURNAL
from db.sums import Key, Sum
from db.tables import journal
from db.tx import Tx

NEWEST = 20_000  # lines that are not added up yet and are still read: a tenth of a second
_MEASURES = ("lines", "right", "graded", "points", "people")


def behind(tx: Tx) -> int:
    """How many lines the figures do not know yet: none, but while a long journal is being added up."""
    return max(0, reach(tx, journal).line - mark(tx, JOURNAL).line - NEWEST)


class Tally:
    """The journal as it is now, in some areas (None: everywhere) and on one channel (None: on all)."""

    def __init__(self, tx: Tx, areas: Collection[str] | None, channel: str | None) -> None:
        self._tx, self._channel = tx, channel
        self._ledger = Ledger(tx, areas, channel)

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
        return {*deeds(self._tx), *(key.deed for key in self._tail)}

    def counts(
        self,
        by: str,
        start: date,
        end: date,
        only: Collection[str] | None = None,
        exact: Collection[str] = (),
        *,
        few: bool = True,
    ) -> dict[str, dict[str, dict[str, float]]]:
        """Deed → lines, right, graded, points and people → cell → number.

        ``by`` is the dimension: day, area, channel, about, or empty for the whole. ``only`` these deeds. People are
        counted exactly for the ``exact`` deeds; of the others it is enough to know whether they are ``few``
        (``SMALL``), if anybody wants to know, and their number is a lower bound.
        """
        names = self._deeds if only is None else {*only}
        counted = self._counted(by, start, end, sorted(names.intersection(exact)))
        bounded = self._bounded(by, start, end, sorted(names.difference(exact)), few)
        found = defaultdict[str, dict[str, dict[str, float]]](lambda: {measure: {} for measure in _MEASURES})
        for (deed, cell), numbers in chain(counted.items(), bounded.items()):
            for column, number in zip(found[deed].values(), numbers, strict=True):
                column[cell] = number
        return found

    def crowds(self, by: str, start: date, end: date, deed: str) -> dict[str, BitMap]:
        """Who stands behind each cell of a deed."""
        return {cell: who for (_, cell), (_, who) in self._summed(by, start, end, [deed]).items()}

    def _counted(self, by: str, start: date, end: date, names: Sequence[str]) -> dict[Cell, Sequence[int]]:
        """The measures, with people counted exactly: every row's set is looked at."""
        return {key: (*four, len(who)) for key, (four, who) in self._summed(by, start, end, names).items()}

    def _summed(
        self, by: str, start: date, end: date, names: Sequence[str]
    ) -> dict[Cell, tuple[Sequence[int], BitMap]]:
        if not names:
            return {}
        rows = self._ledger.rows(by, names, self._spans(by, start, end))
        found: dict[Cell, tuple[Sequence[int], BitMap]] = {
            key: (
                [*map(sum, zip(*(row[NUMBERS] for row, _ in some), strict=True))],
                _together([who for _, who in some]),
            )
            for key, some in rows.items()
        }
        for key, one in self._newest(by, start, end, names):
            numbers, who = found.get(key, ((0, 0, 0, 0), BitMap()))
            found[key] = [sum(two) for two in zip(numbers, one.numbers, strict=True)], who | one.who
        return found

    def _bounded(self, by: str, start: date, end: date, names: Sequence[str], few: bool) -> dict[Cell, Sequence[int]]:
        """The measures, with the largest crowd of a row for people; where few may be behind a cell, all of them."""
        if not names:
            return {}
        found: defaultdict[Cell, list[int]] = defaultdict(lambda: [0] * 6)  # the numbers, the largest crowd, all crowds
        for deed, cell, *more in self._ledger.totals(by, names, self._spans(by, start, end)):
            _fold(found[deed, cell], more)
        for key, one in self._newest(by, start, end, names):
            _fold(found[key], (*one.numbers, len(one.who), len(one.who)))
        unsure = {key for key, (*_, least, most) in found.items() if least < SMALL <= most} if few else ()
        people = self._few(by, start, end, unsure)
        return {key: (*four, people.get(key, least)) for key, (*four, least, _) in found.items()}

    def _few(self, by: str, start: date, end: date, cells: Collection[Cell]) -> dict[Cell, int]:
        """How many people stand behind each of some cells."""
        if not cells:
            return {}
        names, keys = {deed for deed, _ in cells}, {cell for _, cell in cells}
        parts: dict[Cell, list[BitMap]] = {cell: [] for cell in cells}
        for deed, cell, who in self._ledger.crowds(by, names, keys, self._spans(by, start, end)):
            if (deed, cell) in parts:
                parts[deed, cell].append(who)
        for key, one in self._newest(by, start, end, names):
            if key in parts:
                parts[key].append(one.who)
        return {cell: len(_together(some)) for cell, some in parts.items()}

    def _spans(self, by: str, start: date, end: date) -> Iterator[Span]:
        return spans(start, end, () if by == "day" else self._built)

    def _newest(self, by: str, start: date, end: date, names: Collection[str]) -> Iterator[tuple[Cell, Sum]]:
        """The same of the lines that are not in the rollups yet."""
        column = self._ledger.column(by)
        for key, one in self._tail.items():
            if key.deed in names and start.isoformat() <= key.day <= end.isoformat() and self._here(key, by):
                yield (key.deed, getattr(key, column) if column else ""), one

    def _here(self, key: Key, by: str) -> bool:
        return key.scope in self._ledger.scopes(by) and self._channel in {None, key.channel}


def _together(some: Sequence[BitMap]) -> BitMap:
    return some[0] if len(some) == 1 else BitMap().union(*some)


def _fold(total: list[int], more: Sequence[Any]) -> None:
    for at in (0, 1, 2, 3, 5):
        total[at] += int(more[at])
    total[4] = max(total[4], int(more[4]))
