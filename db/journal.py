"""The journal: one line for each deed, never changed. Participation, points and figures are counted from it."""

from collections.abc import Mapping

from sqlalchemy import bindparam, func, select

from db.tables import journal
from db.tx import Hot, Tx

_LINE = Hot(
    journal.insert().values(
        {
            name: bindparam(name)
            for name in (
                "at",
                "day",
                "resident_id",
                "deed",
                "subject",
                "topic",
                "area",
                "channel",
                "source",
                "right",
                "points",
            )
        }
    )
)
_TODAY = Hot(
    select(func.count(), func.coalesce(func.sum(journal.c.points), 0)).where(
        journal.c.resident_id == bindparam("resident"),
        journal.c.day == bindparam("day"),
        journal.c.deed == bindparam("deed"),
    )
)
_POINTS = Hot(
    select(journal.c.deed, func.count(), func.sum(journal.c.points))
    .where(journal.c.resident_id == bindparam("resident"), journal.c.points != 0)
    .group_by(journal.c.deed)
    .order_by(func.sum(journal.c.points).desc())
)
_DAYS = Hot(
    select(journal.c.day)
    .where(journal.c.resident_id == bindparam("resident"), journal.c.deed == bindparam("deed"))
    .distinct()
    .order_by(journal.c.day.desc())
    .limit(400)
)


def write_line(
    tx: Tx,
    *,
    day: str,
    resident_id: int | None,
    deed: str,
    channel: str,
    subject: str | None = None,
    topic: str | None = None,
    area: str | None = None,
    source: str | None = None,
    right: bool | None = None,
    points: int = 0,
) -> None:
    """Append a deed."""
    tx.hot(
        _LINE,
        at=tx.ms,
        day=day,
        resident_id=resident_id,
        deed=deed,
        subject=subject,
        topic=topic,
        area=area,
        channel=channel,
        source=source,
        right=None if right is None else int(right),
        points=points,
    )


def done_today(tx: Tx, resident_id: int, deed: str, day: str) -> tuple[int, int]:
    """How often a resident did a deed that day, and the points it brought."""
    row = tx.hot(_TODAY, resident=resident_id, day=day, deed=deed)[0]
    return int(row[0]), int(row[1])


def has_line(tx: Tx, resident_id: int, deed: str, subject: str | None = None) -> bool:
    """Whether a resident did a deed, with this subject or any."""
    j = journal.c
    same = [j.resident_id == resident_id, j.deed == deed, *([] if subject is None else [j.subject == subject])]
    return tx.execute(select(j.id).where(*same).limit(1)).first() is not None


def points_by_deed(tx: Tx, resident_id: int) -> Mapping[str, tuple[int, int]]:
    """deed → (times, points), of deeds that brought points."""
    return {row[0]: (int(row[1]), int(row[2])) for row in tx.hot(_POINTS, resident=resident_id)}


def active_days(tx: Tx, resident_id: int, deed: str) -> list[str]:
    """The days of the last year on which a resident did a deed, latest first."""
    return [row[0] for row in tx.hot(_DAYS, resident=resident_id, deed=deed)]
