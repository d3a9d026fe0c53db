"""What a day is about, whether it is solemn, whether offices work."""

import datetime
from pathlib import Path

import pytest

from content.calendar import Calendar, Mourning, Nth, Observance, WorkDays, read_calendar
from content.sheets import Shelf

CONTENT = Path(__file__).parents[2] / "content"


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    shelf = Shelf(CONTENT)
    read = read_calendar(shelf)
    assert not shelf.problems
    return read


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("when", "name"),
    [
        ("2026-12-02", "全国交通安全日"),
        ("2031-12-02", "全国交通安全日"),
        ("2027-02-06", "春节"),
        ("2028-01-26", "春节"),
        ("2027-05-16", "全国助残日"),  # third Sunday of May
        ("2027-06-12", "文化和自然遗产日"),  # second Saturday of June
        ("2027-09-18", "全民国防教育日"),  # third Saturday of September
        ("2027-03-25", "世界水日、中国水周"),
        ("2027-05-10", "全国家庭教育宣传周"),  # Monday of the week of 15 May
        ("2027-05-16", "全国家庭教育宣传周"),  # its Sunday
        ("2027-10-12", "粮食安全宣传周"),
        ("2027-09-20", "推广普通话宣传周"),
        ("2027-04-30", "爱国卫生月"),
        ("2026-12-22", "冬至"),
        ("2028-06-21", "夏至"),
        ("2027-10-08", "重阳节、老年节"),
    ],
)
def test_a_day_has_its_observances(calendar: Calendar, when: str, name: str) -> None:
    assert name in [one.in_language("zh").name for one in calendar.observances(day(when))]


@pytest.mark.parametrize(
    ("when", "name"),
    [
        ("2027-05-09", "全国助残日"),
        ("2027-03-29", "世界水日、中国水周"),
        ("2027-05-17", "全国家庭教育宣传周"),
        ("2027-05-01", "爱国卫生月"),
        ("2027-02-17", "春节"),
        ("2027-09-13", "推广普通话宣传周"),
    ],
)
def test_other_days_do_not(calendar: Calendar, when: str, name: str) -> None:
    assert name not in [one.in_language("zh").name for one in calendar.observances(day(when))]


def test_an_observance_brings_topics_tone_and_basis(calendar: Calendar) -> None:
    one, *seasons = calendar.observances(day("2027-12-02"))
    assert [other.span for other in seasons] == ["season"]
    assert (one.topics, one.tone, one.legal_basis) == (("traffic",), "normal", "国务院2012年11月18日批复")
    assert one.in_language("en").name == "National Traffic Safety Day"


def test_solemn_things_come_first_and_single_days_before_weeks_and_months(calendar: Calendar) -> None:
    names = [one.id for one in calendar.observances(day("2027-09-18"))]
    assert names == ["sept18", "defence", "science-month"]


@pytest.mark.parametrize(
    ("rule", "span"),
    [
        ({"date": "10-01", "until": "10-03"}, "day"),
        ({"date": "03-22", "until": "03-28"}, "week"),
        ({"date": "11-07", "until": "02-20"}, "season"),
        ({"month": 4}, "season"),
        ({"week_of": "05-15"}, "week"),
        ({"nth_week": {"month": 9, "n": 3}}, "week"),
        ({"dates": ["2027-02-06"]}, "day"),
    ],
)
def test_an_observance_is_a_day_a_week_or_a_season(rule: dict[str, object], span: str) -> None:
    one = Observance.model_validate({"id": "x", "name": "甲", "en": {"name": "A"}, **rule})
    assert one.span == span


def test_a_season_may_last_over_new_year(calendar: Calendar) -> None:
    for when, on in (("2026-11-06", False), ("2026-11-07", True), ("2027-01-01", True), ("2027-02-21", False)):
        assert ("season-heating" in {one.id for one in calendar.observances(day(when))}) is on


def test_the_days_around_an_occasion_are_near_it(calendar: Calendar) -> None:
    def near(when: str) -> set[str]:
        return {one.id for one in calendar.near(day(when))}

    assert "spring" in near("2027-02-07")  # after = 6
    assert "spring" not in near("2027-02-06")  # the day itself
    assert "spring" not in near("2027-02-13")
    assert "children" in near("2027-05-30")  # before = 2


@pytest.mark.parametrize("when", ["04-05", "07-07", "09-03", "09-18", "09-30", "12-13"])
@pytest.mark.parametrize("year", [2026, 2027, 2035])
def test_solemn_days_are_solemn_every_year(calendar: Calendar, year: int, when: str) -> None:
    assert calendar.solemn(day(f"{year}-{when}"))


def test_qingming_is_solemn_when_it_falls_on_the_fourth(calendar: Calendar) -> None:
    assert calendar.solemn(day("2028-04-04"))
    assert not calendar.solemn(day("2027-04-04"))


@pytest.mark.parametrize("when", ["2026-12-02", "2027-01-01", "2027-02-06", "2027-09-10", "2027-10-01"])
def test_other_days_are_not_solemn(calendar: Calendar, when: str) -> None:
    assert not calendar.solemn(day(when))


def test_a_day_of_mourning_can_be_named() -> None:
    calendar = Calendar((), Mourning(once=(day("2027-05-20"),)), WorkDays())
    assert calendar.solemn(day("2027-05-20"))
    assert not calendar.solemn(day("2028-05-20"))


@pytest.mark.parametrize(
    ("when", "works"),
    [
        ("2026-11-23", True),  # a Monday
        ("2026-11-22", False),  # a Sunday
        ("2026-10-01", False),  # National Day
        ("2026-10-10", True),  # a Saturday worked for the holiday
        ("2026-02-28", True),
        ("2027-01-01", False),  # not in the national data yet: from our own list
        ("2027-02-08", False),
        ("2027-09-15", False),
        ("2027-09-16", True),
        ("2031-10-01", True),  # nobody knows yet: Monday to Friday
        ("2031-10-04", False),
    ],
)
def test_days_of_work(calendar: Calendar, when: str, works: bool) -> None:
    assert calendar.is_workday(day(when)) is works


def test_the_citys_own_days_go_before_the_national_ones() -> None:
    own = WorkDays(holidays=(day("2026-11-23"),), workdays=(day("2026-11-22"),))
    calendar = Calendar((), Mourning(), own)
    assert not calendar.is_workday(day("2026-11-23"))
    assert calendar.is_workday(day("2026-11-22"))


def test_the_calendar_knows_what_it_knows() -> None:
    calendar = Calendar((), Mourning(), WorkDays())
    assert calendar.knows_work_of(2026)
    assert not calendar.knows_work_of(2199)


def test_a_fifth_sunday_may_not_exist() -> None:
    fifth = Nth(month=2, weekday=7, n=5)
    assert fifth.day(2026) is None
    assert fifth.day(2032) == datetime.date(2032, 2, 29)


def test_a_week_may_cross_new_year() -> None:
    week = Observance.model_validate({"id": "x", "name": "一周", "en": {"name": "Week"}, "week_of": "01-01"})
    assert week.falls_on(day("2026-12-28"))
    assert week.falls_on(day("2027-01-03"))
    assert not week.falls_on(day("2027-01-04"))


def test_every_festival_and_solar_term_is_dated_until_2028(calendar: Calendar) -> None:
    dated = [one for one in calendar.all_observances if one.dates]
    assert len(dated) == 11 + 23  # Qingming is both, and stands among the festivals
    assert all({2027, 2028} <= {when.year for when in one.dates} for one in dated)
