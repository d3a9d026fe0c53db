"""Forgetting in time: what is kept only for a while."""

from sqlalchemy import delete, select

from db import updates
from db.tables import exchanges, letters, talks, ticks
from db.tx import Tx

DAY = 24 * 3600 * 1000
TRANSCRIPT_DAYS = 180  # the web chat shows its history to the resident
ECHO_DAYS = 3  # elsewhere a message is kept to answer repetitions alike: WeChat and Telegram repeat within hours
LETTER_DAYS = 30
TICK_DAYS = 30
WITH_HISTORY = ("web",)


def forget_old(tx: Tx) -> None:
    """Delete transcripts, finished letters and ticks that have served."""
    now = tx.ms
    shown = select(talks.c.id).where(talks.c.channel.in_(WITH_HISTORY))
    tx.execute(delete(exchanges).where(exchanges.c.at < now - TRANSCRIPT_DAYS * DAY))
    tx.execute(delete(exchanges).where(exchanges.c.at < now - ECHO_DAYS * DAY, exchanges.c.talk_id.not_in(shown)))
    finished = letters.c.state.in_(("sent", "unsure", "expired", "replaced"))
    tx.execute(delete(letters).where(finished, letters.c.created_at < now - LETTER_DAYS * DAY))
    updates.forget(tx)
    tx.execute(delete(ticks).where(ticks.c.done_at < now - TICK_DAYS * DAY))
