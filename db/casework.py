"""Counting reports: what came in, what had to be closed, how long it took. Definitions: civic.figures, civic.cases."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from pyroaring import BitMap
from sqlalchemy import func, select

from civic.cases import BY_DAY, CHECKED, DUE, FLAGS, KINDS, LATE, MINUTE, RECEIVED, RESOLVED, TIME, WAITING
from civic.figures import SMALL
from civic.reports import OPEN, STANDS
from db import report_sets
from db.counting import Entry, View
from db.durations import Durations
from db.marks import mark, reach
from db.report_sets import MOVES, Shelf
from db.tables import report_moves, reports
from db.tx import Tx

NEWEST = 5_000  # moves that are not in the sets yet and are still read
SAMPLE = 8  # reports of a cell whose senders are looked at first: mostly enough to see that they are many
_PART = 500  # ids in one query
Cells = dict[tuple[str, str], BitMap]  # (dimension, value) → reports


def shelf(tx: Tx) -> Shelf:
    """The sets of reports as they are now."""
    seen = mark(tx, MOVES)
    upto = min(reach(tx, report_moves).line, seen.line + NEWEST)
    return Shelf(tx, report_sets.read_cases(tx, report_sets.moved(tx, seen.line, upto)))


def counted(tx: Tx, view: View) -> Iterator[Entry]:
    """Reports received, due, resolved and checked in the period, and those that wait at its end, by every dimension
    that is wanted."""
    sets = shelf(tx)
    first, last = view.period.start.isoformat(), view.period.end.isoformat()
    days = {name: sets.during(name, first, last) for name in (*sorted(BY_DAY), WAITING, LATE)}
    whole = {name: _here(sets, view, BitMap().union(*days[name].values())) for name in BY_DAY}
    whole[DUE] -= _not_due(tx, view)
    flags = {flag: sets[flag].get("", BitMap()) for flag in FLAGS}
    flags |= {"closed": sets["status"].get("closed", BitMap()), "right_first": flags["handed"] - flags["returned"]}
    flags |= {name: whole[name] for name in BY_DAY}
    waiting, flags[LATE] = _waiting(tx, view, sets, days)
    days[WAITING] = {day: _here(sets, view, some) for day, some in days[WAITING].items()}
    for name, ids in ((RECEIVED, whole[RECEIVED]), (DUE, whole[DUE]), (CHECKED, whole[CHECKED]), (WAITING, waiting)):
        cells = _cells(sets, view, name, ids, days[name])
        crowds = _crowds(tx, cells)
        for (dimension, key), cell in cells.items():
            yield dimension, name, key, {"people": crowds[dimension, key], **_measured(cell, flags)}
    cells = _cells(sets, view, RESOLVED, whole[RESOLVED], days[RESOLVED])
    crowds, more = _crowds(tx, cells), _later(tx, view, sets, whole[RESOLVED])
    for (dimension, key), cell in cells.items():
        took = Durations(sets[TIME], cell - BitMap(more), [more[one] for one in cell & BitMap(more)])
        times = {"median": took.median(), "p90": took.percentile(0.9)} if cell else {}
        yield dimension, RESOLVED, key, {"people": crowds[dimension, key], **_measured(cell, flags), **times}


def _measured(cell: BitMap, flags: Mapping[str, BitMap]) -> Mapping[str, float]:
    return {"lines": len(cell)} | {name: cell.intersection_cardinality(some) for name, some in flags.items()}


def _here(sets: Shelf, view: View, ids: BitMap) -> BitMap:
    """Those of the areas and the channel."""
    if view.areas is not None:
        ids = ids & BitMap().union(*(some for area, some in sets["area"].items() if area in view.areas))
    return ids if view.channel is None else ids & sets["channel"].get(view.channel, BitMap())


def _cells(sets: Shelf, view: View, name: str, ids: BitMap, days: Mapping[str, BitMap]) -> Cells:
    cells: Cells = {("", ""): ids}
    for kind in KINDS:
        for key, some in sets[kind].items() if view.wants(kind, name) else ():
            if cell := ids & some:
                cells[kind, key] = cell
    if view.wants("day", name):
        within = days if name == WAITING else {day: some & ids for day, some in days.items()}
        cells |= {("day", day): some for day, some in within.items()}
    return cells


def _not_due(tx: Tx, view: View) -> BitMap:
    """Open reports whose deadline is still to come; none where the period was over before today."""
    if view.period.end < (tx.now - timedelta(days=1)).date():
        return BitMap()
    r = reports.c
    return BitMap(tx.execute(select(r.id).where(r.closed_at.is_(None), r.due_at > tx.ms)).scalars())


def _waiting(tx: Tx, view: View, sets: Shelf, days: Mapping[str, Mapping[str, BitMap]]) -> tuple[BitMap, BitMap]:
    """The backlog at the end of the period and what of it was late: as noted on that day, or as it is now."""
    last = view.period.until.isoformat()
    if last in days[WAITING]:
        return _here(sets, view, days[WAITING][last]), days[LATE].get(last, BitMap())
    waiting, late = backlog(tx, sets)
    return _here(sets, view, waiting if view.period.end >= view.period.today else BitMap()), late


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


def _later(tx: Tx, view: View, sets: Shelf, ids: BitMap) -> dict[int, int]:
    """Reports resolved in the period and again after it → the minutes until the last time in the period."""
    after = (view.period.end + timedelta(days=1)).isoformat()
    again = sorted(ids & BitMap().union(*sets.during(RESOLVED, after, "9").values()))
    found: dict[int, int] = {}
    m, r = report_moves.c, reports.c
    for at in range(0, len(again), _PART):
        within = (m.report_id.in_(again[at : at + _PART]), m.move == "resolve", view.during(m.day))
        took = func.max(m.at) - r.created_at
        query = select(r.id, took).join_from(report_moves, reports, m.report_id == r.id).where(*within)
        for report, time in tx.execute(query.group_by(r.id, r.created_at)):
            found[int(report)] = max(0, int(time)) // MINUTE
    return found


def _crowds(tx: Tx, cells: Cells) -> dict[tuple[str, str], int]:
    """How many residents sent the reports of each cell, at least: where they are few (``SMALL``) exactly."""
    samples = {key: ids[: min(SAMPLE, len(ids))] for key, ids in cells.items()}
    senders = _senders(tx, BitMap().union(*samples.values()))
    counts = {key: _different(senders, ids) for key, ids in samples.items()}
    unsure = [key for key, count in counts.items() if count < SMALL and len(cells[key]) > SAMPLE]
    senders = _senders(tx, BitMap().union(*(cells[key] for key in unsure)))
    return counts | {key: _different(senders, cells[key]) for key in unsure}


def _senders(tx: Tx, ids: BitMap) -> dict[int, int | None]:
    wanted = list(ids)
    found: dict[int, int | None] = {}
    for at in range(0, len(wanted), _PART):
        query = select(reports.c.id, reports.c.resident_id).where(reports.c.id.in_(wanted[at : at + _PART]))
        found |= {int(report): resident for report, resident in tx.execute(query)}
    return found


def _different(senders: Mapping[int, int | None], ids: BitMap) -> int:
    return len({senders.get(one) for one in ids} - {None})
