"""When an answer is due, on the Chinese work calendar of 2026 with its swapped days."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from civic.deadlines import due_at, light, resumed, workdays_between
from content.library import Library

ZONE = ZoneInfo("Asia/Shanghai")
SPANS = ((time(9), time(12)), (time(13, 30), time(17, 30)))


def at(text: str) -> datetime:
    """A moment of 2026, like «11-23 12:00»."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def due(library: Library, start: str, amount: float, unit: str) -> str:
    """When it is due, written alike."""
    return f"{due_at(at(start), amount, unit, SPANS, library.calendar.is_workday):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("11-23 12:00", 2, "11-25 17:30"),  # Monday
        ("11-23 08:00", 1, "11-24 17:30"),  # before hours counts as that day
        ("11-23 17:29", 1, "11-24 17:30"),
        ("11-23 17:30", 1, "11-25 17:30"),  # after hours counts as received the next working day
        ("11-26 23:50", 2, "12-01 17:30"),  # Thursday night is Friday; then Monday, Tuesday
        ("11-28 10:00", 1, "12-01 17:30"),  # Saturday is received on Monday
        ("11-27 10:00", 5, "12-04 17:30"),
        ("09-30 10:00", 1, "10-08 17:30"),  # National Day: 1st to 7th
        ("10-09 10:00", 1, "10-10 17:30"),  # Saturday the 10th is worked
        ("09-18 18:00", 1, "09-21 17:30"),  # Friday night; Sunday the 20th is worked, it is received there
        ("02-13 18:00", 1, "02-24 17:30"),  # before the Spring Festival: Saturday the 14th is worked
        ("02-15 12:00", 1, "02-25 17:30"),
        ("12-31 10:00", 1, "01-04 17:30"),  # over New Year 2027 (a Friday)
        ("11-23 12:00", 0.4, "11-24 17:30"),  # never the same moment: one day at least
    ],
)
def test_working_days(library: Library, start: str, days: float, expected: str) -> None:
    assert due(library, start, days, "workdays") == expected


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("11-23 09:00", 3, "11-23 12:00"),
        ("11-23 11:00", 2, "11-23 14:30"),  # lunch does not count
        ("11-23 16:30", 2, "11-24 10:00"),
        ("11-27 17:00", 1, "11-30 09:30"),  # over the weekend
        ("11-28 03:00", 4, "11-30 14:30"),
        ("10-09 17:00", 1, "10-10 09:30"),  # a worked Saturday
        ("11-23 09:00", 0.5, "11-23 09:30"),
        ("11-23 09:00", 21, "11-25 17:30"),
    ],
)
def test_working_hours(library: Library, start: str, hours: float, expected: str) -> None:
    assert due(library, start, hours, "workhours") == expected


@pytest.mark.parametrize(("start", "expected"), [("11-27 22:15", "11-28 22:15"), ("09-30 23:59", "10-01 23:59")])
def test_hours_run_day_and_night(library: Library, start: str, expected: str) -> None:
    assert due(library, start, 24, "hours") == expected


SWAPPED = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
FREE = ["01-02", "02-16", "02-23", "04-06", "05-05", "06-19", "09-25", "10-07"]


def test_the_swapped_days_of_2026(library: Library) -> None:
    for day in SWAPPED:
        assert at(f"{day} 12:00").weekday() > 4
        assert library.calendar.is_workday(at(f"{day} 12:00").date())
    for day in FREE:
        assert at(f"{day} 12:00").weekday() < 5
        assert not library.calendar.is_workday(at(f"{day} 12:00").date())


def test_an_unknown_unit_is_a_mistake(library: Library) -> None:
    with pytest.raises(ValueError, match="hours, workhours or workdays"):
        due(library, "11-23 12:00", 1, "weeks")


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(ZONE))  # noqa: DTZ001


@given(MOMENTS, st.integers(1, 15))
def test_working_days_end_with_a_working_day_and_have_so_many(library: Library, start: datetime, days: int) -> None:
    is_workday = library.calendar.is_workday
    end = due_at(start, days, "workdays", SPANS, is_workday)
    worked = sum(is_workday(start.date() + timedelta(days=n)) for n in range(1, (end.date() - start.date()).days + 1))
    assert is_workday(end.date())
    assert end.time() == time(17, 30)
    late = start.time() >= time(17, 30) or not is_workday(start.date())
    assert worked == days + late


@given(MOMENTS, st.floats(0.25, 40))
def test_more_hours_are_never_due_earlier(library: Library, start: datetime, hours: float) -> None:
    is_workday = library.calendar.is_workday
    one, other = (due_at(start, amount, "workhours", SPANS, is_workday) for amount in (hours, hours + 0.25))
    assert start < one < other
    assert isinstance(one.date(), date)


@pytest.mark.parametrize(
    ("due", "paused", "now", "unit", "expected"),
    [
        ("11-25 17:30", "11-23 12:00", "11-30 12:00", "workdays", "12-02 17:30"),  # five working days went by
        ("11-25 17:30", "11-23 12:00", "11-23 18:00", "workdays", "11-25 17:30"),  # the same day: none
        ("11-25 17:30", "11-27 12:00", "11-30 12:00", "workdays", "11-25 17:30"),  # it was late before
        ("11-23 16:00", "11-23 14:00", "11-24 09:00", "workhours", "11-24 11:00"),  # two hours were left
        ("11-24 10:00", "11-23 17:00", "11-28 10:00", "workhours", "11-30 10:30"),  # an hour and a half; then Monday
        ("11-24 10:00", "11-23 10:00", "11-25 12:00", "hours", "11-26 12:00"),
    ],
)
def test_what_was_left_at_a_pause_is_left_after_it(
    library: Library, due: str, paused: str, now: str, unit: str, expected: str
) -> None:
    found = resumed(at(due), at(paused), at(now), unit, SPANS, library.calendar.is_workday)
    assert f"{found:%m-%d %H:%M}" == expected


@example(5, 2, 3, "workhours")  # due at 21:00, long after hours; no office hour went by
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.sampled_from(["workdays", "workhours", "hours"]))
def test_a_pause_never_makes_a_deadline_earlier(library: Library, due: int, paused: int, now: int, unit: str) -> None:
    start = at("11-23 10:00")
    was, stopped, went_on = (start + timedelta(hours=7 * hours) for hours in (due, paused, now))
    assert resumed(was, stopped, went_on, unit, SPANS, library.calendar.is_workday) >= was


def test_working_days_between(library: Library) -> None:
    is_workday = library.calendar.is_workday
    assert workdays_between(date(2026, 9, 30), date(2026, 10, 10), is_workday) == 3  # the 8th, 9th and the 10th
    assert workdays_between(date(2026, 11, 24), date(2026, 11, 23), is_workday) == 0


def test_the_light_is_yellow_when_four_fifths_are_gone_and_stands_still_in_a_pause() -> None:
    lights = [light(now, 0, 100) for now in (0, 79, 80, 99, 100)]
    assert lights == ["green", "green", "yellow", "yellow", "red"]
    assert light(200, 0, 100, paused=True) == "paused"
