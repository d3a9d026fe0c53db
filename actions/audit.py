"""The audit log: every act of staff leaves a line in the same transaction, and every look at what is about people;
never what a report says."""

import re
from zoneinfo import ZoneInfo

from civic.staff import Staff
from db import audit
from db.moments import to_ms
from db.tx import Tx

_FOREIGN = re.compile(r"[^a-zWQ0-9_=. -]+|[0-9]{10,}")  # ids, days, weeks (2026-W47) are made of the rest


def record(tx: Tx, staff: Staff, act: str, subject: str = "", detail: str = "") -> None:
    """Who (``staff``) did what (``act``, named in content/texts/*/audit.toml) on what, from where, and when."""
    audit.add_line(tx, staff.id, staff.name, act, subject, detail, staff.origin)


def opened(tx: Tx, staff: Staff, zone: ZoneInfo, number: str) -> bool:
    """Whether it is noted already that they opened this report today: its plate, telephone and position are in it."""
    return audit.seen(tx, staff.id, staff.name, number, _midnight(tx, zone))


def note_opened(tx: Tx, staff: Staff, zone: ZoneInfo, number: str) -> None:
    """Somebody opens a report: once a day."""
    if not opened(tx, staff, zone, number):
        record(tx, staff, audit.SEEN, number)


def listed(tx: Tx, staff: Staff, zone: ZoneInfo, what: str, asked: str) -> bool:
    """Whether it is noted already that they looked at a list by this filter today. At the terminal each look counts."""
    return staff.id is not None and audit.listed(tx, staff.id, what, _told(asked), _midnight(tx, zone))


def note_listed(tx: Tx, staff: Staff, zone: ZoneInfo, what: str, asked: str, count: int) -> None:
    """Somebody looks at a list of reports or people: once a day for each filter. ``asked`` names the filter by ids;
    what is none (somebody may type a name into an address) is left out. ``count`` is how many the page shows."""
    if not listed(tx, staff, zone, what, asked):
        record(tx, staff, audit.LISTED, what, f"{_told(asked)}{count}")


def _told(asked: str) -> str:
    return f"{_FOREIGN.sub('…', asked)[:160]} · " if asked else ""


def _midnight(tx: Tx, zone: ZoneInfo) -> int:
    return to_ms(tx.local(zone).replace(hour=0, minute=0, second=0, microsecond=0))
