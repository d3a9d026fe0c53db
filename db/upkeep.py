"""Forgetting in time: what is kept only for a while."""

from sqlalchemy import and_, delete, or_, select

from db import sessions, updates
from db.letters import EXPIRED, NEWS, REPLACED, SENT, UNSURE
from db.moments import from_ms
from db.tables import area_tips, circulars, exchanges, letters, talks, ticks
from db.tx import Tx

DAY = 24 * 3600 * 1000
TRANSCRIPT_DAYS = 180  # the web chat shows its history to the resident
ECHO_DAYS = 3  # elsewhere a message is kept to answer repetitions alike: WeChat and Telegram repeat within hours
LETTER_DAYS = 30
TICK_DAYS = 30
AREA_TIP_DAYS = 400  # an area's year is looked at as a whole
PAGE = 2000  # letters in one unit: a few milliseconds
WITH_HISTORY = ("web",)


def forget_old(tx: Tx) -> None:
    """Delete transcripts and ticks that have served."""
    now = tx.ms
    shown = select(talks.c.id).where(talks.c.channel.in_(WITH_HISTORY))
    tx.execute(delete(exchanges).where(exchanges.c.at < now - TRANSCRIPT_DAYS * DAY))
    tx.execute(delete(exchanges).where(exchanges.c.at < now - ECHO_DAYS * DAY, exchanges.c.talk_id.not_in(shown)))
    updates.forget(tx)
    sessions.forget_knocks(tx, now - DAY)
    tx.execute(delete(ticks).where(ticks.c.done_at < now - TICK_DAYS * DAY))
    long_ago = from_ms(now - AREA_TIP_DAYS * DAY).date().isoformat()
    tx.execute(delete(area_tips).where(area_tips.c.day < long_ago))


def forget_letters(tx: Tx) -> bool:
    """Delete a page of finished letters: answers and broadcasts soon, news later. Whether there may be more."""
    now = tx.ms
    soon = and_(letters.c.urgency != NEWS, letters.c.created_at < now - ECHO_DAYS * DAY)
    page = (
        select(letters.c.id)
        .where(letters.c.state.in_((SENT, UNSURE, EXPIRED, REPLACED)))
        .where(or_(soon, letters.c.created_at < now - LETTER_DAYS * DAY))
        .limit(PAGE)
    )
    gone = tx.execute(delete(letters).where(letters.c.id.in_(page))).rowcount
    carried = select(letters.c.circular_id).where(letters.c.circular_id == circulars.c.id).exists()
    tx.execute(delete(circulars).where(circulars.c.created_at < now - ECHO_DAYS * DAY, ~carried))
    return gone == PAGE
