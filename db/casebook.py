"""The reports of a view: which sets they are in, and which reports stand behind a number."""

from collections.abc import Mapping
from functools import cached_property

from pyroaring import BitMap
from sqlalchemy import bindparam, literal_column, select

from civic.cases import CHECKED, DUE, FLAGS, KINDS, LATE, PASSED, RECEIVED, REOPENED, RESOLVED, TIME, WAITING
from civic.reports import OPEN, STANDS
from db import report_sets
from db.counting import Column, View
from db.gathering import Gathering
from db.marks import mark, reach
from db.report_sets import MOVES, Shelf
from db.tables import report_moves, reports, staff_talks, talks
from db.tx import Tx

COUNTED = (RECEIVED, DUE, RESOLVED, CHECKED, WAITING)
TIMES = frozenset({"median", "p90"})
_BESIDE = frozenset({REOPENED, PASSED, LATE})  # measures of these that are kept by day, too
_MADE_OF = {  # measure → the sets that it is made of, where it is none of FLAGS itself
    "closed": ("status",),
    "merged": ("status",),
    "right_first": ("handed", "returned"),
    "filed_well": ("filed", "status"),
    "to_dispatch": ("dispatch_timed",),
    "dispatched_well": ("dispatch_timed", "reworked"),
}
NEWEST = 5_000  # moves that are not in the sets yet and are still read
_R = reports.c
_NOW: Column = bindparam("now")
_AHEAD = Gathering(_R.id, _R.closed_at.is_(None), _R.due_at > _NOW)
_UNDISPATCHED = Gathering(
    *(_R.id, _R.status == literal_column("'accepted'"), _R.department.is_(None), _R.closed_at.is_(None)),
    _R.step_due_at <= _NOW,
)
_STAFF = select(talks.c.resident_id).join(staff_talks, staff_talks.c.talk_id == talks.c.id)
_BY_STAFF = Gathering(_R.id, _R.resident_id.in_(_STAFF))
Cells = Mapping[str, BitMap]  # value of a dimension → reports


def shelf(tx: Tx) -> Shelf:
    """The sets of reports as they are now."""
    seen = mark(tx, MOVES)
    upto = min(reach(tx, report_moves).line, seen.line + NEWEST)
    return Shelf(tx, report_sets.read_cases(tx, report_sets.moved(tx, seen.line, upto)))


