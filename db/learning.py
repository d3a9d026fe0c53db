"""Answers given, when questions come again, tips seen."""

from sqlalchemy import bindparam, select

from db.tables import answers, reviews, tips_seen
from db.tx import Hot, Tx

_ANSWER = Hot(
    answers.insert().values({name: bindparam(name) for name in ("resident_id", "question_id", "given", "right", "at")})
)
_REVIEWS = Hot(select(reviews.c.question_id, reviews.c.due_day).where(reviews.c.resident_id == bindparam("resident")))
_CARD = Hot(
    select(reviews.c.card).where(
        reviews.c.resident_id == bindparam("resident"), reviews.c.question_id == bindparam("question")
    )
)
_REVIEW = Hot(
    lambda insert: (
        insert(reviews)
        .values({name: bindparam(name) for name in ("resident_id", "question_id", "topic", "card", "due_day")})
        .on_conflict_do_update(
            index_elements=["resident_id", "question_id"],
            set_={"card": bindparam("card"), "due_day": bindparam("due_day")},
        )
    )
)
_SEE = Hot(
    lambda insert: (
        insert(tips_seen)
        .values({name: bindparam(name) for name in ("resident_id", "tip_id", "day")})
        .on_conflict_do_update(index_elements=["resident_id", "tip_id"], set_={"day": bindparam("day")})
    )
)
_SEEN = Hot(select(tips_seen.c.tip_id).where(tips_seen.c.resident_id == bindparam("resident")))
_SEEN_ON = Hot(
    select(tips_seen.c.day).where(
        tips_seen.c.resident_id == bindparam("resident"), tips_seen.c.tip_id == bindparam("tip")
    )
)


def add_answer(tx: Tx, resident_id: int, question_id: str, given: str, right: bool) -> None:
    """Remember an answer."""
    tx.hot(_ANSWER, resident_id=resident_id, question_id=question_id, given=given, right=int(right), at=tx.ms)


def reviews_of(tx: Tx, resident_id: int) -> dict[str, str]:
    """Every question the resident has met, and the day it comes again."""
    return {row[0]: row[1] for row in tx.hot(_REVIEWS, resident=resident_id)}


def card_of(tx: Tx, resident_id: int, question_id: str) -> str | None:
    """How well the resident knows a question, as the scheduler wrote it; nothing for one never met."""
    rows = tx.hot(_CARD, resident=resident_id, question=question_id)
    return str(rows[0][0]) if rows else None


def save_review(tx: Tx, resident_id: int, question_id: str, topic: str, card: str, due_day: str) -> None:
    """When the question comes again."""
    tx.hot(_REVIEW, resident_id=resident_id, question_id=question_id, topic=topic, card=card, due_day=due_day)


def see_tip(tx: Tx, resident_id: int, tip_id: str, day: str) -> None:
    """The resident was shown a tip."""
    tx.hot(_SEE, resident_id=resident_id, tip_id=tip_id, day=day)


def tip_seen_on(tx: Tx, resident_id: int, tip_id: str) -> str | None:
    """The latest day on which a resident was shown a tip."""
    rows = tx.hot(_SEEN_ON, resident=resident_id, tip=tip_id)
    return str(rows[0][0]) if rows else None


def tips_seen_by(tx: Tx, resident_id: int) -> set[str]:
    """Ids of the tips a resident was shown."""
    return {row[0] for row in tx.hot(_SEEN, resident=resident_id)}
