"""Finding the answer to a question in free words: SQLite's full-text index (FTS5), ranked by its bm25.

An answer is one document of all the ways in which it is asked, and so is each matter that we know nothing of
(beyond.toml): «狗粮什么牌子好» finds the one about keeping pets, and gets no answer. Chinese is indexed by characters
and pairs of them: no dictionary is needed, and words of two characters match.
"""

import math
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat
from sys import intern
from typing import TYPE_CHECKING, NamedTuple

from civic.pinyin import spelled
from content.bayes import Bayes
from content.items import Answer
from content.speech import Ear, grams, letters, normal, pairs, stems
from content.texts import LANGUAGES

if TYPE_CHECKING:
    from content.library import Library

SURE = 0.6  # the chance from which an answer is given: the least with a wrong one for under 1 in 20 questions of ours
NEAR = 0.2  # the chance from which answers are offered: the greatest that leaves under 1 in 100 of ours without
WORTH, AKIN = 0.01, 0.001  # the chance from which a further answer is worth a look; the same for one of the same topic
MOST = 4  # hits
LONGEST = 200  # characters; what comes after is no question any more

RANKED = "SELECT rowid, -bm25(documents, 1, 0.3, ?) FROM documents WHERE documents MATCH ?"

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

    def prepare(self) -> Iterator[None]:
        """Make the indexes before anybody waits for them, in steps of a millisecond or a few."""
        for index in (self._chinese, self._english, self._pinyin):
            more = True
            while more:
                with self._lock:
                    if not (more := index.grow()):
                        _ = index.bayes
                yield

    def find(self, text: str) -> list[Hit]:
        """Answers to a question in Chinese (simplified or traditional), English or pinyin, best first; none when even
        the best scores less than NEAR."""
        chances = zip(self._answers, self._chances(text), strict=False)
        hits = [Hit(answer, chance) for answer, chance in chances if chance >= AKIN]
        hits.sort(key=lambda hit: (-hit.score, hit.answer.id))
        best = hits[0] if hits else None
        if best is None or (best.score < NEAR and not _stands(text, best.answer)):
            return []
        topic = best.answer.topic
        return [hit for hit in hits[:MOST] if hit.score >= (AKIN if hit.answer.topic == topic else WORTH)]

    def hears(self, text: str) -> bool:
        """Whether there is a question in a text: not when it is small talk, or nothing but filler."""
        chances = self._chances(text)
        matters = zip(self._beyond, chances[len(self._answers) :], strict=False)
        return bool(chances) and not any(matter.small_talk and chance == max(chances) for matter, chance in matters)

    def _chances(self, text: str) -> list[float]:
        """The chances of the answers, then of what is beyond us, in their order; empty where nothing is heard."""
        text = text[:LONGEST]
        heard, typed = self._ear.hear(text), normal(text)
        if len(typed.strip()) < 2 and not _HAN.search(typed):  # typed too late: needs no index
            return []
        with self._lock:
            if not grams(heard):
                return []
            if characters := _HAN.findall(typed):
                seen = self._chinese.chances(grams(heard), pairs(typed))
                sounds_help = _traditional("".join(characters))
            else:
                seen = self._english.chances(stems(heard), letters(typed))
                sounds_help = PINYIN.fullmatch(typed) is not None
            if not sounds_help:
                return seen
            heard_so = self._pinyin.chances(letters(spelled(typed)), ())
        return [max(both) for both in zip(seen, heard_so, strict=True)]

    @cached_property
    def _chinese(self) -> "Index":
        return self._index("zh", grams, pairs, CHINESE)

    @cached_property
    def _english(self) -> "Index":
        return self._index("en", stems, letters, ENGLISH)

    @cached_property
    def _pinyin(self) -> "Index":
        sounds = ((spelled(normal(one)) for one in asked) for asked in self._asked("zh"))
        documents = (Document([intern(term) for one in asked for term in letters(one)]) for asked in sounds)
        return Index(documents, CHINESE)

    def _index(
        self, language: str, heard: Callable[[str], Terms], typed: Callable[[str], Terms], scales: "Scales"
    ) -> "Index":
        def usual(texts: Iterable[str]) -> Terms:  # each term once, whichever documents have it
            return [intern(term) for text in texts for term in dict.fromkeys(heard(self._ear.hear(text)))]

        told = chain((self._telling(answer, language) for answer in self._answers), repeat(()))
        documents = (
            Document(usual(asked), usual(texts), [term for one in asked for term in typed(normal(one))])
            for asked, texts in zip(self._asked(language), told, strict=False)
        )
        return Index(documents, scales)

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


class Scales(NamedTuple):
    """How much it weighs that words are rare (bm25), that they are usual in a document (Bayes), that none of all is
    meant, and how much letters (their pairs or threes) count beside words."""

    rare: float
    usual: float
    none: float
    spelling: float


# Fitted by maximum likelihood, like the bounds above: Chinese to rounds 1 to 3 and 6 of tests/content/ask_heldout.toml,
# English, of which they have little, also to questions of the answers themselves that were left out of the index.
CHINESE = Scales(rare=0.158, usual=0.266, none=-0.77, spelling=1)
ENGLISH = Scales(rare=0.45, usual=0.2, none=5, spelling=0.15)


class Index:
    """Documents by their numbers, from 0."""

    def __init__(self, documents: Iterable[Document], scales: Scales) -> None:
        self._scales = scales
        self._data = sqlite3.connect(":memory:", check_same_thread=False)
        self._data.execute("CREATE VIRTUAL TABLE documents USING fts5(asked, told, typed, content='')")
        self._coming = iter(documents)
        self._counted: list[Counter[str]] = []

    def grow(self) -> bool:
        """Take in one more document. False when all are in."""
        document = next(self._coming, None)
        if document is None:
            return False
        row = (len(self._counted), *map(" ".join, document))
        self._data.execute("INSERT INTO documents (rowid, asked, told, typed) VALUES (?, ?, ?, ?)", row)
        self._counted.append(Counter(document.asked))
        return True

    @cached_property
    def bayes(self) -> Bayes:
        """What usual words tell. Whoever asks before all documents are in takes in the rest."""
        while self.grow():
            pass
        counted, self._counted = self._counted, []
        return Bayes(counted)

    def chances(self, asked: Terms, typed: Terms) -> list[float]:
        """How likely each document is meant; what is missing to 1 is for none of them."""
        rare, usual, none, spelling = self._scales
        weights = [usual * evidence for evidence in self.bayes.evidence(asked)]
        if not asked:
            return [0.0] * len(weights)
        query = f"{{asked told}} : ({_any(asked)})" + (f" OR typed : ({_any(typed)})" if typed else "")
        for number, likeness in self._data.execute(RANKED, (spelling, query)):
            weights[number] += rare * likeness
        most = max(none, *weights)
        chances = [math.exp(weight - most) for weight in weights]
        whole = sum(chances) + math.exp(none - most)
        return [chance / whole for chance in chances]


def _stands(text: str, answer: Answer) -> bool:
    """Whether an answer's questions hold the text as it is: a bare word fits many answers, and none much."""
    words = normal(text).strip()
    return len(words) > 1 and any(words in normal(one) for one in (*answer.zh.questions, *answer.en.questions))


def _traditional(characters: str) -> bool:
    """Whether there are characters among them that simplified Chinese does not have. They sound like those it has."""
    try:
        characters.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False


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
