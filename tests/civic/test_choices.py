"""How people choose by typing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.choices import choose, choose_several, clean, plain

LABELS = ["🗑 乱丢垃圾", "🚗 车辆乱停", "🚒 消防通道被占", "更多类别"]


@pytest.mark.parametrize(
    "text", ["2", "２", "②", "B", "b", "Ｂ", "ｂ", "二", "选2", "第二个", "第2项", "选项B", "答案是B"]
)
def test_a_position(text: str) -> None:
    assert choose(text, LABELS) == 1


@pytest.mark.parametrize("text", ["🚗 车辆乱停", "车辆乱停", "车辆乱停。", "「车辆乱停」", "车辆 乱停", "乱停"])
def test_a_label_or_its_own_part(text: str) -> None:
    assert choose(text, LABELS) == 1


@pytest.mark.parametrize("text", ["", " ", "。", "0", "5", "E", "五", "乱", "别的", "乱停放的车辆", "-1", "2.5", "²x"])
def test_none_of_them(text: str) -> None:
    assert choose(text, LABELS) is None


def test_part_of_several_is_none() -> None:
    assert choose("一轮", ["一轮五题", "一轮十题"]) is None
    assert choose("一轮", ["一轮五题", "来一题"]) == 0


def test_an_exact_label_goes_before_a_position() -> None:
    assert choose("2", ["3 张", "2", "1 张"]) == 1
    assert choose("B", ["A", "C", "B"]) == 2


@pytest.mark.parametrize(
    "text", ["AC", "ac", "A、C", "A C", "A,C", "A和C", "13", "1 3", "１，３", "①③", "一、三", "CA"]
)
def test_several(text: str) -> None:
    labels = ["A. Accept the parcel", "B. Call 110", "C. Act at once", "D. In 13 days"]
    assert choose_several(text, labels) == frozenset({0, 2})


@pytest.mark.parametrize("text", ["", "AE", "15", "A 别的", "好的", "AA别"])
def test_unclear_is_none(text: str) -> None:
    assert choose_several(text, ["甲", "乙", "丙"]) is None


def test_one_label_of_several() -> None:
    assert choose_several("乱停、垃圾", LABELS) == frozenset({0, 1})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" 你好\n", "你好"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("\u202eגנב\u202c", "גנב"),
        ("一\n二\t三", "一\n二\t三"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("\ufeff\u2060文\ue000", "文"),
        ("\ud800半", "半"),
    ],
)
def test_clean_text(text: str, kept: str) -> None:
    assert clean(text) == kept


@pytest.mark.parametrize(
    ("text", "compared"), [("ＭＥＮＵ。", "menu"), ("「菜单」", "菜单"), ("  Ｈｉ!! ", "hi"), ("?!", "")]
)
def test_plain_text(text: str, compared: str) -> None:
    assert plain(text) == compared


@given(st.text(max_size=30), st.lists(st.text(max_size=12), max_size=6))
def test_whatever_is_typed_the_choice_is_one_that_was_offered(text: str, labels: list[str]) -> None:
    chosen, several = choose(text, labels), choose_several(text, labels)
    assert chosen is None or 0 <= chosen < len(labels)
    assert several is None or several <= set(range(len(labels)))
    assert clean(clean(text)) == clean(text)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6, unique_by=plain), st.data())
def test_every_label_chooses_itself(labels: list[str], data: st.DataObject) -> None:
    index = data.draw(st.sampled_from(range(len(labels))))
    assert choose(labels[index], labels) in ({index} if plain(labels[index]) else {None})
