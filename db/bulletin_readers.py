"""Who wants each bulletin when it is signed."""

from sqlalchemy import Select, delete, select

from db.tables import bulletin_readers, residents
from db.tx import Tx

_B = bulletin_readers.c


def subscribe(tx: Tx, resident_id: int) -> None:
    """From now on; nothing happens to who does already."""
    statement = tx.insert(bulletin_readers).values(resident_id=resident_id, since=tx.ms)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["resident_id"]))


def unsubscribe(tx: Tx, resident_id: int) -> None:
    """No more."""
    tx.execute(delete(bulletin_readers).where(_B.resident_id == resident_id))


def subscribed(tx: Tx, resident_id: int) -> bool:
    """Whether they get it."""
    return tx.execute(select(_B.resident_id).where(_B.resident_id == resident_id)).first() is not None


def readers(language: str) -> Select[tuple[int]]:
    """Selects the readers of a language."""
    return (
        select(_B.resident_id).join(residents, residents.c.id == _B.resident_id).where(residents.c.language == language)
    )


def join(tx: Tx, stays: int, goes: int) -> None:
    """Two residents become one, who gets it if either did."""
    if subscribed(tx, goes):
        subscribe(tx, stays)
    unsubscribe(tx, goes)
