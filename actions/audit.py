"""The audit log: every act of staff leaves a line in the same transaction; never what a report says."""

from typing import Any

from civic.staff import Staff
from db import audit
from db.moments import to_ms
from db.tx import Tx


def record(tx: Tx, staff: Staff, act: str, subject: str = "", detail: str = "") -> None:
    """Who (``staff``) did what (``act``, named in content/texts/*/audit.toml) on what, from where, and when."""
    audit.add_line(tx, staff.id, staff.name, act, subject, detail, staff.origin)


def opened(tx: Tx, staff: Staff, zone: Any, number: str) -> bool:
    """Whether it is noted already that they opened this report today: its plate, telephone and position are in it."""
    midnight = tx.local(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return audit.seen(tx, staff.id, staff.name, number, to_ms(midnight))


def note_opened(tx: Tx, staff: Staff, zone: Any, number: str) -> None:
    """Somebody opens a report: once a day."""
    if not opened(tx, staff, zone, number):
        record(tx, staff, audit.SEEN, number)
