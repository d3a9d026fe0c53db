"""Figures are read as a person reads them, in the words of laws and in ours."""

import pytest

from tests.content.figures import figures, values

CHINESE = [
    ("处一百元以上五百元以下罚款", "100 元, 500 元"),
    ("罚 100–500 元", "100 元, 500 元"),
    ("二十万元以下", "200000 元"),
    ("处五日以上十日以下拘留", "5 日, 10 日"),
    ("拘留5至10天", "5 日, 10 日"),
    ("一次记12分", "12 分"),
    ("每日22时至次日8时", "8 点, 22 点"),
    ("晚上十点，22:30 以后", "22 点, 22.5 点"),
    ("满十四周岁不满十八周岁", "14 岁, 18 岁"),
    ("一倍以上五倍以下", "1 倍, 5 倍"),
    ("百分之二十以上", "20 %"),
    ("三分之二以上", "0.666667 份"),
    ("12月2日，十二月二日", "1202 日期"),
    ("2025-09-01 起", "901 日期, 2025 公历"),
    ("时速十五公里、三十米", "15 公里, 30 米"),
    ("第二天，几百元，六十多岁，说了三次，第47条，元旦，十分钟", "10 分钟"),
]
ENGLISH = [
    ("a fine of 1,000 to 2,000 yuan and 12 points", "12 分, 1000 元, 2000 元"),
    ("a six-month suspension", "6 月"),
    ("five hundred yuan", "500 元"),
    ("5–10 days' detention", "5 日, 10 日"),
    ("after 10 p.m., before 8:00", "8 点, 22 点"),
    ("16-year-olds within 30 metres", "16 岁, 30 米"),
    ("one day", ""),
]


def read(text: str, language: str) -> str:
    return ", ".join(f"{float(value):g} {unit}" for value, unit in sorted(figures(text, language)))


@pytest.mark.parametrize(("text", "expected"), CHINESE)
def test_figures_in_chinese(text: str, expected: str) -> None:
    assert read(text, "zh") == expected


@pytest.mark.parametrize(("text", "expected"), ENGLISH)
def test_figures_in_english(text: str, expected: str) -> None:
    assert read(text, "en") == expected


def test_all_numbers_count_when_languages_are_compared() -> None:
    assert {16, 3} <= values("aged 16, three of them", "en")
    assert {500, 12} <= values("五百，十二", "zh")
