"""The statistics as data: a figure is one ``Figure`` (civic.catalogue) and its words in content/texts/*/stats.toml.

A figure is made of counts that db.figures delivers, named ``set.measure``. A set is a deed of the journal
(``quiz_answer``), with the measures lines, people, right, graded and points; or one of

* people: ``residents``, ``newcomers``, ``active`` (person_days, days), ``active_weekly``, ``active_monthly``,
  ``week_1`` and ``week_4`` (newcomers whose week is over; back: those who were active in it)
* learning: ``tip_followed`` (delivered, and read on the same day), ``answered_first``, ``answered_again`` (gained: how
  many more were right than before) and ``answered_before``, see db.sums
* reports: ``received``, ``due`` for 应结案, ``resolved`` (median, p90), ``checked`` and ``waiting`` at the end of the
  period; measures beside lines are the facts of civic.cases (closed, on_time, returned …)
* what residents say of a round: ``survey_asked``, ``report_rated`` (right: solved), ``report_satisfied`` (right:
  satisfied; fair: fairly so counted in part), ``report_partly``, ``survey`` (score), see civic.weighing
* ``all``: all deeds together (points)
* ``base``: permanent residents (常住人口) of the place, where the city file knows them
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import repeat
from typing import Literal, NamedTuple

Unit = Literal["people", "times", "reports", "points", "rate", "gain", "per_head", "daily", "hours", "score"]
Audience = Literal["public", "staff"]
Better = Literal["high", "low"]
Counts = Mapping[tuple[str, str], Mapping[str, float]]
"""(dimension, ``set.measure``) → cell → number. The dimension "" is the whole, with one cell ""; elsewhere "" is
unknown."""

SAMPLED = frozenset({"hours", "score"})  # units whose denominator is only the size of the sample
PER_HEAD = 10_000  # a figure per head is one for so many permanent residents
SMALL = 5  # people; a public cell with fewer is not shown
# By the bot and the staff: nobody is active by these.
DONE_FOR_THEM = ("tip_delivered", "report_accepted", "survey_asked")
# Deeds that are not written in the journal but follow from it (db.sums).
ACTIVE, FOLLOWED = "active", "tip_followed"
FIRST, AGAIN, BEFORE = "answered_first", "answered_again", "answered_before"
SOLVED, SATISFIED, PARTLY, OVERALL = "report_rated", "report_satisfied", "report_partly", "survey"
MADE_OF = {  # what else has to be counted for a set
    AGAIN: (f"{BEFORE}.right",),
    SATISFIED: (f"{PARTLY}.lines",),
    OVERALL: (f"{SATISFIED}.right", f"{PARTLY}.lines", f"{SOLVED}.right", "received.lines", "received.responded"),
}
FEW = "few"  # a measure: whether few people stand behind a set; counted as people, exactly where they are few
Wanted = Mapping[tuple[str, str], Collection[str]]
"""(dimension, set) → the measures that are to be counted of it."""
INSIDE = frozenset({"department"})  # breakdowns for staff: the public is told what the city does, not who
SERIES = frozenset({"day", "week", "month"})  # breakdowns in time, of the whole that is looked at
# Who and what is there at a moment: from one day to the next a single person comes or a single report goes, so the
# public is told these of the whole city only.
STOCKS = frozenset({"residents", "waiting"})
UNCOUNTED = ("rejected", "referred", "duplicate", "withdrawn")  # reports that nobody has to close


@dataclass(frozen=True)
class Figure:
    """A statistic. ``by`` are its breakdowns, ``source`` says whose definition it is (empty: our own).

    ``grades``: letters for a rate, best first, each with the least that earns it; below the last is the letter after.
    ``better``: by which side units are ranked (civic.rankings); None: they are not.
    """

    key: str
    section: str
    unit: Unit
    numerator: str
    denominator: str | None = None
    by: tuple[str, ...] = ()
    source: str = ""
    audience: Audience = "public"
    grades: tuple[tuple[float, str], ...] = ()
    better: Better | None = None

    @cached_property
    def base(self) -> str:
        """The set that the figure is about: that of the denominator."""
        return (self.denominator or self.numerator).partition(".")[0]

    @cached_property
    def crowd(self) -> str:
        """The set of the people behind it: per head of a place, they are those who did something."""
        return self.numerator.partition(".")[0] if self.base == "base" else self.base

    @cached_property
    def counts(self) -> Sequence[tuple[str, str]]:
        """What has to be counted for it: sets, each with a measure."""
        own = [name for name in (self.numerator, self.denominator) if name]
        more = (another for name in own for another in MADE_OF.get(name.partition(".")[0], ()))
        found = (name.partition(".") for name in (*own, *more))
        return tuple((group, measure) for group, _, measure in found)

    @property
    def sets(self) -> frozenset[str]:
        """The sets that have to be counted for it."""
        return frozenset(group for group, _ in self.counts)


class Cell(NamedTuple):  # there are hundreds in a view: a frozen dataclass takes four times as long
    """A figure for one value of a dimension. ``people`` stand behind it; ``hidden``: too few to be shown."""

    key: str
    value: float | None
    numerator: float | None
    denominator: float | None
    people: float = 0
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A figure in numbers; rates are between 0 and 1. ``value`` is None where the denominator is empty («—»).

    A plain count has no denominator; a median, percentile or score has no numerator, its denominator is the sample.
    """

    key: str
    value: float | None
    numerator: float | None
    denominator: float | None
    by: Mapping[str, Sequence[Cell]] | None
    people: float = 0
    hidden: bool = False


