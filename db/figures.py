"""Counting for the statistics: journal, residents, reports and their moves. Definitions: civic.figures.

Deeds come from the rollups (db.tally), reports from sets of reports (db.casework), residents are counted as they are.
Who erased themselves is no person any more: their deeds and reports still count, they do not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import chain

from sqlalchemy import distinct, func, select

from civic.catalogue import EXACT
from civic.figures import ACTIVE, AGAIN, BEFORE, Counts
from civic.periods import Period
from db.casework import counted
from db.counting import Column, Entry, View, grouped
from db.returning import returned
from db.tables import residents, talks
from db.tally import Tally
from db.tx import Tx


def count(
    tx: Tx,
    period: Period,
    wanted: Collection[tuple[str, str]],
    areas: Collection[str] | None = None,
    channel: str | None = None,
) -> Counts:
    """The counts of a period for the sets that are ``wanted`` (dimension, set; the dimension "" is the whole).

    Only these communities and this channel, if given.
    """
    view = View(period, areas, channel, wanted)
    tally = Tally(tx, areas, channel)
    counts: dict[tuple[str, str], dict[str, dict[str, float]]] = defaultdict(dict)
    told = (_residents(tx, view), _deeds(tally, view), _activity(tally, view), returned(tx, tally, view))
    for dimension, name, cell, measures in chain.from_iterable((*told, counted(tx, view))):
        counts[dimension, name].setdefault(cell or "", {}).update(measures)
    _complete(counts, period)
    return counts


def _complete(counts: dict[tuple[str, str], dict[str, dict[str, float]]], period: Period) -> None:
    """Add what follows from the counts: all deeds together, points by deed, person-days, what was learned."""
    for (dimension, name), cells in list(counts.items()):
        for cell, measures in cells.items():
            if "points" in measures and name != "active":
                if dimension == "":
                    counts["deed", "all"][name] = measures
                total = counts[dimension, "all"].setdefault(cell, {"points": 0, "people": 0})
                total["points"] += measures["points"]
                # At least those who did the commonest deed: where small cells are hidden, too few is safe.
                total["people"] = max(total["people"], measures["people"])
            if name == AGAIN:
                before = counts[dimension, BEFORE].get(cell, {"right": 0})
                measures["gained"] = measures["right"] - before["right"]
    days = counts["day", "active"].values()
    person_days = sum(day["people"] for day in days)
    counts["", "active"].setdefault("", {}).update(person_days=person_days, days=len(period.days))


def _residents(tx: Tx, view: View) -> Iterator[Entry]:
    """Who takes part at the end of the period, and who came during it."""
    joined = residents.c.joined_day
    sets: dict[str, tuple[Column, dict[str, Column]]] = {
        "residents": (joined <= view.period.end.isoformat(), {"area": residents.c.area}),
        "newcomers": (
            view.during(joined),
            {"area": residents.c.area, "day": joined, "source": residents.c.source},
        ),
    }
    for name, (when, columns) in sets.items():
        where = [when, residents.c.erased_at.is_(None), view.inside(residents.c.area)]
        spoke = select(talks.c.resident_id).where(talks.c.channel == view.channel)
        if view.channel is not None:
            where.append(residents.c.id.in_(spoke))
        whole: int | None = None  # each is in one cell of a dimension: what was counted there is not counted again
        for dimension, column in {**columns, "": None}.items():
            if not view.wants(dimension, name):
                continue
            if dimension == "" and whole is not None:
                yield "", name, "", {"people": whole}
                continue
            rows = tx.execute(grouped(column, [func.count()], where).select_from(residents)).all()
            whole = sum(row[1] for row in rows)
            for row in rows:
                yield dimension, name, row[0], {"people": row[1]}
        if not view.wants("channel", name):
            continue
        people = func.count(distinct(talks.c.resident_id))
        by_channel = grouped(talks.c.channel, [people], where).select_from(residents.join(talks))
        for row in tx.execute(by_channel):
            if view.channel in {None, row[0]}:
                yield "channel", name, row[0], {"people": row[1]}


def _deeds(tally: Tally, view: View) -> Iterator[Entry]:
    """Lines of the journal by deed: as a whole, by area, channel, topic (or category), day and source."""
    start, end = view.period.start, view.period.end
    for dimension in ("", "area", "channel", "day", "topic", "category", "source"):
        names = _names(view, dimension)
        if names is None or names:
            by = "about" if dimension in {"topic", "category", "source"} else dimension
            for (deed, cell), measures in tally.counts(by, start, end, names, EXACT[dimension]).items():
                yield dimension, deed, cell, measures


def _names(view: View, dimension: str) -> set[str] | None:
    """The deeds that are to be counted by a dimension; None for all."""
    names = set(view.sets(dimension))
    if dimension == "day" and view.asks(ACTIVE):
        names.add(ACTIVE)  # person-days
    if "all" in names or (dimension == "" and view.asks("all")):
        return None
    return names


def _activity(tally: Tally, view: View) -> Iterator[Entry]:
    """Who was active in the 7 and 30 days up to the end."""
    for name, length in (("active_weekly", 7), ("active_monthly", 30)):
        if not view.asks(name):
            continue
        start = view.period.until - timedelta(days=length - 1)
        found = tally.counts("", start, view.period.until, [ACTIVE], EXACT[""])
        yield "", name, "", {"people": found.get((ACTIVE, ""), {"people": 0})["people"]}
