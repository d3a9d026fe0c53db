"""Where people can be reached: where they were last heard, and through which channel else when that one can't.

Only news and circulars go another way: an answer belongs where the question came from, and what staff are told to the
chat that they bound, where they may act on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, or_, select, update

from db.letters import BROADCAST, NEWS, WAITING, hurry, rest
from db.tables import letters, staff_talks, talks
from db.tx import Tx

LATELY = 15 * 60 * 1000  # milliseconds after their last words in which somebody still looks at a chat


@dataclass(frozen=True)
class Ways:
    """Names of channels: those that reach people ``anywhere``, those that reach who looks (``looked_at``), and those
    that are ``silent`` until spoken to."""

    anywhere: Sequence[str] = ()
    looked_at: Sequence[str] = ()
    silent: Sequence[str] = ()


_own, _other = talks.alias("own"), talks.alias("other")


def latest_talk(tx: Tx, resident_id: int) -> tuple[int, str, bool] | None:
    """Id and channel of the talk where a resident was last heard among those where they can be reached, and whether
    there is any such; else among all."""
    row = tx.execute(
        select(talks.c.id, talks.c.channel, talks.c.reachable)
        .where(talks.c.resident_id == resident_id)
        .order_by(talks.c.reachable.desc(), talks.c.seen_at.desc(), talks.c.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1], bool(row[2])) if row else None


def heard_since(tx: Tx, talk_id: int, at: int) -> bool:
    """Whether somebody has spoken in this talk since then (milliseconds)."""
    return tx.execute(select(talks.c.id).where(talks.c.id == talk_id, talks.c.seen_at >= at)).first() is not None


def move(tx: Tx, talk_id: int, user: str) -> bool:
    """The talk's address changed at its channel. False when the new one has a talk already: the old is given up."""
    channel = select(talks.c.channel).where(talks.c.id == talk_id).scalar_subquery()
    if tx.execute(select(talks.c.id).where(talks.c.channel == channel, talks.c.user == user)).first() is not None:
        lose(tx, talk_id)
        return False
    tx.execute(update(talks).where(talks.c.id == talk_id).values(user=user))
    return True


def lose(tx: Tx, talk_id: int) -> None:
    """A person blocked us or left: nothing is sent here; what waits for them goes where else they can be reached, or
    waits until they are back, or its end."""
    tx.execute(update(talks).where(talks.c.id == talk_id).values(reachable=0))
    _move(tx, letters.c.talk_id == talk_id)
    rest(tx, talk_id)


def find_again(tx: Tx, talk_id: int) -> None:
    """A person came back: what waits for them may leave."""
    tx.execute(update(talks).where(talks.c.id == talk_id).values(reachable=1))
    hurry(tx, talk_id)


def go_on(tx: Tx, letter_id: int, ways: Ways) -> bool:
    """Whether the letter, whose channel may not speak first now, goes through another of its reader."""
    return bool(_move(tx, letters.c.id == letter_id, _reaches(tx, ways)))


def look_round(tx: Tx, ways: Ways, again: float, limit: int) -> None:
    """Letters of silent channels that are due go through another of their reader; those of people without one are
    looked at again in so many seconds, should nobody speak before."""
    chosen = (
        select(letters.c.id)
        .where(letters.c.state == WAITING, letters.c.channel.in_(ways.silent), letters.c.due_at <= tx.ms)
        .where(letters.c.urgency.in_((NEWS, BROADCAST)), letters.c.leased_by.is_(None))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = set(tx.execute(chosen).scalars()) if ways.silent else set()
    left = due - _move(tx, letters.c.id.in_(due), _reaches(tx, ways)) if due else due
    if left:
        later = tx.ms + int(again * 1000)
        first = case((letters.c.expires_at < later, letters.c.expires_at), else_=later)
        waits = {"due_at": first, "error": "not now: waits for their next message"}
        tx.execute(update(letters).where(letters.c.id.in_(left)).values(waits))


def _reaches(tx: Tx, ways: Ways) -> ColumnElement[bool]:
    looks = or_(_other.c.seen_at > tx.ms - LATELY, _other.c.seen_at > _own.c.seen_at)
    reaches = or_(_other.c.channel.in_(ways.anywhere), and_(_other.c.channel.in_(ways.looked_at), looks))
    return and_(reaches, _other.c.channel != _own.c.channel)


def _move(tx: Tx, *conditions: ColumnElement[bool]) -> set[int]:
    """Give letters that wait another talk of their reader, that where they were last heard; which of them have one.
    What was tried already is due now."""
    waits = (letters.c.state == WAITING, letters.c.urgency >= NEWS, letters.c.leased_by.is_(None))
    rows = tx.execute(
        select(letters.c.id, _other.c.id, _other.c.channel)
        .join_from(letters, _own, _own.c.id == letters.c.talk_id)
        .join(_other, and_(_other.c.resident_id == _own.c.resident_id, _other.c.id != _own.c.id))
        .where(*waits, _other.c.reachable == 1, letters.c.talk_id.not_in(select(staff_talks.c.talk_id)), *conditions)
        .order_by(letters.c.id, _other.c.seen_at.desc(), _other.c.id.desc())
    ).all()
    places = {letter: (talk, channel) for letter, talk, channel in reversed(rows)}
    due = case((letters.c.error.is_(None), letters.c.due_at), else_=tx.ms)
    for letter, (talk, channel) in sorted(places.items()):
        anew = {"talk_id": talk, "channel": channel, "due_at": due, "attempts": 0, "parts": 0, "error": None}
        tx.execute(update(letters).where(letters.c.id == letter, *waits).values(anew))
    return set(places)
