"""The outbox: letters that wait, are leased, sent, tried again, or given up."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
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
_BEGIN = Hot(
    update(letters)
    .where(
        letters.c.id == bindparam("letter"),
        letters.c.state == WAITING,
        letters.c.leased_by == bindparam("owner"),
        letters.c.trying == 0,
    )
    .values(trying=1)
    .returning(letters.c.id)
)
_SENT = Hot(
    update(letters)
    .where(letters.c.id == bindparam("letter"))
    .values(state=SENT, leased_by=null(), error=null(), sent_at=bindparam("now"))
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


def lease(tx: Tx, owner: str, channel: str, urgencies: Sequence[int], seconds: float, limit: int) -> list[Letter]:
    """Take due letters of a channel for a while, the most urgent first, and of each talk the oldest only: order
    per person. A letter whose lease ran out (its postman died) is due again.
    """
    now = tx.ms
    ids: list[int] = []
    for urgency in urgencies:  # one by one: then an index leads to the first due ones among a hundred thousand
        if len(ids) < limit:
            ids += tx.execute(
                _DUE, {"channel": channel, "urgency": urgency, "now": now, "limit": limit - len(ids)}
            ).scalars()
    if not ids:
        return []
    leased = {"leased_by": owner, "due_at": tx.ms + int(seconds * 1000), "attempts": letters.c.attempts + 1}
    tx.execute(update(letters).where(letters.c.id.in_(ids)).values(leased))
    rows = tx.execute(select(*COLUMNS).where(letters.c.id.in_(ids))).all()
    order = {number: place for place, number in enumerate(ids)}
    return sorted((Letter(*row) for row in rows), key=lambda letter: order[letter.id])


_earlier = letters.alias()
_DUE = (
    select(letters.c.id)
    .where(
        letters.c.state == WAITING,
        letters.c.channel == bindparam("channel"),
        letters.c.urgency == bindparam("urgency"),
        letters.c.due_at <= bindparam("now"),
        ~exists().where(
            _earlier.c.talk_id == letters.c.talk_id,
            _earlier.c.state == WAITING,
            or_(
                _earlier.c.urgency < letters.c.urgency,
                and_(_earlier.c.urgency == letters.c.urgency, _earlier.c.id < letters.c.id),
            ),
        ),
    )
    .order_by(letters.c.due_at, letters.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def let_go(tx: Tx) -> None:
    """What postmen had in their hands is due at once: none of them is alive any more."""
    held = (letters.c.state == WAITING, letters.c.leased_by.is_not(None), letters.c.leased_by != ANSWER)
    tx.execute(update(letters).where(*held).values(leased_by=None, due_at=tx.ms))


def begin(tx: Tx, letter_id: int, owner: str) -> bool:
    """Note that a message is about to leave that must not leave twice. False when the lease was lost meanwhile."""
    return bool(tx.hot(_BEGIN, letter=letter_id, owner=owner))


def left(tx: Tx, letter_id: int, parts: int) -> None:
    """So many of its messages have left; the rest follow."""
    tx.execute(update(letters).where(letters.c.id == letter_id).values(parts=parts, trying=0))


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


def sent(tx: Tx, letter_id: int) -> None:
    """The letter has arrived."""
    tx.hot(_SENT, letter=letter_id, now=tx.ms)


def retry(tx: Tx, letter_id: int, after: float, error: str, *, counted: bool = True) -> None:
    """Try again after so many seconds, at its end at the latest; ``error`` is the kind of failure, never the text. Not
    ``counted``: as if it had not been tried."""
    due = tx.ms + int(after * 1000)
    tx.execute(
        update(letters)
        .where(letters.c.id == letter_id)
        .values(
            leased_by=None,
            due_at=case((letters.c.expires_at < due, letters.c.expires_at), else_=due),
            attempts=letters.c.attempts - (0 if counted else 1),
            trying=0,
            error=error[:200],
        )
    )


def unsure(tx: Tx, letter_id: int, error: str) -> None:
    """It left, perhaps it arrived; it is not sent again."""
    _finish(tx, letter_id, UNSURE, error=error[:200])


def bury(tx: Tx, letter_id: int, error: str) -> None:
    """Give up: a dead letter, shown by ``check``."""
    _finish(tx, letter_id, DEAD, error=error[:200])


def _finish(tx: Tx, letter_id: int, state: str, **values: object) -> None:
    tx.execute(update(letters).where(letters.c.id == letter_id).values(state=state, leased_by=None, **values))


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
