"""Counting reports: what came in, what had to be closed, how long it took. Definitions: civic.figures."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import and_, case, distinct, exists, func, or_, select

from civic.figures import UNCOUNTED, middle, percentile
from db.counting import Column, Entry, View, grouped, measured
from db.tables import report_moves, reports
from db.tx import Tx

HOUR = 3_600_000  # milliseconds
_OF_REPORTS: dict[str, Column | None] = {
    "": None,
    "category": reports.c.category,
    "area": reports.c.area,
    "channel": reports.c.channel,
}


def received(tx: Tx, view: View) -> Iterator[Entry]:
    """Reports that came in."""
    r = reports.c
    where = [view.during(r.created_day), view.here(r.area, r.channel)]
    columns = {"status": r.status, "day": r.created_day, **_OF_REPORTS}
    numbers = [func.count(), func.count(distinct(r.resident_id))]
    for dimension, column in columns.items():
        for row in tx.execute(grouped(column, numbers, where)) if view.wants(dimension, "received") else ():
            yield dimension, "received", row[0], measured(row[1:])


def due(tx: Tx, view: View) -> Iterator[Entry]:
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
        or_(closed, r.due_at <= tx.ms),
    ]
    on_time = and_(closed, r.resolved_at <= r.due_at)
    numbers = [
        func.count(),
        func.count(distinct(r.resident_id)),
        func.sum(case((closed, 1), else_=0)),
        func.sum(case((on_time, 1), else_=0)),
    ]
    for dimension, column in _OF_REPORTS.items():
        for row in tx.execute(grouped(column, numbers, where)) if view.wants(dimension, "due") else ():
            yield dimension, "due", row[0], measured(row[1:], "closed", "on_time")


def resolved(tx: Tx, view: View) -> Iterator[Entry]:
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
