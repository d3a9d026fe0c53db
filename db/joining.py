"""One person on several channels: one-time codes, and making two residents one."""

from sqlalchemy import delete, select, update

from db import bulletin_readers, followers, mutes, reach
from db.history import said_in
from db.rolling import come_back, leave
from db.tables import (
    answers,
    exchanges,
    join_codes,
    journal,
    letters,
    photos,
    reports,
    residents,
    reviews,
    talks,
    telegram_polls,
    tips_seen,
    wechat_pages,
)
from db.talks import lock
from db.tx import Tx


def add_code(tx: Tx, resident_id: int, code: str, lasts: int) -> None:
    """A code for this resident, good for ``lasts`` seconds; earlier ones are over."""
    now = tx.ms
    tx.execute(delete(join_codes).where((join_codes.c.resident_id == resident_id) | (join_codes.c.expires_at <= now)))
    tx.execute(join_codes.insert().values(code=code, resident_id=resident_id, expires_at=now + lasts * 1000))


def take_code(tx: Tx, code: str) -> int | None:
    """The resident behind a code, which is used up by this; None for a wrong or expired one."""
    row = tx.execute(
        delete(join_codes)
        .where(join_codes.c.code == code, join_codes.c.expires_at > tx.ms)
        .returning(join_codes.c.resident_id)
    ).first()
    return int(row[0]) if row else None


def join(tx: Tx, stays: int, goes: int) -> None:
    """Give everything of one resident to another: talks, reports, deeds, answers, photos.

    Where both met a question or tip, the newer state counts. The row that goes keeps nothing.
    """
    leave(tx, [stays, goes])
    for table, key, newer in ((reviews, "question_id", "due_day"), (tips_seen, "tip_id", "day")):
        column = table.c[key]
        own = select(column, table.c[newer]).where(table.c.resident_id == stays)
        theirs = {row[0]: row[1] for row in tx.execute(own)}
        for row in tx.execute(select(column, table.c[newer]).where(table.c.resident_id == goes)).all():
            loser = goes if row[0] in theirs and theirs[row[0]] >= row[1] else stays
            if row[0] in theirs:
                tx.execute(delete(table).where(table.c.resident_id == loser, column == row[0]))
    for table in (talks, photos, reports, journal, answers, reviews, tips_seen):
        tx.execute(update(table).where(table.c.resident_id == goes).values(resident_id=stays))
    followers.join(tx, stays, goes)
    bulletin_readers.join(tx, stays, goes)
    mutes.join(tx, stays, goes)
    come_back(tx, stays)
    tx.execute(delete(join_codes).where(join_codes.c.resident_id == goes))
    tx.execute(
        update(residents)
        .where(residents.c.id == goes)
        .values(area=None, tip_hour=None, source=None, seen_day=None, erased_at=tx.ms)
    )


def part(tx: Tx, talk_id: int) -> None:
    """A talk is its resident's no longer: what was said there goes, news that waits there goes where else they can be
    reached. Whoever speaks at its address is somebody new."""
    lock(tx, talk_id)
    reach.lose(tx, talk_id)
    tx.execute(delete(exchanges).where(exchanges.c.id.in_(select(said_in(talks.c.id == talk_id).c.id))))
    for table in (letters, telegram_polls, wechat_pages):
        tx.execute(delete(table).where(table.c.talk_id == talk_id))
    tx.execute(delete(talks).where(talks.c.id == talk_id))


def talks_of(tx: Tx, resident_id: int) -> list[tuple[int, str, str, int]]:
    """Where a resident talks to us: id, channel, address, and when they last spoke there (milliseconds)."""
    about = select(talks.c.id, talks.c.channel, talks.c.user, talks.c.seen_at)
    return [tuple(row) for row in tx.execute(about.where(talks.c.resident_id == resident_id).order_by(talks.c.id))]
