"""Tokens of programs that read as somebody of the staff; only their digest is kept."""

from typing import NamedTuple

from sqlalchemy import delete, select, update

from db.tables import staff_tokens
from db.tx import Tx

_T = staff_tokens.c


class Token(NamedTuple):
    """Whose it is, what for, until when (ms), and the last day it was used."""

    id: int
    staff_id: int
    name: str
    expires_at: int
    used_day: str | None


_COLUMNS = tuple(_T[name] for name in Token._fields)


def add(tx: Tx, staff_id: int, digest: str, name: str, expires_at: int) -> int:
    """A new one; its id."""
    values = {"staff_id": staff_id, "hash": digest, "name": name, "created_at": tx.ms, "expires_at": expires_at}
    return int(tx.execute(staff_tokens.insert().values(values).returning(_T.id)).scalar_one())


def find(tx: Tx, digest: str) -> Token | None:
    """The token, while it is good."""
    row = tx.execute(select(*_COLUMNS).where(_T.hash == digest, _T.expires_at > tx.ms)).first()
    return Token(*row) if row else None


def used(tx: Tx, token_id: int, day: str) -> None:
    """Note the day."""
    tx.execute(update(staff_tokens).where(_T.id == token_id).values(used_day=day))


def of(tx: Tx, staff_id: int) -> list[Token]:
    """Somebody's."""
    return [Token(*row) for row in tx.execute(select(*_COLUMNS).where(_T.staff_id == staff_id).order_by(_T.id))]


def end(tx: Tx, staff_id: int, token_id: int | None = None) -> int:
    """End one of somebody's, or all; how many those were."""
    which = [_T.staff_id == staff_id] + ([_T.id == token_id] if token_id is not None else [])
    return tx.execute(delete(staff_tokens).where(*which)).rowcount
