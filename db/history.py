"""What the web chat shows of a talk: its transcript page by page, and what of it was seen."""

from dataclasses import dataclass

from sqlalchemy import func, select, update

from db.tables import exchanges, talks
from db.tx import Tx


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """A row of the transcript; ``said`` and ``answer`` are JSON as they were stored."""

    id: int
    key: str
    at: int
    said: str | None
    answer: str


def transcript(
    tx: Tx, talk_id: int, *, after: int | None = None, before: int | None = None, limit: int = 30
) -> list[StoredExchange]:
    """A page of the transcript in order: what came after an id, or the latest before one (or of all)."""
    # Not the bare id: a planner that sorts by the key itself would walk past everybody's rows for a few of one talk.
    in_order = exchanges.c.id + 0
    columns = (exchanges.c.id, exchanges.c.key, exchanges.c.at, exchanges.c.said, exchanges.c.answer)
    query = select(*columns).where(exchanges.c.talk_id == talk_id).limit(limit)
    if after is not None:
        rows = tx.execute(query.where(exchanges.c.id > after).order_by(in_order)).all()
        return [StoredExchange(*row) for row in rows]
    if before is not None:
        query = query.where(exchanges.c.id < before)
    rows = tx.execute(query.order_by(in_order.desc())).all()
    return [StoredExchange(*row) for row in reversed(rows)]


def mark_read(tx: Tx, talk_id: int, exchange_id: int) -> None:
    """What the person has seen in the web chat; never goes back."""
    tx.execute(update(talks).where(talks.c.id == talk_id, talks.c.read_id < exchange_id).values(read_id=exchange_id))


def unread(tx: Tx, talk_id: int) -> int:
    """How many pushed notices the person has not seen."""
    query = (
        select(func.count())
        .select_from(exchanges.join(talks))
        .where(talks.c.id == talk_id, exchanges.c.said.is_(None), exchanges.c.id > talks.c.read_id)
    )
    return int(tx.execute(query).scalar_one())
