"""Of an address the street, not the home."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.discretion import about, discreet


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("文昌路 12 号门口", "文昌路 12 号门口"),
        ("文昌路与学府街口", "文昌路与学府街口"),
        ("听荷苑 3 号楼 2 单元 501 室门口", "听荷苑 ***门口"),
        ("听荷苑3幢2单元501", "听荷苑***"),
        ("听荷苑 3-2-501", "听荷苑 ***"),
        ("Tinghe Court, Building 3, Flat 501", "Tinghe Court, ***, ***"),
        ("文昌路 12 号，车是浙A12345，我电话 138 0000 0000", "文昌路 12 号，车是浙A·***45，我电话 ***"),
        ("店里座机 0571-12345678", "店里座机 ***"),
        ("30.2700, 120.1500", ""),
        ("", ""),
    ],
)
def test_homes_telephones_plates_and_exact_positions_are_left_out(address: str, shown: str) -> None:
    assert discreet(address) == shown


@given(st.text(max_size=60), st.integers(min_value=13000000000, max_value=19999999999))
def test_a_mobile_number_never_stays(words: str, number: int) -> None:
    assert str(number) not in discreet(f"{words} {number}")


def test_a_position_is_rounded_to_about_a_hundred_metres() -> None:
    assert about(30.274567, 120.155432) == (30.275, 120.155)
