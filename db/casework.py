"""Counting reports: what came in, what had to be closed, how long it took. Definitions: civic.figures, civic.cases."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from functools import partial

import orjson
from pyroaring import BitMap
from sqlalchemy import text

from civic.cases import LATE, MINUTE, RESOLVED, TIME, WAITING
from civic.figures import FEW, SMALL
from db.casebook import COUNTED, TIMES, Casebook
from db.counting import Entry, View
from db.durations import Durations
from db.tx import Hot, Tx

SAMPLE = 8  # reports of a cell whose senders are looked at first: mostly enough to see that they are many
MORE = 8  # times as many are looked at where it is not
Place = tuple[str, str, str]  # dimension, set, cell
_LIST = {  # many ids, given as one parameter
    "sqlite": "SELECT value FROM json_each(:ids)",
    "postgresql": "SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:ids AS json)) AS one(value)",
}
_SENDERS = {
    name: Hot(text(f"SELECT id, resident_id FROM reports WHERE id IN ({ids})"))  # nosec B608 # noqa: S608 - our own names
    for name, ids in _LIST.items()
}
_TOOK = {  # until a report was resolved for the last time in a period
    name: Hot(
        text(
            "SELECT m.report_id, max(m.at) - r.created_at FROM report_moves m JOIN reports r ON r.id = m.report_id"  # nosec B608 # noqa: S608 - our own names
            # Not by the index of days: the plan that PostgreSQL keeps for any days would read all moves of the period.
            f" WHERE m.report_id IN ({ids}) AND m.move = 'resolve' AND m.day || '' BETWEEN :first AND :last"
            " GROUP BY m.report_id, r.created_at"
        )
    )
    for name, ids in _LIST.items()
}


def counted(tx: Tx, view: View) -> Iterator[Entry]:
    """Reports received, due, resolved and checked in the period, and those that wait at its end, by every dimension
    that is wanted."""
    if not any(view.asks(name) for name in COUNTED):
        return
    book = Casebook(tx, view)
    took = Durations(book.sets[TIME], book.whole[RESOLVED], _later(tx, view, book)) if book.timed else None
    wanted = {(by, name): measures for (by, name), measures in view.wanted.items() if name in book.names}
    peopled = [place for place, measures in wanted.items() if FEW in measures]
    crowds = _crowds(tx, {(*place, key): cell for place in peopled for key, cell in _cut(book, *place)})
    for (by, name), measures in wanted.items():
        if (by, name) == ("day", WAITING):
            cells, late = book.backlogs()
            yield by, f"{name}.lines", {day: len(ids) for day, ids in cells.items()}
            if LATE in measures:
                yield by, f"{name}.{LATE}", {day: len(ids & late[day]) for day, ids in cells.items()}
        else:
            cells = book.cells(by, name)
            for one in measures:
                if teller := _teller(book, took, by, name, one):
                    yield by, f"{name}.{one}", dict(zip(cells, map(teller, cells.values()), strict=True))
        if FEW in measures:
            yield by, f"{name}.people", {key: crowds[by, name, key] for key in cells}


def _teller(
    book: Casebook, took: Durations | None, by: str, name: str, measure: str
) -> Callable[[BitMap], float] | None:
    """How a measure is found for a cell, among the reports of the set that lie in it; None: people are counted
    elsewhere."""
    ids, within = book.whole[name], book.within(by, name)
    if measure == "lines":
        return len if within else ids.intersection_cardinality
    if measure in book.flags:
        flag = book.flags[measure]
        return (flag if within else ids & flag).intersection_cardinality
    if took and measure in TIMES:
        return took.median if measure == "median" else partial(took.percentile, 0.9)
    return None


def _cut(book: Casebook, by: str, name: str) -> Iterator[tuple[str, BitMap]]:
    """Each cell with its reports of a set."""
    if (by, name) == ("day", WAITING):
        yield from book.backlogs()[0].items()
    else:
        yield from ((key, cell & book.whole[name]) for key, cell in book.cells(by, name).items())


def _later(tx: Tx, view: View, book: Casebook) -> dict[int, int]:
    """Reports resolved in the period and again after it → the minutes until the last time in the period."""
    after = (view.period.end + timedelta(days=1)).isoformat()
    days = book.sets.take_down((), [RESOLVED], after, "9")[RESOLVED]
    again = book.whole[RESOLVED] & BitMap().union(*days.values())
    if not again:
        return {}
    first, last = view.period.start.isoformat(), view.period.end.isoformat()
    took = tx.hot(_TOOK[tx.connection.dialect.name], ids=_listed(again), first=first, last=last)
    return {int(report): max(0, int(time)) // MINUTE for report, time in took}


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
    found = tx.hot(_SENDERS[tx.connection.dialect.name], ids=_listed(ids))
    return {int(report): resident for report, resident in found}


def _listed(ids: BitMap) -> str:
    return orjson.dumps(ids.to_array().tolist()).decode()


def _different(senders: Mapping[int, int | None], ids: BitMap) -> int:
    return len({senders.get(one) for one in ids} - {None})