def wanted(chosen: Iterable[Figure], *, hiding: bool) -> Wanted:
    """What has to be counted for figures and their breakdowns; ``hiding``: and how many people stand behind each
    cell."""
    found = defaultdict[tuple[str, str], set[str]](set)
    for figure in chosen:
        counts = [*figure.counts, *([(figure.crowd, FEW)] if hiding else ())]
        for dimension in ("", *figure.by):
            for group, measure in counts:
                found[dimension, group].add(measure)
    return dict(found)


def evaluate(figure: Figure, counts: Counts, days: Sequence[str] = ()) -> Value:
    """A figure from its counts. ``days`` are those of the series by day, also where nothing happened. How many people
    stand behind it is only right where somebody asked (``wanted``): else it is 0, or fewer than there are."""
    [head] = _cells(figure, counts, "", ("",))
    by = {dimension: _breakdown(figure, counts, dimension, days) for dimension in figure.by}
    return Value(figure.key, head.value, head.numerator, head.denominator, by or None, head.people)


def _breakdown(figure: Figure, counts: Counts, dimension: str, days: Sequence[str]) -> list[Cell]:
    known = counts.get((dimension, figure.denominator or figure.numerator), {})
    if dimension == "day":
        # The backlog of a day that nobody noted is not zero.
        noted = [day for day in days if day in known] if figure.base == "waiting" else days
        return _cells(figure, counts, dimension, noted)
    by_key = sorted(key for key, size in known.items() if size)
    return _cells(figure, counts, dimension, sorted(by_key, key=known.__getitem__, reverse=True))


_made = partial(tuple.__new__, Cell)  # as Cell() does, in half the time


def _cells(figure: Figure, counts: Counts, dimension: str, keys: Collection[str]) -> list[Cell]:
    """Where nothing was counted is 0."""
    above, below, crowd = (
        counts.get((dimension, name), {})
        for name in (figure.numerator, figure.denominator or "", f"{figure.crowd}.people")
    )
    people = map(crowd.get, keys, repeat(0)) if crowd else repeat(0)
    counted = [*map(above.get, keys, repeat(0))]
    if figure.denominator is None:
        return [*map(_made, zip(keys, counted, counted, repeat(None), people, repeat(False)))]
    bases = [*map(below.get, keys, repeat(0))]
    if figure.unit in SAMPLED:
        values = [number if base else None for number, base in zip(counted, bases, strict=True)]
        return [*map(_made, zip(keys, values, repeat(None), bases, people, repeat(False)))]
    times = PER_HEAD if figure.unit == "per_head" else 1
    values = [number / base * times if base else None for number, base in zip(counted, bases, strict=True)]
    return [*map(_made, zip(keys, values, counted, bases, people, repeat(False)))]


