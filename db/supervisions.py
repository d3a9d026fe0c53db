"""Supervisions (督办): drafts, and what a person made of them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update

from db.tables import reports, supervisions
from db.tx import Tx


@dataclass(frozen=True, slots=True)
class Supervision:
    """A row of supervisions and the number of its report. ``outcome`` is signed, dropped, or None while it waits."""

    id: int
    number: str
    words: str
    drafted_at: int
    outcome: str | None
    decided_at: int | None
    name: str | None


_COLUMNS = (
    supervisions.c.id,
    reports.c.number,
    *(supervisions.c[name] for name in ("words", "drafted_at", "outcome", "decided_at", "name")),
)


def draft(tx: Tx, report_id: int, words: str) -> None:
    """Lay it before the office."""
    tx.execute(supervisions.insert().values(report_id=report_id, words=words, drafted_at=tx.ms))


def waiting(tx: Tx, limit: int = 100) -> list[Supervision]:
    """Drafts that nobody has decided on, oldest first."""
    looked = select(*_COLUMNS).join_from(supervisions, reports).where(supervisions.c.outcome.is_(None))
    return [Supervision(*row) for row in tx.execute(looked.order_by(supervisions.c.id).limit(limit))]


def of_report(tx: Tx, report_id: int) -> list[Supervision]:
    """All of a report, newest first."""
    looked = select(*_COLUMNS).join_from(supervisions, reports).where(supervisions.c.report_id == report_id)
    return [Supervision(*row) for row in tx.execute(looked.order_by(supervisions.c.id.desc()))]


def last_of(tx: Tx, numbers: Collection[str]) -> dict[str, str]:
    """Number of a report -> how its newest supervision stands: draft, signed or dropped."""
    looked = select(reports.c.number, supervisions.c.outcome).join_from(supervisions, reports)
    rows = tx.execute(looked.where(reports.c.number.in_(numbers)).order_by(supervisions.c.id))
    return {row[0]: row[1] or "draft" for row in rows}


def decide(tx: Tx, supervision_id: int, outcome: str, words: str, staff_id: int | None, name: str) -> bool:
    """Sign or drop it, if nobody has yet."""
    s = supervisions.c
    open_yet = update(supervisions).where(s.id == supervision_id, s.outcome.is_(None))
    values = {"outcome": outcome, "words": words, "decided_at": tx.ms, "staff_id": staff_id, "name": name[:64]}
    return tx.execute(open_yet.values(values)).rowcount == 1
