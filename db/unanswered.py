"""Questions that nobody could answer, without the people who asked."""

from sqlalchemy import bindparam, select

from db.tables import unanswered
from db.tx import Hot, Tx

_NOTE = Hot(
    lambda insert: (
        insert(unanswered)
        .values(words=bindparam("words"), count=1, last_day=bindparam("day"))
        .on_conflict_do_update(
            index_elements=["words"], set_={"count": unanswered.c.count + 1, "last_day": bindparam("day")}
        )
    )
)


def note(tx: Tx, words: str, day: str) -> None:
    """Count these words once more."""
    tx.hot(_NOTE, words=words, day=day)


def most(tx: Tx, limit: int) -> list[tuple[str, int, str]]:
    """(words, how often, last day), what was asked most first."""
    rows = tx.execute(
        select(unanswered.c.words, unanswered.c.count, unanswered.c.last_day)
        .order_by(unanswered.c.count.desc(), unanswered.c.last_day.desc(), unanswered.c.words)
        .limit(limit)
    )
    return [(str(words), int(count), str(day)) for words, count, day in rows]
