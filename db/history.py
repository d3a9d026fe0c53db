"""What was said in a talk. Each row names the one before it, and the talk its latest: so a talk's rows are found one
after another from the end.

An index by talk would find them, too, but each message would write into it, and nearly each into another page: that was
two fifths of what a message costs SQLite. The oldest are forgotten first (db.upkeep): else a chain would end too early.
"""

from dataclasses import dataclass

from sqlalchemy import CTE, ColumnElement, Select, Text, bindparam, func, literal_column, select, update

from civic.discretion import personal
from db.tables import exchanges, talks
from db.tx import Hot, Tx, as_stored


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """A row of the transcript; ``said`` and ``answer`` are JSON as they were stored."""

    id: int
    key: str
    at: int
    said: str | None
    answer: str


_APPEND = Hot(
    exchanges.insert().values(
        {name: bindparam(name) for name in ("talk_id", "before_id", "key", "at")}
        | {name: bindparam(name, type_=Text()) for name in ("said", "answer")}
    )
)
_LATEST = Hot(select(talks.c.last_id).where(talks.c.id == bindparam("talk")).with_for_update(key_share=True))
_FOLLOW = Hot(update(talks).where(talks.c.id == bindparam("talk")).values(last_id=bindparam("latest")))
_KNOWN = Hot(
    select(exchanges.c.id, exchanges.c.at, as_stored(exchanges.c.answer)).where(
        exchanges.c.talk_id == bindparam("talk"), exchanges.c.key == bindparam("key")
    )
)


def append(tx: Tx, talk_id: int, before: int | None, key: str, said: str | None, answer: str) -> int:
    """Append a row behind the one that was the talk's latest; its id, which only grows. Whoever calls has locked the
    talk, has sealed what is personal, and makes the row the talk's latest."""
    return tx.add(_APPEND, talk_id=talk_id, before_id=before, key=key, at=tx.ms, said=said, answer=answer)


def record_exchange(tx: Tx, talk_id: int, key: str, said: str | None, answer: str) -> int:
    """Append to a talk's transcript outside a turn; the row's id."""
    if personal(answer):
        answer = tx.seal(exchanges.c.answer, answer)
    if said is not None and personal(said):
        said = tx.seal(exchanges.c.said, said)
    number = append(tx, talk_id, tx.hot(_LATEST, talk=talk_id)[0][0], key, said, answer)
    tx.hot(_FOLLOW, talk=talk_id, latest=number)
    return number


def known_exchange(tx: Tx, talk_id: int, key: str) -> tuple[int, int, str] | None:
    """Id, moment and answer of a message that was handled before."""
    rows = tx.hot(_KNOWN, talk=talk_id, key=key)
    return (rows[0][0], rows[0][1], tx.open(exchanges.c.answer, rows[0][2])) if rows else None


def said_in(*which: ColumnElement[bool]) -> CTE:
    """The ids of all that was said in the talks that meet these conditions."""
    return _chain(select(talks.c.last_id).where(*which))


def _chain(latest: Select[tuple[int]], *until: ColumnElement[bool], most: int | None = None) -> CTE:
    """Ids from the latest back, as long as the conditions hold for them, and at most so many."""
    e, ends = exchanges.c, latest.subquery()
    first = select(e.id, e.before_id, literal_column("1").label("n"))
    chain = first.join(ends, e.id == ends.c[0]).where(*until).cte("chain", recursive=True)
    more = () if most is None else (chain.c.n < most,)
    return chain.union_all(
        select(e.id, e.before_id, chain.c.n + 1).join(chain, e.id == chain.c.before_id).where(*until, *more)
    )


def transcript(
    tx: Tx, talk_id: int, *, after: int | None = None, before: int | None = None, limit: int = 30
) -> list[StoredExchange]:
    """A page of the transcript in order: what came after an id, or the latest before one of its rows (or of all)."""
    e = exchanges.c
    latest = select(talks.c.last_id).where(talks.c.id == talk_id)
    if after is not None:
        chain = _chain(latest, e.id > after)
    elif before is not None:
        chain = _chain(select(e.before_id).where(e.id == before, e.talk_id == talk_id), most=limit)
    else:
        chain = _chain(latest, most=limit)
    rows = select(e.id, e.key, e.at, e.said, e.answer).join(chain, chain.c.id == e.id)
    return [StoredExchange(*row) for row in tx.execute(rows.order_by(chain.c.id).limit(limit))]


def mark_read(tx: Tx, talk_id: int, exchange_id: int) -> None:
    """What the person has seen in the web chat; never goes back."""
    tx.execute(update(talks).where(talks.c.id == talk_id, talks.c.read_id < exchange_id).values(read_id=exchange_id))


def unread(tx: Tx, talk_id: int) -> int:
    """How many pushed notices the person has not seen."""
    seen = select(talks.c.read_id).where(talks.c.id == talk_id).scalar_subquery()
    chain = _chain(select(talks.c.last_id).where(talks.c.id == talk_id), exchanges.c.id > seen)
    pushed = select(func.count()).select_from(exchanges).join(chain, chain.c.id == exchanges.c.id)
    return int(tx.execute(pushed.where(exchanges.c.said.is_(None))).scalar_one())
