"""Number plates: the format, never the owner."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.plates import masked, normal_plate


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


def test_for_others_it_is_masked() -> None:
    assert masked("浙A12345") == "浙A·***45"


@given(st.text(max_size=20))
def test_any_words_are_a_plate_or_none_and_a_plate_stays_one(typed: str) -> None:
    plate = normal_plate(typed)
    assert plate is None or normal_plate(plate) == plate
