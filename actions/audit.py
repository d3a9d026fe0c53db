"""The audit log: every act of staff leaves a line in the same transaction; never what a report says."""

from civic.staff import Staff
from db import audit
from db.tx import Tx


def record(tx: Tx, staff: Staff, act: str, subject: str = "", detail: str = "") -> None:
    """Who (``staff``) did what (``act``, named in content/texts/*/audit.toml) on what, from where, and when."""
    audit.add_line(tx, staff.id, staff.name, act, subject, detail, staff.origin)
