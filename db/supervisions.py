"""Supervisions (督办): drafts, and what a person made of them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update

from db.queue import Sight, within
from db.tables import reports, supervisions
from db.tx import Tx


@dataclass(frozen=True, slots=True)
class Supervision:
    """A row of supervisions and the number of its report. ``outcome`` is signed, dropped, or None while it waits;
    ``answer`` is the department's, and ``answered_by`` who gave it."""

    id: int
    number: str
    words: str
    drafted_at: int
    outcome: str | None
    decided_at: int | None
    name: str | None
    answer: str | None
    answered_at: int | None
    answered_by: str | None


_COLUMNS = tuple(reports.c[name] if name == "number" else supervisions.c[name] for name in Supervision.__match_args__)
STATES: dict[str, tuple[ColumnElement[bool], ...]] = {
    "draft": (supervisions.c.outcome.is_(None), reports.c.closed_at.is_(None)),
    "signed": (supervisions.c.outcome == "signed", supervisions.c.answered_at.is_(None)),
    "answered": (supervisions.c.answered_at.is_not(None),),
    "dropped": (supervisions.c.outcome == "dropped",),
}


def draft(tx: Tx, report_id: int, words: str) -> int:
    """Lay it before the office; its id."""
    values = {"report_id": report_id, "words": words, "drafted_at": tx.ms}
    return int(tx.execute(supervisions.insert().values(values).returning(supervisions.c.id)).scalar_one())


def listed(tx: Tx, sight: Sight, state: str, limit: int, before: int | None = None) -> list[Supervision]:
    """Of the reports in sight those in one of STATES: drafts that nobody has decided on; signed ones without an answer;
    answered; dropped. Newest first, from behind the one with id ``before``."""
    looked = select(*_COLUMNS).join_from(supervisions, reports).where(*STATES[state], *within(sight))
    if before is not None:
        looked = looked.where(supervisions.c.id < before)
    return [Supervision(*row) for row in tx.execute(looked.order_by(supervisions.c.id.desc()).limit(limit))]


def of_report(tx: Tx, report_id: int) -> list[Supervision]:
    """All of a report, newest first."""
    looked = select(*_COLUMNS).join_from(supervisions, reports).where(supervisions.c.report_id == report_id)
    return [Supervision(*row) for row in tx.execute(looked.order_by(supervisions.c.id.desc()))]


def last_of(tx: Tx, numbers: Collection[str]) -> dict[str, str]:
    """Number of a report -> how its newest supervision stands: draft, signed or dropped."""
    looked = select(reports.c.number, supervisions.c.outcome).join_from(supervisions, reports)
    rows = tx.execute(looked.where(reports.c.number.in_(numbers)).order_by(supervisions.c.id))
    return {row[0]: row[1] or "draft" for row in rows}


def answer(tx: Tx, report_id: int, words: str, name: str) -> None:
    """The department's answer to those of a report that were signed and have none."""
    s = supervisions.c
    open_yet = update(supervisions).where(s.report_id == report_id, *STATES["signed"])
    tx.execute(open_yet.values(answer=words, answered_at=tx.ms, answered_by=name[:64]))


def decide(tx: Tx, supervision_id: int, outcome: str, words: str, staff_id: int | None, name: str) -> bool:
    """Sign or drop it, if nobody has yet."""
    s = supervisions.c
    open_yet = update(supervisions).where(s.id == supervision_id, s.outcome.is_(None))
    values = {"outcome": outcome, "words": words, "decided_at": tx.ms, "staff_id": staff_id, "name": name[:64]}
    return tx.execute(open_yet.values(values)).rowcount == 1
