"""Adding up lines of the journal: how often something was done, and by whom.

Beside the deeds as they were written there are some that follow from them:

* ``active``: any deed that somebody did themselves
* ``tip_followed``: a delivered tip whose resident read a tip of that topic on that day
* ``answered_first``: a graded answer to a question that its resident had not met before
* ``answered_again`` and ``answered_before``: an answer to a question that its resident had met before, and how they
  had answered it the first time; both are counted on the day of the later answer
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from pyroaring import BitMap
from sqlalchemy import ColumnElement, FromClause, and_, case, exists, func, select

from civic.figures import ACTIVE, AGAIN, BEFORE, DONE_FOR_THEM, FIRST, FOLLOWED
from civic.levels import DAY
from db.tables import answers, journal
from db.tx import Tx

CITY = "*"  # scope: all areas as one
BESIDE = "/"  # scope: each area, side by side with the others; what a deed is about is not told apart
TOGETHER = {CITY: "=*", BESIDE: "=/"}  # scopes: the same with all channels as one, a third of the rows
DERIVED = frozenset({FOLLOWED, FIRST, AGAIN, BEFORE})  # deeds that are not written but found
_NOT_OWN = DERIVED.union(DONE_FOR_THEM)


class Line(NamedTuple):
    """What counts of a line. ``about``: its topic or category, for arrivals what brought them."""

    id: int
    day: str
    deed: str
    area: str
    channel: str
    about: str
    resident: int | None
    right: int | None
    points: int


class Key(NamedTuple):
    """What a sum is of. ``scope`` is CITY, BESIDE, one of TOGETHER or an area by itself; ``day`` the first day of the
    span.

    TOGETHER leaves ``channel`` empty. Only where areas stand side by side is ``area`` filled (empty: none was known)
    and ``about`` empty, so that each way of looking reads few rows.
    """

    level: str
    scope: str
    deed: str
    day: str
    area: str
    channel: str
    about: str


class Sum:
    """Lines, points, how many were graded and right, and the ids of who did it."""

    __slots__ = ("graded", "lines", "points", "right", "who")

    def __init__(self, lines: int = 0, right: int = 0, graded: int = 0, points: int = 0, *, who: BitMap | None = None):
        self.lines, self.right, self.graded, self.points = lines, right, graded, points
        self.who = BitMap() if who is None else who

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sum) and (*self.numbers, self.who) == (*other.numbers, other.who)

    __hash__ = None  # type: ignore[assignment]  # it changes

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """Lines, right, graded, points."""
        return self.lines, self.right, self.graded, self.points

    def add(self, other: "Sum", sign: int = 1) -> None:
        """Add the numbers of another one, or take them away (``sign`` -1)."""
        self.lines += sign * other.lines
        self.right += sign * other.right
        self.graded += sign * other.graded
        self.points += sign * other.points


def lines(tx: Tx, after: int, upto: int, residents: Collection[int] | None = None) -> list[Line]:
    """Lines with an id from behind ``after`` to ``upto`` as they were written, oldest first; only of some residents."""
    query = select(*_columns(journal)).where(*_between(journal, after, upto, residents)).order_by(journal.c.id)
    return [Line(*row) for row in tx.execute(query)]


def derived(tx: Tx, after: int, upto: int, residents: Collection[int] | None = None) -> Iterator[Line]:
    """The deeds that the lines of ``lines`` add to those found up to ``after``."""
    yield from _followed(tx, after, upto, residents)
    yield from _answered(tx, after, upto, residents)


def _columns(table: Any) -> list[ColumnElement[Any]]:
    c = table.c
    about = func.coalesce(case((c.deed == "arrive", c.subject), else_=c.topic), "")
    return [c.id, c.day, c.deed, func.coalesce(c.area, ""), c.channel, about, c.resident_id, c.right, c.points]


def _between(table: Any, after: int, upto: int, residents: Collection[int] | None) -> list[ColumnElement[bool]]:
    where = [table.c.id > after, table.c.id <= upto]
    return where if residents is None else [*where, table.c.resident_id.in_(residents)]


def _followed(tx: Tx, after: int, upto: int, residents: Collection[int] | None) -> Iterator[Line]:
    """Tips delivered in the page and read by its end, and earlier ones that were first read in the page."""
    told, read, earlier = (journal.alias(name) for name in ("told", "read", "earlier"))
    delivered = told.c.deed == "tip_delivered"
    page = _between(told, after, upto, residents)
    seen = exists().where(_reads(read, told), read.c.id <= upto)
    found = {row[0]: row for row in tx.execute(select(*_columns(told)).where(*page, delivered, seen))}
    before = exists().where(_reads(earlier, told), earlier.c.id <= after)
    late = (
        select(*_columns(told))
        .select_from(read.join(told, _reads(read, told)))
        .where(*_between(read, after, upto, residents), delivered, told.c.id <= after, ~before)
    )
    found |= {row[0]: row for row in tx.execute(late)}
    for row in found.values():
        yield Line(*row)._replace(deed=FOLLOWED, right=None, points=0)


def _reads(read: FromClause, told: FromClause) -> ColumnElement[bool]:
    return and_(
        read.c.resident_id == told.c.resident_id,
        read.c.day == told.c.day,
        read.c.topic == told.c.topic,
        read.c.deed == "tip_read",
    )


def _answered(tx: Tx, after: int, upto: int, residents: Collection[int] | None) -> Iterator[Line]:
    j, a = journal.c, answers.c
    mine = (a.resident_id == j.resident_id, a.question_id == j.subject, a.at < j.at)
    first = select(a.right).where(*mine).order_by(a.at, a.id).limit(1).scalar_subquery()
    graded = (j.deed == "quiz_answer", j.right.is_not(None), j.resident_id.is_not(None))
    for *line, before in tx.execute(
        select(*_columns(journal), first).where(*_between(journal, after, upto, residents), *graded)
    ):
        if before is None:
            yield Line(*line)._replace(deed=FIRST, points=0)
        else:
            yield Line(*line)._replace(deed=AGAIN, points=0)
            yield Line(*line)._replace(deed=BEFORE, right=before, points=0)


def added(found: Iterable[Line]) -> dict[Key, Sum]:
    """The sums of lines for each day, in every scope."""
    cells: dict[tuple[str, str, str, str, str], list[Any]] = defaultdict(lambda: [0, 0, 0, 0, []])
    for _, day, deed, area, channel, about, resident, right, points in found:
        cell = cells[day, deed, area, channel, about]
        cell[0] += 1
        if right is not None:
            cell[1] += right
            cell[2] += 1
        cell[3] += points
        if resident is not None:
            cell[4].append(resident)
    sums: dict[Key, Sum] = {}
    for (day, deed, area, channel, about), (*numbers, ids) in cells.items():
        one = Sum(*numbers, who=BitMap(ids))
        names = ((deed, about),) if deed in _NOT_OWN else ((deed, about), (ACTIVE, ""))
        for name, matter in names:
            for key in (
                Key(DAY, CITY, name, day, "", channel, matter),
                Key(DAY, BESIDE, name, day, area, channel, ""),
                Key(DAY, TOGETHER[CITY], name, day, "", "", matter),
                Key(DAY, TOGETHER[BESIDE], name, day, area, "", ""),
                Key(DAY, area, name, day, "", channel, matter),
            ):
                total = sums.get(key)
                if total is None:
                    total = sums[key] = Sum()
                total.add(one)
                total.who |= one.who
    return sums
