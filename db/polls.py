"""Telegram's native quiz polls: whose each is, and what its options mean, since an answer names only the poll."""

from sqlalchemy import select

from db.forgetting import delete_page
from db.packing import pack, unpack
from db.tables import talks, telegram_polls
from db.tx import Tx

LASTS = 30 * 24 * 3600 * 1000  # ms after which nobody answers a poll any more


def keep(tx: Tx, poll: str, talk_id: int, values: list[str]) -> None:
    """A poll was sent: the values of its options, in order."""
    tx.execute(
        tx.insert(telegram_polls)
        .values(poll=poll, talk_id=talk_id, options=pack(values), made_at=tx.ms)
        .on_conflict_do_nothing(index_elements=["poll"])
    )


def sent_as(tx: Tx, poll: str) -> tuple[str, list[str]] | None:
    """To whom a poll was sent, and its values; None for one that we don't know (any more)."""
    row = tx.execute(
        select(talks.c.user, telegram_polls.c.options)
        .select_from(telegram_polls.join(talks))
        .where(telegram_polls.c.poll == poll)
    ).first()
    return (row[0], unpack(row[1])) if row else None


def forget(tx: Tx) -> bool:
    """Delete a page of what has served. Whether there may be more."""
    return delete_page(tx, telegram_polls, telegram_polls.c.made_at < tx.ms - LASTS)
