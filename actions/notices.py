"""Telling a resident something: choose where, write the letter into the outbox of the same transaction."""

from bot.letters import say_to_json
from bot.messages import Say
from db import letters, talks
from db.tx import Tx

NEWS, BROADCAST = 0, 1
WEEK = 7 * 24 * 3600


def tell(
    tx: Tx,
    resident_id: int,
    say: Say,
    *,
    urgency: int = NEWS,
    once: str | None = None,
    collapse: str | None = None,
    lasts: float = 4 * WEEK,
    deed: str | None = None,
) -> bool:
    """Write to where the resident was last heard; ``lasts`` in seconds. False when nobody can be reached there,
    or when a letter with the same ``once`` was written before."""
    talk = talks.latest_talk(tx, resident_id)
    if talk is None:
        return False
    talk_id, channel = talk
    return letters.add_letter(
        tx,
        talk_id,
        channel,
        say_to_json(say),
        urgency=urgency,
        once=once,
        collapse=collapse,
        expires_at=tx.ms + int(lasts * 1000),
        deed=deed,
    )
