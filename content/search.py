"""Finding the answer to a question in free words: SQLite's full-text index (FTS5) with bm25 over what people ask.

Chinese is indexed by single characters and pairs, so that no dictionary is needed and two-character words match.
"""

import math
import os
import re
import sqlite3
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from content.items import Answer, Speech, Synonym
from content.sheets import Shelf

if TYPE_CHECKING:
    from content.library import Library

SURE = 0.5  # from this score on, the answer is given; below, it is only offered
NEAR = 0.3  # below this score, nothing is offered
MOST = 4  # hits
ALIKE = 80.0  # how alike (0–100) a mistyped word must be to one that we know

_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z0-9]+")
_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|es|s)$")


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer that may fit. ``score`` is the share of the question's weight that it covers, from 0 to 1."""

    answer: Answer
    score: float


class Finder:
    """Searches the answers of one library. Safe to use from several threads."""

    def __init__(self, library: "Library") -> None:
        self._answers = tuple(library.answers.values())
        self._ear = Ear(library.speech)
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the index now, so that nobody waits for it."""
        with self._lock:
            _ = self._chinese, self._english

    def find(self, text: str, language: str) -> list[Hit]:
        """Answers to a question, best first; none that scores less than NEAR. In Latin letters it may be English
        or pinyin: ``language`` says which is likelier."""
        words = normal(text)
        with self._lock:
            if _HAN.search(words):
                scores = self._chinese.scores(grams(self._ear.hear(text)))
            else:
                scores = self._in_latin(text, language)
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return [Hit(self._answers[number], score) for number, score in best[:MOST] if score >= NEAR]

    def _in_latin(self, text: str, language: str) -> Mapping[int, float]:
        asked = self._english_words(self._ear.hear(text))
        scores = self._english.scores(asked)
        if language == "en" and max(scores.values(), default=0) >= SURE:
            return scores
        heard = self._pinyin.scores(letters("".join(_LATIN.findall(normal(text)))))
        return {number: max(scores.get(number, 0), heard.get(number, 0)) for number in {*scores, *heard}}

    def _english_words(self, words: str) -> list[str]:
        """The words as the index has them: endings cut, slips of the fingers mended."""
        known = self._english.known
        return [word if word in known else _mended(word, known) for word in stems(words)]

    @cached_property
    def _chinese(self) -> "Index":
        return Index(
            (number, grams(self._ear.hear(text)))
            for number, answer in enumerate(self._answers)
            for text in ("\n".join(answer.zh.questions),)
        )

    @cached_property
    def _english(self) -> "Index":
        return Index(
            (number, stems(self._ear.hear(text)))
            for number, answer in enumerate(self._answers)
            for text in ("\n".join(answer.en.questions),)
        )

    @cached_property
    def _pinyin(self) -> "Index":
        # Loaded when somebody first types pinyin, and without the dictionary of phrases: 45 MB that this can do without.
        os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
        from pypinyin import lazy_pinyin

        return Index(
            (number, letters("".join(_LATIN.findall("".join(lazy_pinyin(normal(text)))))))
            for number, answer in enumerate(self._answers)
            for text in answer.zh.questions
        )


class Index:
    """Rows of terms, each belonging to a number; several rows may have the same number."""

    def __init__(self, rows: Iterator[tuple[int, list[str]]]) -> None:
        self._numbers: list[int] = []
        self._terms: list[frozenset[str]] = []
        self._found_in: Counter[str] = Counter()
        self._data = sqlite3.connect(":memory:", check_same_thread=False)
        self._data.execute("CREATE VIRTUAL TABLE rows USING fts5(terms, detail=column, tokenize='unicode61')")
        for number, terms in rows:
            self._numbers.append(number)
            self._terms.append(frozenset(terms))
            self._found_in.update(set(terms))
            self._data.execute(
                "INSERT INTO rows (rowid, terms) VALUES (?, ?)", (len(self._numbers) - 1, " ".join(terms))
            )

    @property
    def known(self) -> Mapping[str, int]:
        """Every term, and how many rows have it."""
        return self._found_in

    def scores(self, terms: Sequence[str]) -> dict[int, float]:
        """The score of each number whose rows share terms with these, the likeliest by bm25."""
        asked = set(terms)
        if not asked:
            return {}
        query = " OR ".join(f'"{term}"' for term in asked)
        found = self._data.execute(
            "SELECT rowid FROM rows WHERE rows MATCH ? ORDER BY bm25(rows) LIMIT 24", (query,)
        ).fetchall()
        weights = {term: self._weight(term) for term in asked}
        whole = sum(weights.values())
        scores: dict[int, float] = {}
        for (row,) in found:
            share = sum(weights[term] for term in asked & self._terms[row]) / whole
            number = self._numbers[row]
            scores[number] = max(scores.get(number, 0), share)
        return scores

    def _weight(self, term: str) -> float:
        """How much a term tells: the rarer, the more."""
        return math.log(1 + (len(self._terms) + 0.5) / (self._found_in[term] + 0.5))


class Ear:
    """Hears one word where there are several for the same, and nothing where there is nothing to hear."""

    def __init__(self, speech: Speech) -> None:
        self._word = {normal(filler): "" for filler in speech.filler}
        for one in speech.synonyms:
            self._word |= {normal(said): normal(one.word) for said in (one.word, *one.variants)}
        patterns = (
            rf"\b{re.escape(said)}\b" if said.isascii() else re.escape(said)
            for said in sorted(self._word, key=len, reverse=True)
        )
        self._pattern = re.compile("|".join(patterns) or r"(?!)")

    def hear(self, text: str) -> str:
        """The text with the usual word for each variant, apart from what stands beside it, and without filler."""
        return self._pattern.sub(lambda found: f" {self._word[found[0]]} ", normal(text))


def read_speech(shelf: Shelf) -> Speech:
    """What synonyms.toml says; problems are kept by the shelf."""
    sheet = shelf.sheet("synonyms.toml", ("filler", "synonym"), optional=True)
    synonyms = shelf.unique(shelf.entries(sheet, "synonym", Synonym, key="word"))
    filler = shelf.item(sheet, Speech, {"filler": sheet.data.get("filler", [])}) or Speech()
    return Speech(filler=filler.filler, synonyms=tuple(synonyms.values()))


def normal(text: str) -> str:
    """One width, one case."""
    return unicodedata.normalize("NFKC", text).casefold()


def grams(text: str) -> list[str]:
    """Chinese by characters and pairs, other words whole."""
    terms: list[str] = []
    for run in _RUNS.findall(text):
        if _LATIN.fullmatch(run):
            terms.append(run)
        else:
            terms += [*run, *(run[at : at + 2] for at in range(len(run) - 1))]
    return terms


def stems(text: str) -> list[str]:
    """English words without their endings."""
    return [_ENDING.sub("", word) for word in _LATIN.findall(text)]


def letters(text: str) -> list[str]:
    """Pinyin by three letters: where a syllable ends need not be known."""
    return [text[at : at + 3] for at in range(len(text) - 2)]


def _mended(word: str, known: Mapping[str, int]) -> str:
    if len(word) < 4:
        return word
    found = process.extractOne(word, known.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
    return found[0] if found else word
