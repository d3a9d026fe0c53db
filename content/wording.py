"""How things are said: lengths that fit a chat, words we do not use, solemn days, rules without source."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from content.items import Forbidden
from content.sheets import Entry, Problem

M = TypeVar("M", bound=BaseModel)

LENGTHS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "zh": {
        "title": (2, 16),
        "text": (40, 120),
        "today": (4, 40),
        "stem": (4, 90),
        "options": (1, 24),
        "why": (10, 110),
    },
    "en": {
        "title": (2, 70),
        "text": (40, 420),
        "today": (4, 150),
        "stem": (4, 300),
        "options": (1, 90),
        "why": (10, 380),
    },
}
"""Shortest and longest, in characters, by language and field."""
ANSWERS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "zh": {"questions": (2, 30), "text": (10, 160)},
    "en": {"questions": (5, 90), "text": (20, 420)},
}
"""The same for answers, whose text is shorter than it looks: the local rule and the sources come below it."""

_EMOJI = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B00-\u2BFF\uFE0F]")
_HOTLINES = re.compile(r"12345|12355|12315|96110|1(?:10|19|20|22)(?!\d)")
_RULE = re.compile(
    r"罚款|拘留|记\s*\d+\s*分|第\s*[\d一二三四五六七八九十百千]+\s*条"
    r"|《[^》]*(?:法|法典|条例|规定|办法)》|应当|按照?规定|(?<![恨巴])不得(?![不了])"
)
_RULE_WITH_DIGITS = re.compile(r"罚|\d\s*元|法律|法规|依法|违法|条例")

_HAN = re.compile(r"[\u3400-\u9fff]")
_SIGNS = {
    "zh": (
        (re.compile(r"[\u3400-\u9fff」》）][,;:?!()]|[,;:?!()][\u3400-\u9fff「《（]"), "中文里用全角标点"),
        (re.compile(r"[“”‘’\"']"), "引号用「」"),
        (re.compile(r"[，。；：？！、]{2}"), "标点重复"),
        (re.compile(r"\s[，。；：？！、）」》]|[，。；：？！、（「《]\s"), "全角标点旁边不留空格"),
        (re.compile(r"\d\s*[-~～]\s*\d"), "数字范围用 – 或「到」"),
    ),
    "en": (
        (re.compile(r"[\u3000-\u303f\uff00-\uffef]"), "英文里用半角标点"),
        (re.compile(r"[‘’“”]"), "英文引号用 ' 和 \""),
        (re.compile(r" {2}|\s[,.;:?!]"), "多了空格"),
    ),
}
"""What is not written so, by language, and what to do instead."""


def lengths(entry: Entry[M], limits: Mapping[str, Mapping[str, tuple[int, int]]] = LENGTHS) -> Iterator[Problem]:
    """Texts of an item that are too long or too short, by ``limits``."""
    for path, text in strings(entry.item):
        language, field = ("en", path.removeprefix("en.")) if path.startswith("en.") else ("zh", path)
        shortest, longest = limits[language].get(field, (0, len(text)))
        if not shortest <= len(text) <= longest:
            yield entry.problem(path, f"要 {shortest}–{longest} 个字符，现在 {len(text)} 个：「{text[:12]}…」")


def signs(entry: Entry[M]) -> Iterator[Problem]:
    """Half-width punctuation in Chinese, full-width in English, doubled marks, stray spaces."""
    for path, text in strings(entry.item):
        language = "en" if "en" in path.split(".") else "zh" if _HAN.search(text) else "code"
        for pattern, advice in _SIGNS.get(language, ()):
            if found := pattern.search(text):
                yield entry.problem(path, f"「{found[0]}」:{advice}")


def solemn(entry: Entry[M]) -> Iterator[Problem]:
    """Emoji and exclamation marks in an item for solemn days."""
    for path, text in strings(entry.item):
        if _EMOJI.search(text) or "！" in text or "!" in text:
            yield entry.problem(path, '肃穆的内容（tone = "solemn"）不用表情和感叹号')


def unsourced(entry: Entry[M], texts: Sequence[str]) -> Iterator[Problem]:
    """A text that sounds like a rule has to say where the rule stands."""
    text = " ".join(texts)
    digits = re.search(r"\d", _HOTLINES.sub("", text))
    if found := _RULE.search(text) or (_RULE_WITH_DIGITS.search(text) if digits else None):
        yield entry.problem("source", f"像是在说规定（「{found[0]}」），要写明 source")


@dataclass(frozen=True)
class Banned:
    """The words of forbidden.toml, found in one pass over a text whose letters are folded to lower case: a pattern that
    minds no case takes twice as long."""

    words: tuple[Forbidden, ...]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, words: Collection[Forbidden]) -> "Banned":
        pattern = "|".join(re.escape(one.word.casefold()) for one in words) or r"(?!)"
        return cls(tuple(words), re.compile(pattern))

    def reasons(self, label: str, text: str, sad: bool = False) -> Iterator[str]:
        """Reasons to word ``text`` otherwise; ``label`` is the item id or text key that a word may allow."""
        said = text.casefold()
        if not self.pattern.search(said):
            return
        for one in self.words:
            if one.word.casefold() in said and label not in one.allow and (sad or not one.solemn):
                yield f"不用「{one.word}」：{one.reason}"


def forbidden(entry: Entry[M], banned: Banned) -> Iterator[Problem]:
    """Words of an item that forbidden.toml asks us not to use."""
    sad = getattr(entry.item, "tone", "normal") == "solemn"
    for path, text in strings(entry.item):
        for reason in banned.reasons(entry.label, text, sad):
            yield entry.problem(path, reason)


def strings(item: BaseModel) -> Sequence[tuple[str, str]]:
    """Dotted path and words of all strings of an item; the Chinese ones, which stand flat, without ``zh.``"""
    found: list[tuple[str, str]] = []
    for key, value in item.model_dump(exclude={"source", "facts"}).items():
        _gather(value, "" if key == "zh" and isinstance(value, dict) else key, found)
    return found


def _gather(value: object, path: str, found: list[tuple[str, str]]) -> None:
    if isinstance(value, str):
        found.append((path, value))
    elif isinstance(value, dict):
        for key, inner in value.items():
            _gather(inner, f"{path}.{key}" if path else key, found)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _gather(inner, path, found)
