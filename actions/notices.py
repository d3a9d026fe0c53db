"""Telling a resident something: choose where, write the letter into the outbox of the same transaction."""

from datetime import datetime

from bot.letters import say_to_json
from bot.messages import Say
from db import letters, talks
from db.moments import to_ms
from db.tx import Tx

NEWS, BROADCAST = 0, 1
WEEK = 7 * 24 * 3600
TALKING = 15 * 60 * 1000  # milliseconds after their last words in which somebody is in a talk


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
    quiet: datetime | None = None,
) -> bool:
    """Write to where the resident was last heard; ``lasts`` in seconds. False when nobody can be reached there,
    or when a letter with the same ``once`` was written before. It leaves when it is no longer ``quiet``, or as soon as
    they speak; at once where they have spoken just now."""
    talk = talks.latest_talk(tx, resident_id)
    if talk is None:
        return False
    talk_id, channel = talk
    waits = quiet is not None and not talks.heard_since(tx, talk_id, tx.ms - TALKING)
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
        due_at=to_ms(quiet) if quiet is not None and waits else None,
    )
