"""Of an address the street, not the home."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.discretion import about, discreet, personal, unnamed


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


@pytest.mark.parametrize(
    "number",
    [
        *("１３８００００００００", "１３８ ００００ ００００", "138.0000.0000", "138·0000·0000", "138_0000_0000"),
        *("138  0000  0000", "138/0000/0000", "138–0000–0000", "+86 138-0000-0000", "０５７１－８７６５４３２１"),
        *("0571 8765 4321", "330106199001011234"),
    ],
)
def test_telephones_written_in_other_ways_stood_on_public_pages(number: str) -> None:
    assert unnamed(f"打{number}，找门卫") == "打***，找门卫"
    assert personal(f"打{number}，找门卫")


@pytest.mark.parametrize(
    "words",
    ["2026 年 11 月 28 日 13:40", "停了 3 天 4 夜", "12345 热线", "110、119、120", "12 号 80 米", "罚 20 元到 200 元"],
)
def test_dates_amounts_and_hotlines_are_no_telephones(words: str) -> None:
    assert unnamed(words) == words and not personal(f"{words}")


@pytest.mark.parametrize(
    "stored",
    [
        *(
            "浙A12345",
            "浙 A·1 2345",
            "浙ＡＤ12345",
            "车牌 A8K721",
            "A·8K721",
            "plate: B12345",
            "WJ浙1234X",
            "粤Z1234港",
        ),
        *('{"text":"","place":{"lat":30.275}}', "30.274567, 120.155432", '{"lat":30.2746,"lon":120.1554}'),
    ],
)
def test_what_may_be_a_plate_or_a_place_is_personal(stored: str) -> None:
    assert personal(f"在这里：{stored}，看到了")


def test_a_position_is_rounded_to_about_a_hundred_metres() -> None:
    assert about(30.274567, 120.155432) == (30.275, 120.155)
