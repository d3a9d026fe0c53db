"""What makes the content worth coming back to: enough of it, no two alike, and answers that give nothing away."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean

import pytest
from rapidfuzz import fuzz

from content.items import Question
from content.library import Library

LANGUAGES = ["zh", "en"]
SURPRISE = 3
"""Standard deviations from chance that pass for chance: fewer than three years of building in a thousand fail."""


# -- numbers to hold


def test_no_day_of_a_year_repeats_a_tip(library: Library) -> None:
    topics = Counter(tip.topic for tip in library.tips.values())
    assert topics.total() >= 366
    assert min(topics[topic] for topic in library.topics) >= 18
    assert sum(tip.occasion is not None for tip in library.tips.values()) >= 60


def test_the_tips_of_solemn_days_are_solemn(library: Library) -> None:
    solemn = {day.id for day in library.calendar.all_observances if day.tone == "solemn"}
    assert {tip.tone for tip in library.tips.values() if tip.occasion in solemn} == {"solemn"}


def test_there_are_questions_of_every_kind_and_level_on_every_topic(library: Library) -> None:
    questions = library.questions.values()
    topics = Counter(question.topic for question in questions)
    assert topics.total() >= 640
    assert min(topics[topic] for topic in library.topics) >= 40
    kinds = Counter(question.kind for question in questions)
    assert kinds.keys() == {"single", "multiple", "truefalse", "situation", "mistake", "picture"}
    assert min(kinds.values()) >= 25
    levels = Counter((question.topic, question.level) for question in questions)
    assert all(levels[topic, level] >= 3 for topic in library.topics for level in ("easy", "mid", "hard"))


# -- no two alike


def alike(texts: Mapping[str, str], limit: int) -> list[tuple[str, str, int]]:
    """Pairs of texts as similar as ``limit`` (0–100, share of the letters that stay when one is edited into the
    other) or more."""
    pairs = itertools.combinations(texts.items(), 2)
    similar = ((one, other, fuzz.ratio(text, same, score_cutoff=limit)) for (one, text), (other, same) in pairs)
    return [(one, other, round(score)) for one, other, score in similar if score]


@pytest.mark.parametrize(("language", "limit"), [("zh", 50), ("en", 65)])
def test_no_two_tips_are_nearly_alike(library: Library, language: str, limit: int) -> None:
    """English shares more letters by chance than Chinese shares characters."""
    assert alike({tip.id: tip.in_language(language).text for tip in library.tips.values()}, limit) == []


def test_no_two_titles_or_deeds_are_nearly_alike(library: Library) -> None:
    assert alike({tip.id: tip.zh.title for tip in library.tips.values()}, 70) == []
    assert alike({tip.id: tip.zh.today for tip in library.tips.values()}, 70) == []


@pytest.mark.parametrize(("language", "limit"), [("zh", 75), ("en", 83)])
def test_no_two_questions_are_nearly_alike(library: Library, language: str, limit: int) -> None:
    """Stems end alike («下面哪句说错了？»), so that the limit is higher than for tips."""
    assert alike({one.id: one.in_language(language).stem for one in library.questions.values()}, limit) == []


# -- answers that give nothing away


def chosen(library: Library) -> list[Question]:
    """The questions with one right option among several that are worded freely."""
    return [one for one in library.questions.values() if one.kind not in ("truefalse", "multiple")]


def surprise(seen: float, chances: Sequence[float]) -> float:
    """How far a count lies from what chance gives, in standard deviations; ``chances``: of each trial."""
    return (seen - sum(chances)) / math.sqrt(sum(chance * (1 - chance) for chance in chances))


def standing(lengths: Sequence[int], right: int) -> float:
    """The place of the right option among the lengths: 0 the shortest, 1 the longest, equal ones share theirs."""
    shorter = sum(length < lengths[right] for length in lengths)
    equal = lengths.count(lengths[right]) - 1
    return (shorter + equal / 2) / (len(lengths) - 1)


def share(lengths: Sequence[int], right: int, extreme: int) -> float:
    """1 if the right option alone has the extreme length, less if others have it too, else 0."""
    return 1 / lengths.count(extreme) if lengths[right] == extreme else 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_length_of_an_option_does_not_tell_the_answer(library: Library, language: str) -> None:
    asked = chosen(library)
    lengths = [[len(option) for option in one.in_language(language).options] for one in asked]
    right = [one.right[0] for one in asked]
    chances = [1 / len(row) for row in lengths]
    longest = sum(share(row, at, max(row)) for row, at in zip(lengths, right, strict=True))
    shortest = sum(share(row, at, min(row)) for row, at in zip(lengths, right, strict=True))
    assert abs(surprise(longest, chances)) < SURPRISE
    assert abs(surprise(shortest, chances)) < SURPRISE
    # Of n places from 0 to 1 the variance is (n + 1) / (12 (n - 1)).
    spread = math.sqrt(sum((len(row) + 1) / (12 * (len(row) - 1)) for row in lengths)) / len(lengths)
    assert abs(mean(map(standing, lengths, right)) - 0.5) / spread < SURPRISE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_length_does_not_tell_the_answers_where_several_are_right(library: Library, language: str) -> None:
    several = [one for one in library.questions.values() if one.kind == "multiple"]
    lengths = [[len(option) for option in one.in_language(language).options] for one in several]
    places = [mean(standing(row, at) for at in one.right) for one, row in zip(several, lengths, strict=True)]
    assert abs(mean(places) - 0.5) < 0.1


def test_right_answers_stand_evenly_in_every_place(library: Library) -> None:
    for options in (3, 4):
        asked = [one.right[0] for one in chosen(library) if len(one.zh.options) == options]
        places = Counter(asked)
        assert all(abs(surprise(places[at], [1 / options] * len(asked))) < SURPRISE for at in range(options))


def test_several_right_answers_stand_evenly_too(library: Library) -> None:
    several = [one for one in library.questions.values() if one.kind == "multiple"]
    chances = [len(one.right) / len(one.zh.options) for one in several]
    places = Counter(at for one in several for at in one.right)
    assert all(abs(surprise(places[at], chances)) < SURPRISE for at in range(4))


def test_true_and_false_are_right_equally_often(library: Library) -> None:
    right = [one.right[0] for one in library.questions.values() if one.kind == "truefalse"]
    assert abs(surprise(sum(right), [0.5] * len(right))) < SURPRISE


# -- easy to read


def test_digits_stand_free_in_chinese(library: Library) -> None:
    """«罚 500 元»; an article number does not: «第47条»."""
    tight = re.compile(r"(?!第)[\u3400-\u9fff]\d|\d(?![条款项])[\u3400-\u9fff]")
    texts = {tip.id: "\n".join((tip.zh.title, tip.zh.text, tip.zh.today)) for tip in library.tips.values()}
    texts |= {one.id: "\n".join((one.zh.stem, *one.zh.options, one.zh.why)) for one in library.questions.values()}
    texts |= {one.id: one.zh.text for one in library.answers.values()}
    assert {name: found[0] for name, text in texts.items() if (found := tight.search(text))} == {}


def sentences(texts: Iterable[str]) -> list[str]:
    return [sentence for text in texts for sentence in re.split("[。！？]", text) if sentence]


def test_sentences_are_short(library: Library) -> None:
    """Nobody reads a sentence of 70 characters on a phone twice; on average a tip's has fewer than 30."""
    lengths = [len(sentence) for sentence in sentences(tip.zh.text for tip in library.tips.values())]
    assert mean(lengths) < 30
    assert max(lengths) <= 70