def share(numerator: float, denominator: float) -> float | None:
    """The quotient; None, not 0, when there is nothing to divide by."""
    return numerator / denominator if denominator else None


def grade(figure: Figure, value: float | None) -> str | None:
    """The letter that a rate earns, by the figure's own scale; None where there is no scale or no value."""
    if value is None or not figure.grades:
        return None
    below = chr(ord(figure.grades[-1][1]) + 1)
    return next((letter for least, letter in figure.grades if value >= least), below)


def public(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """The figures that everybody may see, without the breakdowns that are for staff."""
    shown = (figure for figure in figures if figure.audience == "public")
    return tuple(replace(figure, by=tuple(name for name in figure.by if _told(figure, name))) for figure in shown)


def _told(figure: Figure, dimension: str) -> bool:
    return dimension == "day" or (dimension not in INSIDE and not figure.sets & STOCKS)


def rank(count: int, part: float) -> int:
    """The place (from 0) of the smallest of so many sorted samples that at least this part of all do not exceed."""
    return max(0, math.ceil(part * count) - 1)


def publish(values: Iterable[Value]) -> Iterator[Value]:
    """The values of the whole as the public may see them: a cell with 1 to 4 people behind it is hidden.

    So is what would tell it by subtraction from the whole (complementary suppression; Hundepool et al., Statistical
    Disclosure Control, 2012, ch. 4): hidden cells are at least two and have five people together. Where there are not
    enough to hide, that nobody is in the others would tell it, and the whole breakdown is left out; but days, which are
    of the whole city, stay.
    """
    for value in values:
        by = {name: _suppressed(cells, alone=name in SERIES) for name, cells in (value.by or {}).items()}
        yield replace(value, by={name: cells for name, cells in by.items() if cells is not None} or None)


def publish_series(values: Iterable[Value]) -> Iterator[Value]:
    """The same for what is told of the whole in time alone; its other breakdowns were published before."""
    for value in values:
        by = {
            name: (_suppressed(cells, alone=True) or ()) if name in SERIES else cells
            for name, cells in (value.by or {}).items()
        }
        yield replace(value, by=by or None)


def publish_part(values: Iterable[Value], hidden: Collection[str]) -> Iterator[Value]:
    """The same for a part of the whole (a place, a channel), which is told apart no further: a figure that is
    ``hidden`` there as a cell of the whole is hidden, and so is one with few people, or with nobody who is still
    known."""
    for value in values:
        if value.key in hidden or _few(value):
            yield Value(value.key, None, None, None, None, hidden=True)
        else:
            yield replace(value, by=None)


def _suppressed(cells: Sequence[Cell], *, alone: bool = False) -> list[Cell] | None:
    """The cells with the small ones hidden; None where that would not hide them, unless they may be ``alone``."""
    hidden = {cell.key for cell in cells if _few(cell)}
    people = sum(cell.people for cell in cells if cell.key in hidden)
    others = (cell for cell in cells if cell.key not in hidden and (cell.numerator or cell.denominator))
    for cell in sorted(others, key=lambda cell: (cell.people, cell.key)):
        if not hidden or (len(hidden) > 1 and people >= SMALL):
            break
        hidden.add(cell.key)
        people += cell.people
    if hidden and not alone and (len(hidden) == 1 or people < SMALL):
        return None
    return hide(cells, hidden, in_place=alone)


def hide(cells: Sequence[Cell], keys: Collection[str], *, in_place: bool = False) -> list[Cell]:
    """The cells with some of them hidden, all alike: which are small and which only beside them would narrow both.

    They come last, by their keys: cells stand by their size, and between which others one stood would tell its own.
    Days stay ``in_place``.
    """
    hidden = {cell.key: Cell(cell.key, None, None, None, hidden=True) for cell in cells if cell.key in keys}
    if in_place:
        return [hidden.get(cell.key, cell) for cell in cells]
    return [*(cell for cell in cells if cell.key not in hidden), *(hidden[key] for key in sorted(hidden))]


def _few(shown: Value | Cell) -> bool:
    something = shown.numerator or shown.denominator
    return bool(something) and shown.people < SMALL
