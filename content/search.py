"""Finding the answer to a question in free words: SQLite's full-text index (FTS5) with bm25 over what people ask.

Chinese is indexed by single characters and pairs: no dictionary is needed, and words of two characters match. bm25
chooses the candidates; how sure we may be of each is told by what it shares with the question.
"""

import math
import os
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from content.items import Answer
from content.speech import Ear, grams, letters, normal, stems
from content.texts import LANGUAGES

if TYPE_CHECKING:
    from content.library import Library

SURE = 0.35  # from this score on, the answer is given; below, only offered: a wrong rule costs more than a tap
NEAR = 0.05  # when nothing scores that much, nothing is offered
MOST = 4  # hits
LONGEST = 200  # characters; what comes after is no question any more
CANDIDATES = 24
ALIKE = 80.0  # how alike (0–100) a mistyped word must be to one that we know
BEYOND = 0.3  # what is left of a score when the question is about something that we know nothing of

_HAN = re.compile(r"[\u3400-\u9fff]+")

Terms = Sequence[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer that may fit. ``score``, from 0 to 1, is how likely it is the right one."""

    answer: Answer
    score: float


class Finder:
    """Searches the answers of one library. May be used from several threads."""

    def __init__(self, library: "Library") -> None:
        self._answers = tuple(library.answers.values())
        self._told = _told_elsewhere(library)
        self._ear = Ear(library.speech)
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the index now, so that nobody waits for it."""
        with self._lock:
            _ = self._chinese, self._english

    def find(self, text: str, language: str) -> list[Hit]:
        """Answers to a question, best first; none when even the best scores less than NEAR. What is written in Latin
        letters may be English or pinyin: ``language`` says which is likelier."""
        text = text[:LONGEST]
        with self._lock:
            scores = self._chinese_scores(text) if _HAN.search(text) else self._latin_scores(text, language)
        strange = self._ear.beyond(text)
        hits = [Hit(self._answers[number], score) for number, score in scores.items()]
        hits = [Hit(hit.answer, hit.score * BEYOND) if _strange(strange, hit.answer) else hit for hit in hits]
        hits.sort(key=lambda hit: (-hit.score, hit.answer.id))
        return hits[:MOST] if hits and hits[0].score >= NEAR else []

    def hears(self, text: str) -> bool:
        """Whether there is anything in a text to look for."""
        return bool(grams(self._ear.hear(text[:LONGEST])))

    def _chinese_scores(self, text: str) -> Mapping[int, float]:
        return self._chinese.scores(grams(self._ear.hear(text)))

    def _latin_scores(self, text: str, language: str) -> Mapping[int, float]:
        known = self._english.known
        words = [word if word in known else _mended(word, known) for word in stems(self._ear.hear(text))]
        scores = self._english.scores(words)
        if language == "en" and max(scores.values(), default=0) >= SURE:
            return scores
        heard = self._pinyin.scores(letters(normal(text)))
        return {number: max(scores.get(number, 0), heard.get(number, 0)) for number in {*scores, *heard}}

    @cached_property
    def _chinese(self) -> "Index":
        return self._index("zh", lambda text: grams(self._ear.hear(text)))

    @cached_property
    def _english(self) -> "Index":
        return self._index("en", lambda text: stems(self._ear.hear(text)))

    @cached_property
    def _pinyin(self) -> "Index":
        # Loaded when somebody types pinyin, and without the dictionary of phrases: 45 MB that this can do without.
        os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
        from pypinyin import lazy_pinyin

        asked = [[letters("".join(lazy_pinyin(normal(one)))) for one in item.zh.questions] for item in self._answers]
        return Index(asked, [()] * len(asked))

    def _index(self, language: str, terms: Callable[[str], Terms]) -> "Index":
        asked = [[terms(one) for one in answer.in_language(language).questions] for answer in self._answers]
        once = cache(terms)  # many answers share a tip
        told = [[term for text in self._telling(answer, language) for term in once(text)] for answer in self._answers]
        return Index(asked, told, self._ear.words)

    def _telling(self, answer: Answer, language: str) -> Iterator[str]:
        """The answer's text, and those of tips and quiz questions that teach the same facts: so people talk of it."""
        yield answer.in_language(language).text
        for fact in answer.facts:
            yield from self._told.get((fact, language), ())


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a question and an answer share. ``share``: how much of the question's weight the answer has;
    ``alike``: the same, both ways, for the one question most like it; ``common``: the weight they share."""

    share: float
    alike: float
    common: float

    @property
    def score(self) -> float:
        """The chance that the answer is the right one: a logistic curve, fitted to questions that people might ask."""
        sum_ = BASE + SHARE * self.share + PAIR * self.alike + COMMON * math.log1p(self.common)
        return 1 / (1 + math.exp(-sum_))


BASE, SHARE, PAIR, COMMON = -6.1, 1.8, 3.8, 6.2
TOLD = 0.5  # a term that stands only in the texts, not in the questions, weighs less
WORD = 1.5  # a word that synonyms.toml knows weighs more than two characters that happen to stand side by side
UNKNOWN = 0.6  # a term that no answer has weighs less than its rarity says: people use many words


class Index:
    """The terms of answers, by their numbers: those of each question and those of the text."""

    def __init__(
        self, asked: Iterable[Iterable[Terms]], told: Iterable[Terms], words: AbstractSet[str] = frozenset()
    ) -> None:
        self._words = words
        self._questions = [[frozenset(terms) for terms in questions] for questions in asked]
        self._asked = [frozenset[str]().union(*questions) for questions in self._questions]
        self._told = [frozenset(terms) - asked for terms, asked in zip(told, self._asked, strict=True)]
        self._found_in = Counter(term for terms in (*self._asked, *self._told) for term in terms)
        self._weights = [[sum(map(self._weight, one)) for one in questions] for questions in self._questions]
        sums = [weight for weights in self._weights for weight in weights]
        self._usual = sum(sums) / max(1, len(sums))
        self._data = sqlite3.connect(":memory:", check_same_thread=False)
        self._data.execute("CREATE VIRTUAL TABLE answers USING fts5(asked, told, content='', tokenize='unicode61')")
        rows = enumerate(zip(self._asked, self._told, strict=True))
        self._data.executemany(
            "INSERT INTO answers (rowid, asked, told) VALUES (?, ?, ?)",
            ((number, " ".join(one), " ".join(two)) for number, (one, two) in rows),
        )

    @property
    def known(self) -> Mapping[str, int]:
        """Every term, and how many answers have it."""
        return self._found_in

    def scores(self, terms: Terms) -> dict[int, float]:
        """The score of the answers likeliest by bm25, by their numbers."""
        return {number: likeness.score for number, likeness in self.likenesses(terms)}

    def likenesses(self, terms: Terms) -> Iterator[tuple[int, Likeness]]:
        """What the likeliest answers have in common with these terms."""
        weights = {term: self._weight(term) for term in terms}
        query = " OR ".join(f'"{term}"' for term in weights if term in self._found_in)
        if not query:
            return
        found = self._data.execute(
            "SELECT rowid FROM answers WHERE answers MATCH ? ORDER BY bm25(answers, 5, 1) LIMIT ?", (query, CANDIDATES)
        )
        whole = sum(weights.values())
        for (number,) in found.fetchall():
            common = sum(weights[term] for term in weights.keys() & self._asked[number])
            common += sum(weights[term] for term in weights.keys() & self._told[number]) * TOLD
            pairs = (
                2 * sum(weights[term] for term in weights.keys() & one) / (whole + weight)
                for one, weight in zip(self._questions[number], self._weights[number], strict=True)
            )
            yield number, Likeness(common / whole, max(pairs), common / self._usual)

    def _weight(self, term: str) -> float:
        """How much a term tells: the rarer, the more."""
        found_in = self._found_in[term]
        weight = math.log(1 + (len(self._asked) + 0.5) / (found_in + 0.5))
        if term in self._words:
            return weight * WORD
        return weight * (1 if found_in else UNKNOWN)


def _told_elsewhere(library: "Library") -> Mapping[tuple[str, str], Sequence[str]]:
    """(fact, language) → the texts of tips and quiz questions that teach the fact."""
    told: dict[tuple[str, str], list[str]] = {}
    for language in LANGUAGES:
        for tip in library.tips.values():
            words = tip.in_language(language)
            for fact in tip.facts:
                told.setdefault((fact, language), []).append(f"{words.title}\n{words.text}")
        for question in library.questions.values():
            asked = question.in_language(language)
            right = "\n".join(asked.options[number] for number in question.right)
            for fact in question.facts:
                told.setdefault((fact, language), []).append(f"{asked.stem}\n{asked.why}\n{right}")
    return told


def _strange(words: frozenset[str], answer: Answer) -> bool:
    """Whether a question is about something (``words``) that this answer says nothing of."""
    if not words:
        return False
    own = normal(" ".join((*answer.zh.questions, answer.zh.text, *answer.en.questions, answer.en.text)))
    return not any(word in own for word in words)


def _mended(word: str, known: Mapping[str, int]) -> str:
    """The word we know that this one, not known, was meant to be."""
    found = process.extractOne(word, known.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE) if len(word) > 3 else None
    return found[0] if found else word
