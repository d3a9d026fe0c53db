"""Naive Bayes: words speak for the document that uses them, and unknown ones for none."""

from collections import Counter

import pytest

from content.bayes import Bayes

BAYES = Bayes([Counter("狗狗狗绳咬"), Counter("车车车停路"), Counter("狗车")])


def test_words_speak_for_the_document_that_uses_them() -> None:
    dogs, cars, both = BAYES.evidence(["狗", "绳"])
    assert dogs > 0 > cars
    assert dogs > both


def test_the_more_usual_a_word_the_more_it_says() -> None:
    dogs, *_ = BAYES.evidence(["狗"])
    once, *_ = BAYES.evidence(["咬", "车"])
    assert dogs > once


@pytest.mark.parametrize("terms", [[], ["猫"], ["猫", "猫"]])
def test_words_that_no_document_has_say_nothing(terms: list[str]) -> None:
    assert BAYES.evidence(terms) == [0, 0, 0]


def test_a_word_said_twice_is_heard_once() -> None:
    assert BAYES.evidence(["狗", "狗"]) == BAYES.evidence(["狗"])
