"""How people talk: several words for one thing, words that say nothing, and the terms that a search compares."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field

from civic.choices import plain
from content.items import Record
from content.sheets import Entry, Shelf

_LATIN = re.compile(r"[a-z0-9]+")
_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|es|s)$")


class Synonym(Record):
    """``variants`` are other ways to say ``word``; the search takes them for the same."""

    word: str = Field(min_length=1)
    variants: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=1)


class Beyond(Record):
    """A matter that no answer is about, and how people ask about it. ``small_talk`` asks nothing at all."""

    id: str
    questions: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=1)
    small_talk: bool = False

    def in_language(self, language: str) -> tuple[str, ...]:
        """The questions in "zh" or "en"; KeyError for any other language."""
        english = tuple(one for one in self.questions if one.isascii())
        return {"zh": tuple(one for one in self.questions if one not in english), "en": english}[language]


class Courtesy(Record):
    """What people say without asking anything, and what is said in return."""

    id: str
    words: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=1)
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    anywhere: bool = False
    """Heard while a question is open, too, which is then asked again."""

    def in_language(self, language: str) -> str:
        """What is said in return, in "zh" or "en"; KeyError for any other language."""
        return {"zh": self.zh, "en": self.en}[language]


class Speech(Record):
    """How people talk: synonyms, ``filler`` that a question can do without, what they ask that is beyond us, and what
    they say out of courtesy."""

    filler: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    beyond: tuple[Beyond, ...] = ()
    courtesies: tuple[Courtesy, ...] = ()

    def courtesy(self, text: str) -> Courtesy | None:
        """The courtesy that a text is, and nothing else."""
        said = plain(text)
        return next((one for one in self.courtesies if said in one.words), None)


class Ear:
    """Hears one word where there are several for the same, and nothing where there is nothing to hear."""

    def __init__(self, speech: Speech) -> None:
        said = {normal(filler): "" for filler in speech.filler}
        for one in speech.synonyms:
            said |= {normal(words): normal(one.word) for words in (one.word, *one.variants)}
        self._known = Phrases(said)

    def hear(self, text: str) -> str:
        """The text with the usual word for each variant, apart from what stands beside it, and without filler."""
        return "".join(self._known.said(normal(text)))


class Phrases:
    """Finds phrases in a text, the longest first: Chinese ones anywhere, Latin ones as whole words."""

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self._meanings = meanings
        lengths: dict[str, set[int]] = {}
        for phrase in meanings:
            lengths.setdefault(phrase[0], set()).add(len(phrase))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}
        words, others = ({one[0] for one in meanings if one.isascii() == latin} for latin in (True, False))
        self._start = re.compile(rf"(?<![0-9a-zA-Z])[{_each(words)}]|[{_each(others)}]")

    def said(self, text: str) -> list[str]:
        """The pieces of the text; a phrase is told by its meaning, with blanks around it."""
        pieces: list[str] = []
        told = 0
        for start in self._start.finditer(text):
            at = start.start()
            if at >= told and (phrase := self._at(text, at)):
                pieces += (text[told:at], " ", self._meanings[phrase], " ")
                told = at + len(phrase)
        return [*pieces, text[told:]]

    def _at(self, text: str, at: int) -> str:
        """The longest phrase that begins at a place, or nothing."""
        for length in self._lengths[text[at]]:
            phrase = text[at : at + length]
            if phrase in self._meanings and not (phrase.isascii() and _inside(text, at, at + length)):
                return phrase
        return ""


def _each(signs: Iterable[str]) -> str:
    """Inside a class of a pattern: these signs, or none that a text can have."""
    return re.escape("".join(sorted(signs))) or r"^\s\S"


def _inside(text: str, start: int, end: int) -> bool:
    """Whether a Latin phrase is only part of a longer word."""
    before = start > 0 and text[start - 1].isascii() and text[start - 1].isalnum()
    return before or (end < len(text) and text[end].isascii() and text[end].isalnum())


def read_speech(shelf: Shelf) -> Speech:
    """What synonyms.toml, beyond.toml and courtesies.toml say; problems are kept by the shelf."""
    courtesies = shelf.entries(shelf.sheet("courtesies.toml", ("courtesy",), optional=True), "courtesy", Courtesy)
    beyond = shelf.entries(shelf.sheet("beyond.toml", ("beyond",), optional=True), "beyond", Beyond)
    sheet = shelf.sheet("synonyms.toml", ("filler", "synonym"), optional=True)
    entries = shelf.entries(sheet, "synonym", Synonym, key="word")
    lists = {key: value for key, value in sheet.data.items() if key != "synonym"}
    speech = shelf.item(sheet, Speech, lists) or Speech()
    owners = {normal(filler): "filler" for filler in speech.filler}
    for entry in entries:
        _own(shelf, entry, owners, "variants", (entry.item.word, *entry.item.variants))
    said: dict[str, str] = {}
    for courtesy in courtesies:
        _own(shelf, courtesy, said, "words", courtesy.item.words)
    found = {
        "synonyms": tuple(shelf.unique(entries).values()),
        "beyond": tuple(shelf.unique(beyond).values()),
        "courtesies": tuple(shelf.unique(courtesies).values()),
    }
    return speech.model_copy(update=found)


def _own(
    shelf: Shelf, entry: Entry[Synonym] | Entry[Courtesy], owners: dict[str, str], field: str, words: Iterable[str]
) -> None:
    """No words may mean two things; ``owners`` gathers whose they are."""
    for one in words:
        owner = owners.setdefault(normal(one), entry.label)
        if owner != entry.label:
            shelf.problems.append(entry.problem(field, f"「{one}」已经归到 {owner}"))


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


def pairs(text: str) -> list[str]:
    """Every two letters, digits or Chinese characters that stand side by side."""
    squeezed = "".join(_RUNS.findall(text))
    return [squeezed[at : at + 2] for at in range(len(squeezed) - 1)]


def stems(text: str) -> list[str]:
    """English words without their endings."""
    return [_ENDING.sub("", word) for word in _LATIN.findall(text)]


def letters(text: str) -> list[str]:
    """Pinyin by three letters: where a syllable ends need not be known."""
    squeezed = "".join(_LATIN.findall(text))
    return [squeezed[at : at + 3] for at in range(len(squeezed) - 2)]
