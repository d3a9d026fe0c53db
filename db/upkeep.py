"""Forgetting in time: what is kept only for a while."""

from itertools import takewhile

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, update

from db import audit, paces, polls, sessions, updates
from db.forgetting import PAGE, delete_page
from db.letters import EXPIRED, NEWS, REPLACED, SENT, UNSURE
from db.moments import from_ms
from db.photos import discard
from db.residents import BULLETIN
from db.tables import (
    area_tips,
    circulars,
    exchanges,
    join_codes,
    letters,
    marks,
    mutes,
    photos,
    report_photos,
    staff_absences,
    staff_codes,
    staff_invitations,
    staff_notices,
    talks,
    ticks,
    unanswered,
    wechat_pages,
)
from db.tx import Tx, as_stored

DAY = 24 * 3600 * 1000
TRANSCRIPT_DAYS = 180  # the web chat shows its history to the resident
ECHO_DAYS = 3  # elsewhere a message is kept to answer repetitions alike: WeChat and Telegram repeat within hours
LETTER_DAYS = 30
TICK_DAYS = 30
DRAFT_DAYS = 30  # what somebody began and left
NOTICE_DAYS = 90  # what staff were to know
QUESTION_DAYS = 365  # since it was last asked
AREA_TIP_DAYS = 400  # an area's year is looked at as a whole
PHOTO_DAYS = 7  # a photo that went into no report
WITH_HISTORY = ("web",)
ECHOES = "echoes"  # the mark of what was looked at


def forget_old(tx: Tx) -> bool:
    """Delete a page each of ticks and other small things that have served. Whether there may be more."""
    now = tx.ms
    long_ago, a_year_ago = (_day(now - days * DAY) for days in (AREA_TIP_DAYS, QUESTION_DAYS))
    more = [
        *updates.forget(tx),
        polls.forget(tx),
        audit.forget(tx),
        paces.forget(tx),
        sessions.forget_knocks(tx, now - DAY),
        sessions.forget(tx),
        delete_page(tx, wechat_pages, wechat_pages.c.made_at < now - DAY),
        delete_page(tx, mutes, mutes.c.until_at < now),
        *(delete_page(tx, codes, codes.c.expires_at < now) for codes in (join_codes, staff_codes, staff_invitations)),
        delete_page(tx, staff_notices, staff_notices.c.at < now - NOTICE_DAYS * DAY),
        delete_page(tx, staff_absences, staff_absences.c.until_day < a_year_ago),
        delete_page(tx, unanswered, unanswered.c.last_day < a_year_ago),
        delete_page(tx, ticks, ticks.c.done_at < now - TICK_DAYS * DAY, ticks.c.what != BULLETIN),
        delete_page(tx, ticks, ticks.c.done_at < now - QUESTION_DAYS * DAY),
        delete_page(tx, area_tips, area_tips.c.day < long_ago),
    ]
    return any(more)


def forget_exchanges(tx: Tx) -> bool:
    """Delete transcripts that have served: a page of the oldest, and of a page of those that came of age since the last
    time what no history shows. Whether there may be more. Each row is looked at once when it comes of age (the mark
    «echoes» says up to where) and once at its end."""
    e = exchanges.c
    old = _beginning(tx, 0, TRANSCRIPT_DAYS)
    if old:
        tx.execute(delete(exchanges).where(e.id <= old[-1]))
    after = tx.execute(select(marks.c.line).where(marks.c.name == ECHOES)).scalar() or 0
    aged = _beginning(tx, after, ECHO_DAYS)
    if not aged:
        return len(old) == PAGE
    shown = select(talks.c.id).where(talks.c.channel.in_(WITH_HISTORY))
    tx.execute(delete(exchanges).where(e.id > after, e.id <= aged[-1], e.talk_id.not_in(shown)))
    moved = tx.insert(marks).values(name=ECHOES, line=aged[-1], version=0)
    tx.execute(moved.on_conflict_do_update(index_elements=["name"], set_={"line": aged[-1]}))
    return True


