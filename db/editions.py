"""Published editions: what the figures of a period were when somebody signed them. Never changed, never deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import func, select

from db.tables import editions
from db.tx import Tx


@dataclass(frozen=True, slots=True)
class Edition:
    """``number`` counts the editions of the same days from 1; ``note`` says what a later one corrects. ``text`` are the
    office's own words, ``name`` signed. ``at`` is milliseconds; days are ISO dates."""

    id: int
    period: str
    first_day: str
    last_day: str
    number: int
    at: int
    staff_id: int | None
    name: str
    text: str
    note: str


_COLUMNS = tuple(editions.c[name] for name in Edition.__dataclass_fields__)


def add_edition(
    tx: Tx, period: str, first: date, last: date, staff_id: int | None, name: str, text: str, note: str, content: Any
) -> Edition:
    """The next edition of these days. ``content`` is JSON: the numbers, and the words that explain them."""
    e = editions.c
    days = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    latest = select(func.max(e.number)).where(e.first_day == days["first_day"], e.last_day == days["last_day"])
    values = {
        "period": period,
        **days,
        "number": (tx.execute(latest).scalar() or 0) + 1,
        "at": tx.ms,
        "staff_id": staff_id,
        "name": name[:64],
        "text": text,
        "note": note,
        "content": orjson.dumps(content).decode(),
    }
    return Edition(*tx.execute(editions.insert().values(values).returning(*_COLUMNS)).one())


def find_edition(tx: Tx, edition_id: int) -> tuple[Edition, Mapping[str, Any]] | None:
    """An edition and its content."""
    row = tx.execute(select(*_COLUMNS, editions.c.content).where(editions.c.id == edition_id)).first()
    return None if row is None else (Edition(*row[:-1]), orjson.loads(row[-1]))


def list_editions(tx: Tx, limit: int = 100, first: str = "", last: str = "") -> list[Edition]:
    """The newest first; only those of the same days, if they are given."""
    query = select(*_COLUMNS).order_by(editions.c.id.desc()).limit(limit)
    if first:
        query = query.where(editions.c.first_day == first, editions.c.last_day == last)
    return [Edition(*row) for row in tx.execute(query)]
