"""Circulars: the same words to many residents, written as letters of the outbox in one statement."""

from sqlalchemy import BigInteger, Select, String, cast, literal, select

from db.letters import BROADCAST, WAITING
from db.tables import circulars, letters, residents, talks
from db.tx import Tx


def circular(tx: Tx, name: str, say: str) -> int:
    """Words that many letters carry, kept once under a name; its number. The first words of a name stay."""
    tx.execute(
        tx.insert(circulars)
        .values(name=name, say=say, created_at=tx.ms)
        .on_conflict_do_nothing(index_elements=["name"])
    )
    return int(tx.execute(select(circulars.c.id).where(circulars.c.name == name)).scalar_one())


def circulate(
    tx: Tx, circular_id: int, to: Select[tuple[int]], *, once: str, expires_at: int, deed: str | None = None
) -> int:
    """A circular to residents (``to`` selects their ids), to each where they were last heard, in one statement:
    a hundred thousand letters are written in seconds. ``once`` and the resident's id name each letter. How many
    letters that were: none to whom has one already, or can't be written to."""
    latest = talks.alias()
    heard = (
        select(latest.c.id)
        .where(latest.c.resident_id == residents.c.id, latest.c.reachable == 1)
        .order_by(latest.c.seen_at.desc(), latest.c.id.desc())
        .limit(1)
        .correlate(residents)
        .scalar_subquery()
    )
    values = {
        "talk_id": talks.c.id,
        "channel": talks.c.channel,
        "say": literal(""),
        "circular_id": literal(circular_id),
        "deed": literal(deed, String),
        "urgency": literal(BROADCAST),
        "once": literal(once) + cast(residents.c.id, String),
        "state": literal(WAITING),
        "attempts": literal(0),
        "due_at": literal(tx.ms, BigInteger),
        "expires_at": literal(expires_at, BigInteger),
        "created_at": literal(tx.ms, BigInteger),
    }
    rows = (
        select(*values.values())
        .select_from(residents.join(talks, talks.c.id == heard))
        .where(residents.c.id.in_(to))
        .order_by(residents.c.id)
    )
    tx.posted = True
    written = tx.insert(letters).from_select(list(values), rows).on_conflict_do_nothing(index_elements=["once"])
    return tx.execute(written).rowcount
