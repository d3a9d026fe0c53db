"""Forgetting in time: what is kept only for a while."""

from sqlalchemy import and_, delete, or_, select

from db import paces, polls, sessions, updates
from db.letters import EXPIRED, NEWS, REPLACED, SENT, UNSURE
from db.moments import from_ms
from db.photos import discard
from db.tables import area_tips, circulars, exchanges, letters, photos, report_photos, talks, ticks
from db.tx import Tx

DAY = 24 * 3600 * 1000
TRANSCRIPT_DAYS = 180  # the web chat shows its history to the resident
ECHO_DAYS = 3  # elsewhere a message is kept to answer repetitions alike: WeChat and Telegram repeat within hours
LETTER_DAYS = 30
TICK_DAYS = 30
AREA_TIP_DAYS = 400  # an area's year is looked at as a whole
PAGE = 2000  # rows in one unit: a few milliseconds
PHOTO_DAYS = 7  # a photo that went into no report
WITH_HISTORY = ("web",)


def forget_old(tx: Tx) -> None:
    """Delete ticks and other small things that have served."""
    now = tx.ms
    updates.forget(tx)
    polls.forget(tx)
    paces.forget(tx)
    sessions.forget_knocks(tx, now - DAY)
    tx.execute(delete(ticks).where(ticks.c.done_at < now - TICK_DAYS * DAY))
    long_ago = from_ms(now - AREA_TIP_DAYS * DAY).date().isoformat()
    tx.execute(delete(area_tips).where(area_tips.c.day < long_ago))


def forget_exchanges(tx: Tx) -> bool:
    """Delete a page of transcripts that have served. Whether there may be more."""
    now = tx.ms
    shown = select(talks.c.id).where(talks.c.channel.in_(WITH_HISTORY))
    over = or_(
        exchanges.c.at < now - TRANSCRIPT_DAYS * DAY,
        and_(exchanges.c.at < now - ECHO_DAYS * DAY, exchanges.c.talk_id.not_in(shown)),
    )
    page = select(exchanges.c.id).where(over).order_by(exchanges.c.at).limit(PAGE)
    return tx.execute(delete(exchanges).where(exchanges.c.id.in_(page))).rowcount == PAGE


def forget_photos(tx: Tx) -> bool:
    """Delete a page of photos that went into no report; their files follow. Whether there may be more.

    While their resident has a report open or put aside, they may still go into it.
    """
    p = photos.c
    attached = select(report_photos.c.photo_id).where(report_photos.c.photo_id == p.id).exists()
    busy = or_(talks.c.conversation.in_(("report", "tasks")), talks.c.paused.contains('"report":'))
    drafting = select(talks.c.id).where(talks.c.resident_id == p.resident_id, busy).exists()
    old = p.created_at < tx.ms - PHOTO_DAYS * DAY
    page = select(p.id, p.sealed_key, p.large_key, p.small_key).where(old, ~attached, ~drafting)
    gone = tx.execute(page.order_by(p.created_at).limit(PAGE)).all()
    discard(tx, [key for row in gone for key in row[1:] if key is not None])
    tx.execute(delete(photos).where(p.id.in_([row[0] for row in gone])))
    return len(gone) == PAGE


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
