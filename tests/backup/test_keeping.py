"""Which backups stay: a generated year of nights, and files that are not ours."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backup.keeping import made_at, name, outdated

BEGAN = datetime(2026, 1, 1, 3, tzinfo=UTC)
moments = st.integers(0, 400 * 24).map(lambda hours: BEGAN + timedelta(hours=hours))


def test_names_tell_the_moment_and_nothing_else_is_taken_for_one_of_ours() -> None:
    at = datetime(2026, 11, 28, 3, 0, 9, tzinfo=UTC)
    assert made_at(name(at, False)) == made_at(name(at, True)) == at
    assert made_at("youli-notes.tar.gz") is None
    assert outdated({"notes.txt", ".lock", ".making-x"}, 0, 0) == set()


def test_after_a_year_of_nights_a_week_and_four_weeks_are_there() -> None:
    kept: set[str] = set()
    for day in range(365):
        kept.add(name(BEGAN + timedelta(days=day), True))
        kept -= outdated(kept, 7, 4)
    days = sorted(((made_at(one) or BEGAN) - BEGAN).days for one in kept)
    assert days[-7:] == list(range(358, 365))
    assert days[:-7] == [346, 353]  # two Sundays more: this week's and the last one's newest are among the seven


@given(st.sets(moments, min_size=1), st.integers(0, 10), st.integers(0, 10))
def test_what_stays_is_enough_and_settled(made: set[datetime], days: int, weeks: int) -> None:
    archives = {name(at, False) for at in made}
    gone = outdated(archives, days, weeks)
    stay = archives - gone
    assert name(max(made), False) in stay
    assert outdated(stay, days, weeks) == set()
    newest_days = sorted({f"{at:%Y-%m-%d}" for at in made})[-days:] if days else []
    assert set(newest_days) <= {f"{made_at(one):%Y-%m-%d}" for one in stay}
