"""The audit log: what staff did, and what they looked at. Lines are added, never changed."""

from dataclasses import dataclass

from sqlalchemy import select

from db.forgetting import delete_page
from db.tables import audit
from db.tx import Tx

SEEN, LISTED = "report.seen", "list.seen"
LOOKS = (SEEN, LISTED)
LOOKS_DAYS = 3 * 365
RECENT = 300  # lines of somebody in which the same look is searched: who did more in a day has it noted again


@dataclass(frozen=True, slots=True)
class Line:
    """Who did what, on what, from where. ``at`` is milliseconds; ``staff_id`` is None for the machine's terminal."""

    id: int
    at: int
    staff_id: int | None
    name: str
    act: str
    subject: str
    detail: str
    origin: str


_COLUMNS = tuple(audit.c[name] for name in Line.__dataclass_fields__)


def add_line(tx: Tx, staff_id: int | None, name: str, act: str, subject: str, detail: str, origin: str) -> None:
    """Append a line."""
    values = {"at": tx.ms, "staff_id": staff_id, "name": name[:64], "act": act, "subject": subject[:64]}
    tx.execute(audit.insert().values(values | {"detail": detail[:200], "origin": origin[:64]}))


def seen(tx: Tx, staff_id: int | None, name: str, subject: str, since: int) -> bool:
    """Whether somebody opened a report since a moment, and it was noted. At the terminal they have only a name."""
    c = audit.c
    who = (c.staff_id.is_(None), c.name == name[:64]) if staff_id is None else (c.staff_id == staff_id,)
    mine = (c.subject == subject, c.act == SEEN, c.at >= since, *who)
    return tx.execute(select(c.id).where(*mine).limit(1)).first() is not None


def listed(tx: Tx, staff_id: int, subject: str, asked: str, since: int) -> bool:
    """Whether it was noted since a moment that somebody looked at this list by this filter. ``asked`` is how such a
    line's detail begins."""
    c = audit.c
    newest = select(c.at, c.act, c.subject, c.detail).where(c.staff_id == staff_id).order_by(c.id.desc()).limit(RECENT)
    recent = newest.subquery().c
    mine = (recent.act == LISTED, recent.subject == subject, recent.at >= since)
    same = recent.detail.startswith(asked, autoescape=True)
    return tx.execute(select(recent.at).where(*mine, same).limit(1)).first() is not None


def forget(tx: Tx) -> bool:
    """Delete a page of who looked at what, once that is old. What was done is kept. Whether there may be more."""
    return delete_page(tx, audit, audit.c.act.in_(LOOKS), audit.c.at < tx.ms - LOOKS_DAYS * 24 * 3600 * 1000)


def lines(
    tx: Tx,
    *,
    staff_id: int | None = None,
    act: str | None = None,
    subject: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Line]:
    """The newest lines of somebody, of an act, on a subject; ``before`` is the id that the last page ended with."""
    query = select(*_COLUMNS).order_by(audit.c.id.desc()).limit(limit)
    if staff_id is not None:
        query = query.where(audit.c.staff_id == staff_id)
    if act is not None:
        query = query.where(audit.c.act == act)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    if before is not None:
        query = query.where(audit.c.id < before)
    return [Line(*row) for row in tx.execute(query)]