class Casebook:
    """``whole``: the reports of each set in the view; ``flags``: those for which something is true, anywhere.

    Only of the sets that the view asks for.
    """

    def __init__(self, tx: Tx, view: View) -> None:
        self._tx, self._view = tx, view
        self.names = [name for name in COUNTED if view.asks(name)]
        self._measures = view.measures(self.names)
        self.timed = not TIMES.isdisjoint(view.measures([RESOLVED]))
        self.sets = shelf(tx)
        first, last = view.period.start.isoformat(), view.period.end.isoformat()
        by_day = {*self.names, *(_BESIDE & self._measures)}
        self._days = self.sets.take_down(self._needed(), by_day, first, last)
        happened = by_day - {WAITING, LATE}
        self.whole = {name: self._here(BitMap().union(*self._days[name].values())) for name in happened}
        flags = self._flags() | {name: self.whole[name] for name in happened & {REOPENED, PASSED}}
        if DUE in by_day:
            self.whole[DUE] -= self._not_due()
        if WAITING in by_day:
            waiting, flags[LATE] = self._waiting()
            self.whole[WAITING] = self._here(waiting)
        self.flags: Mapping[str, BitMap] = flags

    def cells(self, dimension: str, name: str) -> Cells:
        """Which reports lie in each cell of a dimension: those of ``whole`` among them belong to the set there."""
        if dimension == "day":
            return self._days[name]
        return self.sets[dimension] if dimension else {"": self.whole[name]}

    def within(self, dimension: str, name: str) -> bool:
        """Whether those cells hold nothing but reports of ``whole``."""
        cut = self._view.areas is not None or self._view.channel is not None
        return not dimension or (dimension == "day" and name != DUE and not cut)

    def backlogs(self) -> tuple[Cells, Cells]:
        """The backlog at the end of each day, and what was late on it: as it was noted, today's as it is."""
        waiting = {day: self._here(some) for day, some in self._days[WAITING].items()}
        late = dict.fromkeys(waiting, BitMap()) | self._days.get(LATE, {})
        if not self._over:
            today = self._view.period.until.isoformat()
            waiting[today], late[today] = self.whole[WAITING], self.flags[LATE]
        return waiting, late

    def members(self, name: str, dimension: str = "", key: str = "") -> BitMap:
        """The reports that ``set.measure`` counts, in one cell of a dimension."""
        group, _, measure = name.partition(".")
        if (dimension, group) == ("day", WAITING):
            waiting, late = self.backlogs()
            ids = waiting.get(key, BitMap())
            return ids & late[key] if measure == LATE and ids else ids
        ids = self.whole[group]
        if dimension:
            ids = ids & self.cells(dimension, group).get(key, BitMap())
        return ids & self.flags[measure] if measure in self.flags else ids

    def _needed(self) -> set[str]:
        """What is read of the shelf as a whole."""
        kinds = {kind for kind in KINDS if self._view.wants(kind, *self.names)}
        for name, wanted in (
            ("area", self._view.areas is not None),
            ("channel", self._view.channel is not None),
            ("status", WAITING in self.names),
            (TIME, self.timed),
        ):
            kinds |= {name} if wanted else set()
        return kinds | self._made_of()

    def _made_of(self) -> set[str]:
        """The sets that the measures are made of."""
        found = {one for measure in self._measures for one in _MADE_OF.get(measure, (measure,))}
        return found & {"status", *FLAGS}

    def _flags(self) -> dict[str, BitMap]:
        made_of = self._made_of()
        status = self.sets["status"] if "status" in made_of else {}
        flags = {flag: self.sets[flag].get("", BitMap()) for flag in made_of - {"status"}}
        flags |= {"closed": status.get("closed", BitMap()), "merged": status.get("duplicate", BitMap())}
        if "right_first" in self._measures:
            flags["right_first"] = flags["handed"] - flags["returned"]
        if "filed_well" in self._measures:
            flags["filed_well"] = flags["filed"] - status.get("rejected", BitMap())
        if not self._measures.isdisjoint({"to_dispatch", "dispatched_well"}):
            flags["to_dispatch"] = flags["dispatch_timed"] | self._undispatched()
        if "dispatched_well" in self._measures:
            flags["dispatched_well"] = flags["to_dispatch"] - flags["reworked"]
        return flags

    def _here(self, ids: BitMap) -> BitMap:
        """Those of the areas and the channel."""
        areas, channel = self._view.areas, self._view.channel
        if areas is not None:
            ids = ids & BitMap().union(*(some for area, some in self.sets["area"].items() if area in areas))
        return ids if channel is None else ids & self.sets["channel"].get(channel, BitMap())

    def _not_due(self) -> BitMap:
        """Open reports whose deadline is still to come: none where the period is over."""
        return BitMap() if self._over else self._ahead

    def _undispatched(self) -> BitMap:
        """Taken on, and longer than the city allows without a department."""
        return _UNDISPATCHED.ids(self._tx, now=self._tx.ms)

    @cached_property
    def _ahead(self) -> BitMap:
        return ahead(self._tx)

    @cached_property
    def _over(self) -> bool:
        return self._view.period.end < self._view.period.today

    def _waiting(self) -> tuple[BitMap, BitMap]:
        """The backlog at the end of the period and what of it was late: as noted on that day, or as it is now."""
        last = self._view.period.until.isoformat()
        if last in self._days[WAITING]:
            return self._days[WAITING][last], self._days.get(LATE, {}).get(last, BitMap())
        waiting, late = backlog(self.sets, self._ahead)
        return (BitMap() if self._over else waiting), late


def made_by_staff(tx: Tx) -> BitMap:
    """Reports sent from a chat to which somebody of the staff has bound themselves."""
    return _BY_STAFF.ids(tx)


def ahead(tx: Tx) -> BitMap:
    """Open reports whose deadline is still to come."""
    return _AHEAD.ids(tx, now=tx.ms)


def backlog(sets: Shelf, ahead: BitMap) -> tuple[BitMap, BitMap]:
    """Reports that are open now, and those of them that are late and wait for the office."""
    waiting, stands = (
        BitMap().union(*(sets["status"].get(status, BitMap()) for status in some)) for some in (OPEN, STANDS)
    )
    return waiting, waiting - ahead - stands


def note_backlog(tx: Tx, day: str) -> None:
    """Keep what waits now as the backlog at the end of a day."""
    waiting, late = backlog(shelf(tx), ahead(tx))
    report_sets.keep(tx, {(WAITING, day): waiting, (LATE, day): late})
