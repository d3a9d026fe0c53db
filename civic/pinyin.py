"""How Chinese words sound, for people who type them by sound."""

import os
from functools import lru_cache


@lru_cache(maxsize=8192)
def spelled(text: str) -> str:
    """Pinyin without tones or blanks: «wenchanglu» for 文昌路; other characters as they are."""
    return "".join(_syllables(text))


@lru_cache(maxsize=8192)
def initials(text: str) -> str:
    """The first letters: «wcl»."""
    return "".join(syllable[:1] for syllable in _syllables(text))


def _syllables(text: str) -> list[str]:
    # Loaded when somebody first needs it, and without the dictionary of phrases: 45 MB and a quarter of a second
    # that single words and names of places do not need.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    return list(lazy_pinyin(text))
