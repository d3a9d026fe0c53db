"""Telling a resident something: choose where, write the letter into the outbox of the same transaction."""

from datetime import datetime

from bot.letters import say_to_json
from bot.messages import Say
from db import letters, reach
from db.moments import to_ms
from db.tx import Tx

WEEK = 7 * 24 * 3600
TALKING = 15 * 60 * 1000  # milliseconds after their last words in which somebody is in a talk


def tell(
    tx: Tx,
    resident_id: int,
    say: Say,
    *,
    once: str | None = None,
    collapse: str | None = None,
    lasts: float = 4 * WEEK,
    deed: str | None = None,
    quiet: datetime | None = None,
) -> bool:
    """Write to where the resident was last heard; ``lasts`` in seconds. False when they were never heard, or when a
    letter with the same ``once`` was written before. It leaves when it is no longer ``quiet``, as soon as they speak,
    or at once where they spoke just now. Who left everywhere finds it when they come back before its end."""
    talk = reach.latest_talk(tx, resident_id)
    if talk is None:
        return False
    talk_id, channel, reachable = talk
    end = tx.ms + int(lasts * 1000)
    waits = quiet is not None and not reach.heard_since(tx, talk_id, tx.ms - TALKING)
    return letters.add_letter(
        tx,
        talk_id,
        channel,
        say_to_json(say),
        once=once,
        collapse=collapse,
        expires_at=end,
        deed=deed,
        due_at=end if not reachable else to_ms(quiet) if quiet is not None and waits else None,
    )
