"""The outbox: letters that wait, are leased, sent, tried again, or given up."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, exists, func, or_, select, update

from db.moments import to_ms
from db.tables import letters
from db.tx import Hot, Tx

WAITING, SENT, DEAD, EXPIRED, REPLACED = "waiting", "sent", "dead", "expired", "replaced"


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the outbox; ``say`` is JSON of what is meant."""

    id: int
    talk_id: int
    channel: str
    say: str
    urgency: int
    attempts: int
    deed: str | None


_COLUMNS = (
    letters.c.id,
    letters.c.talk_id,
    letters.c.channel,
    letters.c.say,
    letters.c.urgency,
    letters.c.attempts,
    letters.c.deed,
)
_PENDING = Hot(
    select(*_COLUMNS)
    .where(
        letters.c.talk_id == bindparam("talk"),
        letters.c.state == WAITING,
        or_(letters.c.expires_at.is_(None), letters.c.expires_at > bindparam("now")),
    )
    .order_by(letters.c.id)
    .limit(10)
)


def add_letter(
    tx: Tx,
    talk_id: int,
    channel: str,
    say: str,
    *,
    urgency: int = 0,
    once: str | None = None,
    collapse: str | None = None,
    expires_at: int | None = None,
    deed: str | None = None,
) -> bool:
    """Put a letter into the outbox; False when one with the same ``once`` was there before.

    It takes the place of letters with the same ``collapse`` that wait and are not on their way.
    """
    now = to_ms(tx.now)
    added = tx.execute(
        tx.insert(letters)
        .values(
            talk_id=talk_id,
            channel=channel,
            say=say,
            deed=deed,
            urgency=urgency,
            once=once,
            collapse=collapse,
            state=WAITING,
            attempts=0,
            due_at=now,
            expires_at=expires_at,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["once"])
        .returning(letters.c.id)
    ).first()
    if added is not None and collapse is not None:
        tx.execute(
            update(letters)
            .where(letters.c.talk_id == talk_id, letters.c.collapse == collapse, letters.c.state == WAITING)
            .where(letters.c.id < added[0], letters.c.leased_by.is_(None))
            .values(state=REPLACED)
        )
    return added is not None


def lease(tx: Tx, owner: str, channels: Sequence[str], seconds: float, limit: int) -> list[Letter]:
    """Take the oldest due letter of each talk for a while: order per person, own affairs before broadcasts.

    A letter whose lease ran out (its postman died) is due again. Expired ones are marked on the way.
    """
    now = to_ms(tx.now)
    tx.execute(
        update(letters)
        .where(letters.c.state == WAITING, letters.c.expires_at <= now, letters.c.due_at <= now)
        .values(state=EXPIRED)
    )
    earlier = letters.alias()
    first = ~exists().where(
        and_(
            earlier.c.talk_id == letters.c.talk_id,
            earlier.c.state == WAITING,
            or_(
                earlier.c.urgency < letters.c.urgency,
                and_(earlier.c.urgency == letters.c.urgency, earlier.c.id < letters.c.id),
            ),
        )
    )
    busy = letters.alias()
    free = ~exists().where(
        and_(
            busy.c.talk_id == letters.c.talk_id,
            busy.c.state == WAITING,
            busy.c.leased_by.is_not(None),
            busy.c.due_at > now,
        )
    )
    due = (
        select(letters.c.id)
        .where(letters.c.state == WAITING, letters.c.due_at <= now, letters.c.channel.in_(channels), first, free)
        .order_by(letters.c.urgency, letters.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(tx.execute(due).scalars())
    if not ids:
        return []
    rows = tx.execute(
        update(letters)
        .where(letters.c.id.in_(ids))
        .values(leased_by=owner, due_at=now + int(seconds * 1000), attempts=letters.c.attempts + 1)
        .returning(*_COLUMNS)
    ).all()
    return sorted((Letter(*row) for row in rows), key=lambda letter: letter.id)


def pending(tx: Tx, talk_id: int) -> list[Letter]:
    """Letters of a talk that wait for the person's next message (channels that cannot push)."""
    return [Letter(*row) for row in tx.hot(_PENDING, talk=talk_id, now=to_ms(tx.now))]


def sent(tx: Tx, letter_id: int) -> None:
    """The letter has arrived."""
    _finish(tx, letter_id, SENT, sent_at=to_ms(tx.now), error=None)


def retry(tx: Tx, letter_id: int, after: float, error: str) -> None:
    """Try again after so many seconds; ``error`` is the kind of failure, never the text."""
    tx.execute(
        update(letters)
        .where(letters.c.id == letter_id)
        .values(leased_by=None, due_at=to_ms(tx.now) + int(after * 1000), error=error[:200])
    )


def bury(tx: Tx, letter_id: int, error: str) -> None:
    """Give up: a dead letter, shown by ``check``."""
    _finish(tx, letter_id, DEAD, error=error[:200])


def _finish(tx: Tx, letter_id: int, state: str, **values: object) -> None:
    tx.execute(update(letters).where(letters.c.id == letter_id).values(state=state, leased_by=None, **values))


def counts(tx: Tx) -> dict[str, int]:
    """How many letters stand in each state."""
    rows = tx.execute(select(letters.c.state, func.count()).group_by(letters.c.state)).all()
    return {row[0]: int(row[1]) for row in rows}


def dead(tx: Tx, limit: int = 20) -> list[tuple[int, str, str]]:
    """Id, channel and error of the latest dead letters."""
    rows = tx.execute(
        select(letters.c.id, letters.c.channel, func.coalesce(letters.c.error, ""))
        .where(letters.c.state == DEAD)
        .order_by(letters.c.id.desc())
        .limit(limit)
    ).all()
    return [(row[0], row[1], row[2]) for row in rows]
