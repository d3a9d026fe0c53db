"""What a cell of the editors' workbook may hold: how a value of a content file looks in it, and how it is read back."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Words = Mapping[str, str]
"""Codes of the files and the words that stand for them in the workbook, in the order of the drop-down list."""


class Cell(Protocol):
    """A kind of cell. ``empty`` is what a draft may leave it at; None: it has to be filled in."""

    @property
    def empty(self) -> Any: ...

    def shown(self, value: Any) -> str:
        """A value as text."""

    def read(self, text: str) -> Any:
        """The value of a text that is not empty. Raises ValueError with the reason, in editors' words."""


@dataclass(frozen=True)
class Text:
    """Words as they stand."""

    @property
    def empty(self) -> Any:
        return ""

    def shown(self, value: Any) -> str:
        return str(value)

    def read(self, text: str) -> Any:
        if "\n" in text:
            raise ValueError("这里只写一行，不要换行")
        return text


@dataclass(frozen=True)
class Lines:
    """Several texts, each on a line of its own."""

    @property
    def empty(self) -> Any:
        return []

    def shown(self, value: Any) -> str:
        return "\n".join(value)

    def read(self, text: str) -> Any:
        return [line.strip() for line in text.split("\n") if line.strip()]


@dataclass(frozen=True)
class Flag:
    """是 or 否."""

    @property
    def empty(self) -> Any:
        return None

    def shown(self, value: Any) -> str:
        return "是" if value else "否"

    def read(self, text: str) -> Any:
        if text not in {"是", "否"}:
            raise ValueError(f"只能写「是」或「否」，现在是「{text}」")
        return text == "是"


@dataclass(frozen=True)
class Choice:
    """One of a list, by its word; its code is understood as well."""

    words: Words

    @property
    def empty(self) -> Any:
        return None

    def shown(self, value: Any) -> str:
        return self.words.get(str(value), str(value))

    def read(self, text: str) -> Any:
        if text in self.words:
            return text
        for code, word in self.words.items():
            if word == text:
                return code
        listed = "、".join(self.words.values())
        raise ValueError(f"没有「{text}」，只能选：{listed if len(listed) < 200 else listed[:200] + '……'}")


@dataclass(frozen=True)
class Letters:
    """Right options by their letters: AC."""

    @property
    def empty(self) -> Any:
        return []

    def shown(self, value: Any) -> str:
        return "".join("ABCD"[at] if 0 <= at < 4 else "?" for at in value)

    def read(self, text: str) -> Any:
        letters = list(text.upper().translate({ord(" "): None, ord("、"): None, ord(","): None}))
        if not letters or any(letter not in "ABCD" for letter in letters):
            raise ValueError(f"写选项的字母，如 B 或 AC，现在是「{text}」")
        return ["ABCD".index(letter) for letter in letters]


@dataclass(frozen=True)
class Sources:
    """Citations, one a line: code | article | verified on | review by."""

    instruments: Words

    @property
    def empty(self) -> Any:
        return None

    def shown(self, value: Any) -> str:
        names = ("instrument", "article", "verified_on", "review_by")
        return "\n".join(" | ".join(str(one.get(name, "")) for name in names) for one in value)

    def read(self, text: str) -> Any:
        lines = [line for line in text.replace("｜", "|").split("\n") if line.strip()]
        return [self._one(line, f"第 {number} 行" if len(lines) > 1 else "") for number, line in enumerate(lines, 1)]

    def _one(self, line: str, where: str) -> dict[str, object]:
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 4:
            raise ValueError(f"{where}要写四段，用 | 隔开：代号 | 条款（整部就空着） | 核对日期 | 复核期限")
        if parts[0] not in self.instruments:
            raise ValueError(f"{where}没有代号 {parts[0]}，「清单」里列着全部")
        return {
            "instrument": parts[0],
            **({"article": parts[1]} if parts[1] else {}),
            "verified_on": _date(parts[2], where),
            "review_by": _date(parts[3], where),
        }


def _date(text: str, where: str) -> datetime.date:
    try:
        year, month, day = text.replace("/", "-").replace(".", "-").split("-")
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(f"{where}「{text}」不是日期，要像 2026-11-22") from None


def plain(value: object) -> str:
    """What a program put into a cell, as the text that a person sees: no line breaks of Windows, no spaces around."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float() if value.is_integer():
            return str(int(value))
        case datetime.datetime():
            return value.date().isoformat()
    text = str(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.strip(" \t\u3000\xa0") for line in text.split("\n")).strip("\n")


def kept(values: Sequence[Any]) -> list[Any]:
    """A list without its empty end."""
    found = list(values)
    while found and found[-1] in {None, ""}:
        found.pop()
    return found
