"""Counting for the statistics: journal, residents, reports and their moves. Definitions: civic.figures.

Every query groups in the database; only counts come back, and one row for each report resolved in the period.
Who erased themselves is no person any more: their deeds and reports still count, they do not.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from civic.figures import DONE_FOR_THEM, NO_DEEDS, UNCOUNTED, Counts, Period, middle, percentile
from db.moments import to_ms
from db.tables import journal, report_moves, reports, residents, talks
from db.tx import Tx

Entry = tuple[str, str, str | None, Mapping[str, float]]  # dimension, set, cell, measures
Column = ColumnElement[Any]
Query = Select[*tuple[Any, ...]]
HOUR = 3_600_000  # milliseconds
_LEARNT = ("right", "graded", "points")
_OWN = journal.c.deed.not_in(DONE_FOR_THEM)
_PEOPLE = func.count(distinct(journal.c.resident_id))
_OF_REPORTS: dict[str, Column | None] = {
    "": None,
    "category": reports.c.category,
    "area": reports.c.area,
    "channel": reports.c.channel,
}


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: a period, if not the whole city the communities and the channel, and which breakdowns."""

    period: Period
    areas: Collection[str] | None
    channel: str | None
    wanted: Collection[tuple[str, str]]

    def wants(self, dimension: str, *names: str) -> bool:
        """Whether any of these sets is wanted by this dimension; the whole always is."""
        return dimension == "" or any((dimension, name) in self.wanted for name in names)

    def sets(self, dimension: str) -> list[str]:
        """The sets that are wanted by this dimension."""
        return sorted(name for wanted, name in self.wanted if wanted == dimension)

    def during(self, day: Column) -> Column:
        """The day lies in the period."""
        return day.between(self.period.start.isoformat(), self.period.end.isoformat())

    def recent(self, day: Column, length: int) -> Column:
        """The day is one of the last so many days of the period."""
        last = self.period.until
        return day.between((last - timedelta(days=length - 1)).isoformat(), last.isoformat())

    def here(self, area: Column, channel: Column) -> Column:
        """Within the areas and the channel."""
        return and_(self.inside(area), channel == self.channel if self.channel is not None else true())

    def inside(self, area: Column) -> Column:
        """Within the areas."""
        return area.in_(self.areas) if self.areas is not None else true()


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
    parts = (_residents, _deeds, _activity, _reading, _received, _due, _resolved)
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
                for row in tx.execute(_grouped(column, [func.count()], where).select_from(residents)):
                    yield dimension, name, row[0], {"people": row[1]}
        if not view.wants("channel", name):
            continue
        people = func.count(distinct(talks.c.resident_id))
        by_channel = _grouped(talks.c.channel, [people], where).select_from(residents.join(talks))
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
        yield dimension, deed, cell, _measures(numbers, *_LEARNT)
    for dimension, column in (("topic", j.topic), ("category", j.topic), ("day", j.day), ("source", j.subject)):
        deeds = [name for name in view.sets(dimension) if name not in NO_DEEDS]
        query = select(j.deed, column, func.count(), _PEOPLE, *sums).where(where, j.deed.in_(deeds))
        for deed, cell, *numbers in tx.execute(query.group_by(j.deed, column)) if deeds else ():
            yield dimension, deed, cell, _measures(numbers, *_LEARNT)


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


def _measures(numbers: Sequence[Any], *special: str) -> dict[str, float]:
    """Lines, people and the special ones by name; a sum of nothing is 0."""
    names = ("lines", "people", *special)
    return {name: int(number or 0) for name, number in zip(names, numbers, strict=True)}


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


def _received(tx: Tx, view: View) -> Iterator[Entry]:
    """Reports that came in."""
    r = reports.c
    where = [view.during(r.created_day), view.here(r.area, r.channel)]
    columns = {"status": r.status, "day": r.created_day, **_OF_REPORTS}
    numbers = [func.count(), func.count(distinct(r.resident_id))]
    for dimension, column in columns.items():
        for row in tx.execute(_grouped(column, numbers, where)) if view.wants(dimension, "received") else ():
            yield dimension, "received", row[0], _measures(row[1:])


def _due(tx: Tx, view: View) -> Iterator[Entry]:
    """应结案: reports with their deadline in the period that are closed, or should be by now.

    On time means closed and resolved (in the last round) before the deadline: the days that a resident takes
    to confirm are not the office's.
    """
    r = reports.c
    closed = r.status == "closed"
    where = [
        view.during(r.due_day),
        view.here(r.area, r.channel),
        r.status.not_in(UNCOUNTED),
        or_(closed, r.due_at <= to_ms(tx.now)),
    ]
    on_time = and_(closed, r.resolved_at <= r.due_at)
    numbers = [
        func.count(),
        func.count(distinct(r.resident_id)),
        func.sum(case((closed, 1), else_=0)),
        func.sum(case((on_time, 1), else_=0)),
    ]
    for dimension, column in _OF_REPORTS.items():
        for row in tx.execute(_grouped(column, numbers, where)) if view.wants(dimension, "due") else ():
            yield dimension, "due", row[0], _measures(row[1:], "closed", "on_time")


def _resolved(tx: Tx, view: View) -> Iterator[Entry]:
    """Reports resolved in the period: hours from arrival to the last time, and whether reopened since."""
    m, r = report_moves.c, reports.c
    done = (
        select(m.report_id, func.min(m.id).label("first"), func.max(m.at).label("at"))
        .where(m.move == "resolve", view.during(m.day))
        .group_by(m.report_id)
        .subquery()
    )
    again = report_moves.alias()
    reopened = exists().where(again.c.report_id == r.id, again.c.move == "reopen", again.c.id > done.c.first)
    took, back = done.c.at - r.created_at, case((reopened, 1), else_=0)
    query = (
        select(r.category, r.area, r.channel, r.resident_id, took, back)
        .join_from(reports, done, done.c.report_id == r.id)
        .where(view.here(r.area, r.channel))
    )
    found: dict[tuple[str, str | None], list[tuple[int | None, float, int]]] = defaultdict(list)
    for category, area, channel, resident, time, again_open in tx.execute(query):
        for place in (("", ""), ("category", category), ("area", area), ("channel", channel)):
            found[place].append((resident, time / HOUR, again_open))
    for (dimension, cell), rows in found.items():
        hours = [row[1] for row in rows]
        yield (
            dimension,
            "resolved",
            cell,
            {
                "lines": len(rows),
                "people": len({row[0] for row in rows if row[0] is not None}),
                "reopened": sum(row[2] for row in rows),
                "median": middle(hours),
                "p90": percentile(hours, 0.9),
            },
        )


def _grouped(column: Column | None, numbers: Sequence[Column], where: Sequence[Column]) -> Query:
    """The numbers for each value of a column; without a column: for all, as one row."""
    if column is None:
        return select(literal(""), *numbers).where(*where)
    return select(column, *numbers).where(*where).group_by(column)
