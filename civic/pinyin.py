"""How Chinese words sound, for people who type them by sound."""

import json
import re
import unicodedata
from array import array
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

_FIRST, _LAST = 0x3400, 0x9FFF
_PARTS = re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}]|[^{chr(_FIRST)}-{chr(_LAST)}]+")
_TONES: Final = str.maketrans("", "", "\u0300\u0301\u0302\u0304\u030c")


def spelled(text: str) -> str:
    """Pinyin without tones or blanks: «wenchanglu» for 文昌路; other characters as they are. Each has one sound, the
    most usual, wherever it stands."""
    return "".join(map(_sound, _PARTS.findall(text)))


def initials(text: str) -> str:
    """The first letters: «wcl»."""
    return "".join(_sound(part)[:1] for part in _PARTS.findall(text))


def _sound(part: str) -> str:
    """One character of Chinese, or what stands between two."""
    if not _FIRST <= ord(part[0]) <= _LAST:
        return part
    syllables, sounds = _table()
    return syllables[sounds[ord(part) - _FIRST]] or part


@cache
def _table() -> tuple[list[str], "array[int]"]:
    """All syllables, and which of them each character is: 60 kB.

    From pypinyin's file (code point → «zhòng,chóng») and without pypinyin itself, which takes 11 MB and a tenth of a
    second, and five times that with its dictionary of phrases.
    """
    file = Path(str(distribution("pypinyin").locate_file("pypinyin/pinyin_dict.json")))
    readings: dict[str, str] = json.loads(file.read_bytes())
    numbers = {"": 0}
    sounds = array("H", bytes(2 * (_LAST - _FIRST + 1)))
    plain = cache(_plain)  # each syllable has many characters
    for code, reading in readings.items():
        if _FIRST <= int(code) <= _LAST:
            sounds[int(code) - _FIRST] = numbers.setdefault(plain(reading.partition(",")[0]), len(numbers))
    return list(numbers), sounds


def _plain(syllable: str) -> str:
    """Without its tone, as one types it: «lv» for lǜ."""
    return unicodedata.normalize("NFD", syllable).translate(_TONES).replace("u\u0308", "v")
