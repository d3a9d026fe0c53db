"""Counting reports: what came in, what had to be closed, how long it took. Definitions: civic.figures, civic.cases."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from functools import partial

import orjson
from pyroaring import BitMap
from sqlalchemy import func, select, text

from civic.cases import MINUTE, RESOLVED, TIME
from civic.figures import FEW, SMALL
from db.casebook import COUNTED, Casebook
from db.counting import Entry, View
from db.durations import Durations
from db.tables import report_moves, reports
from db.tx import Tx

SAMPLE = 8  # reports of a cell whose senders are looked at first: mostly enough to see that they are many
MORE = 8  # times as many are looked at where it is not
_PART = 500  # ids in one query
Place = tuple[str, str, str]  # set, dimension, cell
_LIST = {  # many ids, given as one parameter
    "sqlite": "SELECT value FROM json_each(:ids)",
    "postgresql": "SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:ids AS json)) AS one(value)",
}
_SENDERS = {
    name: text(f"SELECT id, resident_id FROM reports WHERE id IN ({ids})")  # nosec B608 # noqa: S608 - our own names
    for name, ids in _LIST.items()
}


def counted(tx: Tx, view: View) -> Iterator[Entry]:
    """Reports received, due, resolved and checked in the period, and those that wait at its end, by every dimension
    that is wanted."""
    if not any(view.asks(name) for name in COUNTED):
        return
    book = Casebook(tx, view)
    cells = {(name, *place): cell for name in book.names for place, cell in book.cells(name).items()}
    told = {(name, by) for (by, name), measures in view.wanted.items() if FEW in measures}
    crowds = _crowds(tx, {place: cell for place, cell in cells.items() if place[:2] in told})
    later = _later(tx, view, book) if book.timed else {}
    flags = {
        (by, name): [(one, book.flags[one]) for one in measures if one in book.flags]
        for (by, name), measures in view.wanted.items()
    }
    for place, cell in cells.items():
        name, dimension, key = place
        measures: dict[str, float] = {"people": crowds.get(place, 0), "lines": len(cell)}
        for flag, some in flags.get((dimension, name), ()):
            measures[flag] = cell.intersection_cardinality(some)
        if name == RESOLVED and book.timed and cell:
            measures |= _times(book, cell, later, view.wanted.get((dimension, name), ()))
        yield dimension, name, key, measures


def _times(book: Casebook, cell: BitMap, later: Mapping[int, int], wanted: Collection[str]) -> Mapping[str, float]:
    apart = cell & BitMap(later)
    took = Durations(book.sets[TIME], cell - apart, [later[one] for one in apart])
    times: Mapping[str, Callable[[], float]] = {"median": took.median, "p90": partial(took.percentile, 0.9)}
    return {name: count() for name, count in times.items() if name in wanted}


def _later(tx: Tx, view: View, book: Casebook) -> dict[int, int]:
    """Reports resolved in the period and again after it → the minutes until the last time in the period."""
    after = (view.period.end + timedelta(days=1)).isoformat()
    days = book.sets.take_down((), [RESOLVED], after, "9")[RESOLVED]
    again = sorted(book.whole[RESOLVED] & BitMap().union(*days.values()))
    found: dict[int, int] = {}
    m, r = report_moves.c, reports.c
    for at in range(0, len(again), _PART):
        within = (m.report_id.in_(again[at : at + _PART]), m.move == "resolve", view.during(m.day))
        took = func.max(m.at) - r.created_at
        query = select(r.id, took).join_from(report_moves, reports, m.report_id == r.id).where(*within)
        for report, time in tx.execute(query.group_by(r.id, r.created_at)):
            found[int(report)] = max(0, int(time)) // MINUTE
    return found


def _crowds(tx: Tx, cells: Mapping[Place, BitMap]) -> dict[Place, int]:
    """How many residents sent the reports of each cell, at least: where they are few (``SMALL``) exactly."""
    senders, looked, size = dict[int, int | None](), BitMap(), SAMPLE
    counts, unsure = dict.fromkeys(cells, 0), list(cells)
    while unsure:
        fresh = _samples([cells[key] for key in unsure], looked, size) - looked
        senders |= _senders(tx, fresh)
        looked |= fresh
        counts |= {key: _different(senders, cells[key] & looked) for key in unsure}
        unsure = [key for key in unsure if counts[key] < SMALL and not cells[key] <= looked]
        size *= MORE
    return counts


def _samples(cells: Collection[BitMap], looked: BitMap, size: int) -> BitMap:
    """So many reports of each cell; those that lie in several serve them all."""
    found = looked.copy()
    for ids in cells:
        lacking = size - ids.intersection_cardinality(found)
        if lacking > 0:
            found |= (ids - found)[:lacking]
    return found


def _senders(tx: Tx, ids: BitMap) -> dict[int, int | None]:
    found = tx.execute(_SENDERS[tx.connection.dialect.name], {"ids": orjson.dumps(ids.to_array().tolist()).decode()})
    return {int(report): resident for report, resident in found.all()}


def _different(senders: Mapping[int, int | None], ids: BitMap) -> int:
    return len({senders.get(one) for one in ids} - {None})
