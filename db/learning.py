"""Answers given, when questions come again, tips seen."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from db.moments import to_ms
from db.tables import answers, reviews, tips_seen
from db.tx import Hot, Tx


@dataclass(frozen=True, slots=True)
class Seen:
    """How a resident stands with one question."""

    card: str | None
    due_day: str


_ANSWER = Hot(
    answers.insert().values({name: bindparam(name) for name in ("resident_id", "question_id", "given", "right", "at")})
)
_REVIEWS = Hot(
    select(reviews.c.question_id, reviews.c.card, reviews.c.due_day).where(reviews.c.resident_id == bindparam("resident"))
)


def add_answer(tx: Tx, resident_id: int, question_id: str, given: str, right: bool) -> None:
    """Remember an answer."""
    tx.hot(_ANSWER, resident_id=resident_id, question_id=question_id, given=given, right=int(right), at=to_ms(tx.now))


def reviews_of(tx: Tx, resident_id: int) -> dict[str, Seen]:
    """Every question the resident has met."""
    return {row[0]: Seen(row[1], row[2]) for row in tx.hot(_REVIEWS, resident=resident_id)}


def save_review(tx: Tx, resident_id: int, question_id: str, topic: str, card: str, due_day: str) -> None:
    """When the question comes again."""
    insert = tx.insert(reviews).values(
        resident_id=resident_id, question_id=question_id, topic=topic, card=card, due_day=due_day
    )
    tx.execute(
        insert.on_conflict_do_update(
            index_elements=["resident_id", "question_id"],
            set_={"card": insert.excluded.card, "due_day": insert.excluded.due_day},
        )
    )


def topics_met(tx: Tx, resident_id: int) -> dict[str, int]:
    """topic → questions met."""
    rows = tx.execute(
        select(reviews.c.topic, func.count()).where(reviews.c.resident_id == resident_id).group_by(reviews.c.topic)
    ).all()
    return {row[0]: int(row[1]) for row in rows}


def see_tip(tx: Tx, resident_id: int, tip_id: str, day: str) -> None:
    """The resident was shown a tip."""
    insert = tx.insert(tips_seen).values(resident_id=resident_id, tip_id=tip_id, day=day)
    tx.execute(
        insert.on_conflict_do_update(index_elements=["resident_id", "tip_id"], set_={"day": insert.excluded.day})
    )


def tips_seen_by(tx: Tx, resident_id: int) -> set[str]:
    """Ids of the tips a resident was shown."""
    return set(tx.execute(select(tips_seen.c.tip_id).where(tips_seen.c.resident_id == resident_id)).scalars())
