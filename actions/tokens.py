"""Tokens for the office's own programs: each reads what the person it stands for sees, and changes nothing."""

import secrets
from datetime import date

from actions import people
from actions.audit import record
from civic import passwords
from civic.errors import Refused
from civic.staff import Staff
from db import staff, tokens
from db.staff import Colleague
from db.tokens import Token
from db.tx import Tx

DAY = 24 * 3600 * 1000  # ms
LONGEST = 730  # days


def make(tx: Tx, by: Staff, login: str, name: str, days: int) -> str:
    """A token for a colleague; shown this once. Raises Refused: staff.unknown, staff.may_not, token.bad."""
    colleague = _whose(tx, by, login)
    name = " ".join(name.split())
    if not 1 <= len(name) <= 64 or not 1 <= days <= LONGEST:
        raise Refused("token.bad", longest=LONGEST)
    made = f"youli_{secrets.token_urlsafe(32)}"
    tokens.add(tx, colleague.id, passwords.digest(made), name, tx.ms + days * DAY)
    record(tx, by, "token.made", colleague.login, name)
    return made


def listed(tx: Tx, by: Staff, login: str) -> list[Token]:
    """A colleague's tokens. Raises Refused."""
    return tokens.of(tx, _whose(tx, by, login).id)


def end(tx: Tx, by: Staff, login: str, token_id: int | None) -> int:
    """End a token of a colleague, or all; how many. Raises Refused."""
    colleague = _whose(tx, by, login)
    ended = tokens.end(tx, colleague.id, token_id)
    if ended:
        record(tx, by, "token.ended", colleague.login, "" if token_id is None else str(token_id))
    return ended


def acting(tx: Tx, secret: str, today: date, origin: str) -> tuple[Staff, Token] | None:
    """Whom a token stands for, with the rights they have now; None when it is unknown, over, or they are gone."""
    token = tokens.find(tx, passwords.digest(secret))
    colleague = staff.find_colleague(tx, token.staff_id) if token else None
    if token is None or colleague is None or not colleague.active:
        return None
    return people.acting(tx, colleague, today, origin), token


def _whose(tx: Tx, by: Staff, login: str) -> Colleague:
    colleague = staff.find_login(tx, login)
    if colleague is None:
        raise Refused("staff.unknown")
    if by.id != colleague.id and not by.appoints(colleague.role):
        raise Refused("staff.may_not")
    return colleague
