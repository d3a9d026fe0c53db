"""Figures about people, learning and surveys equal a slow look at every line, over generated histories.

Those about reports are compared, measure by measure, in tests/db/test_casework.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.rolling import Roller
from actions.statistics import statistics
from civic.catalogue import FIGURES
from civic.figures import Cell, Value
from civic.periods import Period
from content.library import Library
from db.casebook import COUNTED
from db.database import Database
from db.tables import answers, journal, marks, rollup_spans, rollups, talks
from db.tables import residents as people
from db.tx import Tx
from tests.actions.test_statistics import GUIHUALI, HEFENG, SONGTAO, TODAY, Town

FIRST = date(2026, 10, 12)  # six weeks before today: a fourth week may be over
AREAS = (HEFENG, GUIHUALI, SONGTAO, None)
DEEDS = ("visit", "arrive", "tip_delivered", "tip_read", "quiz_answer", "quiz_answer", "report_accepted")
SAID = ("survey_asked", "report_rated", "report_satisfied")
OWN = {*DEEDS, *SAID, "report_partly"} - {"tip_delivered", "report_accepted", "survey_asked"}
days = st.integers(0, (TODAY - FIRST).days).map(lambda n: (FIRST + timedelta(days=n)).isoformat())
lines = st.fixed_dictionaries(
    {
        "day": days,
        "who": st.sampled_from((1, 2, 3, 4, 5, None)),
        "deed": st.sampled_from((*DEEDS, *SAID)),
        "area": st.sampled_from(AREAS),
        "topic": st.sampled_from(("waste", "dogs")),
        "subject": st.sampled_from(("q1", "q2", "q3")),
        "right": st.sampled_from((0, 1)),
        "points": st.integers(0, 3),
    }
)
joined = st.lists(st.tuples(days, st.sampled_from(AREAS), st.sampled_from((None, "poster"))), min_size=5, max_size=5)
periods = st.tuples(days, days).map(
    lambda two: Period("", date.fromisoformat(min(two)), date.fromisoformat(max(two)), TODAY)
)


@dataclass
class Past:
    """A history in plain rows, and what is asked of it, one row after the other."""

    lines: list[dict[str, Any]]
    joined: list[tuple[str, str | None, str | None]]
    period: Period

    def of(self, *deeds: str) -> list[dict[str, Any]]:
        """Lines of these deeds in the period."""
        return [one for one in self.lines if one["deed"] in deeds and self.first <= one["day"] <= self.last]

    @property
    def first(self) -> str:
        return self.period.start.isoformat()

    @property
    def last(self) -> str:
        return self.period.end.isoformat()

    def came(self, who: int) -> date:
        return date.fromisoformat(self.joined[who - 1][0])

    def active(self, first: date, last: date) -> set[int]:
        within = (one for one in self.lines if first.isoformat() <= one["day"] <= last.isoformat())
        return {one["who"] for one in within if one["deed"] in OWN} - {None}

    def newcomers(self) -> list[int]:
        return [who for who in range(1, 6) if self.period.start <= self.came(who) <= self.period.end]

    def returned(self, week: int) -> tuple[int, int]:
        over = [who for who in self.newcomers() if self.came(who) + timedelta(days=7 * week + 6) < TODAY]
        span = [(who, self.came(who) + timedelta(days=7 * week)) for who in over]
        return sum(who in self.active(start, start + timedelta(days=6)) for who, start in span), len(over)

    def tries(self) -> list[tuple[int | None, int]]:
        """Of each answer in the period: how the same person answered that question the first time (None: this is the
        first time), and how this time."""
        met: dict[tuple[int, str], int] = {}
        found = []
        for one in self.lines:  # as they were written
            if one["deed"] != "quiz_answer" or one["who"] is None:
                continue
            key = (one["who"], one["subject"])
            if self.first <= one["day"] <= self.last:
                found.append((met.get(key), one["right"]))
            met.setdefault(key, one["right"])
        return found


def people_of(found: list[dict[str, Any]]) -> int:
    return len({one["who"] for one in found} - {None})


def right(found: list[dict[str, Any]]) -> int:
    return sum(one["right"] for one in found)


def followed(past: Past) -> int:
    reads = {(one["who"], one["day"], one["topic"]) for one in past.lines if one["deed"] == "tip_read" and one["who"]}
    return sum((one["who"], one["day"], one["topic"]) in reads for one in past.of("tip_delivered"))


def daily(past: Past) -> tuple[int, int]:
    begun = [past.period.start + timedelta(days=n) for n in range((past.period.until - past.period.start).days + 1)]
    return sum(len(past.active(day, day)) for day in begun), len(begun)


def first_tries(past: Past) -> tuple[int, int]:
    found = [now for before, now in past.tries() if before is None]
    return sum(found), len(found)


def again(past: Past) -> list[tuple[int, int]]:
    return [(before, now) for before, now in past.tries() if before is not None]


# figure → numerator and, of a rate or mean, denominator
BY_HAND: dict[str, Callable[[Past], Any]] = {
    "participants": lambda past: sum(past.came(who) <= past.period.end for who in range(1, 6)),
    "newcomers": lambda past: len(past.newcomers()),
    "arrivals": lambda past: people_of(past.of("arrive")),
    "active": lambda past: len(past.active(past.period.start, past.period.end)),
    "participation_rate": lambda past: (len(past.active(past.period.start, past.period.end)), 86_400),
    "active_share": lambda past: (
        len(past.active(past.period.start, past.period.end)),
        BY_HAND["participants"](past),
    ),
    "active_daily": daily,
    "active_weekly": lambda past: len(past.active(past.period.until - timedelta(days=6), past.period.until)),
    "active_monthly": lambda past: len(past.active(past.period.until - timedelta(days=29), past.period.until)),
    "retention_week_1": lambda past: past.returned(1),
    "retention_week_4": lambda past: past.returned(4),
    "tips_delivered": lambda past: len(past.of("tip_delivered")),
    "tips_read": lambda past: len(past.of("tip_read")),
    "read_rate": lambda past: (followed(past), len(past.of("tip_delivered"))),
    "quiz_answers": lambda past: len(past.of("quiz_answer")),
    "accuracy": lambda past: (right(past.of("quiz_answer")), len(past.of("quiz_answer"))),
    "answer_rate": lambda past: (
        people_of(past.of("quiz_answer")),
        len(past.active(past.period.start, past.period.end)),
    ),
    "awareness": first_tries,
    "right_before": lambda past: (sum(before for before, _ in again(past)), len(again(past))),
    "right_again": lambda past: (sum(now for _, now in again(past)), len(again(past))),
    "learning_gain": lambda past: (sum(now - before for before, now in again(past)), len(again(past))),
    "survey_rate": lambda past: (len(past.of("report_rated")), len(past.of("survey_asked"))),
    "solved_rate": lambda past: (right(past.of("report_rated")), len(past.of("report_rated"))),
    "satisfaction": lambda past: (right(past.of("report_satisfied")), len(past.of("report_satisfied"))),
    "fairly_satisfied": lambda past: (
        right(past.of("report_satisfied")) + 0.9 * len(past.of("report_partly")),
        len(past.of("report_satisfied")),
    ),
    "points": lambda past: sum(one["points"] for one in past.of(*DEEDS, *SAID, "report_partly")),
}


def test_every_figure_is_computed_by_hand_here_or_with_the_reports() -> None:
    others = {figure.key for figure in FIGURES if COUNTED.__contains__(figure.numerator.partition(".")[0])}
    assert {figure.key for figure in FIGURES} == {*BY_HAND, *others, "overall_score"}


def with_ratings(written: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The lines; who is not satisfied and speaks of dogs is so in part, which is a line of its own."""
    for one in written:
        yield one
        if one["deed"] == "report_satisfied" and not one["right"] and one["topic"] == "dogs":
            yield one | {"deed": "report_partly", "points": 0}


