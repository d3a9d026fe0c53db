"""What becomes of letters on their way: leased, begun, sent, tried again, or given up."""

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, case, exists, null, or_, select, update

from db.letters import ANSWER, COLUMNS, DEAD, SENT, UNSURE, WAITING, Letter
from db.tables import letters
from db.tx import Hot, Tx

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
