"""Bulletins: the figures of a period put into words and drawings by the content's template.

What stands in one is what the public sees (civic.figures.publish): the same numbers as at /stats, to the last digit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from actions import figure_words, statistics
from civic.bulletins import Block, Chart, Numbers, Words, blocks
from civic.catalogue import BY_KEY, PUBLIC
from civic.comparing import Change
from civic.errors import Refused
from civic.figures import SMALL, Cell, Value, publish
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


@dataclass(frozen=True)
class Bulletin:
    """What is typeset. ``parts`` are words, rows of numbers, and drawings, in order."""

    title: str
    period: Period
    area: str | None
    language: str
    parts: tuple[Words | tuple[Number, ...] | Drawing, ...]
    values: tuple[Value, ...]

    @property
    def name(self) -> str:
        """What its files are called."""
        return "-".join(["bulletin", self.period.key.replace("..", "_"), *filter(None, [self.area]), self.language])


def bulletin(
    tx: Tx, library: Library, period: Period, language: str, *, area: str | None, moment: str, link: str, made_up: bool
) -> Bulletin:
    """Compose one. ``moment`` is when, in words; ``link`` where each number opens; of a demo (``made_up``) it says
    so first. A unit that only reads.

    Raises Refused("stats.unknown_area", "bulletin.none", "bulletin.broken").
    """
    template = library.bulletins.get(language)
    if template is None:
        raise Refused("bulletin.none", language=language)
    values = list(
        publish(statistics.statistics(tx, library, period, area=area, chosen=PUBLIC), filtered=area is not None)
    )
    compared = statistics.compared(tx, library, period, values, area=area, chosen=PUBLIC, public=True)
    figures = _Figures(library, language, values, compared["previous"][1])
    place = figure_words.label(library, "area", area, language) if area else ""
    campaign = next((one for one in library.city.campaigns if one.id == period.key), None)
    try:
        text = template.render(
            f=figures.told,
            city=library.city.in_language(language).name,
            place=place,
            kind=period.kind,
            campaign=campaign.in_language(language) if campaign else "",
            start=_day(library, language, period.start),
            end=_day(library, language, period.end),
            at=moment,
            link=link,
            few=SMALL,
        )
        parts = [*blocks(text)]
    except (ValueError, LookupError, TypeError, AttributeError) as error:  # numbers that the trial did not foresee
        raise Refused("bulletin.broken", why=str(error)) from error
    if made_up:
        parts.insert(0, Words("small", library.texts.render(language, "demo.banner")))
    title = next((part.text for part in parts if isinstance(part, Words) and part.style == "title"), "")
    return Bulletin(title, period, area, language, tuple(figures.filled(parts)), tuple(values))


class _Figures:
    """The figures as a template asks for them."""

    def __init__(self, library: Library, language: str, values: Sequence[Value], changes: Mapping[str, Change]) -> None:
        self._library, self._language, self._changes = library, language, changes
        self._values = {value.key: value for value in values}

    def told(self, key: str) -> "Told":
        """One of them. Raises LookupError for a figure that the public does not see."""
        return Told(self._library, self._language, self._values[key], self._changes[key])

    def filled(self, parts: Sequence[Block]) -> Iterator[Words | tuple[Number, ...] | Drawing]:
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
