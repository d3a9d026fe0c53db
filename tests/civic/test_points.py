"""Points: small, capped, never for accusing somebody."""

import pytest

from civic.points import ACCUSING, LEVELS, WORTH, level, missing, worth
from content.library import Library


@pytest.mark.parametrize("deed", WORTH)
def test_each_deed_counts_only_so_often_a_day(deed: str) -> None:
    rule = WORTH[deed]
    assert [worth(deed, times) for times in range(rule.daily + 3)] == [rule.points] * rule.daily + [0] * 3


def test_a_wrong_answer_still_brings_something() -> None:
    assert 0 < worth("quiz_answer", 0, right=False) < worth("quiz_answer", 0, right=True)


def test_what_a_resident_answers_about_a_result_is_worth_the_same_either_way() -> None:
    assert worth("report_rated", 0, right=True) == worth("report_rated", 0, right=False)


@pytest.mark.parametrize("deed", ["visit", "report_sent", "exported", "erased", "no-such-deed"])
def test_other_deeds_bring_nothing(deed: str) -> None:
    assert worth(deed, 0) == 0


def test_levels() -> None:
    assert [level(points) for points in (0, 19, 20, 59, 60, 599, 600, 9999)] == [1, 1, 2, 2, 3, 5, 6, 6]
    assert [missing(points) for points in (0, 19, 20, 600, 9999)] == [20, 1, 40, None, None]
    assert list(LEVELS) == sorted(set(LEVELS))


def test_the_categories_that_point_at_people_exist(library: Library) -> None:
    assert library.categories.keys() >= ACCUSING
