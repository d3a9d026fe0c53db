"""What the public is told apart (by place, category, channel …), so that subtracting one period from another tells no
more than what is shown.

Numbers apart are told only of whole *pieces* that are over: calendar weeks (or months, as the city chose), cut where
one of its campaigns begins or ends. They don't overlap. Each piece is protected by itself (civic.figures.publish), and
a longer period shows a cell only if each of its pieces does. So whatever is shown of any period is a sum of what is
shown of pieces: who subtracts finds those again, and nothing else. (Hundepool et al., Handbook on Statistical
Disclosure Control, 2024: linked tables; protecting the finest table protects all that are made of it.)

Two things apart at once (a place by category) would be a finer table, and are not told at all.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from civic.figures import SERIES, Figure, Value, hide
from civic.periods import Campaigns, Period

Grid = Literal["week", "month"]
USUAL: Mapping[Grid, str] = {"week": "weeks-1", "month": "months-1"}  # what the public sees if it asks for none
MOST = 14  # pieces of a period that is told apart: a quarter of weeks, and a campaign within it
DAY = timedelta(days=1)


def pieces(period: Period, grid: Grid, campaigns: Campaigns) -> list[Period]:
    """The pieces that a period is made of, the oldest first; none if it is not made of whole ones that are over."""
    if period.end >= period.today or not (_begins(period.start, grid, campaigns) and _ends(period, grid, campaigns)):
        return []
    days = (period.start + n * DAY for n in range((period.end - period.start).days + 1))
    starts = [day for day in days if _begins(day, grid, campaigns)]
    ends = [*(start - DAY for start in starts[1:]), period.end]
    found = [Period(f"{start}..{end}", start, end, period.today) for start, end in zip(starts, ends, strict=True)]
    return found if len(found) <= MOST else []


def latest(count: int, today: date, grid: Grid, campaigns: Campaigns) -> list[Period]:
    """The last pieces that are over, the newest first."""
    days = (today - n * DAY for n in itertools.count())
    starts = [*itertools.islice((day for day in days if _begins(day, grid, campaigns)), count + 1)]
    return [Period(f"{start}..{end - DAY}", start, end - DAY, today) for end, start in itertools.pairwise(starts)]


def nearest(period: Period, grid: Grid, campaigns: Campaigns) -> Period:
    """The last whole weeks or months within a period that are told apart; else the one that was over last before it."""
    last = _edge_upto(min(period.end, period.today - DAY) + DAY, grid)
    first = period.start if _edge(period.start, grid) else _edge_after(period.start, grid)
    first = min(first, _edge_upto(last - DAY, grid))
    while not pieces(found := Period(f"{first}..{last - DAY}", first, last - DAY, period.today), grid, campaigns):
        first = _edge_after(first, grid)
    return found


def _edge_upto(day: date, grid: Grid) -> date:
    return day - day.weekday() * DAY if grid == "week" else day.replace(day=1)


def _edge_after(day: date, grid: Grid) -> date:
    return _edge_upto(day, grid) + 7 * DAY if grid == "week" else _edge_upto(day.replace(day=1) + 31 * DAY, grid)


def _begins(day: date, grid: Grid, campaigns: Campaigns) -> bool:
    return _edge(day, grid) or any(day in {start, end + DAY} for start, end in campaigns.values())


def _ends(period: Period, grid: Grid, campaigns: Campaigns) -> bool:
    return _begins(period.end + DAY, grid, campaigns)


def _edge(day: date, grid: Grid) -> bool:
    return day.weekday() == 0 if grid == "week" else day.day == 1


Hidden = Mapping[str, Mapping[str, Collection[str]]]
"""What a piece does not tell: figure → dimension → the cells that are hidden; one that is left out is not there."""


def hidden(shown: Iterable[Value]) -> Hidden:
    """The same of figures as ``publish`` shows them."""
    return {
        value.key: {
            name: {cell.key for cell in cells if cell.hidden}
            for name, cells in (value.by or {}).items()
            if name not in SERIES
        }
        for value in shown
    }


def together(parts: Sequence[Hidden], chosen: Iterable[Figure]) -> Hidden:
    """What is not told of a period of the breakdowns of some figures, as one of its pieces does not tell it."""
    if not parts:
        return {}
    return {
        figure.key: {
            name: set[str]().union(*(part[figure.key][name] for part in parts))
            for name in figure.by
            if all(name in part.get(figure.key, {}) for part in parts)
        }
        for figure in chosen
    }


def veil(values: Iterable[Value], known: Hidden) -> Iterator[Value]:
    """The values of the whole city with what may be told apart of them, by what is ``known`` of all pieces; series in
    time stay."""
    for value in values:
        apart = known.get(value.key, {})
        by = {
            name: cells if name in SERIES else hide(cells, apart[name])
            for name, cells in (value.by or {}).items()
            if name in SERIES or name in apart
        }
        yield replace(value, by=by or None)


def told(known: Hidden, figure: str, dimension: str, cells: Collection[str]) -> bool:
    """Whether all pieces tell these cells of a figure."""
    apart = known.get(figure, {})
    return dimension in apart and not any(cell in apart[dimension] for cell in cells)
