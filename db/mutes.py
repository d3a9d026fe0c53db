"""Residents who may not send reports for a while, why and until when."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, select, update

from db.queue import Sight, within
from db.reports import Report
from db.tables import mutes, reports
from db.tx import Tx


@dataclass(frozen=True, slots=True)
class Mute:
    """Until a moment (milliseconds), for a reason that the resident was told; who said so when, on which report."""

    number: str
    until_at: int
    reason: str
    at: int
    actor_name: str


def find(tx: Tx, resident_id: int) -> Mute | None:
    """The one that is in force."""
    row = tx.execute(_in_force(tx).where(mutes.c.resident_id == resident_id)).first()
    return Mute(*row) if row else None


def listed(tx: Tx, sight: Sight, limit: int) -> list[Mute]:
    """Those in force that were made on reports in sight, newest first."""
    looked = _in_force(tx).where(*within(sight)).order_by(mutes.c.at.desc(), mutes.c.resident_id).limit(limit)
    return [Mute(*row) for row in tx.execute(looked)]


def put(tx: Tx, report: Report, until: int, reason: str, staff_id: int | None, name: str) -> None:
    """The resident of a report; instead of what there was."""
    end(tx, report)
    values = {"resident_id": report.resident_id, "report_id": report.id, "until_at": until, "reason": reason}
    tx.execute(mutes.insert().values(**values, at=tx.ms, staff_id=staff_id, actor_name=name[:64]))


def end(tx: Tx, report: Report) -> None:
    """The resident of a report may send some again."""
    tx.execute(delete(mutes).where(mutes.c.resident_id == report.resident_id))


def join(tx: Tx, stays: int, goes: int) -> None:
    """One resident becomes another (db.joining): what lasts longer holds."""
    both = mutes.c.resident_id.in_((stays, goes))
    last = tx.execute(select(mutes.c.resident_id).where(both).order_by(mutes.c.until_at.desc()).limit(1)).scalar()
    tx.execute(delete(mutes).where(both, mutes.c.resident_id != last))
    tx.execute(update(mutes).where(mutes.c.resident_id == goes).values(resident_id=stays))


def _in_force(tx: Tx) -> Select[Any]:
    m = mutes.c
    columns = (reports.c.number, m.until_at, m.reason, m.at, m.actor_name)
    return select(*columns).join_from(mutes, reports, m.report_id == reports.c.id).where(m.until_at > tx.ms)
