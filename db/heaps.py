"""Reports on a map: in heaps, and by community. Whole cities are counted by squares of 100 metres (civic.discretion)
from an index, what is close by its exact position."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import BigInteger, Integer, case, func, literal_column, select

from civic.discretion import PER_DEGREE, ROW, square
from civic.reports import OPEN
from db.nearby import ROUGH
from db.queue import Sight, Wanted, narrowed
from db.sealing import position
from db.tables import reports
from db.tx import Tx

HEAPS = 800  # drawn at once on a map
OPENED = 2000  # reports whose exact positions are opened at once: some twenty milliseconds
SQUARES = 2  # that a heap has at least from side to side, to be counted by them


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the map, in degrees."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Heap:
    """Reports close together, and of these the late ones; ``number`` where there is only one."""

    count: int
    late: int
    lat: float
    lon: float
    number: str | None


def heaps(tx: Tx, sight: Sight, wanted: Wanted, window: Window, cells: float) -> list[Heap]:
    """Reports in a window of the map, those in one cell together; ``cells`` a degree. The largest heaps first."""
    across = round(PER_DEGREE / cells)
    found = (
        _by_squares(tx, sight, wanted, window, across)
        if across >= SQUARES
        else _exact(tx, sight, wanted, window, cells)
    )
    return sorted(found, key=lambda one: -one.count)[:HEAPS]


def about(tx: Tx, wanted: Wanted, window: Window, cells: float) -> list[Heap]:
    """The same for everybody: never nearer than a square."""
    found = _by_squares(tx, Sight(), wanted, window, max(1, round(PER_DEGREE / cells)))
    return sorted(found, key=lambda one: -one.count)[:HEAPS]


def _exact(tx: Tx, sight: Sight, wanted: Wanted, window: Window, cells: float) -> list[Heap]:
    """A few streets: the newest ``OPENED`` reports there, whose sealed positions are opened and put into cells."""
    r = reports.c
    near = r.square.between(square(window.south, -180), square(window.north, 180))
    lat, lon = (window.south - ROUGH, window.north + ROUGH), (window.west - ROUGH, window.east + ROUGH)
    columns = select(r.lat, r.lon, r.spot, r.due_at, r.closed_at, r.number)
    looked = narrowed(columns, tx, sight, wanted).where(near, r.lat.between(*lat), r.lon.between(*lon))
    found: dict[tuple[int, int], list[tuple[float, float, bool, str]]] = {}
    for row in tx.execute(looked.order_by(r.id.desc()).limit(OPENED)):
        north, east = position(row.spot) or (row.lat, row.lon)
        if window.south <= north <= window.north and window.west <= east <= window.east:
            late = row.due_at < tx.ms and row.closed_at is None
            found.setdefault((int(north * cells), int(east * cells)), []).append((north, east, late, row.number))
    return [_heap(there) for there in found.values()]


def _heap(there: list[tuple[float, float, bool, str]]) -> Heap:
    count = len(there)
    lat, lon = sum(one[0] for one in there) / count, sum(one[1] for one in there) / count
    return Heap(count, sum(one[2] for one in there), lat, lon, there[0][3] if count == 1 else None)


def _by_squares(tx: Tx, sight: Sight, wanted: Wanted, window: Window, across: int) -> list[Heap]:
    """Heaps of ``across`` × ``across`` squares. Where not only few are looked at, the late ones are counted apart: the
    index that holds the squares need not know when something is due."""
    counted = _squares(tx, sight, wanted, window, across)
    few = _is_few(wanted)
    apart = not few and (not wanted.statuses or not OPEN.isdisjoint(wanted.statuses))
    late = _squares(tx, sight, replace(wanted, late=True), window, across) if apart else {}
    called = select(reports.c.id, reports.c.number).where(
        reports.c.id.in_([one.first for one in counted.values() if one.count == 1])
    )
    numbers = {row[0]: row[1] for row in tx.execute(called)}
    return [
        Heap(
            one.count,
            one.late if few else late[place].count if place in late else 0,
            one.north / one.count / PER_DEGREE - 90,
            one.east / one.count / PER_DEGREE - 180,
            numbers.get(one.first) if one.count == 1 else None,
        )
        for place, one in counted.items()
    ]


@dataclass(frozen=True, slots=True)
class _Sum:
    """Of a heap: how many, one of their ids, how many are late (where few are looked at), their squares added up."""

    count: int
    first: int
    late: int
    north: float
    east: float


def _is_few(wanted: Wanted) -> bool:
    """Whether only open reports are wanted, which an index of their own finds."""
    return wanted.late or bool(wanted.statuses and OPEN.issuperset(wanted.statuses))


def _squares(tx: Tx, sight: Sight, wanted: Wanted, window: Window, across: int) -> Mapping[tuple[int, int], _Sum]:
    """The heaps by their place; those that the window's sides cut are whole."""
    r, few = reports.c, _is_few(wanted)
    # The few that are open are found as such: a sum keeps the database from going through all squares for them.
    lies = r.square + literal_column("0", BigInteger) if few else r.square
    late = func.sum(case((r.due_at < tx.ms, 1), else_=0)) if few else literal_column("0", Integer)
    columns = (lies.label("square"), func.count().label("n"), func.min(r.id).label("first"), late.label("late"))
    span = lies.between(square(window.south, window.west), square(window.north, window.east))
    s = narrowed(select(*columns), tx, sight, wanted).where(span).group_by(lies).subquery().c
    north, east = s.square // ROW, s.square % ROW
    place = (north // across, east // across)
    sums = (func.sum(s.n), func.min(s.first), func.sum(s.late), func.sum(north * s.n), func.sum(east * s.n))
    west, limit = (square(0, lon) % ROW // across for lon in (window.west, window.east))
    found = {}
    for row, column, count, first, overdue, norths, easts in tx.execute(select(*place, *sums).group_by(*place)):
        if west <= column <= limit:  # asked of each square, PostgreSQL would reckon with few and sort them all
            found[row, column] = _Sum(int(count), first, int(overdue), float(norths), float(easts))
    return found


def by_area(tx: Tx, sight: Sight, wanted: Wanted) -> Mapping[str, int]:
    """How many there are in each community."""
    looked = narrowed(select(reports.c.area, func.count()), tx, sight, wanted).group_by(reports.c.area)
    return {row[0] or "": row[1] for row in tx.execute(looked)}
