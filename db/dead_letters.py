"""Letters that could not be delivered: kept until somebody decides to try again or to let them go."""

from typing import NamedTuple

from sqlalchemy import func, select, update

from db.letters import DEAD, EXPIRED, WAITING
from db.tables import letters
from db.tx import Tx


class DeadLetter(NamedTuple):
    """Where it should have gone, when it was written (ms), and what the channel said; never what is in it."""

    id: int
    channel: str
    written_at: int
    error: str


def dead_letters(tx: Tx, limit: int = 20) -> list[DeadLetter]:
    """The latest."""
    query = (
        select(letters.c.id, letters.c.channel, letters.c.created_at, func.coalesce(letters.c.error, ""))
        .where(letters.c.state == DEAD)
        .order_by(letters.c.id.desc())
        .limit(limit)
    )
    return [DeadLetter(*row) for row in tx.execute(query)]


def revive(tx: Tx, letter: int) -> bool:
    """Try one again from the start, also when its time is over: somebody wants it to arrive. False: it is not dead."""
    values = {"state": WAITING, "attempts": 0, "due_at": tx.ms, "leased_by": None, "expires_at": None, "error": None}
    tx.posted = True
    return _change(tx, letter, values)


def let_go(tx: Tx, letter: int) -> bool:
    """Give one up. False: it is not dead."""
    return _change(tx, letter, {"state": EXPIRED})


def _change(tx: Tx, letter: int, values: dict[str, object]) -> bool:
    mine = (letters.c.id == letter, letters.c.state == DEAD)
    return tx.execute(update(letters).where(*mine).values(**values)).rowcount == 1
