"""Reports, their timeline, search; status changes by compare-and-swap."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, update

from civic.discretion import about, square
from db import report_words
from db.sealing import position, spot
from db.tables import report_moves, reports
from db.tx import Tx


@dataclass(frozen=True, slots=True)
class Report:
    """A row of reports (db.tables says what each column means). Moments are milliseconds; ``answers`` are those to the
    category's own questions."""

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
    person_id: int | None
    returns: int
    reworks: int
    extensions: int
    reopens: int
    asked: str | None
    asked_until: int | None
    checking: bool
    supervised: bool
    hidden: bool
    merged_into: int | None
    resumes: str | None
    paused_at: int | None
    hold_until: int | None
    round_at: int
    step_due_at: int | None
    chased: int
    version: int
    cleared_at: int | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One move of a report."""

    at: int
    move: str
    actor: str
    actor_name: str | None
    staff_id: int | None
    to_status: str
    note: str
    from_department: str | None
    department: str | None
    target: str | None


_COLUMNS = tuple(reports.c[name] for name in Report.__dataclass_fields__)
_LAT, _LON = ([*Report.__dataclass_fields__].index(name) for name in ("lat", "lon"))
_ANSWERS = [*Report.__dataclass_fields__].index("answers")
_FLAGS = [[*Report.__dataclass_fields__].index(name) for name in ("anonymous", "checking", "supervised", "hidden")]


def _report(row: Any) -> Report:
    *values, sealed = row
    if (exact := position(sealed)) is not None:
        values[_LAT], values[_LON] = exact
    values[_ANSWERS] = json.loads(values[_ANSWERS])
    for flag in _FLAGS:
        values[flag] = bool(values[flag])
    return Report(*values)


def query() -> Select[Any]:
    """All reports, to be narrowed down and handed to ``found``."""
    return select(*_COLUMNS, reports.c.spot)


def found(tx: Tx, narrowed: Select[Any]) -> list[Report]:
    """The reports of a query."""
    return [_report(row) for row in tx.execute(narrowed)]


def add_report(tx: Tx, values: dict[str, Any]) -> Report:
    """Insert a report; its number is made of the day and its id, so two can never share one."""
    pending = {**values, "answers": json.dumps(values["answers"], ensure_ascii=False), "number": f"?{values['key']}"}
    del pending["key"]
    lat, lon = values.get("lat"), values.get("lon")
    if lat is not None and lon is not None:
        pending["square"], pending["spot"] = square(lat, lon), spot(lat, lon)
        pending["lat"], pending["lon"] = about(lat, lon)
    row_id = tx.execute(reports.insert().values(pending).returning(reports.c.id)).scalar_one()
    number = f"{values['created_day'].replace('-', '')[2:]}-{row_id}"
    tx.execute(update(reports).where(reports.c.id == row_id).values(number=number))
    report_words.put(tx, row_id, number, values["place"], values["note"])
    found = find_report(tx, number)
    assert found is not None
    return found


def find_report(tx: Tx, number: str, *, lock: bool = False) -> Report | None:
    """A report by its number."""
    looked = query().where(reports.c.number == number)
    row = tx.execute(looked.with_for_update() if lock else looked).first()
    return _report(row) if row else None


def reports_of(tx: Tx, resident_id: int, limit: int, offset: int = 0) -> list[Report]:
    """A resident's reports, newest first."""
    looked = (
        query().where(reports.c.resident_id == resident_id).order_by(reports.c.id.desc()).limit(limit).offset(offset)
    )
    return [_report(row) for row in tx.execute(looked)]


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
    looked = query().order_by(reports.c.due_at, reports.c.id).limit(limit)
    if status:
        looked = looked.where(reports.c.status.in_(status))
    if category:
        looked = looked.where(reports.c.category == category)
    if area:
        looked = looked.where(reports.c.area == area)
    if overdue:
        looked = looked.where(reports.c.due_at < tx.ms, reports.c.closed_at.is_(None), reports.c.paused_at.is_(None))
    return [_report(row) for row in tx.execute(looked)]


def sent_since(tx: Tx, resident_id: int, since: int) -> int:
    """How many reports a resident has sent since a moment."""
    return int(
        tx.execute(
            select(func.count())
            .select_from(reports)
            .where(reports.c.resident_id == resident_id, reports.c.created_at >= since)
        ).scalar_one()
    )


def outcomes(tx: Tx, resident_id: int, first: str, last: str) -> list[tuple[str, int]]:
    """How a resident's reports of some days stand: status and count, the most first."""
    counted = func.count().label("n")
    mine = (reports.c.resident_id == resident_id, reports.c.created_day.between(first, last))
    query = select(reports.c.status, counted).where(*mine).group_by(reports.c.status)
    return [(status, int(n)) for status, n in tx.execute(query.order_by(counted.desc(), reports.c.status))]


def rejected_since(tx: Tx, resident_id: int, since: int) -> int:
    """How many reports of a resident were rejected since a moment."""
    r = reports.c
    which = (r.resident_id == resident_id, r.status == "rejected", r.closed_at >= since)
    return int(tx.execute(select(func.count()).select_from(reports).where(*which)).scalar_one())


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
    **more: object,
) -> None:
    """Append to the timeline; ``more`` are further columns: staff_id, from_department, department, target,
    step_due_at."""
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
            **more,
        )
    )


def timeline(tx: Tx, report_id: int) -> list[TimelineEntry]:
    """A report's moves, oldest first."""
    columns = [report_moves.c[name] for name in TimelineEntry.__dataclass_fields__]
    query = select(*columns).where(report_moves.c.report_id == report_id).order_by(report_moves.c.id)
    return [TimelineEntry(*row) for row in tx.execute(query)]


def unconfirmed(tx: Tx, before: int, limit: int) -> list[str]:
    """Numbers of reports that were resolved before a moment and never confirmed."""
    query = (
        select(reports.c.number)
        .where(reports.c.status == "resolved", reports.c.resolved_at < before, reports.c.checking == 0)
        .order_by(reports.c.id)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def find_by_id(tx: Tx, report_id: int) -> Report | None:
    """A report by its id."""
    return next(iter(found(tx, query().where(reports.c.id == report_id))), None)


def merged_with(tx: Tx, report_id: int) -> list[Report]:
    """The reports that are the same as this one, by order of the office."""
    return found(tx, query().where(reports.c.merged_into == report_id).order_by(reports.c.id))


def merge_again(tx: Tx, report_id: int, target_id: int) -> None:
    """Those that were merged into a report follow it into another one."""
    tx.execute(update(reports).where(reports.c.merged_into == report_id).values(merged_into=target_id))


def returns_between(tx: Tx, since: str = "") -> list[tuple[str | None, str | None, int]]:
    """How often reports were returned since a day (ISO), for each pair: the department that had one, and the one it
    named."""
    m = report_moves.c
    pairs = select(m.from_department, m.department, func.count()).where(m.day >= since, m.move == "return")
    pairs = pairs.group_by(m.from_department, m.department).order_by(func.count().desc(), m.from_department)
    return [(row[0], row[1], int(row[2])) for row in tx.execute(pairs)]


def held_until(tx: Tx, limit: int) -> list[str]:
    """Numbers of reports whose time on hold is over."""
    r = reports.c
    over = select(r.number).where(r.status == "on_hold", r.hold_until <= tx.ms).order_by(r.id).limit(limit)
    return list(tx.execute(over).scalars())
