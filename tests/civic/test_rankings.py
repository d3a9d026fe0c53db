"""Rankings: fair to small units, stable, and the same however the units come."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.rankings import Place, Unit, gains, poisson, rank, since, wilson

SAMPLE = 10


def rate(key: str, good: int, of: int) -> Unit:
    return Unit(key, good / of if of else None, good, of)


counts = st.integers(0, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
rates = st.lists(counts, max_size=12).map(lambda rows: [rate(f"u{at:02}", *row) for at, row in enumerate(rows)])
ways = st.sampled_from(("high", "low"))


def places(found: list[Place]) -> dict[str, int | None]:
    return {one.unit.key: one.place for one in found}


def test_three_lucky_reports_do_not_beat_three_hundred_good_ones() -> None:
    found = rank([rate("lucky", 12, 12), rate("steady", 294, 300)], "rate", "high", SAMPLE)
    assert places(found) == {"steady": 1, "lucky": 2}
    assert found[1].between == (1, 2)  # chance leaves open who is better


def test_wilson_as_it_is_in_books() -> None:
    # 81 of 263: the example of R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    # 0 of 20, there, too: 0.0000 to 0.1611.
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


def test_equal_ones_share_a_place_and_the_next_is_left_out() -> None:
    found = rank([rate(key, good, 20) for key, good in (("a", 9), ("b", 15), ("c", 15), ("d", 20))], "rate", "high", 10)
    assert places(found) == {"d": 1, "b": 2, "c": 2, "a": 4}


def test_too_small_a_sample_has_no_place() -> None:
    found = rank([rate("few", 9, 9), rate("none", 0, 0), rate("enough", 1, 10)], "rate", "high", SAMPLE)
    assert places(found) == {"enough": 1, "few": None, "none": None}


def test_per_head_and_by_count_the_order_may_differ() -> None:
    people = [Unit("village", 300, 60, 2_000), Unit("town", 100, 400, 40_000)]
    assert places(rank(people, "per_head", "high", SAMPLE)) == {"village": 1, "town": 2}
    whole = [Unit(one.key, one.numerator, one.numerator, None) for one in people]
    assert places(rank(whole, "plain", "high", SAMPLE)) == {"town": 1, "village": 2}


def test_what_changed_since_the_period_before() -> None:
    before = rank([rate("a", 20, 20), rate("b", 10, 20)], "rate", "high", SAMPLE)
    now = rank([rate("a", 10, 20), rate("b", 20, 20), rate("c", 15, 20)], "rate", "high", SAMPLE)
    assert {one.unit.key: one.moved for one in since(now, before)} == {"b": 1, "c": None, "a": -2}


def test_who_would_gain_by_cases_that_do_not_count() -> None:
    padded = rank([rate("honest", 80, 100), rate("padded", 95, 100)], "rate", "high", SAMPLE)
    without = rank([rate("honest", 80, 100), rate("padded", 5, 10)], "rate", "high", SAMPLE)
    assert gains(padded, without) == {"padded": (1, 2)}
    alone = rank([rate("honest", 80, 100), rate("padded", 0, 0)], "rate", "high", SAMPLE)
    assert gains(padded, alone) == {"padded": (1, None)}


@given(rates, ways, st.randoms())
def test_the_order_in_which_units_come_does_not_matter(units: list[Unit], better: str, chance: object) -> None:
    shuffled = sorted(units, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert rank(shuffled, "rate", better, SAMPLE) == rank(units, "rate", better, SAMPLE)  # type: ignore[arg-type]


@given(rates, ways)
def test_a_place_is_one_more_than_how_many_are_before_it(units: list[Unit], better: str) -> None:
    found = rank(units, "rate", better, SAMPLE)  # type: ignore[arg-type]
    ranked = [one for one in found if one.place is not None]
    assert {one.unit.key for one in ranked} == {unit.key for unit in units if (unit.denominator or 0) >= SAMPLE}
    shown = [one.place or 0 for one in ranked]
    assert shown == sorted(shown)
    for at, one in enumerate(ranked):
        assert one.between is not None
        assert 1 <= one.between[0] <= (one.place or 0) <= one.between[1] <= len(ranked)
        assert (one.place or 0) <= at + 1
        assert (shown.index(one.place or 0) + 1) == one.place


@given(rates, counts, ways)
def test_one_more_good_case_never_costs_a_place(units: list[Unit], own: tuple[int, int], better: str) -> None:
    good, of = own
    more = rate("own", good + (better == "high"), of + 1)
    before = places(rank([*units, rate("own", good, of)], "rate", better, SAMPLE))["own"]  # type: ignore[arg-type]
    after = places(rank([*units, more], "rate", better, SAMPLE))["own"]  # type: ignore[arg-type]
    assert before is None or (after is not None and after <= before)


@given(counts.filter(lambda row: row[1] > 0), st.integers(2, 20))
def test_the_same_rate_of_more_cases_stands_no_lower(row: tuple[int, int], times: int) -> None:
    good, of = row
    assert wilson(good * times, of * times)[0] >= wilson(good, of)[0] - 1e-12
    assert poisson(good * times)[0] / times >= poisson(good)[0] - 1e-9


@given(counts.filter(lambda row: row[1] > 0))
def test_a_rate_lies_within_its_bounds_and_both_sides_are_alike(row: tuple[int, int]) -> None:
    good, of = row
    low, high = wilson(good, of)
    assert 0 <= low <= Fraction(good, of) + Fraction(1, 10**12)
    assert Fraction(good, of) - Fraction(1, 10**12) <= high <= 1
    assert wilson(of - good, of) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(rates)
def test_ranked_by_what_is_bad_the_order_is_that_of_what_is_good(units: list[Unit]) -> None:
    good = [
        rate(one.key, int((one.denominator or 0) - (one.numerator or 0)), int(one.denominator or 0)) for one in units
    ]
    ranked, mirrored = rank(units, "rate", "low", SAMPLE), rank(good, "rate", "high", SAMPLE)
    assert places(ranked) == places(mirrored)
    for one, other in zip(ranked, mirrored, strict=True):
        assert (one.score is None) == (other.score is None)
        assert (one.score or 0) + (other.score or 0) == (pytest.approx(1) if one.score is not None else 0)
