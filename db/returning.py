"""Who comes back: newcomers of a period who were active again in the first or fourth week after they came."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from pyroaring import BitMap
from sqlalchemy import ColumnElement, Select, Text, cast, null, select

from civic.figures import ACTIVE
from db.counting import Entry, View
from db.gathering import packed, unpacked
from db.tables import residents, talks
from db.tally import Tally
from db.tx import Tx

WEEKS = {"week_1": 1, "week_4": 4}  # set → how many weeks after the one of the arrival
Cohorts = Mapping[tuple[str, str], Mapping[date, BitMap]]  # (dimension, value) → day of arrival → people


def returned(cohorts: Cohorts, tally: Tally, view: View) -> Iterator[Entry]:
    """People (newcomers whose week is over) and back (those of them who were active in it).

    Week n are the days 7n to 7n + 6 after the day of the arrival.
    """
    names = [name for name in WEEKS if view.asks(name)]
    if not names:
        return
    first = view.period.start + timedelta(weeks=min(WEEKS[name] for name in names))
    last = min(view.period.until + timedelta(weeks=max(WEEKS[name] for name in names), days=6), view.period.today)
    active = tally.crowds("day", first, last, ACTIVE) if first <= last else {}
    for name in names:
        weeks = _weeks(cohorts.get(("", ""), {}), WEEKS[name], active, view)
        for (dimension, key), by_day in cohorts.items():
            people = back = 0
            for day, ids in by_day.items():
                if (again := weeks.get(day)) is not None:
                    people += len(ids)
                    back += ids.intersection_cardinality(again)
            yield from ((dimension, f"{name}.people", {key: people}), (dimension, f"{name}.back", {key: back}))


def _weeks(days: Iterable[date], number: int, active: Mapping[str, BitMap], view: View) -> dict[date, BitMap]:
    """Day of arrival → who was active in that week after it; only of weeks that are over."""
    found = {}
    for day in days:
        start = day + timedelta(weeks=number)
        week = [start + timedelta(days=n) for n in range(7)]
        if week[-1] < view.period.today:
            found[day] = BitMap().union(*(active[one] for one in map(date.isoformat, week) if one in active))
    return found


def newcomers(tx: Tx, view: View) -> Cohorts:
    """Who came in the period, by day and, if wanted, by source; nothing where nobody asks who of them came back."""
    if not any(view.asks(name) for name in WEEKS):
        return {}
    cohorts: dict[tuple[str, str], dict[date, BitMap]] = {("", ""): {}}
    by_source = view.wants("source", *WEEKS)
    for day, source, ids in tx.execute(_newcomers(view, packed(tx, residents.c.id), by_source)).all():
        people, came = unpacked(ids), date.fromisoformat(day)
        for cell in (("", ""), ("source", source or "")) if by_source else (("", ""),):
            by_day = cohorts.setdefault(cell, {})
            by_day[came] = by_day[came] | people if came in by_day else people
    return cohorts


def _newcomers(view: View, ids: ColumnElement[str], by_source: bool) -> Select[str, str | None, str]:
    """One row for each day and, if wanted, source, with the ids of all who came."""
    r = residents.c
    source = r.source if by_source else cast(null(), Text)
    query = select(r.joined_day, source, ids).where(view.during(r.joined_day), r.erased_at.is_(None))
    if view.areas is not None:
        query = query.where(view.inside(r.area))
    if view.channel is not None:
        query = query.where(r.id.in_(select(talks.c.resident_id).where(talks.c.channel == view.channel)))
    return query.group_by(r.joined_day, *([r.source] if by_source else ()))
