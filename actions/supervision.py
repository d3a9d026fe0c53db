"""Supervision (督办): the clock drafts it when a report is long late; a person signs it, or drops it."""

from typing import Any

from actions.act import role_of
from actions.audit import record
from actions.moves import move, theirs
from civic.errors import Refused
from civic.reports import CHIEFS
from civic.staff import Staff
from content.library import Library
from db import supervisions
from db.reports import Report
from db.supervisions import Supervision
from db.tx import Tx


def sign(tx: Tx, library: Library, zone: Any, staff: Staff, number: str, words: str = "") -> Report:
    """Sign a report's draft, in its own words or better ones; the department finds them in the timeline. Raises
    Refused when none waits."""
    found = _waiting(tx, staff, number)
    said = words.strip() or found.words
    moved = move(tx, library, zone, number, "supervise", staff, said)
    _decide(tx, staff, found, "signed", said)
    return moved


def drop(tx: Tx, staff: Staff, number: str) -> None:
    """No supervision after all. Raises Refused when none waits."""
    found = _waiting(tx, staff, number)
    _decide(tx, staff, found, "dropped", found.words)


def _waiting(tx: Tx, staff: Staff, number: str) -> Supervision:
    if role_of(staff) not in CHIEFS:
        raise Refused("staff.may_not")
    report = theirs(tx, staff, number)
    found = next((one for one in supervisions.of_report(tx, report.id) if one.outcome is None), None)
    if found is None:
        raise Refused("supervision.none", number=report.number)
    return found


def _decide(tx: Tx, staff: Staff, found: Supervision, outcome: str, words: str) -> None:
    if not supervisions.decide(tx, found.id, outcome, words, staff.id, staff.name):
        raise Refused("move.too_late", number=found.number)
    record(tx, staff, f"supervision.{outcome}", found.number)
