"""The day's tip of an area where it is not the city's, and what its people reported lately."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, case, func, select

from db.tables import area_tips, reports
from db.tx import Hot, Tx

_TIP = Hot(select(area_tips.c.tip_id).where(area_tips.c.day == bindparam("day"), area_tips.c.area == bindparam("area")))


@dataclass(frozen=True, slots=True)
class Count:
    """Reports of one category in one area: in the newer half of a span, and in the older."""

    area: str
    category: str
    recent: int
    before: int


def tip_of(tx: Tx, day: str, area: str) -> str | None:
    """The area's own tip of a day."""
    rows = tx.hot(_TIP, day=day, area=area)
    return str(rows[0][0]) if rows else None


def tips_on(tx: Tx, day: str) -> dict[str, str]:
    """Area → its own tip of a day."""
    rows = tx.execute(select(area_tips.c.area, area_tips.c.tip_id).where(area_tips.c.day == day))
    return {str(area): str(tip) for area, tip in rows}


def tips_between(tx: Tx, area: str, first: str, last: str) -> Mapping[str, str]:
    """Day → the area's own tip, from ``first`` to ``last``."""
    rows = tx.execute(
        select(area_tips.c.day, area_tips.c.tip_id).where(
            area_tips.c.area == area, area_tips.c.day >= first, area_tips.c.day <= last
        )
    )
    return {str(day): str(tip) for day, tip in rows}


def set_tip(tx: Tx, day: str, area: str, tip_id: str) -> None:
    """This is the area's tip of that day."""
    tx.execute(
        tx.insert(area_tips)
        .values(day=day, area=area, tip_id=tip_id)
        .on_conflict_do_update(index_elements=["day", "area"], set_={"tip_id": tip_id})
    )


def reported(tx: Tx, first: str, middle: str, end: str, area: str | None = None) -> list[Count]:
    """What was reported from ``first`` up to before ``end``, by area and category; recent: from ``middle`` on."""
    newer = func.sum(case((reports.c.created_day >= middle, 1), else_=0))
    query = (
        select(reports.c.area, reports.c.category, newer, func.count() - newer)
        .where(reports.c.created_day >= first, reports.c.created_day < end, reports.c.area.is_not(None))
        .group_by(reports.c.area, reports.c.category)
        .order_by(reports.c.area, reports.c.category)
    )
    if area is not None:
        query = query.where(reports.c.area == area)
    return [Count(str(row[0]), str(row[1]), int(row[2]), int(row[3])) for row in tx.execute(query)]
