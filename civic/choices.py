"""How people choose by typing: numbers, full-width numbers, letters, circled digits, labels."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

CHINESE_DIGITS = {character: number for number, character in enumerate("一二三四五六七八九十", start=1)}
_SEPARATORS = re.compile(r"[\s,，、;；.。/和+&]+")
_DECORATION = re.compile(r"^(?:第|选项|选|答案(?:是|选)?|我选|option|answer)\s*|\s*(?:个|项|号|吧)$", re.IGNORECASE)
_WORD = re.compile(r"[\w]+", re.UNICODE)


def clean(text: str) -> str:
    """Text as we compare and keep it: no control or bidirectional-override characters, trimmed.

    Line breaks and tabs stay; everything of Unicode category C that is not a joiner inside an emoji goes.
    """
    if text.isprintable():  # nearly all text: nothing to look for
        return text.strip()
    kept = (
        character
        for character in text
        if character in "\n\t\u200d" or not unicodedata.category(character).startswith("C")
    )
    return "".join(kept).strip()


@lru_cache(maxsize=16_384)  # mostly the labels of our own buttons, again and again
def plain(text: str) -> str:
    """The form in which words are compared: NFKC (full-width → half-width), case folded, no outer punctuation."""
    return (
        unicodedata.normalize("NFKC", text)
        .casefold()
        .strip(" \t\n.,!?;:。，！？；：、…~～「」『』\"'()（）[]【】<>《》")
    )


def _position(word: str, count: int) -> int | None:
    """The index that one short word stands for, or None."""
    if word.isdecimal() and len(word) <= 2:
        index = int(word) - 1
    elif len(word) == 1 and "a" <= word <= "z":
        index = ord(word) - ord("a")
    elif word in CHINESE_DIGITS:
        index = CHINESE_DIGITS[word] - 1
    else:
        return None
    return index if 0 <= index < count else None


def choose(text: str, labels: Sequence[str]) -> int | None:
    """The index of the one option that ``text`` names: «2», «２», «②», «B», «二», or its label."""
    wanted = plain(text)
    if not wanted:
        return None
    comparable = [plain(label) for label in labels]
    if wanted in comparable:
        return comparable.index(wanted)
    bare = _DECORATION.sub("", wanted)
    position = _position(bare, len(labels))
    if position is not None:
        return position
    # Labels often start with an emoji or carry a remark: «🗑 乱丢垃圾» is meant by «乱丢垃圾».
    words = ["".join(_WORD.findall(label)) for label in comparable]
    squeezed = "".join(_WORD.findall(wanted))
    if squeezed and words.count(squeezed) == 1:
        return words.index(squeezed)
    # Part of one label is enough when it is part of no other: «一轮» for «一轮五题». Not of few Latin letters or of
    # digits alone: «AC» and «13» are several options, whatever words they may be part of.
    if squeezed.isdecimal() or len(squeezed) < (4 if squeezed.isascii() else 2):
        return None
    inside = [index for index, label in enumerate(words) if squeezed in label]
    return inside[0] if len(inside) == 1 else None


def choose_several(text: str, labels: Sequence[str]) -> frozenset[int] | None:
    """The indexes that ``text`` names: «AC», «1、3», «A C», «１３», labels parted by commas; None if unclear."""
    wanted = plain(text)
    parts = [part for part in _SEPARATORS.split(wanted) if part]
    if len(parts) == 1 and choose(parts[0], labels) is None:
        parts = list(parts[0])  # «acd», «134»
    chosen = [choose(part, labels) for part in parts]
    if not chosen or None in chosen:
        return None
    return frozenset(index for index in chosen if index is not None)
