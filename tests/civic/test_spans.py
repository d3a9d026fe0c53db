"""From when to when, as people type it."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.spans import read_span

NOW = datetime.fromisoformat("2026-11-23T16:10")  # a Monday


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ("14:20-14:35", "2026-11-23 14:20–14:35"),
        ("14:20～14:35", "2026-11-23 14:20–14:35"),
        ("１４：２０ 到 １４：３５", "2026-11-23 14:20–14:35"),
        ("14.20–14.35 一直停着", "2026-11-23 14:20–14:35"),
        ("下午2点到3点半", "2026-11-23 14:00–15:30"),
        ("下午2点20分到下午2点35分", "2026-11-23 14:20–14:35"),
        ("上午11点到1点", "2026-11-23 11:00–13:00"),
        ("14–15点", "2026-11-23 14:00–15:00"),
        ("昨天 14点一刻 到 15点", "2026-11-22 14:15–15:00"),
        ("昨晚11点到1点", "2026-11-22 23:00–2026-11-23 01:00"),
        ("23:50-0:10", "2026-11-22 23:50–2026-11-23 00:10"),
        ("11月20日 8:00-8:30", "2026-11-20 08:00–08:30"),
        ("2026-11-20 8:00-8:30", "2026-11-20 08:00–08:30"),
        ("14:20", "2026-11-23 14:20"),
        ("中午12点半", "2026-11-23 12:30"),
        ("22:00", "2026-11-22 22:00"),  # not yet today: the evening before
        ("2 to 2:30 pm", "2026-11-23 14:00–14:30"),
        ("yesterday 9:05 am - 9:20 am", "2026-11-22 09:05–09:20"),
    ],
)
def test_times_as_people_type_them(typed: str, span: str) -> None:
    found = read_span(typed, NOW)
    assert str(found) == span
    assert found is not None and found.lasted == ("–" in span)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "刚才",
        "浙A12345",
        "25:00",
        "14:75",
        "8:00 9:00 10:00",
        "今天 22:00-23:00",
        "9月1日 8:00-9:00",
        "2月30日",
        "😀",
    ],
)
def test_what_names_no_time_that_has_been(typed: str) -> None:
    assert read_span(typed, NOW) is None


@given(st.text(alphabet="0123456789:-–点半到下午昨天月日apm 年/", max_size=24))
def test_whatever_is_typed_is_a_span_of_the_past_or_none(typed: str) -> None:
    span = read_span(typed, NOW)
    assert span is None or (span.start <= span.end and (span.end - NOW).total_seconds() <= 300)
