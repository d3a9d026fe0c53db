"""The reports of a view: which sets they are in, and which reports stand behind a number."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property

from pyroaring import BitMap
from sqlalchemy import select

from civic.cases import BY_DAY, DUE, FLAGS, KINDS, LATE, WAITING
from civic.reports import OPEN, STANDS
from db import report_sets
from db.counting import View
from db.marks import mark, reach
from db.report_sets import MOVES, Shelf
from db.tables import report_moves, reports, staff_talks, talks
from db.tx import Tx

NEWEST = 5_000  # moves that are not in the sets yet and are still read
Cells = dict[tuple[str, str], BitMap]  # (dimension, value) → reports


def shelf(tx: Tx) -> Shelf:
    """The sets of reports as they are now."""
    seen = mark(tx, MOVES)
    upto = min(reach(tx, report_moves).line, seen.line + NEWEST)
    return Shelf(tx, report_sets.read_cases(tx, report_sets.moved(tx, seen.line, upto)))


class Casebook:
    """``whole``: the reports of each set in the view; ``flags``: those for which something is true, anywhere."""

    def __init__(self, tx: Tx, view: View) -> None:
        self._tx, self._view = tx, view
        self.sets = shelf(tx)
        first, last = view.period.start.isoformat(), view.period.end.isoformat()
        self._days = {name: self.sets.during(name, first, last) for name in (*sorted(BY_DAY), WAITING, LATE)}
        waiting, late = self._waiting()
        self.whole = {name: self._here(BitMap().union(*self._days[name].values())) for name in BY_DAY}
        self.whole[DUE] -= self._not_due()
        self.whole[WAITING] = self._here(waiting)
        status = self.sets["status"]
        flags = {flag: self.sets[flag].get("", BitMap()) for flag in FLAGS}
        flags |= {"closed": status.get("closed", BitMap()), "right_first": flags["handed"] - flags["returned"]}
        flags["filed_well"] = flags["filed"] - status.get("rejected", BitMap())
        flags["to_dispatch"] = flags["dispatch_timed"] | self._undispatched()
        flags["dispatched_well"] = flags["to_dispatch"] - flags["reworked"]
        flags["merged"] = status.get("duplicate", BitMap())
        self.flags: Mapping[str, BitMap] = flags | {name: self.whole[name] for name in BY_DAY} | {LATE: late}

    def cells(self, name: str) -> Cells:
        """The reports of a set by every dimension that is wanted."""
        ids, cells = self.whole[name], Cells({("", ""): self.whole[name]})
        for kind in KINDS:
            for key, some in self.sets[kind].items() if self._view.wants(kind, name) else ():
                if cell := ids & some:
                    cells[kind, key] = cell
        if self._view.wants("day", name):
            cells |= {("day", day): some for day, some in self._by_day(name).items()}
        return cells

    def members(self, name: str, dimension: str = "", key: str = "") -> BitMap:
        """The reports that ``set.measure`` counts, in one cell of a dimension."""
        group, _, measure = name.partition(".")
        if dimension == "day":
            ids = self._by_day(group).get(key, BitMap())
        else:
            ids = self.whole[group] & self.sets[dimension].get(key, BitMap()) if dimension else self.whole[group]
        return ids & self.flags[measure] if measure in self.flags else ids

    def _by_day(self, name: str) -> Mapping[str, BitMap]:
        if name == WAITING:  # as it was noted
            noted = {day: self._here(some) for day, some in self._days[WAITING].items()}
            return noted | ({} if self._over else {self._view.period.until.isoformat(): self.whole[WAITING]})
        return {day: some & self.whole[name] for day, some in self._days[name].items()}

    def _here(self, ids: BitMap) -> BitMap:
        """Those of the areas and the channel."""
        areas, channel = self._view.areas, self._view.channel
        if areas is not None:
            ids = ids & BitMap().union(*(some for area, some in self.sets["area"].items() if area in areas))
        return ids if channel is None else ids & self.sets["channel"].get(channel, BitMap())

    def _not_due(self) -> BitMap:
        """Open reports whose deadline is still to come; none where the period was over before today."""
        if self._view.period.end < (self._tx.now - timedelta(days=1)).date():
            return BitMap()
        r = reports.c
        return BitMap(self._tx.execute(select(r.id).where(r.closed_at.is_(None), r.due_at > self._tx.ms)).scalars())

    def _undispatched(self) -> BitMap:
        """Taken on, and longer than the city allows without a department."""
        r = reports.c
        waits = (r.status == "accepted", r.department.is_(None), r.closed_at.is_(None), r.step_due_at <= self._tx.ms)
        return BitMap(self._tx.execute(select(r.id).where(*waits)).scalars())

    @cached_property
    def _over(self) -> bool:
        return self._view.period.end < self._view.period.today

    def _waiting(self) -> tuple[BitMap, BitMap]:
        """The backlog at the end of the period and what of it was late: as noted on that day, or as it is now."""
        last = self._view.period.until.isoformat()
        if last in self._days[WAITING]:
            return self._days[WAITING][last], self._days[LATE].get(last, BitMap())
        waiting, late = backlog(self._tx, self.sets)
        return (BitMap() if self._over else waiting), late


def made_by_staff(tx: Tx) -> BitMap:
    """Reports sent from a chat to which somebody of the staff has bound themselves."""
    theirs = select(talks.c.resident_id).join(staff_talks, staff_talks.c.talk_id == talks.c.id)
    return BitMap(tx.execute(select(reports.c.id).where(reports.c.resident_id.in_(theirs))).scalars())


def backlog(tx: Tx, sets: Shelf) -> tuple[BitMap, BitMap]:
    """Reports that are open now, and those of them that are late and wait for the office."""
    waiting = BitMap().union(*(sets["status"].get(status, BitMap()) for status in OPEN))
    stands = BitMap().union(*(sets["status"].get(status, BitMap()) for status in STANDS))
    r = reports.c
    passed = BitMap(tx.execute(select(r.id).where(r.closed_at.is_(None), r.due_at <= tx.ms)).scalars())
    return waiting, (waiting & passed) - stands


def note_backlog(tx: Tx, day: str) -> None:
    """Keep what waits now as the backlog at the end of a day."""
    waiting, late = backlog(tx, shelf(tx))
    report_sets.keep(tx, {(WAITING, day): waiting, (LATE, day): late})
