"""What staff are to know of reports: notices, and which reports somebody has to be reminded of."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update

from civic.reports import OPEN
from db.reports import Report, found, query
from db.tables import reports, staff_notices
from db.tx import Tx

SOON, LATE, DRAFTED, STEP = 1, 2, 4, 8  # bits of reports.chased: of what staff were reminded already
OF_THE_STEP = STEP  # begins anew with each step; the others with each deadline


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing somebody is to know: which report, what about it (actions.reminders)."""

    id: int
    number: str
    kind: str
    at: int
    read_at: int | None


def notify(tx: Tx, staff_ids: Collection[int], report_id: int, kind: str) -> None:
    """Write it down for each of them; who has the same of this report unread already does not get it twice."""
    n = staff_notices.c
    unread = select(n.staff_id).where(n.report_id == report_id, n.kind == kind, n.read_at.is_(None))
    for staff_id in sorted({*staff_ids} - {*tx.execute(unread).scalars()}):
        tx.execute(staff_notices.insert().values(staff_id=staff_id, report_id=report_id, kind=kind, at=tx.ms))


def notices_of(tx: Tx, staff_id: int, limit: int = 50, *, unread: bool = True) -> list[Notice]:
    """Somebody's, newest first."""
    n = staff_notices.c
    looked = select(n.id, reports.c.number, n.kind, n.at, n.read_at).join_from(staff_notices, reports)
    looked = looked.where(n.staff_id == staff_id, *([n.read_at.is_(None)] if unread else []))
    return [Notice(*row) for row in tx.execute(looked.order_by(n.id.desc()).limit(limit))]


def mark_read(tx: Tx, staff_id: int, until: int) -> None:
    """They have seen all up to this one."""
    n = staff_notices.c
    seen = update(staff_notices).where(n.staff_id == staff_id, n.id <= until, n.read_at.is_(None))
    tx.execute(seen.values(read_at=tx.ms))


def due_soon(tx: Tx, share: float, limit: int) -> list[Report]:
    """Open reports of whose time this share is gone, and nobody was reminded of it."""
    r = reports.c
    gone = (tx.ms - r.round_at) * 100 >= (r.due_at - r.round_at) * round(share * 100)
    return _chased(tx, SOON, (r.due_at > tx.ms, gone), limit)


def late(tx: Tx, limit: int) -> list[Report]:
    """Open reports past their deadline, and nobody was told."""
    return _chased(tx, LATE, (reports.c.due_at <= tx.ms,), limit)


def late_since(tx: Tx, before: int, limit: int) -> list[Report]:
    """Open reports whose deadline passed before a moment, without a supervision."""
    return _chased(tx, DRAFTED, (reports.c.due_at <= before,), limit)


def stuck(tx: Tx, limit: int) -> list[Report]:
    """Open reports that should have left their present step, and nobody was reminded."""
    return _chased(tx, STEP, (reports.c.step_due_at <= tx.ms, reports.c.due_at > tx.ms), limit)


def unchecked(tx: Tx, limit: int) -> list[Report]:
    """Resolved reports that somebody should have gone and looked at by now, and nobody was reminded."""
    r = reports.c
    waits = (r.status == "resolved", r.checking == 1, r.step_due_at <= tx.ms, r.chased.bitwise_and(STEP) == 0)
    return found(tx, query().where(*waits).order_by(r.step_due_at, r.id).limit(limit))


def chase(tx: Tx, report: Report, bit: int) -> bool:
    """Take it on to remind somebody; False when another clock just did. Not a change of the report: who has it open can
    go on."""
    nobody = (reports.c.id == report.id, reports.c.chased.bitwise_and(bit) == 0)
    return tx.execute(update(reports).where(*nobody).values(chased=reports.c.chased.bitwise_or(bit))).rowcount == 1


def _chased(tx: Tx, bit: int, which: tuple[ColumnElement[Any], ...], limit: int) -> list[Report]:
    r = reports.c
    running = (r.closed_at.is_(None), r.paused_at.is_(None), r.status.in_(sorted(OPEN)))
    looked = query().where(*running, r.chased.bitwise_and(bit) == 0, *which)
    return found(tx, looked.order_by(r.due_at, r.id).limit(limit))
