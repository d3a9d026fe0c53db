"""Counting for the statistics: journal, residents, reports and their moves. Definitions: civic.figures.

Every query groups in the database; only counts come back, and one row for each report resolved in the period.
Who erased themselves is no person any more: their deeds and reports still count, they do not.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from itertools import chain

from sqlalchemy import (
    CTE,
    and_,
    case,
    distinct,
    func,
    literal,
    or_,
    select,
    union_all,
)

from civic.figures import DONE_FOR_THEM, NO_DEEDS, Counts, Period
from db.casework import due, received, resolved
from db.counting import Column, Entry, Query, View, grouped, measured
from db.tables import journal, residents, talks
from db.tx import Tx

_LEARNT = ("right", "graded", "points")
_OWN = journal.c.deed.not_in(DONE_FOR_THEM)
_PEOPLE = func.count(distinct(journal.c.resident_id))


def count(
    tx: Tx,
    period: Period,
    wanted: Collection[tuple[str, str]],
    areas: Collection[str] | None = None,
    channel: str | None = None,
) -> Counts:
    """The counts of a period as a whole and by ``wanted`` (dimension, set), which is where the time goes.

    Only these communities and this channel, if given.
    """
    view = View(period, areas, channel, wanted)
    counts: dict[tuple[str, str], dict[str, dict[str, float]]] = defaultdict(dict)
    parts = (_residents, _deeds, _activity, _reading, received, due, resolved)
    for dimension, name, cell, measures in chain.from_iterable(part(tx, view) for part in parts):
        counts[dimension, name].setdefault(cell or "", {}).update(measures)
    _complete(counts, period)
    return counts


def _complete(counts: dict[tuple[str, str], dict[str, dict[str, float]]], period: Period) -> None:
    """Add what follows from the counts: all deeds together, points by deed, person-days."""
    for (dimension, name), cells in list(counts.items()):
        for cell, measures in cells.items():
            if "points" in measures and name != "active":
                if dimension == "":
                    counts["deed", "all"][name] = measures
                total = counts[dimension, "all"].setdefault(cell, {"points": 0, "people": 0})
                total["points"] += measures["points"]
                # At least those who did the commonest deed: where small cells are hidden, too few is safe.
                total["people"] = max(total["people"], measures["people"])
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
        for dimension, column in {"": None, **columns}.items():
            if view.wants(dimension, name):
                for row in tx.execute(grouped(column, [func.count()], where).select_from(residents)):
                    yield dimension, name, row[0], {"people": row[1]}
        if not view.wants("channel", name):
            continue
        people = func.count(distinct(talks.c.resident_id))
        by_channel = grouped(talks.c.channel, [people], where).select_from(residents.join(talks))
        for row in tx.execute(by_channel):
            if view.channel in {None, row[0]}:
                yield "channel", name, row[0], {"people": row[1]}


def _deeds(tx: Tx, view: View) -> Iterator[Entry]:
    """Lines of the journal by deed: as a whole, by area, channel, topic (or category), day and source."""
    j = journal.c
    where = and_(view.during(j.day), view.here(j.area, j.channel))
    sums = (func.sum(j.right), func.count(j.right), func.sum(j.points))
    # First by person: a small table from which the rest is counted, instead of sorting the journal for each.
    places = [column for column in (j.area, j.channel) if view.sets(column.name)]
    keys = (j.resident_id, j.deed, *places)
    named = (column.label(f"n{at}") for at, column in enumerate((func.count(), *sums)))
    line = select(*keys, *named).where(where).group_by(*keys).cte()
    parts: list[Query] = []
    for name, cell in (("", None), *((place.name, line.c[place.name]) for place in places)):
        parts.append(_part(line, name, cell, line.c.deed))
        parts.append(_part(line, name, cell, None).where(line.c.deed.not_in(DONE_FOR_THEM)))
    for dimension, cell, deed, *numbers in tx.execute(union_all(*parts)):
        yield dimension, deed, cell, measured(numbers, *_LEARNT)
    for dimension, column in (("topic", j.topic), ("category", j.topic), ("day", j.day), ("source", j.subject)):
        deeds = [name for name in view.sets(dimension) if name not in NO_DEEDS]
        query = select(j.deed, column, func.count(), _PEOPLE, *sums).where(where, j.deed.in_(deeds))
        for deed, cell, *numbers in tx.execute(query.group_by(j.deed, column)) if deeds else ():
            yield dimension, deed, cell, measured(numbers, *_LEARNT)


def _part(line: CTE, dimension: str, cell: Column | None, deed: Column | None) -> Query:
    """Count the by-person table for one dimension; without a deed: all deeds as one set, «active»."""
    groups = [column for column in (cell, deed) if column is not None]
    return select(
        literal(dimension),
        literal("") if cell is None else cell,
        literal("active") if deed is None else deed,
        func.sum(line.c.n0),
        func.count(distinct(line.c.resident_id)),
        *(func.sum(line.c[f"n{at}"]) for at in (1, 2, 3)),
    ).group_by(*groups)


def _activity(tx: Tx, view: View) -> Iterator[Entry]:
    """Who was active on each day, and in the 7 and 30 days up to the end."""
    j = journal.c
    here = and_(_OWN, view.here(j.area, j.channel))
    for row in tx.execute(select(j.day, _PEOPLE).where(here, view.during(j.day)).group_by(j.day)):
        yield "day", "active", row[0], {"people": row[1]}
    for name, length in (("active_weekly", 7), ("active_monthly", 30)):
        people = tx.execute(select(_PEOPLE).where(here, view.recent(j.day, length))).scalar_one()
        yield "", name, "", {"people": people}


def _reading(tx: Tx, view: View) -> Iterator[Entry]:
    """Delivered tips whose resident read a tip of that topic on that day; not what was read unasked."""
    j = journal.c
    delivered, read = j.deed == "tip_delivered", j.deed == "tip_read"
    times = func.count(case((delivered, 1)))
    area, channel = (func.max(case((delivered, column))) for column in (j.area, j.channel))
    # One pass over both deeds: a join of lines is slow wherever the planner picks the other index.
    both = (
        select(j.topic, area.label("area"), channel.label("channel"), times.label("times"))
        .where(view.during(j.day), or_(delivered, read), j.resident_id.is_not(None))
        .group_by(j.resident_id, j.day, j.topic)
        .having(times > 0, func.count(case((read, 1))) > 0)
        .subquery()
    )
    places = (both.c.topic, both.c.area, both.c.channel)
    here = view.here(both.c.area, both.c.channel)
    query = select(*places, func.sum(both.c.times)).where(here).group_by(*places)
    found: Counter[tuple[str, str | None]] = Counter()
    for topic, town, door, number in tx.execute(query):
        for place in (("", ""), ("topic", topic), ("area", town), ("channel", door)):
            found[place] += int(number)
    for (dimension, cell), number in found.items():
        yield dimension, "tip_delivered", cell, {"read": number}
