"""Bulletins: the figures of a period put into words and drawings by the content's template.

What stands in one is what the public sees (civic.figures.publish): the same numbers as at /stats, to the last digit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from actions import figure_words, statistics
from civic.bulletins import Block, Chart, Numbers, Words, blocks
from civic.catalogue import BY_KEY, PUBLIC
from civic.comparing import Change
from civic.errors import Refused
from civic.figures import SMALL, Cell, Value
from civic.periods import Period
from content.library import Library
from db.tx import Tx

LEAST = 3  # cells, before one of them is called the most or the least
COUNTS = frozenset({"people", "times", "reports", "points"})


@dataclass(frozen=True)
class Drawn:
    """One bar or point: its name, how long (None: nothing to divide by, or too few to be shown), and in words."""

    name: str
    value: float | None
    words: str


@dataclass(frozen=True)
class Drawing:
    """A chart with its data. ``whole``: values are parts of one. ``days``: a series by day."""

    figure: str
    title: str
    dimension: str
    whole: bool
    days: bool
    cells: tuple[Drawn, ...]


@dataclass(frozen=True)
class Number:
    """A figure for people: its name, the number, and how it changed."""

    label: str
    words: str
    change: str


Part = Words | tuple[Number, ...] | Drawing


@dataclass(frozen=True)
class Bulletin:
    """What is typeset. ``parts`` are words, rows of numbers, and drawings, in order."""

    period: Period
    area: str | None
    language: str
    parts: tuple[Part, ...]
    values: tuple[Value, ...]

    @property
    def title(self) -> str:
        """What it is called."""
        return next((part.text for part in self.parts if isinstance(part, Words) and part.style == "title"), "")

    @property
    def opening(self) -> str:
        """Its first sentence with numbers: the paragraph behind the first heading."""
        words = [part for part in self.parts if isinstance(part, Words)]
        start = next((at for at, part in enumerate(words) if part.style == "heading"), len(words))
        return next((part.text for part in words[start:] if part.style == "words"), "")

    @property
    def name(self) -> str:
        """What its files are called."""
        return "-".join(["bulletin", self.period.key.replace("..", "_"), *filter(None, [self.area]), self.language])


@dataclass(frozen=True)
class Setting:
    """What stands around the numbers: which place, when (in words), where each number opens, whether all is a demo."""

    area: str | None
    moment: str
    link: str
    made_up: bool


def bulletin(tx: Tx, library: Library, period: Period, language: str, around: Setting) -> Bulletin:
    """Compose one from the figures as they are now. A unit that only reads.

    Raises Refused("stats.unknown_area", "bulletin.none", "bulletin.broken").
    """
    area = around.area
    values = statistics.published(tx, library, period, area=area)
    compared = statistics.compared(tx, library, period, values, area=area, chosen=PUBLIC, public=True)
    return compose(library, period, language, values, compared["previous"][1], around)


def compose(
    library: Library,
    period: Period,
    language: str,
    values: Sequence[Value],
    before: Mapping[str, Change],
    around: Setting,
) -> Bulletin:
    """The bulletin of these values, as the public sees them. Raises Refused("bulletin.none", "bulletin.broken")."""
    template = library.bulletins.get(language)
    if template is None:
        raise Refused("bulletin.none", language=language)
    figures = _Figures(library, language, values, before)
    campaign = next((one for one in library.city.campaigns if one.id == period.key), None)
    try:
        text = template.render(
            f=figures.told,
            city=library.city.in_language(language).name,
            place=figure_words.label(library, "area", around.area, language) if around.area else "",
            kind=period.kind,
            campaign=campaign.in_language(language) if campaign else "",
            start=_day(library, language, period.start),
            end=_day(library, language, period.end),
            at=around.moment,
            link=around.link,
            few=SMALL,
        )
        parts = [*blocks(text)]
    except (ValueError, LookupError, TypeError, AttributeError) as error:  # numbers that the trial did not foresee
        raise Refused("bulletin.broken", why=str(error)) from error
    if around.made_up:
        parts.insert(0, Words("small", library.texts.render(language, "demo.banner")))
    return Bulletin(period, around.area, language, tuple(figures.filled(parts)), tuple(values))


def to_json(found: Bulletin) -> list[dict[str, Any]]:
    """Its parts as JSON values, as an edition keeps them."""
    return [_kept(part) for part in found.parts]


def from_json(kept: Sequence[Mapping[str, Any]], period: Period, language: str, values: Sequence[Value]) -> Bulletin:
    """A bulletin as it was kept."""
    return Bulletin(period, None, language, tuple(_part(one) for one in kept), tuple(values))


def _kept(part: Part) -> dict[str, Any]:
    if isinstance(part, Words):
        return {"kind": "words"} | asdict(part)
    if isinstance(part, Drawing):
        return {"kind": "drawing"} | asdict(part)
    return {"kind": "numbers", "row": [asdict(one) for one in part]}


def _part(kept: Mapping[str, Any]) -> Part:
    inner = {name: value for name, value in kept.items() if name != "kind"}
    if kept["kind"] == "words":
        return Words(**inner)
    if kept["kind"] == "drawing":
        return Drawing(**inner | {"cells": tuple(Drawn(**cell) for cell in inner["cells"])})
    return tuple(Number(**one) for one in inner["row"])


class _Figures:
    """The figures as a template asks for them."""

    def __init__(self, library: Library, language: str, values: Sequence[Value], changes: Mapping[str, Change]) -> None:
        self._library, self._language, self._changes = library, language, changes
        self._values = {value.key: value for value in values}

    def told(self, key: str) -> "Told":
        """One of them. Raises LookupError for a figure that the public does not see."""
        return Told(self._library, self._language, self._values[key], self._changes[key])

    def filled(self, parts: Sequence[Block]) -> Iterator[Part]:
        """The blocks with their numbers; a drawing without anything to draw is left out."""
        for part in parts:
            if isinstance(part, Words):
                yield part
            elif isinstance(part, Numbers):
                yield tuple(self._number(key) for key in part.figures)
            elif (drawing := self._drawing(part)).cells:
                yield drawing

    def _number(self, key: str) -> Number:
        told, texts = self.told(key), self._library.texts
        label = texts.render(self._language, f"stats.label.{key}")
        sign = {"up": "↑", "down": "↓", "same": "→"}.get(told.way or "", "")
        return Number(label, told.words, f"{sign} {told.moved or ''}".strip())

    def _drawing(self, chart: Chart) -> Drawing:
        told, texts = self.told(chart.figure), self._library.texts
        label = texts.render(self._language, f"stats.label.{chart.figure}")
        by = texts.render(self._language, f"stats.by.{chart.dimension}")
        title = texts.render(self._language, "bulletin.chart", label=label, by=by)
        days, cells = chart.dimension == "day", list(told.cells(chart.dimension))
        if not days:
            cells.sort(key=lambda cell: (cell.value is None, -(cell.value or 0)))
        return Drawing(chart.figure, title, chart.dimension, told.rate, days, tuple(cells))


class Told:
    """A figure as a template sees it."""

    def __init__(self, library: Library, language: str, value: Value, change: Change) -> None:
        self._library, self._language, self._value, self._change = library, language, value, change
        self._unit = BY_KEY[value.key].unit
        self.rate = self._unit in {"rate", "gain"}  # its changes are told in percentage points
        self.value = value.value
        self.hidden = value.hidden
        self.known = value.value is not None and not value.hidden
        self.words = self._written(value)
        self.size = self.words.lstrip("+-")  # of a gain, where the sentence says which way
        self.numerator, self.denominator = _whole(value.numerator), _whole(value.denominator)

    @property
    def way(self) -> str | None:
        """up, down or same, beside the period before; None where there is nothing to compare with."""
        moved = self._change.difference
        if moved is None or (self._unit in COUNTS and not self._change.before):
            return None
        shown = round(moved, 3 if self.rate else 1)
        return "same" if not shown else "up" if shown > 0 else "down"

    @property
    def moved(self) -> str | None:
        """How far, in words; None where it did not move or there is nothing to compare with."""
        if self.way in {None, "same"} or self._change.difference is None:
            return None
        far = abs(self._change.difference)
        if self.rate:
            points = self._library.texts.render(self._language, "stats.unit.gain")
            return f"{100 * far:.1f} {points}"
        return f"{far:,.0f}" if self._unit in COUNTS else f"{far:,.1f}"

    def cells(self, dimension: str) -> Iterator[Drawn]:
        """What is drawn: every cell that has a name; of days all."""
        for cell in (self._value.by or {}).get(dimension, ()):
            if dimension == "day" or cell.key:
                name = figure_words.label(self._library, dimension, cell.key, self._language)
                yield Drawn(name, None if cell.hidden else cell.value, self._written(cell))

    def most(self, dimension: str, count: int) -> list[Drawn]:
        """The greatest cells: none unless three are large enough, and none among equals."""
        return self._outstanding(dimension, count, greatest=True)

    def least(self, dimension: str, count: int) -> list[Drawn]:
        """The smallest, likewise."""
        return self._outstanding(dimension, count, greatest=False)

    def _outstanding(self, dimension: str, count: int, *, greatest: bool) -> list[Drawn]:
        sample = self._library.city.statistics.sample
        cells = [
            cell
            for cell in (self._value.by or {}).get(dimension, ())
            if cell.key and cell.value is not None and not cell.hidden
            if cell.denominator is None or cell.denominator >= sample
        ]
        values = sorted((cell.value or 0 for cell in cells), reverse=greatest)
        if len(cells) < LEAST or (len(values) > count and values[count - 1] == values[count]):
            return []
        edge = values[min(count, len(values)) - 1]
        chosen = [cell for cell in cells if ((cell.value or 0) >= edge if greatest else (cell.value or 0) <= edge)]
        names = ((figure_words.label(self._library, dimension, cell.key, self._language), cell) for cell in chosen)
        return [Drawn(name, cell.value, self._written(cell)) for name, cell in names]

    def _written(self, shown: Value | Cell) -> str:
        unit = figure_words.unit(shown, self._value.key, self._library.texts, self._language)
        return f"{figure_words.words(shown, self._value.key)} {unit}".strip()


def _whole(number: float | None) -> str | None:
    return None if number is None else f"{number:,.0f}"


def _day(library: Library, language: str, day: date) -> str:
    return library.texts.render(language, "bulletin.day", year=day.year, month=day.month, day=day.day)
