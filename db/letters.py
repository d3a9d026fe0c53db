"""The outbox: letters that are written, wait, and are put off or over. See db.sending for their way."""

from dataclasses import dataclass

from sqlalchemy import (
    Text,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from civic.discretion import personal
from db.tables import circulars, letters, residents, talks
from db.tx import Hot, Tx

WAITING, SENT, DEAD, EXPIRED, REPLACED = "waiting", "sent", "dead", "expired", "replaced"
UNSURE = "unsure"  # left, and nobody knows whether it arrived; not sent again
ANSWER = "answer"  # who holds a letter that left with an answer, until that answer is known to have arrived
REST = 28 * 24 * 3600 * 1000  # milliseconds that a letter without an end waits for somebody who left
REPLY, NEWS, BROADCAST = -1, 0, 1  # urgency: what answers somebody, what concerns them, what everybody gets


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the outbox; ``say`` is JSON of what is meant, or the words of an answer (see bot.letters).

    ``parts`` is how many of its messages have left; ``trying`` says that one was on its way when its postman died.
    """

    id: int
    talk_id: int
    channel: str
    say: str
    urgency: int
    attempts: int
    deed: str | None
    parts: int = 0
    trying: bool = False


SAY = case(  # what a letter says, wherever that is kept
    (letters.c.circular_id.is_(None), letters.c.say),
    else_=select(circulars.c.say).where(circulars.c.id == letters.c.circular_id).correlate(letters).scalar_subquery(),
).label("say")
COLUMNS = (
    letters.c.id,
    letters.c.talk_id,
    letters.c.channel,
    SAY,
    letters.c.urgency,
    letters.c.attempts,
    letters.c.deed,
    letters.c.parts,
    letters.c.trying,
)
_REPLIES = Hot(
    select(letters.c.id)
    .where(letters.c.talk_id == bindparam("talk"), letters.c.state == WAITING, letters.c.urgency == REPLY)
    .limit(1)
)
_PENDING = Hot(
    select(*COLUMNS)
    .where(
        letters.c.talk_id == bindparam("talk"),
        letters.c.state == WAITING,
        or_(letters.c.expires_at.is_(None), letters.c.expires_at > bindparam("now")),
        or_(letters.c.leased_by.is_(None), letters.c.due_at <= bindparam("now")),
    )
    .order_by(letters.c.urgency, letters.c.id)
    .limit(30)
)

_ADDED = ("talk_id", "channel", "say", "deed", "urgency", "once", "collapse", "due_at", "expires_at", "created_at")
_ADD = Hot(
    lambda insert: (
        insert(letters)
        .values({name: bindparam(name, type_=Text() if name == "say" else None) for name in _ADDED})
        .values(state=WAITING, attempts=0)
        .on_conflict_do_nothing(index_elements=["once"])
        .returning(letters.c.id)
    )
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
    due_at: int | None = None,
) -> bool:
    """Put a letter into the outbox; False when one with the same ``once`` was there before. It
    leaves at once, or from ``due_at`` (milliseconds) on.

    It takes the place of letters with the same ``collapse`` that wait and are not on their way.
    """
    tx.posted = True
    if personal(say):
        say = tx.seal(letters.c.say, say)
    added = tx.hot(
        _ADD, talk_id=talk_id, channel=channel, say=say, deed=deed, urgency=urgency, once=once, collapse=collapse,
        due_at=due_at or tx.ms, expires_at=expires_at, created_at=tx.ms,
    )  # fmt: skip
    if added and collapse is not None:
        tx.execute(
            update(letters)
            .where(letters.c.talk_id == talk_id, letters.c.collapse == collapse, letters.c.state == WAITING)
            .where(letters.c.id < added[0][0], letters.c.leased_by.is_(None))
            .values(state=REPLACED)
        )
    return bool(added)


def hurry(tx: Tx, talk_id: int) -> None:
    """Whoever is to read what waits for the morning is awake: it may leave now."""
    waits = (letters.c.state == WAITING, letters.c.due_at > tx.ms, letters.c.leased_by.is_(None))
    tx.execute(
        update(letters).where(letters.c.talk_id == talk_id, letters.c.attempts == 0, *waits).values(due_at=tx.ms)
    )


def rest(tx: Tx, talk_id: int) -> None:
    """Whoever is to read them can't be reached: letters that nobody is carrying wait for ``hurry``, or their end."""
    idle = (letters.c.talk_id == talk_id, letters.c.state == WAITING, letters.c.leased_by.is_(None))
    end = func.coalesce(letters.c.expires_at, tx.ms + REST)
    tx.execute(update(letters).where(*idle).values(due_at=end, attempts=0))


def expire(tx: Tx) -> None:
    """Mark letters whose time is over and that nobody is carrying."""
    now = tx.ms
    over = (letters.c.state == WAITING, letters.c.expires_at <= now, letters.c.due_at <= now)
    tx.execute(update(letters).where(*over).values(state=EXPIRED))


def replies_wait(tx: Tx, talk_id: int) -> bool:
    """Whether an answer is still on its way to this talk: a later one must not overtake it."""
    return bool(tx.hot(_REPLIES, talk=talk_id))


def written(tx: Tx, once: str) -> bool:
    """Whether a letter with this ``once`` was written."""
    return tx.execute(select(letters.c.id).where(letters.c.once == once)).first() is not None


def pending(tx: Tx, talk_id: int) -> list[Letter]:
    """Letters of a talk that wait for the person's next message and that nobody is carrying: own affairs first,
    then the oldest."""
    rows = tx.hot(_PENDING, talk=talk_id, now=tx.ms)
    return [
        Letter(number, talk, channel, tx.open(letters.c.say, say), *more) for number, talk, channel, say, *more in rows
    ]


def counts(tx: Tx) -> dict[str, int]:
    """How many letters stand in each state."""
    rows = tx.execute(select(letters.c.state, func.count()).group_by(letters.c.state)).all()
    return {row[0]: int(row[1]) for row in rows}


def last(tx: Tx) -> int:
    """The id of the newest letter."""
    return int(tx.execute(select(func.coalesce(func.max(letters.c.id), 0))).scalar_one())


def written_after(tx: Tx, letter_id: int) -> list[tuple[str, str, str]]:
    """Letters written since that one: what they say, on which channel, in which language they are read."""
    query = (
        select(letters.c.say, letters.c.channel, residents.c.language)
        .join_from(letters, talks, talks.c.id == letters.c.talk_id)
        .join(residents, residents.c.id == talks.c.resident_id)
        .where(letters.c.id > letter_id)
        .order_by(letters.c.id)
    )
    return [(row[0], row[1], row[2]) for row in tx.execute(query)]
