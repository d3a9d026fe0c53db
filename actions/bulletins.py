"""Bulletins: the figures of a period put into words and drawings by the content's template.

What stands in one is what the public sees (civic.figures.publish): the same numbers as at /stats, to the last digit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from actions import figure_words, statistics
from actions.bulletin_words import Drawn, Told
from civic.bulletins import Block, Chart, Numbers, Words, blocks
from civic.catalogue import PUBLIC
from civic.comparing import Change
from civic.errors import Refused
from civic.figures import SMALL, Value
from civic.periods import Period
from civic.pieces import nearest
from content.library import Library
from db.tx import Tx


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


@dataclass(frozen=True)
class Weeks:
    """The whole weeks (or months) within a period that is not made of such: of them the public is told apart."""

    period: Period
    values: Mapping[str, Value]


def weeks(tx: Tx, library: Library, period: Period) -> Weeks | None:
    """Those of a period, as the public sees the whole city; None if it is told apart itself, or holds none."""
    if statistics.apart(library, period):
        return None
    whole = nearest(period, library.city.statistics.apart, library.city.campaign_days)
    if whole.start < period.start or whole.end > period.end:
        return None
    return Weeks(whole, {value.key: value for value in statistics.published(tx, library, whole)})


def bulletin(tx: Tx, library: Library, period: Period, language: str, around: Setting) -> Bulletin:
    """Compose one from the figures as they are now. A unit that only reads.

    Raises Refused("stats.unknown_area", "bulletin.none", "bulletin.broken").
    """
    area = around.area
    values = statistics.published(tx, library, period, area=area)
    compared = statistics.compared(tx, library, period, values, area=area, chosen=PUBLIC, public=True)
    whole = None if area else weeks(tx, library, period)
    return compose(library, period, language, values, compared["previous"][1], around, whole)


def compose(
    library: Library,
    period: Period,
    language: str,
    values: Sequence[Value],
    before: Mapping[str, Change],
    around: Setting,
    whole: Weeks | None = None,
) -> Bulletin:
    """The bulletin of these values, as the public sees them; what is told apart of ``whole`` weeks only is drawn with
    their days. Raises Refused("bulletin.none", "bulletin.broken")."""
    template = library.bulletins.get(language)
    if template is None:
        raise Refused("bulletin.none", language=language)
    figures = _Figures(library, language, values, before, whole)
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

    def __init__(
        self,
        library: Library,
        language: str,
        values: Sequence[Value],
        changes: Mapping[str, Change],
        whole: Weeks | None,
    ) -> None:
        self._library, self._language, self._changes, self._whole = library, language, changes, whole
        self._values = {value.key: value for value in values}

    def told(self, key: str) -> "Told":
        """One of them. Raises LookupError for a figure that the public does not see."""
        return Told(self._library, self._language, self._values[key], self._changes[key])

    def filled(self, parts: Sequence[Block]) -> Iterator[Part]:
        """The blocks with their numbers; a drawing in which nothing is to be seen is left out."""
        others = False  # drawings of other days
        for part in parts:
            if isinstance(part, Words):
                yield part
            elif isinstance(part, Numbers):
                yield tuple(self._number(key) for key in part.figures)
            else:
                drawing = self._drawing(part)
                if drawing.days and not drawing.cells[1:]:
                    continue  # a day alone: its number stands beside it
                if any(cell.value is not None for cell in drawing.cells):
                    others = others or not drawing.days
                    yield drawing
        if others and self._whole:
            yield Words("small", self._library.texts.render(self._language, "bulletin.why_weeks"))

    def _number(self, key: str) -> Number:
        told, texts = self.told(key), self._library.texts
        label = texts.render(self._language, f"stats.label.{key}")
        sign = {"up": "↑", "down": "↓", "same": "→"}.get(told.way or "", "")
        return Number(label, told.words, f"{sign} {told.moved or ''}".strip())

    def _drawing(self, chart: Chart) -> Drawing:
        told, texts = self.told(chart.figure), self._library.texts
        label = texts.render(self._language, f"stats.label.{chart.figure}")
        by = texts.render(self._language, f"stats.by.{chart.dimension}")
        days = chart.dimension == "day"
        if self._whole is None or days:
            title = texts.render(self._language, "bulletin.chart", label=label, by=by)
        else:
            of = self._whole.period
            first, last = (_day(self._library, self._language, day) for day in (of.start, of.end))
            title = texts.render(self._language, "bulletin.chart_weeks", label=label, by=by, start=first, end=last)
            value = self._whole.values[chart.figure]
            told = Told(self._library, self._language, value, self._changes[chart.figure])
        cells = list(told.cells(chart.dimension))
        if not days:
            cells.sort(key=lambda cell: (cell.value is None, -(cell.value or 0)))
        return Drawing(chart.figure, title, chart.dimension, told.rate, days, tuple(cells))


def _day(library: Library, language: str, day: date) -> str:
    return library.texts.render(language, "bulletin.day", year=day.year, month=day.month, day=day.day)
