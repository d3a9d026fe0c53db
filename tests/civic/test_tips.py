"""Which tip belongs to a day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic import tips as civic_tips
from civic.tips import LATELY, Day, Planned, Span, next_tip, order, ranked, rise, weighed

FIRST = date(2026, 11, 1)


@dataclass(frozen=True)
class Tip:
    """What planning needs to know."""

    id: str
    topic: str = "dogs"
    tone: str = "normal"
    occasion: str | None = None


def day(
    number: int,
    *,
    solemn: bool = False,
    occasions: tuple[str, ...] = (),
    near: tuple[str, ...] = (),
    topics: tuple[str, ...] = (),
    span: Span = "day",
) -> Day:
    """A day of November."""
    about = dict.fromkeys(topics, span)
    return Day(FIRST + timedelta(days=number), solemn, frozenset(occasions), frozenset(near), about)


def plan(tips: Collection[Planned], days: Sequence[Day]) -> dict[date, str]:
    """All of it at once."""
    return dict(civic_tips.plan(tips, days))


PLAIN = tuple(Tip(f"tip-{number}") for number in range(5))
FIRE = Tip("fire", "fire")
SOLEMN = Tip("remember", "values", "solemn")
FIRE_DAY = Tip("fire-day", "fire", occasion="fire-day")


def test_everybody_gets_the_same_and_every_day_another_until_all_were_used() -> None:
    days = [day(number) for number in range(10)]
    planned = plan(PLAIN, days)
    assert list(planned) == [one.date for one in days]
    assert set(list(planned.values())[:5]) == {tip.id for tip in PLAIN}
    shown = list(planned.values())
    assert all(len(set(shown[at : at + 3])) == 3 for at in range(8))  # what lies longest back comes again
    assert plan(PLAIN[::-1], days) == planned


def test_a_new_tip_leaves_the_order_of_the_others() -> None:
    before, after = order(PLAIN), order((*PLAIN, Tip("another")))
    assert [tip for tip in after if tip.id != "another"] == before


def test_the_tip_for_an_occasion_comes_on_it_and_on_no_other_day() -> None:
    days = [day(number, occasions=("fire-day",) if number == 8 else ()) for number in range(12)]
    planned = plan((*PLAIN, FIRE_DAY), days)
    assert [at.day for at, tip in planned.items() if tip == "fire-day"] == [9]


def test_a_tip_on_the_topic_of_the_day_goes_before_others() -> None:
    planned = plan((*PLAIN, FIRE), [day(0, topics=("fire",))])
    assert planned == {FIRST: "fire"}


def test_tips_for_an_occasion_may_come_on_the_days_around_it() -> None:
    tips = (*PLAIN, FIRE_DAY, Tip("fire-day-2", "fire", occasion="fire-day"))
    days = [
        day(n, occasions=("fire-day",) if n == 3 else (), near=("fire-day",) if n in {2, 4} else ()) for n in range(7)
    ]
    found = [at.day - 1 for at, tip in plan(tips, days).items() if tip.startswith("fire-day")]
    assert found == [2, 3]


def test_a_season_says_more_of_its_topic_but_not_every_day() -> None:
    tips = [Tip(f"{topic}-{n}", topic) for topic in ("fire", "dogs", "food", "smoke") for n in range(20)]
    planned = plan(tips, [day(n, topics=("fire",), span="season") for n in range(28)])
    topics = [tip.partition("-")[0] for tip in planned.values()]
    assert 9 <= topics.count("fire") <= 16
    assert not any(topics[n] == topics[n + 1] == topics[n + 2] for n in range(26))


def test_the_topic_of_a_day_goes_before_that_of_a_week_and_that_of_a_season() -> None:
    tips = [Tip("a", "dogs"), Tip("b", "food"), Tip("c", "smoke"), Tip("d", "fire", occasion="fire-day")]
    spans: dict[str, Span] = {"dogs": "season", "food": "week", "smoke": "day"}
    about = Day(FIRST, False, frozenset({"fire-day"}), frozenset(), spans)
    [(_, found)] = ranked(tips, [about])
    assert [candidate.tip for candidate in found] == ["d", "c", "b", "a"]
    assert [[reason.rule for reason in one.reasons] for one in found] == [["occasion"], ["day"], ["week"], ["season"]]


def test_points_are_weights_times_numbers() -> None:
    found = weighed(FIRE, day(0, topics=("fire",)), ["fire", "dogs", "fire"], {"fire": 2.5}, planned=True)
    told = {reason.rule: (reason.number, reason.points) for reason in found.reasons}
    assert told == {"day": (1, 60), "reports": (2.5, 25), "planned": (1, 5), "variety": (2, -16)}
    assert found.points == 74
    assert LATELY == 6


@pytest.mark.parametrize(
    ("recent", "before", "times"),
    [(2, 0, 0), (3, 0, 3), (4, 2, 0), (9, 6, 1.5), (12, 9, 0), (6, 3, 2), (90, 10, 3), (0, 9, 0)],
)
def test_reports_rise_when_there_are_half_as_many_again_and_three_more(recent: int, before: int, times: float) -> None:
    assert rise(recent, before) == times


def test_solemn_days_get_solemn_tips_only_or_none() -> None:
    days = [day(0, solemn=True, topics=("dogs",)), day(1)]
    assert plan((*PLAIN, SOLEMN), days)[FIRST] == "remember"
    assert FIRST not in plan(PLAIN, days)


def test_no_tips_no_plan() -> None:
    assert plan((), [day(0)]) == {}
    assert next_tip((), (), None, day(0)) is None


def test_another_is_one_that_was_not_seen() -> None:
    seen: list[str] = []
    for _ in PLAIN:
        chosen = next_tip(PLAIN, seen, None, day(0))
        assert chosen is not None
        seen.append(chosen)
    assert sorted(seen) == sorted(tip.id for tip in PLAIN)


def test_when_all_were_seen_another_is_not_todays() -> None:
    everything = [tip.id for tip in PLAIN]
    assert next_tip(PLAIN, everything, everything[0], day(0)) in everything[1:]
    assert next_tip(PLAIN[:1], everything, everything[0], day(0)) is None


def test_another_on_a_solemn_day_is_solemn_too_and_none_belongs_to_another_day() -> None:
    tips = (*PLAIN, SOLEMN, FIRE_DAY)
    assert next_tip(tips, (), None, day(0, solemn=True)) == "remember"
    assert {next_tip([FIRE_DAY], (), None, day(0, occasions=on)) for on in ((), ("fire-day",))} == {None, "fire-day"}


TIPS = st.lists(
    st.builds(
        Tip,
        st.text("abcdef", min_size=1, max_size=4),
        st.sampled_from(["dogs", "fire"]),
        st.sampled_from(["normal", "solemn"]),
        st.sampled_from([None, "fire-day"]),
    ),
    max_size=8,
    unique_by=lambda tip: tip.id,
)
DAYS = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30)


@given(TIPS, DAYS)
def test_whatever_there_is_the_tone_fits_and_occasions_are_kept(
    tips: list[Tip], kinds: list[tuple[bool, bool]]
) -> None:
    days = [
        day(number, solemn=solemn, occasions=("fire-day",) if fire else ())
        for number, (solemn, fire) in enumerate(kinds)
    ]
    planned, by_id = plan(tips, days), {tip.id: tip for tip in tips}
    for one in days:
        chosen = by_id.get(planned.get(one.date, ""))
        if chosen is not None:
            assert not one.solemn or chosen.tone == "solemn"
            assert chosen.occasion is None or chosen.occasion in one.occasions
        else:
            assert not any((tip.tone == "solemn" or not one.solemn) and tip.occasion is None for tip in tips)
