"""Grading, streaks, and when a question comes again."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from fsrs import Scheduler

ROUND = 5
_DAY = timedelta(days=1)
_START = datetime(2000, 1, 1, tzinfo=UTC)  # any moment: only days between moments count


def grade(right: Collection[int], given: Collection[int]) -> bool:
    """Right only when exactly the right options were given."""
    return set(right) == set(given)


def letters(indexes: Collection[int]) -> str:
    """«AC» for {0, 2}."""
    return "".join(chr(ord("A") + index) for index in sorted(indexes))


def streak(days: Sequence[str], today: date) -> int:
    """Days in a row up to today (or yesterday, when today is still open); ``days`` are ISO dates, latest first."""
    seen = set(days)
    day = today if today.isoformat() in seen else today - timedelta(days=1)
    length = 0
    while day.isoformat() in seen:
        length, day = length + 1, day - timedelta(days=1)
    return length


def schedule(card: str | None, right: bool, moment: datetime) -> tuple[str, date]:
    """The next state of a question's card (JSON) and the day it is due, in the moment's own time zone, by FSRS-6
    with day steps.

    Wrong is «again», right is «good» (research: py-fsrs 6, learning steps off). A wrong answer comes back in
    one day at the earliest, never on the same day.
    """
    now = moment.astimezone(UTC)
    if card is None:
        stability, difficulty, days = _reviewed(None, 0, right)
    else:
        known = orjson.loads(card)
        since = (now - datetime.fromisoformat(known["last_review"])).days
        stability, difficulty, days = _reviewed((known["stability"], known["difficulty"]), since, right)
    next_card = orjson.dumps({"stability": stability, "difficulty": difficulty, "last_review": now})
    return next_card.decode(), (now + max(1, days) * _DAY).astimezone(moment.tzinfo).date()


@lru_cache(maxsize=4096)
def _reviewed(known: tuple[float, float] | None, since: int, right: bool) -> tuple[float, float, int]:
    """Stability and difficulty after an answer, and in how many days it is due; ``known`` is what they were, ``since``
    whole days ago. FSRS-6 asks for nothing else: so all who meet a question for the first time share one reckoning."""
    from fsrs import Card, Rating, State  # loaded on the first answer: start-up does not need it

    # A card without an id would sleep a millisecond to make one of the clock; ours is known by its row.
    card = Card(card_id=0, due=_START)
    if known is not None:
        card = Card(0, State.Review, None, *known, due=_START, last_review=_START)
    now = _START + since * _DAY
    card, _ = _scheduler().review_card(card, Rating.Good if right else Rating.Again, now)
    assert card.stability is not None
    assert card.difficulty is not None
    return card.stability, card.difficulty, (card.due - now).days


@cache
def _scheduler() -> "Scheduler":
    from fsrs import Scheduler

    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
