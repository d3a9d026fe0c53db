"""Who is signed in where, and attempts that failed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import case, delete, select, update

from civic.knocks import HOUR
from db.forgetting import delete_page
from db.tables import knocks, staff_sessions
from db.tx import Tx

IDLE = 12 * 3600 * 1000  # milliseconds without a sign of life after which a session is over
LONGEST = 7 * 24 * 3600 * 1000  # of a session, however busy
BEAT = 60_000  # how exactly «last seen» is kept


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that somebody is signed in with. Moments are milliseconds."""

    id: int
    staff_id: int
    began_at: int
    seen_at: int
    origin: str
    agent: str


_COLUMNS = tuple(staff_sessions.c[name] for name in Session.__dataclass_fields__)


def open_session(tx: Tx, hash_: str, staff_id: int, origin: str, agent: str) -> None:
    """Begin one."""
    times = {"began_at": tx.ms, "seen_at": tx.ms}
    values = {"hash": hash_, "staff_id": staff_id, "origin": origin[:64], "agent": agent[:200], **times}
    tx.execute(staff_sessions.insert().values(values))


def find_session(tx: Tx, hash_: str) -> Session | None:
    """The session of a cookie, unless it is over."""
    good = (staff_sessions.c.seen_at >= tx.ms - IDLE, staff_sessions.c.began_at >= tx.ms - LONGEST)
    row = tx.execute(select(*_COLUMNS).where(staff_sessions.c.hash == hash_, *good)).first()
    return Session(*row) if row else None


def sessions_of(tx: Tx, staff_id: int | None = None) -> list[Session]:
    """Sessions that are not over, of one person or of all; the one seen last comes first."""
    good = (staff_sessions.c.seen_at >= tx.ms - IDLE, staff_sessions.c.began_at >= tx.ms - LONGEST)
    query = select(*_COLUMNS).where(*good).order_by(staff_sessions.c.seen_at.desc(), staff_sessions.c.id)
    if staff_id is not None:
        query = query.where(staff_sessions.c.staff_id == staff_id)
    return [Session(*row) for row in tx.execute(query)]


def seen(tx: Tx, session_id: int) -> None:
    """They are still there."""
    tx.execute(update(staff_sessions).where(staff_sessions.c.id == session_id).values(seen_at=tx.ms))


def end_sessions(tx: Tx, staff_id: int, *, only: int | None = None, but: int | None = None) -> int:
    """End somebody's sessions: all, one, or all but one. How many ended."""
    query = delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id)
    if only is not None:
        query = query.where(staff_sessions.c.id == only)
    if but is not None:
        query = query.where(staff_sessions.c.id != but)
    return tx.execute(query).rowcount


def replace_session(tx: Tx, hash_: str) -> None:
    """A browser gets another cookie: nobody but a thief holds the one that it brought."""
    tx.execute(delete(staff_sessions).where(staff_sessions.c.hash == hash_))


def failures(tx: Tx, keys: Collection[str]) -> Mapping[str, tuple[int, int]]:
    """Key → failures in a row and when the last was; locked, so that many attempts at once can't slip through."""
    query = select(knocks.c.key, knocks.c.failures, knocks.c.at).where(knocks.c.key.in_(keys)).order_by(knocks.c.key)
    return {row[0]: (row[1], row[2]) for row in tx.execute(query.with_for_update())}


def knock(tx: Tx, keys: Collection[str]) -> None:
    """Count an attempt as failed before it is looked at; ``forgive`` takes it back."""
    again = case((knocks.c.at > tx.ms - HOUR, knocks.c.failures + 1), else_=1)
    for key in sorted(keys):
        statement = tx.insert(knocks).values(key=key, failures=1, at=tx.ms)
        tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"failures": again, "at": tx.ms}))


def forgive(tx: Tx, keys: Collection[str]) -> None:
    """The attempt was right after all."""
    tx.execute(delete(knocks).where(knocks.c.key.in_(keys)))


def forget(tx: Tx) -> bool:
    """Delete a page of those that are over. Whether there may be more."""
    over = (staff_sessions.c.seen_at < tx.ms - IDLE) | (staff_sessions.c.began_at < tx.ms - LONGEST)
    return delete_page(tx, staff_sessions, over)


def forget_knocks(tx: Tx, before: int) -> bool:
    """Delete a page of what is too old to count. Whether there may be more."""
    return delete_page(tx, knocks, knocks.c.at < before)
