"""Reports, their timeline, search; status changes by compare-and-swap."""

import json
import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select, update

from db import report_words
from db.tables import report_moves, reports
from db.tx import Tx

NEAR = 300  # metres within which reports of a category may be about the same thing
LOOKED_AT = 2000  # reports of a category that are looked at for it


@dataclass(frozen=True, slots=True)
class Report:
    """A row of reports. Moments are milliseconds; ``answers`` are those to the category's own questions."""

    id: int
    number: str
    resident_id: int | None
    channel: str
    category: str
    area: str | None
    lat: float | None
    lon: float | None
    place: str
    note: str
    answers: dict[str, Any]
    anonymous: bool
    status: str
    department: str | None
    priority: str
    created_at: int
    due_at: int
    resolved_at: int | None
    closed_at: int | None
    rounds: int
    solved: int | None
    version: int


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One move of a report."""

    at: int
    move: str
    actor: str
    actor_name: str | None
    to_status: str
    note: str


_COLUMNS = (
    reports.c.id,
    reports.c.number,
    reports.c.resident_id,
    reports.c.channel,
    reports.c.category,
    reports.c.area,
    reports.c.lat,
    reports.c.lon,
    reports.c.place,
    reports.c.note,
    reports.c.answers,
    reports.c.anonymous,
    reports.c.status,
    reports.c.department,
    reports.c.priority,
    reports.c.created_at,
    reports.c.due_at,
    reports.c.resolved_at,
    reports.c.closed_at,
    reports.c.rounds,
    reports.c.solved,
    reports.c.version,
)


def _report(row: Any) -> Report:
    values = list(row)
    values[10] = json.loads(values[10])
    values[11] = bool(values[11])
    return Report(*values)


def query() -> Select[Any]:
    """All reports, to be narrowed down and handed to ``found``."""
    return select(*_COLUMNS)


def found(tx: Tx, narrowed: Select[Any]) -> list[Report]:
    """The reports of a query."""
    return [_report(row) for row in tx.execute(narrowed)]


def add_report(tx: Tx, values: dict[str, Any]) -> Report:
    """Insert a report; its number is made of the day and its id, so two can never share one."""
    pending = {**values, "answers": json.dumps(values["answers"], ensure_ascii=False), "number": f"?{values['key']}"}
    del pending["key"]
    row_id = tx.execute(reports.insert().values(pending).returning(reports.c.id)).scalar_one()
    number = f"{values['created_day'].replace('-', '')[2:]}-{row_id}"
    tx.execute(update(reports).where(reports.c.id == row_id).values(number=number))
    report_words.put(tx, row_id, number, values["place"], values["note"])
    found = find_report(tx, number)
    assert found is not None
    return found


def find_report(tx: Tx, number: str, *, lock: bool = False) -> Report | None:
    """A report by its number."""
    query = select(*_COLUMNS).where(reports.c.number == number)
    row = tx.execute(query.with_for_update() if lock else query).first()
    return _report(row) if row else None


def reports_of(tx: Tx, resident_id: int, limit: int, offset: int = 0) -> list[Report]:
    """A resident's reports, newest first."""
    query = (
        select(*_COLUMNS)
        .where(reports.c.resident_id == resident_id)
        .order_by(reports.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_report(row) for row in tx.execute(query)]


def search_reports(
    tx: Tx,
    *,
    status: tuple[str, ...] = (),
    category: str | None = None,
    area: str | None = None,
    overdue: bool = False,
    limit: int = 50,
) -> list[Report]:
    """Reports by status, category, area; most urgent first."""
    query = select(*_COLUMNS).order_by(reports.c.due_at, reports.c.id).limit(limit)
    if status:
        query = query.where(reports.c.status.in_(status))
    if category:
        query = query.where(reports.c.category == category)
    if area:
        query = query.where(reports.c.area == area)
    if overdue:
        query = query.where(reports.c.due_at < tx.ms)
    return [_report(row) for row in tx.execute(query)]


def similar(tx: Tx, report: Report, limit: int) -> list[Report]:
    """Of the last reports of the same category those close by, or in the same community where no position is known;
    newest first."""
    r = reports.c
    last = select(r.id).where(r.category == report.category).order_by(r.id.desc()).limit(LOOKED_AT)
    if report.lat is not None and report.lon is not None:
        north, east = NEAR / 111_195, NEAR / (111_195 * max(0.01, math.cos(math.radians(report.lat))))
        near = and_(
            r.lat.between(report.lat - north, report.lat + north), r.lon.between(report.lon - east, report.lon + east)
        )
    else:
        near = r.area == report.area
    return found(tx, query().where(r.id.in_(last), r.id != report.id, near).order_by(r.id.desc()).limit(limit))


def sent_since(tx: Tx, resident_id: int, since: int) -> int:
    """How many reports a resident has sent since a moment."""
    return int(
        tx.execute(
            select(func.count())
            .select_from(reports)
            .where(reports.c.resident_id == resident_id, reports.c.created_at >= since)
        ).scalar_one()
    )


def swap(tx: Tx, report: Report, **values: object) -> bool:
    """Change a report only if nobody changed it since it was read."""
    result = tx.execute(
        update(reports)
        .where(reports.c.id == report.id, reports.c.version == report.version)
        .values(version=report.version + 1, **values)
    )
    return result.rowcount == 1


def add_move(
    tx: Tx,
    report_id: int,
    *,
    day: str,
    move: str,
    actor: str,
    actor_name: str | None,
    from_status: str | None,
    to_status: str,
    note: str,
) -> None:
    """Append to the timeline."""
    tx.execute(
        report_moves.insert().values(
            report_id=report_id,
            at=tx.ms,
            day=day,
            move=move,
            actor=actor,
            actor_name=actor_name,
            from_status=from_status,
            to_status=to_status,
            note=note,
        )
    )


def timeline(tx: Tx, report_id: int) -> list[TimelineEntry]:
    """A report's moves, oldest first."""
    columns = (
        report_moves.c.at,
        report_moves.c.move,
        report_moves.c.actor,
        report_moves.c.actor_name,
        report_moves.c.to_status,
        report_moves.c.note,
    )
    query = select(*columns).where(report_moves.c.report_id == report_id).order_by(report_moves.c.id)
    return [TimelineEntry(*row) for row in tx.execute(query)]


def unconfirmed(tx: Tx, before: int, limit: int) -> list[str]:
    """Numbers of reports that were resolved before a moment and never confirmed."""
    query = (
        select(reports.c.number)
        .where(reports.c.status == "resolved", reports.c.resolved_at < before)
        .order_by(reports.c.id)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())
