"""Rankings of units (communities, districts, departments; never people), fair to the small ones.

A small unit with three reports, all in time, has 100 % by luck. So a rate is ranked by the lower bound of its score
interval (E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, Journal of the American
Statistical Association 22 (1927) 209-212): the least that the true rate may be, with 95 % confidence. The more cases,
the closer it is to the rate itself. Something per head is ranked alike, by the score bound of a Poisson count, which is
the limit of Wilson's for rare events. Counts and medians are ranked as they are.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Z = 1.959964  # standard deviations: 95 % of a normal distribution lie within
Better = Literal["high", "low"]
Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Unit:
    """What takes part: a value, and the counts that it is made of (None: there are none)."""

    key: str
    value: float | None
    numerator: float | None
    denominator: float | None


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's place among its peers, from 1; None when its sample is too small. Equal ones share a place.

    ``between`` are the best and the worst place that chance leaves open: neighbours within are no worse, only
    unluckier. ``score`` is what it was ranked by; ``before`` its place in the period before.
    """

    unit: Unit
    place: int | None
    score: float | None = None
    between: tuple[int, int] | None = None
    before: int | None = None

    @property
    def moved(self) -> int | None:
        """Places won (or lost, negative) since the period before."""
        return None if self.place is None or self.before is None else self.before - self.place


def rank(
    units: Iterable[Unit], kind: Literal["rate", "per_head", "plain"], better: Better, sample: float
) -> list[Place]:
    """The units in their order, then those with too small a sample, by key.

    The sample of a rate or median is its denominator, of a count (also per head) the count.
    """
    sided: Callable[[Unit, Better], Bounds] = {"rate": _of_rate, "per_head": _of_count, "plain": _of_value}[kind]
    ranked: list[Unit] = []
    left: list[Unit] = []
    for unit in units:
        size = unit.numerator if unit.denominator is None or kind == "per_head" else unit.denominator
        enough = unit.value is not None and size is not None and size >= sample and unit.denominator != 0
        (ranked if enough else left).append(unit)
    sides = {unit.key: sided(unit, better) for unit in ranked}
    ranked.sort(key=lambda unit: (-sides[unit.key][0], unit.key))
    found = [_placed(unit, sides, 1 if kind == "rate" and better == "low" else 0) for unit in ranked]
    return [*found, *(Place(unit, None) for unit in sorted(left, key=lambda unit: unit.key))]


def since(places: Sequence[Place], before: Iterable[Place]) -> list[Place]:
    """The places, with those of the period before."""
    known = {one.unit.key: one.place for one in before}
    return [Place(one.unit, one.place, one.score, one.between, known.get(one.unit.key)) for one in places]


def gains(places: Iterable[Place], without: Iterable[Place]) -> dict[str, tuple[int, int | None]]:
    """Who stands better than they would without some cases (made by staff, merged): key → place, and place without."""
    honest = {one.unit.key: one.place for one in without}
    return {
        one.unit.key: (one.place, honest.get(one.unit.key))
        for one in places
        if one.place is not None and one.place < (honest.get(one.unit.key) or math.inf)
    }


def wilson(good: float, of: float) -> Bounds:
    """Wilson's score interval of a rate ``good`` / ``of``, both ends between 0 and 1."""
    part, spread = good / of, Z * Z / of
    middle = part + spread / 2
    width = math.sqrt(spread * (part * (1 - part) + spread / 4))
    return max(0.0, (middle - width) / (1 + spread)), min(1.0, (middle + width) / (1 + spread))


def poisson(count: float) -> Bounds:
    """The score interval of a Poisson mean: where (count - mean)² = Z² mean."""
    width = Z * math.sqrt(count + Z * Z / 4)
    return max(0.0, count + Z * Z / 2 - width), count + Z * Z / 2 + width


# (the worst, the best) that may be true, turned so that more is better.


def _of_rate(unit: Unit, better: Better) -> Bounds:
    good, of = unit.numerator or 0, unit.denominator or 1
    return wilson(good if better == "high" else of - good, of)


def _of_count(unit: Unit, better: Better) -> Bounds:
    low, high = poisson(unit.numerator or 0)
    heads = unit.denominator or 1
    return (low / heads, high / heads) if better == "high" else (-high / heads, -low / heads)


def _of_value(unit: Unit, better: Better) -> Bounds:
    value = (unit.value or 0) * (1 if better == "high" else -1)
    return value, value


def _placed(unit: Unit, sides: Mapping[str, Bounds], whole: float) -> Place:
    """``whole`` is what the turned side is taken from, to tell the score in the figure's own terms."""
    worst, best = sides[unit.key]
    place = 1 + sum(other > worst for other, _ in sides.values())
    surely_better = sum(other > best for other, _ in sides.values())
    surely_worse = sum(other < worst for _, other in sides.values())
    return Place(unit, place, abs(whole - worst), (1 + surely_better, len(sides) - surely_worse))
