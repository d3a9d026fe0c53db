"""Staff in chat: one-time codes, the talks they bound, whom of them a report concerns."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from db.staff import Colleague, colleagues, find_colleague
from db.tables import residents, staff_codes, staff_talks, talks
from db.tx import Tx


def add_code(tx: Tx, staff_id: int, hash_: str, lasts: int) -> None:
    """A code for somebody, good for ``lasts`` seconds; an earlier one is over."""
    values = {"hash": hash_, "expires_at": tx.ms + lasts * 1000}
    statement = tx.insert(staff_codes).values(staff_id=staff_id, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["staff_id"], set_=values))


def take_code(tx: Tx, hash_: str) -> int | None:
    """Whose code it is, used up by this; None for a wrong one and for one that is over."""
    good = (staff_codes.c.hash == hash_, staff_codes.c.expires_at > tx.ms)
    row = tx.execute(delete(staff_codes).where(*good).returning(staff_codes.c.staff_id)).first()
    return int(row[0]) if row else None


def bind(tx: Tx, talk_id: int, staff_id: int) -> None:
    """From now on this talk is theirs; somebody who had it before has it no more."""
    values = {"staff_id": staff_id, "bound_at": tx.ms}
    statement = tx.insert(staff_talks).values(talk_id=talk_id, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["talk_id"], set_=values))


def unbind(tx: Tx, talk_id: int) -> bool:
    """It is nobody's; False when it was not."""
    return tx.execute(delete(staff_talks).where(staff_talks.c.talk_id == talk_id)).rowcount == 1


def unbind_all(tx: Tx, staff_id: int) -> None:
    """No chat is theirs any more, and no code makes one so."""
    for table in (staff_talks, staff_codes):
        tx.execute(delete(table).where(table.c.staff_id == staff_id))


def on(tx: Tx, talk_id: int) -> Colleague | None:
    """Who bound a talk, if they may still sign in."""
    found = tx.execute(select(staff_talks.c.staff_id).where(staff_talks.c.talk_id == talk_id)).scalar()
    colleague = find_colleague(tx, found) if found is not None else None
    return colleague if colleague is not None and colleague.active else None


def talks_of(tx: Tx, staff_ids: Sequence[int]) -> list[tuple[int, int, str, str]]:
    """Staff, talk, channel and language of each talk that these people bound and that can be reached."""
    columns = (staff_talks.c.staff_id, talks.c.id, talks.c.channel, residents.c.language)
    bound = staff_talks.join(talks).join(residents, residents.c.id == talks.c.resident_id)
    mine = (staff_talks.c.staff_id.in_(staff_ids), talks.c.reachable == 1)
    return [(row[0], row[1], row[2], row[3]) for row in tx.execute(select(*columns).select_from(bound).where(*mine))]


def in_chat(tx: Tx) -> list[Colleague]:
    """Everybody who may sign in and has bound a talk."""
    bound = set(tx.execute(select(staff_talks.c.staff_id).distinct()).scalars())
    return [one for one in colleagues(tx) if one.active and one.id in bound] if bound else []
