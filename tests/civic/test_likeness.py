"""How likely two reports are about the same thing."""

from hypothesis import given
from hypothesis import strategies as st

from civic.likeness import BLANK, LIKELY, closest, likeness


def test_the_same_place_kind_and_picture_are_surely_alike_and_nothing_of_it_is_not() -> None:
    assert likeness(metres=0, same_category=True, hours=0, bits=0) == 1
    assert likeness(metres=400, same_category=False, hours=1000, bits=40) == 0


def test_what_is_close_of_one_kind_is_worth_showing_and_what_is_far_is_not() -> None:
    assert likeness(metres=40, same_category=True, hours=30, bits=None) > LIKELY
    assert likeness(metres=290, same_category=True, hours=300, bits=30) < LIKELY
    assert likeness(metres=40, same_category=False, hours=30, bits=None) >= LIKELY  # another may call it otherwise
    assert likeness(metres=None, same_category=True, hours=1, bits=2) > LIKELY


def test_without_places_and_pictures_nothing_is_surely_the_same() -> None:
    assert LIKELY < likeness(metres=None, same_category=True, hours=0, bits=None) <= 0.75


@given(st.floats(0, 1000), st.booleans(), st.floats(0, 1000), st.integers(0, 63))
def test_it_is_a_share_and_falls_with_distance(metres: float, same: bool, hours: float, bits: int) -> None:
    found = likeness(metres=metres, same_category=same, hours=hours, bits=bits)
    assert 0 <= found <= 1
    assert likeness(metres=metres + 50, same_category=same, hours=hours, bits=bits) <= found


def test_pictures_of_one_colour_say_nothing() -> None:
    assert closest([BLANK], [BLANK]) is None
    assert closest([], ["0f"]) is None
    assert closest(["ff00000000000000", BLANK], ["ff00000000000003"]) == 2