def begin(tx: Tx, past: Past) -> None:
    for table in (rollups, rollup_spans, marks, journal, answers, talks, people):
        tx.execute(table.delete())
    town = Town(tx)
    for number, (day, area, source) in enumerate(past.joined, 1):
        town.resident(number, area, joined=day, source=source)


def happen(tx: Tx, found: list[tuple[int, dict[str, Any]]]) -> None:
    town = Town(tx)
    for moment, one in found:
        graded = one["deed"] in {"quiz_answer", "report_rated", "report_satisfied"}
        more = {"topic": one["topic"], "subject": one["subject"], "points": one["points"], "at": moment}
        town.deed(one["day"], one["who"], one["deed"], one["area"], **more, right=one["right"] if graded else None)
        if one["deed"] == "quiz_answer" and one["who"] is not None:
            town.answer(one["who"], one["subject"], one["right"], moment)


@pytest.fixture
def count(library: Library) -> Callable[[Tx, Period], list[Value]]:
    """All figures of a period: not the library itself, which is long to print."""

    def unit(tx: Tx, period: Period) -> list[Value]:
        return statistics(tx, library, period)

    return unit


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(written=st.lists(lines, max_size=60), joined=joined, period=periods, added=st.integers(0, 60))
async def test_figures_equal_a_slow_look_at_every_line(
    database: Database,
    count: Callable[[Tx, Period], list[Value]],
    written: list[dict[str, Any]],
    joined: list[tuple[str, str | None, str | None]],
    period: Period,
    added: int,
) -> None:
    past = Past(list(with_ratings(written)), joined, period)
    numbered = list(enumerate(past.lines))
    await database.write(begin, past)
    await database.write(happen, numbered[:added])
    await Roller(database, ZoneInfo("Asia/Shanghai")).run()  # these are added up, the rest is read line by line
    await database.write(happen, numbered[added:])
    found = {value.key: value for value in await database.read(count, period)}
    for key, by_hand in BY_HAND.items():
        expected = by_hand(past)
        numerator, denominator = expected if isinstance(expected, tuple) else (expected, None)
        assert found[key].numerator == pytest.approx(numerator), key
        assert found[key].denominator == denominator, key
        if denominator is not None:
            assert found[key].value == (pytest.approx(numerator / denominator) if denominator else None), key
    for key in ("quiz_answers", "accuracy", "points", "survey_rate"):  # lines of one area add up to those of all
        for dimension in ("area", "channel"):
            _adds_up(found[key], dimension)


def _adds_up(value: Value, dimension: str) -> None:
    cells: list[Cell] = list((value.by or {}).get(dimension, ()))
    for part in ("numerator", "denominator"):
        whole = getattr(value, part)
        if whole is not None and (part == "denominator" or value.denominator is None):
            assert sum(getattr(cell, part) for cell in cells) == whole
