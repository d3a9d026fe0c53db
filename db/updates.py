"""What Telegram sent beside messages that were answered at once: those stand in the transcript. Stored before Telegram
is told that we have it, each update once.

What was handled keeps only its number. What waits (parts of an album) and what could not be read keep their text.
"""

from dataclasses import dataclass

from sqlalchemy import Text, bindparam, func, select, update

from db.forgetting import delete_page
from db.moments import to_ms
from db.tables import updates
from db.tx import Hot, Tx

DONE, HELD, DEAD = "done", "held", "dead"
QUIET = 1200  # ms without a further part: then an album is taken to be complete
LONGEST = 6000  # ms after which an album is closed in any case
DAY = 24 * 3600 * 1000
DONE_DAYS, DEAD_DAYS = 3, 30  # Telegram repeats an update for a day at most


@dataclass(frozen=True, slots=True)
class Part:
    """An update that waits for the rest of its album."""

    number: int
    raw: str


_COLUMNS = ("bot", "update_id", "state", "user", "album", "raw", "error", "at", "due_at")
_ADD = Hot(
    lambda insert: (
        insert(updates)
        .values({name: bindparam(name, type_=Text() if name == "raw" else None) for name in _COLUMNS})
        .on_conflict_do_nothing(index_elements=["bot", "update_id"])
        .returning(updates.c.id)
    )
)


def add(
    tx: Tx,
    bot: int,
    number: int,
    state: str = DONE,
    *,
    user: str | None = None,
    album: str | None = None,
    raw: str | None = None,
    error: str | None = None,
    due_at: int | None = None,
) -> bool:
    """Store an update; False when it was there before."""
    if raw is not None:
        raw = tx.seal(updates.c.raw, raw)
    rows = tx.hot(
        _ADD, bot=bot, update_id=number, state=state, user=user, album=album, raw=raw,
        error=error and error[:200], at=to_ms(tx.now), due_at=due_at,
    )  # fmt: skip
    return bool(rows)


def hold(tx: Tx, bot: int, number: int, user: str, album: str, raw: str) -> bool:
    """Store a part of an album; it waits until no further part comes for a while."""
    if not add(tx, bot, number, HELD, user=user, album=album, raw=raw):
        return False
    mine = (updates.c.bot == bot, updates.c.user == user, updates.c.album == album, updates.c.state == HELD)
    first = tx.execute(select(func.min(updates.c.at)).where(*mine)).scalar_one()
    tx.execute(update(updates).where(*mine).values(due_at=min(to_ms(tx.now) + QUIET, first + LONGEST)))
    return True


def albums(tx: Tx, bot: int) -> tuple[list[tuple[str, str]], float | None]:
    """Albums (user and name) that are complete, and in how many seconds the next one will be."""
    rows = tx.execute(
        select(updates.c.user, updates.c.album, func.max(updates.c.due_at))
        .where(updates.c.state == HELD, updates.c.bot == bot)
        .group_by(updates.c.user, updates.c.album)
        .order_by(func.min(updates.c.id))
    ).all()
    now = to_ms(tx.now)
    later = [due for _, _, due in rows if due > now]
    return [(user, album) for user, album, due in rows if due <= now], (min(later) - now) / 1000 if later else None


def parts(tx: Tx, bot: int, user: str, album: str) -> list[Part]:
    """The parts of an album that wait, in order."""
    rows = tx.execute(
        select(updates.c.update_id, updates.c.raw)
        .where(updates.c.bot == bot, updates.c.user == user, updates.c.album == album, updates.c.state == HELD)
        .order_by(updates.c.update_id)
    ).all()
    return [Part(row[0], row[1]) for row in rows]


def settle(tx: Tx, bot: int, numbers: list[int]) -> bool:
    """Parts that waited are handled; False when somebody else has handled them."""
    mine = (updates.c.bot == bot, updates.c.update_id.in_(numbers), updates.c.state == HELD)
    return tx.execute(update(updates).where(*mine).values(state=DONE, raw=None)).rowcount == len(numbers)


def bury(tx: Tx, bot: int, numbers: list[int], error: str) -> None:
    """Parts that waited can't be handled."""
    mine = (updates.c.bot == bot, updates.c.update_id.in_(numbers), updates.c.state == HELD)
    tx.execute(update(updates).where(*mine).values(state=DEAD, error=error[:200]))


def dead(tx: Tx, limit: int = 20) -> list[tuple[int, str]]:
    """Number and error of the latest updates that could not be handled."""
    rows = tx.execute(
        select(updates.c.update_id, func.coalesce(updates.c.error, ""))
        .where(updates.c.state == DEAD)
        .order_by(updates.c.id.desc())
        .limit(limit)
    ).all()
    return [(row[0], row[1]) for row in rows]


def forget(tx: Tx) -> list[bool]:
    """Delete a page of what has served. Whether there may be more."""
    now, at = to_ms(tx.now), updates.c.at
    return [
        delete_page(tx, updates, updates.c.state == DONE, at < now - DONE_DAYS * DAY),
        delete_page(tx, updates, at < now - DEAD_DAYS * DAY),
    ]