def _beginning(tx: Tx, after: int, days: int) -> list[int]:
    """Of the page after an id, the ids up to the first that is younger: what was said is found from its talk's end
    (db.history), so nothing may be forgotten ahead of what was said earlier, whatever clocks that jumped have written.
    What is from times to come is passed over: it is as old as what was said after it."""
    page = _page(tx, exchanges, after, exchanges.c.at, exchanges.c.at <= tx.ms)
    return [number for number, _ in takewhile(lambda row: row[1] < tx.ms - days * DAY, page)]


def forget_drafts(tx: Tx, after: int) -> int | None:
    """Of the page of talks after an id: what those who have said nothing for long began and left, with what they were
    offered then. The last id, or None at the end."""
    t = talks.c
    page: list[int] = list(tx.execute(select(t.id).where(t.id > after).order_by(t.id).limit(PAGE)).scalars())
    if not page:
        return None
    begun = or_(t.conversation.is_not(None), as_stored(t.data) != "{}", as_stored(t.paused) != "{}")
    silent = t.id.between(page[0], page[-1]), t.seen_at < tx.ms - DRAFT_DAYS * DAY, begun
    nothing = {"conversation": None, "step": None, "data": "{}", "paused": "{}", "options": "[]", "asks": ""}
    tx.execute(update(talks).where(*silent).values(nothing))
    return page[-1]


def forget_photos(tx: Tx, after: int) -> int | None:
    """Of the page of photos after an id, delete those that went into no report; their files follow. The last id, or
    None when what follows is too young.

    While their resident has a report open or put aside, they may still go into it.
    """
    p = photos.c
    page = _page(tx, photos, after, p.created_at)
    old = [number for number, made in page if made < tx.ms - PHOTO_DAYS * DAY]
    if not old:
        return None
    attached = select(report_photos.c.photo_id).where(report_photos.c.photo_id == p.id).exists()
    paused = as_stored(talks.c.paused)  # sealed, it holds a report for certain
    busy = or_(talks.c.conversation.in_(("report", "tasks")), paused.contains('"report":'), paused.startswith("~"))
    drafting = select(talks.c.id).where(talks.c.resident_id == p.resident_id, busy).exists()
    found = select(p.id, p.sealed_key, p.large_key, p.small_key).where(p.id.in_(old), ~attached, ~drafting)
    gone = tx.execute(found).all()
    discard(tx, [key for row in gone for key in row[1:] if key is not None])
    tx.execute(delete(photos).where(p.id.in_([row[0] for row in gone])))
    return page[-1][0]


def forget_letters(tx: Tx, after: int) -> int | None:
    """Of the page of letters after an id, delete the finished ones, answers and broadcasts soon, news later; and then
    the others, too. The last id, or None when what follows is too young."""
    now, at = tx.ms, letters.c.created_at
    page = _page(tx, letters, after, at)
    old = [number for number, made in page if made < now - ECHO_DAYS * DAY]
    if not old:
        carried = select(letters.c.circular_id).where(letters.c.circular_id == circulars.c.id).exists()
        tx.execute(delete(circulars).where(circulars.c.created_at < now - ECHO_DAYS * DAY, ~carried))
        return None
    finished = and_(letters.c.state.in_((SENT, UNSURE, EXPIRED, REPLACED)), letters.c.urgency != NEWS)
    tx.execute(delete(letters).where(letters.c.id.in_(old), or_(finished, at < now - LETTER_DAYS * DAY)))
    return page[-1][0]


def _day(at: int) -> str:
    return from_ms(at).date().isoformat()


def _page(
    tx: Tx, table: Table, after: int, at: ColumnElement[int], *which: ColumnElement[bool]
) -> list[tuple[int, int]]:
    """Id and moment of the next rows, by the primary key alone: the older a row, the lower its id, but for a clock that
    was set back."""
    query = select(table.c.id, at).where(table.c.id > after, *which).order_by(table.c.id).limit(PAGE)
    return [(row[0], row[1]) for row in tx.execute(query)]
