"""Rules that must hold for any input: how choices are read, how answers are graded."""

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from civic.choices import choose, choose_several, clean
from civic.quizzes import grade, letters

texts = st.text(st.characters(), max_size=60)  # with half surrogates, controls, everything
labels = st.lists(texts, max_size=12)
# Labels as editors write them: words that no number or letter can be mistaken for.
words = st.text(st.characters(min_codepoint=0x5000, max_codepoint=0x9000), min_size=2, max_size=12)
distinct = st.lists(words, min_size=1, max_size=10, unique=True)
indexes = st.sets(st.integers(0, 7))


@given(texts)
@example("\u202eevil\u202c\0\x07")
@example("👨‍👩‍👧‍👦")
def test_clean_text_can_be_stored_and_shown(text: str) -> None:
    found = clean(text)
    found.encode()
    assert clean(found) == found
    assert not {unicodedata.category(sign) for sign in found if sign not in "\n\t\u200d"} & {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
    }
    assert found == found.strip()


@given(st.text(st.characters(categories=("L", "N", "P", "S")), max_size=60))
def test_what_people_can_see_is_kept(text: str) -> None:
    assert clean(f" {text}\u200b ") == text


@given(texts, labels)
@example("²", ["a", "b", "c"])
@example("٣", ["a", "b", "c"])
@example("9" * 5000, ["a"])
def test_any_text_chooses_something_that_was_offered_or_nothing(text: str, offered: list[str]) -> None:
    found = choose(text, offered)
    assert found is None or 0 <= found < len(offered)
    several = choose_several(text, offered)
    assert several is None or (several and all(0 <= index < len(offered) for index in several))


@given(distinct, st.data())
def test_each_way_of_writing_a_number_chooses_the_same(offered: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(offered) - 1))
    number, letter = str(index + 1), chr(ord("A") + index)
    wide = unicodedata.normalize("NFC", "".join(chr(ord(sign) - ord("0") + ord("０")) for sign in number))
    ways = [
        number,
        wide,
        chr(ord("①") + index),
        "一二三四五六七八九十"[index],
        letter,
        letter.lower(),
        chr(ord("Ａ") + index),
    ]
    ways += [
        f" {number}. ",
        f"第{number}个",
        f"选{letter}",
        f"{number}、",
        f"（{letter}）",
        f"🗑 {offered[index]}",
        offered[index],
    ]
    found = {way: choose(way, offered) for way in ways}
    assert set(found.values()) == {index}, found


@given(distinct, st.data())
def test_several_are_read_however_they_are_parted(offered: list[str], data: st.DataObject) -> None:
    chosen = sorted(data.draw(st.sets(st.integers(0, min(7, len(offered) - 1)), min_size=1)))
    named = [chr(ord("A") + index) for index in chosen]
    numbers = [str(index + 1) for index in chosen]
    for way in (
        "".join(named),
        " ".join(named).lower(),
        "、".join(numbers),
        "，".join(numbers),
        "".join(numbers),
        "和".join(named),
    ):
        assert choose_several(way, offered) == frozenset(chosen), way


@given(indexes, indexes)
def test_only_exactly_the_right_options_are_right(right: set[int], given_ones: set[int]) -> None:
    assert grade(right, given_ones) == (right == given_ones)
    assert grade(list(right) * 2, tuple(given_ones)) == (right == given_ones)  # order and repetition do not matter
    assert grade(right, right)


@given(indexes)
def test_letters_name_exactly_the_indexes(chosen: set[int]) -> None:
    assert {ord(letter) - ord("A") for letter in letters(chosen)} == chosen
    assert list(letters(chosen)) == sorted(letters(chosen))
