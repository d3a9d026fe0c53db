"""Grading, streaks, and when a question comes again."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from fsrs import Scheduler

ROUND = 5
_DAY = timedelta(days=1)


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


@cache
def _scheduler() -> "Scheduler":
    from fsrs import Scheduler

    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def schedule(card: str | None, right: bool, moment: datetime) -> tuple[str, date]:
    """The next state of a question's card (JSON) and the day it is due, in the moment's own time zone, by FSRS-6
    with day steps.

    Wrong is «again», right is «good» (research: py-fsrs 6, learning steps off). A wrong answer comes back in
    one day at the earliest, never on the same day.
    """
    from fsrs import Card, Rating  # loaded on the first answer: start-up does not need it

    now = moment.astimezone(UTC)
    # A card without an id would sleep a millisecond to make one of the clock; ours is known by its row.
    state = Card.from_dict(orjson.loads(card)) if card else Card(card_id=0, due=now)
    state, _ = _scheduler().review_card(state, Rating.Good if right else Rating.Again, now)
    due = max(state.due, now + _DAY)
    return orjson.dumps(state.to_dict()).decode(), due.astimezone(moment.tzinfo).date()
