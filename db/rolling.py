"""Keeping the rollups current: units that take lines of the journal in, sum up weeks and months, and correct.

A line is taken in once: the mark (db.marks) says up to which id, and is set in the same transaction.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from pyroaring import BitMap
from sqlalchemy import Column, ColumnElement, delete, func, select

from civic.levels import DAY, LEVELS, MONTH, WEEK, first_day, last_day, over
from db.marks import Mark, advance, correct, mark, restart
from db.rollups import JOURNAL, built, put, ready, stored, unready
from db.sums import CITY, DERIVED, Key, Sum, added, derived, lines
from db.tables import journal, rollup_spans, rollups
from db.tx import Hot, Tx


class Page(NamedTuple):
    """Sums as they will be when a page of lines is in."""

    seen: Mark
    upto: int
    sums: Mapping[Key, Sum]


def read_page(tx: Tx, seen: Mark, upto: int, size: int) -> Page:
    """The next lines, at most ``size`` of them and none behind ``upto``, added to what is stored."""
    page = select(journal.c.id).where(journal.c.id > seen.line, journal.c.id <= upto).order_by(journal.c.id)
    last = tx.execute(select(func.max(page.limit(size).subquery().c.id))).scalar() or upto
    sums = added([*lines(tx, seen.line, last), *derived(tx, seen.line, last)])
    for key, before in stored(tx, sums).items():
        sums[key].add(before)
        sums[key].who |= before.who
    return Page(seen, last, sums)


def take_page(tx: Tx, page: Page, today: date) -> Mark | None:
    """Write a page and set the mark; None when somebody else was quicker, and nothing was written.

    Weeks and months that were over are to be added up again, in the rare case that a line comes so late.
    """
    late = {one for day in {key.day for key in page.sums} for one in over(date.fromisoformat(day), today)}
    to = Mark(page.upto, page.seen.version + bool(late))
    if not advance(tx, JOURNAL, page.seen, to):
        return None
    put(tx, page.sums)
    unready(tx, [(level, first.isoformat()) for level, first in late])
    return to


def unbuilt(tx: Tx, today: date) -> list[tuple[str, date]]:
    """Weeks and months that ended before ``today`` and are not added up, from the journal's first day on."""
    first = tx.execute(select(func.min(journal.c.day))).scalar()
    if first is None:
        return []
    done, found = built(tx), []
    for level in (WEEK, MONTH):
        day = first_day(level, date.fromisoformat(first))
        while (end := last_day(level, day)) < today:
            if (level, day.isoformat()) not in done:
                found.append((level, day))
            day = date.fromordinal(end.toordinal() + 1)
    return found


def _steps(column: Column[str], *where: ColumnElement[bool]) -> Hot:
    """The different values of a column, found by steps along the key: as many looks as there are values."""
    found = select(func.min(column).label("value")).where(*where).cte(recursive=True)
    following = select(func.min(column)).where(*where, column > found.c.value).scalar_subquery()
    found = found.union_all(select(following).where(found.c.value.is_not(None)))
    return Hot(select(found.c.value).where(found.c.value.is_not(None)))


_SCOPES = _steps(rollups.c.scope, rollups.c.level == DAY)
_DEEDS = _steps(rollups.c.deed, rollups.c.level == DAY, rollups.c.scope == CITY)


def scopes(tx: Tx) -> list[str]:
    """Every scope that has sums."""
    return [str(scope) for [scope] in tx.hot(_SCOPES)]


def deeds(tx: Tx) -> list[str]:
    """Every deed that has sums."""
    return [str(deed) for [deed] in tx.hot(_DEEDS)]


def read_span(tx: Tx, level: str, first: date, within: Collection[str]) -> dict[Key, Sum]:
    """The days of a week or month added up, in some scopes."""
    c = rollups.c
    days = c.day.between(first.isoformat(), last_day(level, first).isoformat())
    where = (c.level == DAY, c.scope.in_(within), c.deed.in_(deeds(tx)), days)
    parts: defaultdict[tuple[str, ...], list[Sum]] = defaultdict(list)
    query = select(c.scope, c.deed, c.area, c.channel, c.about, c.lines, c.right, c.graded, c.points, c.who)
    for scope, deed, area, channel, about, *numbers, who in tx.execute(query.where(*where)):
        parts[scope, deed, area, channel, about].append(Sum(*numbers, who=BitMap.deserialize(who)))
    sums: dict[Key, Sum] = {}
    for (scope, deed, *cell), days_of_it in parts.items():
        total = sums[Key(level, scope, deed, first.isoformat(), *cell)] = days_of_it[0]
        for one in days_of_it[1:]:
            total.add(one)
        total.who = total.who.union(*(one.who for one in days_of_it[1:]))
    return sums


def take_span(tx: Tx, seen: Mark, sums: Mapping[Key, Sum], done: tuple[str, date] | None = None) -> bool:
    """Write a part of a week or month, and with the last part that it is ``done``. False when sums were corrected
    since: then it has to be read again."""
    if mark(tx, JOURNAL, lock=True).version != seen.version:
        return False
    put(tx, sums)
    if done is not None:
        ready(tx, done[0], done[1].isoformat())
    return True


def leave(tx: Tx, residents: Collection[int]) -> None:
    """Take people out of all sums, before their lines lose them. What they did stays counted, but not what was found
    out about it (``DERIVED``)."""
    _correct(tx, residents, -1)


def come_back(tx: Tx, resident: int) -> None:
    """Put somebody into all sums, after lines came to them."""
    _correct(tx, [resident], 1)


def _correct(tx: Tx, residents: Collection[int], sign: int) -> None:
    seen = correct(tx, JOURNAL)
    daily = added([*lines(tx, 0, seen.line, residents), *derived(tx, 0, seen.line, residents)])
    theirs: dict[Key, Sum] = {}
    for key, one in daily.items():
        for level in LEVELS:
            first = first_day(level, date.fromisoformat(key.day)).isoformat()
            total = theirs.setdefault(key._replace(level=level, day=first), Sum())
            total.add(one)
            total.who |= one.who
    found = stored(tx, theirs)
    done = built(tx)
    for key in theirs if sign > 0 else ():
        if key.deed in DERIVED and (key.level == DAY or (key.level, key.day) in done):
            found.setdefault(key, Sum())
    for key, before in found.items():
        one = theirs[key]
        before.who = before.who - one.who if sign < 0 else before.who | one.who
        if key.deed in DERIVED:
            before.add(one, sign)
    put(tx, found)


def empty(tx: Tx) -> None:
    """Begin anew: all sums go."""
    restart(tx, JOURNAL)
    for table in (rollups, rollup_spans):
        tx.execute(delete(table))
