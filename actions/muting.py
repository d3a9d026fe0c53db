"""Who may send reports: not who was muted (with a reason, until a day, and they are told), fewer who were rejected
again and again. Nobody is silently ignored."""

from dataclasses import dataclass
from typing import Any

from actions.act import theirs
from actions.audit import record
from actions.notices import tell
from actions.scene import Scene
from bot.messages import Option, Say
from civic.errors import Refused
from civic.night import morning
from civic.staff import Staff
from content.library import Library
from db import mutes, reports
from db.moments import from_ms
from db.mutes import Mute
from db.tx import Tx

DAY = 24 * 3600 * 1000  # milliseconds
DAILY = 20  # reports that one resident may send in 24 hours; more is answered with 12345
LONGEST = 365  # days
REJECTED = 3  # reports rejected in REJECTED_DAYS after which a resident is slowed down
REJECTED_DAYS = 30
SLOWED = 3  # reports in 24 hours for them


@dataclass(frozen=True)
class Standing:
    """How somebody stands who sends reports: how many in the last 24 hours, how many were rejected in the last
    REJECTED_DAYS, and the mute that is in force."""

    sent: int
    rejected: int
    muted: Mute | None

    @property
    def slowed(self) -> bool:
        """Whether they may send fewer than others."""
        return self.rejected >= REJECTED

    @property
    def limit(self) -> int:
        """Reports in 24 hours."""
        return SLOWED if self.slowed else DAILY


def standing(tx: Tx, resident: int) -> Standing:
    """How a resident stands now."""
    sent = reports.sent_since(tx, resident, tx.ms - DAY)
    return Standing(sent, reports.rejected_since(tx, resident, tx.ms - REJECTED_DAYS * DAY), mutes.find(tx, resident))


def check(scene: Scene) -> None:
    """Raises Refused when the resident may not send a report now, with the reason and until when."""
    stands = standing(scene.tx, scene.resident.id)
    if stands.muted is not None:
        raise Refused("report.muted", until=_day(scene.zone, stands.muted.until_at), reason=stands.muted.reason)
    if stands.sent >= stands.limit:
        raise Refused("report.slowed" if stands.slowed else "report.too_many", limit=stands.limit)


def mute(tx: Tx, library: Library, zone: Any, staff: Staff, number: str, days: int, reason: str) -> int | None:
    """The resident of a report sends none for some days; with 0 days they may again. The moment it ends, or None.
    Raises Refused without a reason, and for who is not known any more."""
    if staff.id is not None and not staff.may("mutes"):
        raise Refused("staff.may_not")
    report = theirs(tx, staff, number)
    if report.resident_id is None:
        raise Refused("move.nobody", number=report.number)
    if not 0 <= days <= LONGEST:
        raise Refused("move.bad_days", longest=LONGEST)
    if days and not reason.strip():
        raise Refused("move.needs_note", move="mute")
    until = tx.ms + days * DAY if days else None
    if until is None:
        mutes.end(tx, report)
        said = Say("news.unmuted", {}, (Option("/report", "option.report"),))
    else:
        mutes.put(tx, report, until, reason.strip(), staff.id, staff.name)
        said = Say("news.muted", {"until": _day(zone, until), "reason": reason.strip()})
    tell(tx, report.resident_id, said, collapse="mute", quiet=morning(library.city.night, tx.local(zone)))
    record(tx, staff, "resident.muted" if until else "resident.unmuted", report.number, str(days))
    return until


def _day(zone: Any, at: int) -> list[int]:
    moment = from_ms(at).astimezone(zone)
    return [moment.month, moment.day]
