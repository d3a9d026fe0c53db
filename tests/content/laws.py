"""The texts of the laws, as the fact collection keeps them: which words stand in which article."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from tests.play import ROOT

FACTS = ROOT.parent / "shared/facts"
"""Beside the checkout, when it is there."""

Place = tuple[int, int]
"""An article: (133, 1) is 第一百三十三条之一."""

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_ARTICLE = re.compile(r"第([零〇一二三四五六七八九十百千]+)条(?:之([一二三四五六七八九]))?(?=[\s　(（]|\*\*)")
_ITEM = re.compile(r"[（(]([一二三四五六七八九十]+)[）)]")
_LIST = r"第([\d–、]+)"
_PART = re.compile(rf"(?:{_LIST}条(?:之([一二三]))?)?(?:{_LIST}款)?(?:{_LIST}项)?")


@dataclass
class Paragraph:
    text: str
    items: list[str] = field(default_factory=list)

    @property
    def whole(self) -> str:
        return "\n".join([self.text, *self.items])


def number(chinese: str) -> int:
    """«二百一十七» -> 217, «两千» -> 2000. KeyError for anything else."""
    total = digit = 0
    for sign in chinese:
        if unit := {"十": 10, "百": 100, "千": 1000}.get(sign):
            total += (digit or 1) * unit
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit


@cache
def articles(law: str) -> dict[Place, list[Paragraph]]:
    """The articles of a law (its file code) by number, each as its paragraphs (款) with their items (项)."""
    found: dict[Place, list[Paragraph]] = {}
    current: list[Paragraph] = []
    for line in (FACTS / "laws" / f"{law}.md").read_text(encoding="utf-8").splitlines():
        text = line.replace("**", "").strip().lstrip("　")
        if not text or text.startswith(("#", "<!--", "---")):
            continue
        if mark := _ARTICLE.match(text + " "):
            current = found.setdefault((number(mark[1]), number(mark[2] or "零")), [])
            current.append(Paragraph(text[mark.end() :].strip()))
        elif current and _ITEM.match(text):
            current[-1].items.append(text)
        elif current:
            current.append(Paragraph(text))
    return found


def cited(article: str) -> Iterator[tuple[Place, list[int], list[int]]]:
    """The parts of «第17条、第34条第2–3项» as (article, paragraphs, items), empty where all are meant.
    ValueError for what cannot be read so."""
    places: list[Place] = []
    for part in re.split("、(?=第)", article):
        mark = _PART.fullmatch(part)
        if mark and mark[1]:
            places = [(at, number(mark[2] or "零")) for at in _numbers(mark[1])]
        if not part or not mark or not places:
            raise ValueError(article)
        for place in places:
            yield place, _numbers(mark[3]), _numbers(mark[4])


def _numbers(text: str | None) -> list[int]:
    """«1–3、5» -> [1, 2, 3, 5]"""
    found: list[int] = []
    for part in text.split("、") if text else ():
        first, _, last = part.partition("–")
        found += range(int(first), int(last or first) + 1)
    return found


def passage(law: str, article: str) -> str:
    """The words of the cited article, with the head of a paragraph whose item is meant.
    KeyError or IndexError when the law has no such article, paragraph or item; ValueError as ``cited``."""
    return "\n".join(_part(articles(law)[place], paragraphs, items) for place, paragraphs, items in cited(article))


def _part(paragraphs: list[Paragraph], wanted: list[int], items: list[int]) -> str:
    chosen = [paragraphs[at - 1] for at in wanted] or paragraphs
    if not items:
        return "\n".join(paragraph.whole for paragraph in chosen)
    listing = [one for one in chosen if one.items]
    if len(listing) != 1:
        raise IndexError("which paragraph?")
    return "\n".join([listing[0].text, *(listing[0].items[at - 1] for at in items)])


@cache
def facts() -> dict[str, dict[str, object]]:
    """The facts by id."""
    lines = (FACTS / "facts.jsonl").read_text(encoding="utf-8").splitlines()
    return {one["id"]: one for one in map(json.loads, lines)}
