"""Who may send reports: not who was muted (with a reason, until a day, and they are told), fewer who were rejected
again and again. Nobody is silently ignored."""

from typing import Any

from actions.act import role_of
from actions.audit import record
from actions.moves import theirs
from actions.notices import tell
from actions.scene import Scene
from bot.messages import Say
from civic.errors import Refused
from civic.reports import TRIAGE
from civic.staff import Staff
from content.library import Library
from db import mutes, reports
from db.moments import from_ms
from db.tx import Tx

DAY = 24 * 3600 * 1000  # milliseconds
DAILY = 20  # reports that one resident may send in 24 hours; more is answered with 12345
LONGEST = 365  # days
REJECTED = 3  # reports rejected in REJECTED_DAYS after which a resident is slowed down
REJECTED_DAYS = 30
SLOWED = 3  # reports in 24 hours for them


def check(scene: Scene) -> None:
    """Raises Refused when the resident may not send a report now, with the reason and until when."""
    tx, resident = scene.tx, scene.resident.id
    muted = mutes.find(tx, resident)
    if muted is not None:
        raise Refused("report.muted", until=_day(scene.zone, muted.until_at), reason=muted.reason)
    slowed = reports.rejected_since(tx, resident, tx.ms - REJECTED_DAYS * DAY) >= REJECTED
    limit = SLOWED if slowed else DAILY
    if reports.sent_since(tx, resident, tx.ms - DAY) >= limit:
        raise Refused("report.slowed" if slowed else "report.too_many", limit=limit)


def mute(tx: Tx, library: Library, zone: Any, staff: Staff, number: str, days: int, reason: str) -> int | None:
    """The resident of a report sends none for some days; with 0 days they may again. The moment it ends, or None.
    Raises Refused without a reason, and for who is not known any more."""
    if role_of(staff) not in TRIAGE:
        raise Refused("staff.may_not")
    report = theirs(tx, staff, number)
    if report.resident_id is None:
        raise Refused("move.nobody", number=report.number)
    if not 0 <= days <= LONGEST:
        raise Refused("move.bad_days", longest=LONGEST)
    if days and not reason.strip():
        raise Refused("move.needs_note", move="mute")
    until = tx.ms + days * DAY if days else None
    mutes.put(tx, report.resident_id, until, reason.strip(), staff.id, staff.name)
    said = Say("news.unmuted")
    if until is not None:
        said = Say("news.muted", {"until": _day(zone, until), "reason": reason.strip()})
    tell(tx, report.resident_id, said, collapse="mute")
    record(tx, staff, "resident.muted" if until else "resident.unmuted", report.number, str(days))
    return until


def _day(zone: Any, at: int) -> list[int]:
    moment = from_ms(at).astimezone(zone)
    return [moment.month, moment.day]
