"""Finding the answer to a question in free words: SQLite's full-text index (FTS5), ranked by its bm25.

An answer is one document of all the ways in which it is asked, and so is each matter that we know nothing of
(beyond.toml): «狗粮什么牌子好» finds the one about keeping pets, and gets no answer. Chinese is indexed by characters
and pairs of them: no dictionary is needed, and words of two characters match.
"""

import math
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

from civic.pinyin import spelled
from content.items import Answer
from content.speech import Ear, grams, letters, normal, pairs, stems
from content.texts import LANGUAGES

if TYPE_CHECKING:
    from content.library import Library

SURE = (
    0.6  # chance from which an answer is given, not only offered: the least with a wrong one for under 1 question in 20
)
NEAR = 0.2  # when no chance is as great, nothing is offered: the greatest that leaves under 1 question in 100 without
SLIGHT = 0.001  # a chance that is not worth a look
MOST = 4  # hits
LONGEST = 200  # characters; what comes after is no question any more

RANKED = """
    SELECT rowid, -bm25(documents, 1, 0.3, ?) AS likeness FROM documents WHERE documents MATCH ?
    ORDER BY likeness DESC LIMIT 24
"""
SHARPNESS = 0.33  # makes chances of bm25's likenesses: the sharper, the surer of the first
NOTHING = 2.4  # the likeness of «none of all this»
# All of these were fitted to rounds 1 to 3 of tests/content/ask_heldout.toml, and to nothing else.

_HAN = re.compile(r"[\u3400-\u9fff]")
PINYIN = re.compile(  # nothing but syllables, with or without blanks; some that do not exist do no harm
    r"(?>(?:[zcs]h?|[bpmfdtnlgkhjqxryw])?(?:ang|a[ion]?|eng|e[inr]?|iang|iong|i(?:a[no]?|e|ng?|u)?|ong|ou?"
    r"|u(?:ang|an|ai?|e|i|n|o)?|ve?)r?|[\W\d])++"
)

Terms = Sequence[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer that may fit. ``score``, from 0 to 1, is the chance that it is the right one."""

    answer: Answer
    score: float


class Finder:
    """Searches the answers of one library. May be used from several threads."""

    def __init__(self, library: "Library") -> None:
        self._answers = tuple(library.answers.values())
        self._beyond = library.speech.beyond
        self._told = _told_elsewhere(library)
        self._ear = Ear(library.speech)
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the index now, so that nobody waits for it."""
        with self._lock:
            _ = self._chinese, self._english

    def find(self, text: str) -> list[Hit]:
        """Answers to a question in Chinese, English or pinyin, best first; none when even the best scores less than
        NEAR."""
        chances = self._chances(text)
        hits = [Hit(answer, chances.get(number, 0)) for number, answer in enumerate(self._answers)]
        hits = sorted((hit for hit in hits if hit.score >= SLIGHT), key=lambda hit: (-hit.score, hit.answer.id))
        near = bool(hits) and (hits[0].score >= NEAR or _stands(text, hits[0].answer))
        return hits[:MOST] if near else []

    def hears(self, text: str) -> bool:
        """Whether there is a question in a text: not when it is small talk, or nothing but filler."""
        chances = self._chances(text)
        talk = {len(self._answers) + number for number, matter in enumerate(self._beyond) if matter.small_talk}
        return bool(chances) and max(chances, key=chances.__getitem__) not in talk

    def _chances(self, text: str) -> Mapping[int, float]:
        """The chance of each document that may be meant, by its number: first the answers, then what is beyond us."""
        text = text[:LONGEST]
        heard, typed = self._ear.hear(text), normal(text)
        with self._lock:
            if _HAN.search(typed):
                return self._chinese.chances(grams(heard), pairs(typed))
            english = self._english.chances(stems(heard), letters(typed))
            if not PINYIN.fullmatch(typed):
                return english
            pinyin = self._pinyin.chances(letters(typed), ())
        return {number: max(english.get(number, 0), pinyin.get(number, 0)) for number in {*english, *pinyin}}

    @cached_property
    def _chinese(self) -> "Index":
        return self._index("zh", grams, pairs, 1)

    @cached_property
    def _english(self) -> "Index":
        return self._index("en", stems, letters, 0.2)

    @cached_property
    def _pinyin(self) -> "Index":
        return Index(
            Document([term for one in asked for term in letters(spelled(normal(one)))]) for asked in self._asked("zh")
        )

    def _index(
        self, language: str, heard: Callable[[str], Terms], typed: Callable[[str], Terms], spelling: float
    ) -> "Index":
        @cache  # many answers share a tip
        def usual(text: str) -> Terms:
            return heard(self._ear.hear(text))

        told = chain((self._telling(answer, language) for answer in self._answers), repeat(()))
        documents = (
            Document(
                [term for one in asked for term in usual(one)],
                [term for text in texts for term in dict.fromkeys(usual(text))],
                [term for one in asked for term in typed(normal(one))],
            )
            for asked, texts in zip(self._asked(language), told, strict=False)
        )
        return Index(documents, spelling)

    def _asked(self, language: str) -> Iterator[Sequence[str]]:
        """What people ask of each document."""
        yield from (answer.in_language(language).questions for answer in self._answers)
        yield from (matter.in_language(language) for matter in self._beyond)

    def _telling(self, answer: Answer, language: str) -> Iterator[str]:
        """The answer's text, and those of tips and quiz questions that teach the same facts: so people talk of it."""
        yield answer.in_language(language).text
        for fact in answer.facts:
            yield from self._told.get((fact, language), ())


class Document(NamedTuple):
    """Terms: what is asked in usual words, what is told, and what is asked as it is typed."""

    asked: Terms
    told: Terms = ()
    typed: Terms = ()


class Index:
    """Documents by their numbers, from 0. ``spelling``: how much the letters themselves count beside the words."""

    def __init__(self, documents: Iterable[Document], spelling: float = 0) -> None:
        self._spelling = spelling
        self._data = sqlite3.connect(":memory:", check_same_thread=False)
        self._data.execute("CREATE VIRTUAL TABLE documents USING fts5(asked, told, typed, content='')")
        self._data.executemany(
            "INSERT INTO documents (rowid, asked, told, typed) VALUES (?, ?, ?, ?)",
            ((number, *map(" ".join, document)) for number, document in enumerate(documents)),
        )

    def chances(self, asked: Terms, typed: Terms) -> dict[int, float]:
        """How likely each of the likeliest documents is meant; what is missing to 1 is for none of them."""
        if not asked:
            return {}
        query = f"{{asked told}} : ({_any(asked)})" + (f" OR typed : ({_any(typed)})" if typed else "")
        found = self._data.execute(RANKED, (self._spelling, query))
        weights = {number: math.exp(SHARPNESS * likeness) for number, likeness in found}
        whole = math.exp(SHARPNESS * NOTHING) + sum(weights.values())
        return {number: weight / whole for number, weight in weights.items()}


def _stands(text: str, answer: Answer) -> bool:
    """Whether an answer's questions hold the text as it is: a bare word fits many answers, and none much."""
    words = normal(text).strip()
    return len(words) > 1 and any(words in normal(one) for one in (*answer.zh.questions, *answer.en.questions))


def _any(terms: Terms) -> str:
    return " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))


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
