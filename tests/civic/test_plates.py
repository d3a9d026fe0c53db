"""Number plates: the format, never the owner."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.plates import masked, normal_plate, with_masked


@pytest.mark.parametrize(
    ("typed", "plate"),
    [
        ("浙A12345", "浙A12345"),
        ("浙a·12345", "浙A12345"),
        (" 浙 A - 1234 5 ", "浙A12345"),
        ("浙Ａ１２３４５", "浙A12345"),
        ("京AD12345", "京AD12345"),  # new energy, small
        ("京A12345D", "京A12345D"),  # new energy, large
        ("粤B1234学", "粤B1234学"),
        ("粤Z1234港", "粤Z1234港"),
        ("苏E1234挂", "苏E1234挂"),
        ("沪A1234警", "沪A1234警"),
        ("川A1234领", "川A1234领"),
        ("使123456", "使123456"),
        ("123456使", "123456使"),
        ("粤AF12345", "粤AF12345"),  # new energy, not purely electric
        ("粤BDF1234", "粤BDF1234"),
        ("苏X·1003应急", "苏X1003应急"),  # fire and rescue
        ("WJ京·1234X", "WJ京1234X"),  # armed police
        ("wj 00123", "WJ00123"),
        ("VA·12345", "VA12345"),  # army
        ("民航 A1234", "民航A1234"),
        ("苏01·12345", "苏0112345"),  # tractor
        ("沪A・12345", "沪A12345"),
    ],
)
def test_a_plate_in_its_usual_spelling(typed: str, plate: str) -> None:
    assert normal_plate(typed) == plate


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "A12345",
        "浙12345",
        "浙A1234",
        "浙A123456",
        "浙AI2345",
        "浙AO2345",
        "浙I12345",
        "甲A12345",
        "浙A1234五",
        "浙AL12345",
    ],
)
def test_what_is_no_plate(typed: str) -> None:
    assert normal_plate(typed) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("文昌路 12 号门口的浙A12345，还有粤 b · d12345。", "文昌路 12 号门口的浙A·***45，还有粤B·***45。"),
        ("浙Ａ１２３４５", "浙Ａ·***４５"),
        ("川A1234警在京X0119应急旁边", "川A·***4警在京X·***应急旁边"),
        ("WJ京1234X、使123456、123456使、民航A1234", "WJ·***4X、使1·***56、12·***6使、民航·***34"),
        ("长宁路 3 号楼 B1 层，电话 12345", "长宁路 3 号楼 B1 层，电话 12345"),
        ("车牌A12345，还有车牌号：A·B1234", "车牌***45，还有车牌号：***34"),
        ("车牌号码是 b 12345 的", "车牌号码是 ***45 的"),
        ("白车 A·12345 停在门口", "白车 ***45 停在门口"),
        ("the plate A12345", "the plate ***45"),
        ("车牌看不清，在 A1 栋；B·区 2 号；3A·座", "车牌看不清，在 A1 栋；B·区 2 号；3A·座"),
        ("报 G12345 次、订单 A12345、车牌 ABCDEF", "报 G12345 次、订单 A12345、车牌 ABCDEF"),
    ],
)
def test_in_words_that_anyone_may_read_plates_are_masked(text: str, shown: str) -> None:
    assert with_masked(text) == shown


def test_for_others_it_is_masked() -> None:
    assert masked("浙A12345") == "浙A·***45"


@given(st.text(max_size=20))
def test_any_words_are_a_plate_or_none_and_a_plate_stays_one(typed: str) -> None:
    plate = normal_plate(typed)
    assert plate is None or normal_plate(plate) == plate
