"""A figure as a bulletin's template sees it: its number in words, how it moved, which cells stand out."""

from collections.abc import Iterator
from dataclasses import dataclass

from actions import figure_words
from civic.catalogue import BY_KEY
from civic.comparing import Change
from civic.figures import Cell, Value
from content.library import Library

LEAST = 3  # cells, before one of them is called the most or the least
COUNTS = frozenset({"people", "times", "reports", "points"})


@dataclass(frozen=True)
class Drawn:
    """One bar or point: its name, how long (None: nothing to divide by, or too few to be shown), and in words."""

    name: str
    value: float | None
    words: str


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
        return figure_words.written(shown, self._value.key, self._library.texts, self._language)


def _whole(number: float | None) -> str | None:
    return None if number is None else f"{number:,.0f}"
