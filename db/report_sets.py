"""Sets of reports (civic.cases), kept by the clock and brought up to the moment for whoever reads them.

To put a report into its sets is safe to repeat: it first leaves all others. So a report that moves twice, or whose
move is looked at twice, is in no wrong set.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pyroaring import BitMap
from sqlalchemy import ColumnElement, bindparam, delete, func, select, union_all

from civic.cases import BY_DAY, DUE, FLAGS, KINDS, TIME, Case, Fact, Step, facts
from db.marks import Mark, advance, restart
from db.tables import report_moves, report_sets, reports
from db.tx import Hot, Tx, among, given

MOVES = "moves"  # the mark's name
_KEPT = sorted(BY_DAY - {DUE})  # a report never leaves these: it came on that day, it was resolved on that day
_CHANGING = (DUE, *KINDS, *FLAGS, TIME)
_PART = 400  # ids in one query
LOOKS = 64  # that are remembered before all are forgotten: whoever likes asks for any days
Sets = dict[str, BitMap]  # key → ids of reports
Days = dict[str, Sets]  # name of a set that is kept by day → its days
Look = tuple[str, ...]
Row = Sequence[Any]  # name, key, set as stored


class Page(NamedTuple):
    """Sets as they will be when the moves up to ``upto`` are in."""

    seen: Mark
    upto: int
    sets: Mapping[tuple[str, str], BitMap]


class Shelf:
    """The sets as stored, each name read once, with ``cases`` put where they belong now."""

    def __init__(self, tx: Tx, cases: Iterable[Case]) -> None:
        self._tx = tx
        self._names: dict[str, Sets] = {}
        self._moved = BitMap()
        self._new: dict[str, Sets] = {}
        for case in cases:
            self._moved.add(case.id)
            for name, key in facts(case):
                self._new.setdefault(name, {}).setdefault(key, BitMap()).add(case.id)

    def __getitem__(self, name: str) -> Sets:
        """All sets of a name."""
        if name not in self._names:
            self.take_down([name])
        return self._names[name]

    def take_down(self, names: Iterable[str], by_day: Iterable[str] = (), first: str = "", last: str = "") -> Days:
        """Read all sets of some names, as far as they were not read yet, and from one day to another those of names
        that are kept by day, in one statement. Gives back the latter."""
        whole, daily = sorted({*names}.difference(self._names)), sorted(by_day)
        values = given("whole", whole) | given("daily", daily) | {"first": first, "last": last}
        rows = self._tx.hot(_sets(len(whole), len(daily)), **values) if whole or daily else ()
        stored = _UNPACKED.sets(tuple(values.values()), rows)
        for name in whole:
            self._names[name] = self._placed(name, stored.get(name, {}), self._new.get(name, {}))
        found: Days = {}
        for name in daily:
            new = {day: some for day, some in self._new.get(name, {}).items() if first <= day <= last}
            found[name] = self._placed(name, stored.get(name, {}), new)
        return found

    def changes(self) -> dict[tuple[str, str], BitMap]:
        """What has to be written."""
        found: dict[tuple[str, str], BitMap] = {}
        days = {day for name in _KEPT for day in self._new.get(name, {})}
        for names, where in ((_KEPT, report_sets.c.key.in_(days)), (_CHANGING, report_sets.c.key >= "")):
            for name, before in self._stored(names, where):
                placed = self._placed(name, before, self._new.get(name, {}))
                found |= {(name, key): ids for key, ids in placed.items() if ids != before.get(key, BitMap())}
        return found

    def _stored(self, names: Sequence[str], where: ColumnElement[bool]) -> Iterator[tuple[str, Sets]]:
        """Each name with its sets."""
        found: dict[str, Sets] = {name: {} for name in names}
        c = report_sets.c
        query = select(c.name, c.key, c.reports).where(c.name.in_(names), where)
        for name, key, ids in self._tx.execute(query).all():
            found[name][key] = BitMap.deserialize(ids)
        yield from found.items()

    def _placed(self, name: str, stored: Sets, new: Mapping[str, BitMap]) -> Sets:
        if not self._moved:
            return stored
        left = dict(stored) if name in _KEPT else {key: ids - self._moved for key, ids in stored.items()}
        return left | {key: left.get(key, BitMap()) | some for key, some in new.items()}


class Unpacked:
    """Sets as they were stored when somebody last looked, and unpacked, to be read and never to be changed. Most are
    the same at the next look, if not all: to compare them takes a third of the time, all at once a sixth.

    ``most``: bytes of stored sets that are kept before all are let go.
    """

    def __init__(self, most: int) -> None:
        self._known: dict[Fact, tuple[bytes, BitMap]] = {}
        self._looks: dict[Look, tuple[Sequence[Row], Days]] = {}
        self._most, self._size = most, 0

    @property
    def remembered(self) -> int:
        """Looks that would be known again."""
        return len(self._looks)

    def sets(self, look: Look, rows: Sequence[Row]) -> Mapping[str, Sets]:
        """The sets of the rows that there are for a ``look``: the values that it asks for."""
        before = self._looks.get(look)
        if before and before[0] == rows:
            return before[1]
        found: Days = {}
        for name, key, packed in rows:
            known = self._known.get((name, key))
            if not known or known[0] != packed:
                known = self._known[name, key] = packed, BitMap.deserialize(packed)
            found.setdefault(name, {})[key] = known[1]
        self._looks[look] = rows, found
        self._size += sum(len(row[2]) for row in rows)
        if self._size > self._most or len(self._looks) > LOOKS:
            self._known.clear()
            self._looks.clear()
            self._size = 0
        return found


_UNPACKED = Unpacked(1 << 24)


@lru_cache(maxsize=256)
def _sets(whole: int, daily: int) -> Hot:
    """All sets of so many names, and of so many from one day to another."""
    c = report_sets.c
    query = select(c.name, c.key, c.reports)
    parts = [query.where(c.name.in_(among("whole", whole)))] if whole else []
    if daily:
        days = c.key.between(bindparam("first"), bindparam("last"))
        parts.append(query.where(c.name.in_(among("daily", daily)), days))
    return Hot(union_all(*parts) if len(parts) > 1 else parts[0])


def moved(tx: Tx, after: int, upto: int) -> list[int]:
    """Reports with a move behind one row of the history, up to another."""
    if upto <= after:
        return []
    c = report_moves.c
    return [int(one) for one in tx.execute(select(c.report_id).where(c.id > after, c.id <= upto).distinct()).scalars()]


def read_cases(tx: Tx, ids: Collection[int]) -> list[Case]:
    """These reports with their history."""
    wanted, found = sorted(ids), []
    for at in range(0, len(wanted), _PART):
        found += _some_cases(tx, wanted[at : at + _PART])
    return found


def _some_cases(tx: Tx, ids: Collection[int]) -> list[Case]:
    m, r = report_moves.c, reports.c
    steps: defaultdict[int, list[Step]] = defaultdict(list)
    columns = (m.report_id, m.id, m.at, m.day, m.move, m.to_status, m.department, m.step_due_at)
    for report, *step in tx.execute(select(*columns).where(m.report_id.in_(ids)).order_by(m.id)):
        steps[report].append(Step(*step))
    query = select(
        r.id,
        r.category,
        func.coalesce(r.area, ""),
        r.channel,
        func.coalesce(r.department, ""),
        r.status,
        r.created_at,
        r.created_day,
        r.due_at,
        r.due_day,
        r.resolved_at,
        r.returns,
        r.reworks,
    ).where(r.id.in_(ids))
    return [Case(steps[row[0]], *row) for row in tx.execute(query)]


def read_page(tx: Tx, seen: Mark, upto: int, size: int) -> Page:
    """The next moves, at most ``size`` of them and none behind ``upto``, and what they change."""
    page = select(report_moves.c.id).where(report_moves.c.id > seen.line, report_moves.c.id <= upto)
    ids = page.order_by(report_moves.c.id).limit(size).subquery()
    last = tx.execute(select(func.max(ids.c.id))).scalar() or upto
    return Page(seen, last, Shelf(tx, read_cases(tx, moved(tx, seen.line, last))).changes())


def take_page(tx: Tx, page: Page) -> Mark | None:
    """Write a page and set the mark; None when somebody else was quicker, and nothing was written."""
    to = Mark(page.upto, page.seen.version)
    if not advance(tx, MOVES, page.seen, to):
        return None
    keep(tx, page.sets)
    return to


def keep(tx: Tx, sets: Mapping[tuple[str, str], BitMap]) -> None:
    """Write sets; empty ones, too, as they may have been full."""
    for ids in sets.values():
        ids.run_optimize()  # the reports of a day have ids in a row: a tenth to store and to read
    rows = [{"name": name, "key": key, "reports": ids.serialize()} for (name, key), ids in sets.items()]
    if rows:
        row = tx.insert(report_sets)
        new = {"reports": row.excluded.reports}
        tx.execute(row.on_conflict_do_update(index_elements=["name", "key"], set_=new), rows)


def empty(tx: Tx) -> None:
    """Begin anew: what can be found again goes."""
    restart(tx, MOVES)
    tx.execute(delete(report_sets).where(report_sets.c.name.in_((*_KEPT, *_CHANGING))))
