"""The figures of a period, and the same figures of the periods it is compared with."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from civic.catalogue import BY_KEY, FIGURES, PUBLIC
from civic.comparing import OTHERS, Change, changes
from civic.errors import Refused
from civic.figures import ACTIVE, Counts, Figure, Value, evaluate, publish, publish_part
from civic.periods import Period
from civic.weighing import weigh
from content.library import Library
from db import figures
from db.tally import behind
from db.tx import Tx

__all__ = ["behind", "communities", "compared", "drawn", "statistics"]

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
) -> list[Value]:
    """Figures of a period, for the city, one area (a district or community id) or one channel.

    ``chosen`` are figures of the catalogue, each with the breakdowns that are to be counted (``drawn``): both cost
    time. A unit that only reads. Raises Refused("stats.unknown_area").
    """
    areas = None if area is None else communities(library, area)
    wanted = {(dimension, name) for figure in chosen for dimension in ("", *figure.by) for name in figure.sets}
    counts = figures.count(tx, period, wanted, areas, channel)
    counts = {**weigh(counts, library.city.statistics.weighing), **_bases(library, areas)}
    return [evaluate(figure, counts, period.days) for figure in chosen]


def drawn(chosen: Iterable[Figure], breakdowns: Mapping[str, Collection[str]]) -> list[Figure]:
    """The figures with some of their breakdowns only: figure → dimensions."""
    return [
        replace(figure, by=tuple(name for name in figure.by if name in breakdowns.get(figure.key, ())))
        for figure in chosen
    ]


def _bases(library: Library, areas: Collection[str] | None) -> Counts:
    """The permanent residents of the place and of each community, as far as the city file knows them."""
    heads = {one: library.city.residents_of([one]) for one in (library.city.communities if areas is None else areas)}
    known = {"": library.city.residents_of(areas)}
    return {
        (dimension, "base"): {key: {"people": number} for key, number in cells.items() if number is not None}
        for dimension, cells in (("", known), ("area", heads))
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
    """The same as the public may see them. What the whole shows as a hidden cell can't be had by asking for that place
    or channel alone, nor for a district that holds it."""
    values = statistics(tx, library, period, area=area, channel=channel, chosen=chosen)
    if area is None and channel is None:
        return list(publish(values))
    hidden: set[str] = set()
    if area is not None:
        whole = statistics(tx, library, period, channel=channel, chosen=_only("area", chosen))
        hidden |= _hidden(whole, "area", communities(library, area), chosen)
    if channel is not None:
        whole = statistics(tx, library, period, area=area, chosen=_only("channel", chosen))
        hidden |= _hidden(whole, "channel", [channel], chosen)
    return list(publish_part(values, hidden))


def _only(dimension: str, chosen: Sequence[Figure]) -> list[Figure]:
    """The figures with that breakdown alone; and the active, whom those without it follow."""
    figures = {figure.key: figure for figure in (BY_KEY[ACTIVE], *chosen)}
    return [replace(figure, by=(dimension,)) for figure in figures.values() if dimension in figure.by]


def _hidden(whole: Iterable[Value], dimension: str, cells: Collection[str], chosen: Iterable[Figure]) -> frozenset[str]:
    """The figures that can't be shown for these cells."""
    found = {
        value.key
        for value in publish(whole)
        if any(cell.hidden and cell.key in cells for cell in (value.by or {}).get(dimension, ()))
    }
    if ACTIVE in found:
        found |= {figure.key for figure in chosen if dimension not in figure.by}
    return frozenset(found)


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
        count = published if public else statistics
        before = count(tx, library, other, area=area, channel=channel, chosen=chosen)
        found[name] = (other, changes(now, before))
    return found
