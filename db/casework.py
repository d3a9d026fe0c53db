"""Counting reports: what came in, what had to be closed, how long it took. Definitions: civic.figures, civic.cases."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from pyroaring import BitMap
from sqlalchemy import func, select

from civic.cases import CHECKED, DUE, MINUTE, RECEIVED, RESOLVED, TIME, WAITING
from civic.figures import SMALL
from db.casebook import Casebook, Cells
from db.counting import Entry, View
from db.durations import Durations
from db.tables import report_moves, reports
from db.tx import Tx

COUNTED = (RECEIVED, DUE, RESOLVED, CHECKED, WAITING)
SAMPLE = 8  # reports of a cell whose senders are looked at first: mostly enough to see that they are many
_PART = 500  # ids in one query


def counted(tx: Tx, view: View) -> Iterator[Entry]:
    """Reports received, due, resolved and checked in the period, and those that wait at its end, by every dimension
    that is wanted."""
    names = [name for name in COUNTED if view.asks(name)]
    if not names:
        return
    book = Casebook(tx, view)
    for name in names:
        cells = book.cells(name)
        crowds = _crowds(tx, cells)
        more = _later(tx, view, book) if name == RESOLVED else {}
        for (dimension, key), cell in cells.items():
            measures = {"people": crowds[dimension, key], **_measured(cell, book.flags)}
            if name == RESOLVED and cell:
                measures |= _times(book, cell, more)
            yield dimension, name, key, measures


def _measured(cell: BitMap, flags: Mapping[str, BitMap]) -> Mapping[str, float]:
    return {"lines": len(cell)} | {name: cell.intersection_cardinality(some) for name, some in flags.items()}


def _times(book: Casebook, cell: BitMap, more: Mapping[int, int]) -> Mapping[str, float]:
    apart = cell & BitMap(more)
    took = Durations(book.sets[TIME], cell - apart, [more[one] for one in apart])
    return {"median": took.median(), "p90": took.percentile(0.9)}


def _later(tx: Tx, view: View, book: Casebook) -> dict[int, int]:
    """Reports resolved in the period and again after it → the minutes until the last time in the period."""
    after = (view.period.end + timedelta(days=1)).isoformat()
    again = sorted(book.whole[RESOLVED] & BitMap().union(*book.sets.during(RESOLVED, after, "9").values()))
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
