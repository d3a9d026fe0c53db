"""Counting for the statistics: journal, residents, reports and their moves. Definitions: civic.figures.

Deeds come from the rollups (db.tally), reports from sets of reports (db.casework), residents are counted as they are.
Who erased themselves is no person any more: their deeds and reports still count, they do not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain

from sqlalchemy import distinct, func, select

from civic.figures import ACTIVE, AGAIN, BEFORE, FEW, OVERALL, Counts, Wanted
from civic.periods import Period
from db.casebook import COUNTED
from db.casework import counted
from db.counting import Cells, Column, Entry, View, grouped
from db.returning import WEEKS, Cohorts, newcomers, returned
from db.tables import residents, talks
from db.tally import Tally
from db.tx import Tx

_NO_DEEDS = frozenset({"residents", "newcomers", "active_weekly", "active_monthly", "base", OVERALL, *WEEKS, *COUNTED})


def count(
    tx: Tx,
    period: Period,
    wanted: Wanted,
    areas: Collection[str] | None = None,
    channel: str | None = None,
) -> Counts:
    """The counts of a period for what is ``wanted`` (the dimension "" is the whole).

    Only these communities and this channel, if given.
    """
    view = View(period, areas, channel, wanted)
    tally, cohorts = Tally(tx, areas, channel), newcomers(tx, view)
    counts: dict[tuple[str, str], Cells] = {}
    people = (_residents(tx, view, cohorts), _deeds(tally, view), _activity(tally, view))
    told = (*people, returned(cohorts, tally, view), counted(tx, view))
    for dimension, name, cells in chain.from_iterable(told):
        known = counts.get((dimension, name))
        counts[dimension, name] = {**known, **cells} if known else cells
    if view.telling("", "person_days"):
        by_day = counts.get(("day", f"{ACTIVE}.people"), {})
        counts["", f"{ACTIVE}.person_days"] = {"": sum(by_day.values())}
        counts["", f"{ACTIVE}.days"] = {"": len(period.days)}
    return counts


def _residents(tx: Tx, view: View, cohorts: Cohorts) -> Iterator[Entry]:
    """Who takes part at the end of the period, and who came during it; who is in the ``cohorts`` is not read again."""
    if not (view.asks("residents") or view.asks("newcomers")):
        return
    r, start, end = residents.c, view.period.start.isoformat(), view.period.end.isoformat()
    came = {day.isoformat(): len(ids) for day, ids in cohorts.get(("", ""), {}).items()} if cohorts else None
    sets: Sequence[tuple[str, Column, Mapping[str, Column]]] = (
        ("residents", r.joined_day <= end, {"area": r.area}),
        ("newcomers", view.during(r.joined_day), {"area": r.area, "day": r.joined_day, "source": r.source}),
    )
    for name, when, columns in sets:
        cells = {
            dimension: came if dimension == "day" and came is not None else _people(tx, view, when, column)
            for dimension, column in columns.items()
            if view.wants(dimension, name)
        }
        if view.wants("", name):
            if cells:  # each is in one cell of a dimension
                whole = sum(next(iter(cells.values())).values())
            elif came is None:
                whole = sum(_people(tx, view, when).values())
            else:
                before = _people(tx, view, r.joined_day < start) if name == "residents" else {}
                whole = sum((*came.values(), *before.values()))
            cells[""] = {"": whole}
        if view.wants("channel", name):
            cells["channel"] = _by_channel(tx, view, when)
        for dimension, numbers in cells.items():
            yield dimension, f"{name}.people", {cell or "": number for cell, number in numbers.items()}


def _people(tx: Tx, view: View, when: Column, column: Column | None = None) -> dict[str, int]:
    """How many residents of the view there are by each value of a column."""
    rows = tx.execute(grouped(column, [func.count()], _named(view, when)).select_from(residents))
    return {row[0]: row[1] for row in rows}


def _by_channel(tx: Tx, view: View, when: Column) -> dict[str, int]:
    people = func.count(distinct(talks.c.resident_id))
    rows = tx.execute(grouped(talks.c.channel, [people], _named(view, when)).select_from(residents.join(talks)))
    return {row[0]: row[1] for row in rows if view.channel in {None, row[0]}}


def _named(view: View, when: Column) -> list[Column]:
    """Who is a person still, in the view."""
    where = [when, residents.c.erased_at.is_(None), view.inside(residents.c.area)]
    spoke = select(talks.c.resident_id).where(talks.c.channel == view.channel)
    return where if view.channel is None else [*where, residents.c.id.in_(spoke)]


def _deeds(tally: Tally, view: View) -> Iterator[Entry]:
    """Lines of the journal by deed: as a whole, by area, channel, topic (or category), day and source."""
    start, end = view.period.start, view.period.end
    few = any(FEW in measures for measures in view.wanted.values())
    for dimension in ("", "area", "channel", "day", "topic", "category", "source"):
        names = _names(view, dimension)
        if names is None or names:
            by = "about" if dimension in {"topic", "category", "source"} else dimension
            exact = view.telling(dimension, "people") | ({ACTIVE} if dimension == "day" else set())
            found = tally.counts(by, start, end, names, exact, few=few)
            for deed, columns in found.items():
                for measure, cells in columns.items():
                    yield dimension, f"{deed}.{measure}", cells
            if AGAIN in found:
                before = found[BEFORE]["right"] if BEFORE in found else {}
                gained = {cell: right - before.get(cell, 0) for cell, right in found[AGAIN]["right"].items()}
                yield dimension, f"{AGAIN}.gained", gained
            if names is None:
                yield from _together(dimension, {deed: found[deed] for deed in found if deed != ACTIVE})


def _together(dimension: str, found: Mapping[str, Mapping[str, Cells]]) -> Iterator[Entry]:
    """All deeds as one, and each of them as a cell."""
    points, people = defaultdict[str, float](float), defaultdict[str, float](float)
    for columns in found.values():
        for cell, number in columns["points"].items():
            points[cell] += number
        # At least those who did the commonest deed: where small cells are hidden, too few is safe.
        for cell, number in columns["people"].items():
            people[cell] = max(people[cell], number)
    yield from ((dimension, "all.points", points), (dimension, "all.people", people))
    if dimension == "":
        for measure in ("points", "people"):
            yield "deed", f"all.{measure}", {deed: columns[measure][""] for deed, columns in found.items()}


def _names(view: View, dimension: str) -> set[str] | None:
    """The deeds that are to be counted by a dimension; None for all."""
    names = set(view.sets(dimension)) - _NO_DEEDS
    if dimension == "day" and ACTIVE in view.telling("", "person_days"):
        names.add(ACTIVE)
    if "all" in names or (dimension == "" and view.asks("all")):
        return None
    return names


def _activity(tally: Tally, view: View) -> Iterator[Entry]:
    """Who was active in the 7 and 30 days up to the end."""
    for name, length in (("active_weekly", 7), ("active_monthly", 30)):
        if not view.asks(name):
            continue
        start = view.period.until - timedelta(days=length - 1)
        found = tally.counts("", start, view.period.until, [ACTIVE], [ACTIVE])
        yield "", f"{name}.people", found[ACTIVE]["people"] if ACTIVE in found else {"": 0}
