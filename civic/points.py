"""What deeds are worth. Voluntary, can be switched off, never a credit score, no ranking of persons.

Capped per day, so that no one is rewarded for mere time spent (国办函〔2026〕12号 forbids rating by learning
time, likes or check-ins); a report counts when the office accepts it, and never for accusing a person.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Worth:
    """Points for one deed, and how often a day it counts. ``wrong`` is for a quiz answer that was not right."""

    points: int
    daily: int
    wrong: int = 0


WORTH = {
    "tip_read": Worth(1, 3),
    "quiz_answer": Worth(2, 10, wrong=1),
    "report_accepted": Worth(5, 3),
    "report_rated": Worth(1, 5, wrong=1),
}
ACCUSING = frozenset({"parking", "dogs", "noise", "highrise", "smoking", "vendor"})  # reports that point at a person
LEVELS = (0, 20, 60, 150, 300, 600)


def worth(deed: str, times_today: int, right: bool | None = None) -> int:
    """Points for doing a deed after ``times_today`` times today."""
    found = WORTH.get(deed)
    if found is None or times_today >= found.daily:
        return 0
    return found.wrong if right is False else found.points


def level(points: int) -> int:
    """The level (from 1) that so many points have reached."""
    return sum(points >= limit for limit in LEVELS)


def missing(points: int) -> int | None:
    """Points to the next level, or None at the highest."""
    return next((limit - points for limit in LEVELS if limit > points), None)
