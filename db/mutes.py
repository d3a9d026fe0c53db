"""Residents who may not send reports for a while, why and until when."""

from dataclasses import dataclass

from sqlalchemy import delete, select

from db.tables import mutes
from db.tx import Tx


@dataclass(frozen=True, slots=True)
class Mute:
    """Until a moment (milliseconds), for a reason that the resident was told."""

    until_at: int
    reason: str


def find(tx: Tx, resident_id: int) -> Mute | None:
    """The one that is in force."""
    m = mutes.c
    row = tx.execute(select(m.until_at, m.reason).where(m.resident_id == resident_id, m.until_at > tx.ms)).first()
    return Mute(*row) if row else None


def put(tx: Tx, resident_id: int, until: int | None, reason: str, staff_id: int | None, name: str) -> None:
    """Instead of what there was; None ends it."""
    tx.execute(delete(mutes).where(mutes.c.resident_id == resident_id))
    if until is not None:
        values = {"resident_id": resident_id, "until_at": until, "reason": reason, "at": tx.ms}
        tx.execute(mutes.insert().values(**values, staff_id=staff_id, actor_name=name[:64]))
