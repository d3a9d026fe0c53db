"""The figures of a period, and the same figures of the periods it is compared with."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Literal

from civic.catalogue import BY_KEY, FIGURES, PUBLIC
from civic.comparing import OTHERS, Change, changes
from civic.errors import Refused
from civic.figures import Cell, Counts, Figure, Value, evaluate, publish, publish_part, publish_series, wanted
from civic.periods import Period
from civic.pieces import Hidden, hidden, pieces, together, told, veil
from civic.weighing import weigh
from content.library import Library
from db import figures, hidden_cells
from db.tally import behind
from db.tx import Tx

__all__ = ["behind", "communities", "compared", "drawn", "statistics"]

Step = Literal["week", "month"]
Compared = Mapping[str, tuple[Period, Mapping[str, Change]]]
"""previous, year_ago → that period, and how each figure changed since."""


def statistics(
    tx: Tx,
    library: Library,
    period: Period,
    *,
    area: str | None = None,
    channel: str | None = None,
    chosen: Sequence[Figure] = FIGURES,
    hiding: bool = True,
) -> list[Value]:
    """Figures of a period, for the city, one area (a district or community id) or one channel.

    ``chosen`` are figures of the catalogue, each with the breakdowns that are to be counted (``drawn``): both cost
    time. So does to find out how many people stand behind each number, which only matters where small ones will be
    hidden or kept (``hiding``). A unit that only reads. Raises Refused("stats.unknown_area").
    """
    areas = None if area is None else communities(library, area)
    needed = wanted(chosen, hiding=hiding)
    counts = figures.count(tx, period, needed, areas, channel)
    counts = weigh(counts, library.city.statistics.weighing)
    counts = {**counts, **_bases(library, areas, {by for by, name in needed if name == "base"})}
    days = period.days if any("day" in figure.by for figure in chosen) else ()
    return [evaluate(figure, counts, days) for figure in chosen]


def drawn(chosen: Iterable[Figure], breakdowns: Mapping[str, Collection[str]]) -> list[Figure]:
    """The figures with some of their breakdowns only: figure → dimensions."""
    return [
        replace(figure, by=tuple(name for name in figure.by if name in breakdowns.get(figure.key, ())))
        for figure in chosen
    ]


def _bases(library: Library, areas: Collection[str] | None, dimensions: Collection[str]) -> Counts:
    """The permanent residents of the place and of each community, as far as the city file knows them."""
    places, found = library.city.communities, dict[tuple[str, str], Mapping[str, int | None]]()
    if "" in dimensions:
        found["", "base.people"] = {"": library.city.residents_of(areas)}
    if "area" in dimensions:
        heads = {one: places[one].population for one in (places if areas is None else areas)}
        found["area", "base.people"] = heads
    return {
        column: {key: number for key, number in cells.items() if number is not None} for column, cells in found.items()
    }


def communities(library: Library, area: str) -> list[str]:
    """The communities of a district, or the one community. Raises Refused("stats.unknown_area")."""
    for district in library.city.districts:
        if district.id == area:
            return [community.id for community in district.communities]
    if area not in library.city.communities:
        raise Refused("stats.unknown_area", area=area[:40])
    return [area]


def published(
    tx: Tx,
    library: Library,
    period: Period,
    *,
    area: str | None = None,
    channel: str | None = None,
    chosen: Sequence[Figure] = PUBLIC,
) -> list[Value]:
    """The same as the public may see them (civic.pieces): the whole city by one thing at a time, or one place, or one
    channel. What the city shows as a hidden cell can't be had by asking for that place or channel alone, nor for a
    district that holds it."""
    parts = apart(library, period)
    if area is None and channel is None:
        known = chosen if parts else drawn(chosen, {figure.key: ("day",) for figure in chosen})
        return veiled(tx, library, period, statistics(tx, library, period, chosen=known))
    heads = statistics(tx, library, period, area=area, channel=channel, chosen=drawn(chosen, {}))
    dimension = "area" if channel is None else "channel"
    cells = communities(library, area) if area is not None else [channel or ""]
    shown = _with(dimension, chosen) if parts and (area is None or channel is None) else []
    known_apart = _hidden(tx, library, parts, shown)
    apart_here = {figure.key for figure in shown if told(known_apart, figure.key, dimension, cells)}
    return list(publish_part(heads, {figure.key for figure in chosen} - apart_here))


def apart(library: Library, period: Period) -> list[Period]:
    """The pieces of which the public is told apart what happened in a period; none: only totals and days."""
    return pieces(period, library.city.statistics.apart, library.city.campaign_days)


def veiled(tx: Tx, library: Library, period: Period, values: Sequence[Value]) -> list[Value]:
    """Values of the whole city as the public may see them: those of now, or of an edition."""
    parts = apart(library, period)
    by = {value.key: [name for name in value.by or () if name != "day"] for value in values}
    known = [figure for figure in drawn((BY_KEY[key] for key in by), by) if figure.by]
    shown = list(publish(values))
    return list(veil(shown, _hidden(tx, library, parts, known) if parts[1:] else hidden(shown if parts else ())))


def _hidden(tx: Tx, library: Library, parts: Sequence[Period], chosen: Sequence[Figure]) -> Hidden:
    """What the pieces don't tell of some figures: as it is remembered, else as it is found now."""
    if not parts or not chosen:
        return {}
    kinds = {hidden_cells.kind(figure) for figure in chosen}
    remembered, found = hidden_cells.read(tx, parts, kinds, grounds(library)), []
    for part in parts:
        known = remembered.get((part.start, part.end), {})
        lacking = [figure for figure in chosen if figure.key not in known]
        found.append({**known, **(hidden(publish(statistics(tx, library, part, chosen=lacking))) if lacking else {})})
    return together(found, chosen)


