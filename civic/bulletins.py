"""A bulletin as blocks: what its template (content/bulletins/) says, one line or paragraph each.

The template writes plain text: ``# title``, ``## heading``, paragraphs with blank lines between them, ``- `` points,
``> `` small print; and ``[numbers KEY KEY]`` for figures side by side, ``[chart KEY by DIMENSION]`` for a drawing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["title", "heading", "words", "point", "small"]
_STYLES: dict[str, Style] = {"# ": "title", "## ": "heading", "- ": "point", "> ": "small"}
_ORDER = re.compile(r"\[(numbers|chart)((?: [a-z0-9_]+)+)\]")


@dataclass(frozen=True, slots=True)
class Words:
    """Something said."""

    style: Style
    text: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """Figures side by side, by their keys."""

    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure drawn by a dimension."""

    figure: str
    dimension: str


Block = Words | Numbers | Chart


def blocks(text: str) -> Iterator[Block]:
    """What a rendered template says. Raises ValueError with the line for an order that is none."""
    paragraph: list[str] = []
    for line in [*map(str.strip, text.splitlines()), ""]:
        style = next((style for mark, style in _STYLES.items() if line.startswith(mark)), None)
        order = line.startswith("[") and line.endswith("]")
        if paragraph and (not line or style or order):
            yield Words("words", " ".join(paragraph))
            paragraph = []
        if style:
            yield Words(style, line.partition(" ")[2].strip())
        elif order:
            yield _ordered(line)
        elif line:
            paragraph.append(line)


def _ordered(line: str) -> Block:
    match = _ORDER.fullmatch(line)
    names: Sequence[str] = match[2].split() if match else ()
    if match and match[1] == "numbers":
        return Numbers(tuple(names))
    if match and len(names) == 3 and names[1] == "by":
        return Chart(names[0], names[2])
    raise ValueError(line)
