"""Hashes by which pictures that look alike are found."""

import pytest

from civic.phash import HEIGHT, WIDTH, dhash, distance


def test_each_bit_says_whether_it_gets_brighter_to_the_right() -> None:
    brighter = bytes(range(0, 9 * WIDTH, 9))
    assert dhash(brighter * HEIGHT) == "ffffffffffffffff"
    assert dhash(brighter[::-1] * HEIGHT) == "0000000000000000"
    assert dhash((brighter + brighter[::-1]) * (HEIGHT // 2)) == "ff00ff00ff00ff00"


def test_brightness_does_not_matter() -> None:
    picture = bytes((x * 37 + y * 11) % 100 for y in range(HEIGHT) for x in range(WIDTH))
    assert dhash(bytes(value + 100 for value in picture)) == dhash(picture)


def test_only_the_miniature_is_read() -> None:
    with pytest.raises(ValueError, match="9 × 8"):
        dhash(bytes(64))


def test_distance_counts_differing_bits() -> None:
    assert distance("0000000000000000", "0000000000000000") == 0
    assert distance("0000000000000000", "ffffffffffffffff") == 64
    assert distance("000000000000000f", "0000000000000001") == 3
