"""A figure beside the same one of another period: 环比 (the period before) and 同比 (a year ago)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from civic.figures import SERIES, Cell, Value

OTHERS = ("previous", "year_ago")  # what a period is compared with: its own properties (civic.periods)


@dataclass(frozen=True, slots=True)
class Change:
    """What it was in the other period, and how it changed.

    ``difference`` is now less before, of a rate in parts of one (0.05: five percentage points). ``ratio`` is the
    difference ÷ what it was (eGova: 同比 = (x − x₋₁ʸ) / x₋₁ʸ); None where that was nothing. ``by`` holds the cells.
    """

    before: float | None
    difference: float | None
    ratio: float | None
    by: Mapping[str, Mapping[str, "Change"]] = field(default_factory=dict)


def changes(values: Iterable[Value], before: Iterable[Value]) -> dict[str, Change]:
    """Figure → its change. What is hidden in one of the two periods shows no change: it would tell what was hidden."""
    known = {value.key: value for value in before}
    found: dict[str, Change] = {}
    for value in values:
        other = known[value.key]
        cells = {
            dimension: _cells(some, (other.by or {}).get(dimension, ()))
            for dimension, some in (value.by or {}).items()
            if dimension not in SERIES  # days of two periods are not the same days
        }
        head = _change(value, other)
        found[value.key] = Change(head.before, head.difference, head.ratio, cells)
    return found


def _cells(cells: Iterable[Cell], before: Iterable[Cell]) -> dict[str, Change]:
    known = {cell.key: cell for cell in before}
    return {cell.key: _change(cell, known.get(cell.key)) for cell in cells}


def _change(now: Value | Cell, before: Value | Cell | None) -> Change:
    if before is None or now.hidden or before.hidden or before.value is None:
        return Change(None, None, None)
    if now.value is None:
        return Change(before.value, None, None)
    difference = now.value - before.value
    return Change(before.value, difference, difference / before.value if before.value else None)