def grounds(library: Library) -> str:
    """What decides beside the counts which cells are hidden: a sign that changes with it."""
    city = library.city
    heads = [(key, one.population) for key, one in city.communities.items()]
    return sha256(repr((PUBLIC, city.statistics.weighing, heads)).encode()).hexdigest()[:16]


def _with(dimension: str, chosen: Sequence[Figure]) -> list[Figure]:
    """The figures that the public may see by this dimension, with it alone."""
    keys = {figure.key for figure in chosen}
    return [replace(one, by=(dimension,)) for one in PUBLIC if one.key in keys and dimension in one.by]


def stepped(
    tx: Tx,
    library: Library,
    period: Period,
    step: Step,
    values: Sequence[Value],
    *,
    area: str | None = None,
    channel: str | None = None,
    public: bool = False,
) -> list[Value]:
    """The values with their series by day turned into one by week or month: counted anew, since people of two days may
    be the same. Few people are hidden from the ``public``, as in a day."""
    by_day = [BY_KEY[value.key] for value in values if "day" in (value.by or {})]
    cells: dict[str, list[Cell]] = {figure.key: [] for figure in by_day}
    for one in period.steps(step) if by_day else ():
        whole = statistics(tx, library, one, area=area, channel=channel, chosen=drawn(by_day, {}), hiding=public)
        for head in whole:
            cells[head.key].append(Cell(one.key, head.value, head.numerator, head.denominator, head.people))
    found = [
        replace(
            value,
            by={**{name: some for name, some in (value.by or {}).items() if name != "day"}, step: cells[value.key]},
        )
        if value.key in cells
        else value
        for value in values
    ]
    return list(publish_series(found)) if public else found


def compared(
    tx: Tx,
    library: Library,
    period: Period,
    values: Iterable[Value],
    *,
    area: str | None = None,
    channel: str | None = None,
    chosen: Sequence[Figure] = FIGURES,
    public: bool = False,
) -> Compared:
    """How the ``values`` of a period differ from those of the period before and of a year ago.

    ``public``: the values are as the public sees them, and so are those they are compared with.
    """
    now, found = list(values), {}
    for name in OTHERS:
        other: Period = getattr(period, name)
        count = published if public else partial(statistics, hiding=False)
        before = count(tx, library, other, area=area, channel=channel, chosen=chosen)
        found[name] = (other, changes(now, before))
    return found
