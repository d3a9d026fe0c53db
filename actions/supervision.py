"""Supervision (督办): the clock drafts it when a report is long late; a person signs it, or drops it; the department
answers."""

from actions.act import Act, role_of, theirs
from actions.audit import record
from civic.errors import Refused
from civic.reports import CHIEFS
from civic.staff import Staff
from db import supervisions
from db.supervisions import Supervision
from db.tx import Tx


def signed(act: Act) -> dict[str, object]:
    """The move "supervise": the draft that waits is signed in these words; without one it is written by hand."""
    found = _draft(act.tx, act.report.id)
    drafted = found.id if found else supervisions.draft(act.tx, act.report.id, act.note)
    _decide(act.tx, act.staff, act.report.number, drafted, "signed", act.note)
    return {"supervised": 1}


def answered(act: Act) -> dict[str, object]:
    """The move "respond": what the department says to those that nobody has answered."""
    supervisions.answer(act.tx, act.report.id, act.note, act.staff.name if act.staff else "")
    return {"supervised": 0}


def drop(tx: Tx, staff: Staff, number: str) -> None:
    """No supervision after all. Raises Refused when none waits."""
    found = waiting(tx, staff, number)
    _decide(tx, staff, number, found.id, "dropped", found.words)
    record(tx, staff, "supervision.dropped", number)


def waiting(tx: Tx, staff: Staff, number: str) -> Supervision:
    """The draft that waits for their decision. Raises Refused."""
    if role_of(staff) not in CHIEFS:
        raise Refused("staff.may_not")
    report = theirs(tx, staff, number)
    found = _draft(tx, report.id)
    if found is None:
        raise Refused("supervision.none", number=report.number)
    return found


def _draft(tx: Tx, report_id: int) -> Supervision | None:
    return next((one for one in supervisions.of_report(tx, report_id) if one.outcome is None), None)


def _decide(tx: Tx, staff: Staff | None, number: str, drafted: int, outcome: str, words: str) -> None:
    by, name = (staff.id, staff.name) if staff else (None, "")
    if not supervisions.decide(tx, drafted, outcome, words, by, name):
        raise Refused("move.too_late", number=number)
