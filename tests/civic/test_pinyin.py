"""Every character sounds as pypinyin has it."""

import pytest

from civic.pinyin import initials, spelled


def test_characters_sound_as_pypinyin_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    some = [chr(code) for code in range(0x3400, 0xA000, 7)]
    assert [spelled(one) for one in some] == ["".join(lazy_pinyin(one)) for one in some]


def test_what_stands_between_stays() -> None:
    assert (spelled("绿地ABC路12"), initials("绿地ABC路12")) == ("lvdiABClu12", "ldAl1")
    assert spelled("") == initials("") == ""
