"""Grading, streaks, and when a question comes again."""

import itertools
import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fsrs import Card, Rating, Scheduler
from hypothesis import given
from hypothesis import strategies as st

from civic.quizzes import grade, letters, schedule, streak

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("given_", "right"), [({1, 3}, True), ([3, 1], True), ({1}, False), ({1, 2, 3}, False), ((), False)]
)
def test_right_is_exactly_the_right_ones(given_: set[int], right: bool) -> None:
    assert grade((1, 3), given_) is right


@given(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)))
def test_nothing_but_the_right_ones_is_right(right: set[int], chosen: set[int]) -> None:
    assert grade(right, chosen) == (right == chosen)


def test_letters() -> None:
    assert (letters({2, 0}), letters([1]), letters(())) == ("AC", "B", "")


@pytest.mark.parametrize(
    ("days", "length"),
    [
        ([], 0),
        (["2026-11-23"], 1),
        (["2026-11-22"], 1),  # today is still open
        (["2026-11-21"], 0),
        (["2026-11-23", "2026-11-22", "2026-11-21", "2026-11-19"], 3),
        (["2026-11-23", "2026-11-21"], 1),
        (["2026-11-24"], 0),
    ],
)
def test_a_streak_are_days_in_a_row_up_to_today_or_yesterday(days: list[str], length: int) -> None:
    assert streak(days, date(2026, 11, 23)) == length


def test_a_streak_goes_on_over_the_end_of_a_year() -> None:
    days = [(date(2027, 1, 2) - timedelta(days=back)).isoformat() for back in range(5)]
    assert streak(days, date(2027, 1, 2)) == 5


@pytest.mark.parametrize("hour", [0, 3, 7, 8, 12, 20, 23])
def test_wrong_comes_back_the_next_day_whatever_the_hour(hour: int) -> None:
    _, due = schedule(None, False, MORNING.replace(hour=hour, minute=59))
    assert due == date(2026, 11, 24)


@pytest.mark.parametrize("hour", [0, 7, 12, 23])
def test_right_comes_back_later_and_ever_later(hour: int) -> None:
    moment, card, waits = MORNING.replace(hour=hour), None, []
    for _ in range(5):
        card, due = schedule(card, True, moment)
        waits.append((due - moment.date()).days)
        moment = datetime.combine(due, moment.timetz())
    assert waits[0] >= 2
    assert all(later > earlier for earlier, later in itertools.pairwise(waits))


def test_wrong_after_many_times_right_comes_back_soon() -> None:
    card, moment, waited = None, MORNING, timedelta(0)
    for _ in range(4):
        card, due = schedule(card, True, moment)
        waited, moment = due - moment.date(), datetime.combine(due, moment.timetz())
    card, due = schedule(card, False, moment)
    assert due - moment.date() <= timedelta(days=7) < waited
    _, after = schedule(card, True, datetime.combine(due, moment.timetz()))
    assert after > due


def test_the_same_answers_give_the_same_days() -> None:
    moment = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert schedule(None, True, moment) == schedule(None, True, moment)


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 40 * 24)), min_size=1, max_size=8))
def test_days_are_those_of_fsrs_itself(answers: list[tuple[bool, int]]) -> None:
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card, theirs, moment = None, Card(card_id=0), MORNING.astimezone(UTC)
    for right, hours in answers:
        moment += timedelta(hours=hours)
        theirs, _ = scheduler.review_card(theirs, Rating.Good if right else Rating.Again, moment)
        card, due = schedule(card, right, moment)
        assert due == theirs.due.date()
        assert (json.loads(card)["stability"], json.loads(card)["difficulty"]) == (theirs.stability, theirs.difficulty)
    assert schedule(theirs.to_json(), True, moment) == schedule(card, True, moment)  # cards were kept like that before


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40 * 24)), min_size=1, max_size=8))
def test_never_on_the_same_day(answers: list[tuple[bool, int]]) -> None:
    card, moment = None, MORNING
    for right, hours in answers:
        moment += timedelta(hours=hours)
        card, due = schedule(card, right, moment)
        assert due > moment.date()
