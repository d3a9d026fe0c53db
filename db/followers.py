"""Whom a report also concerns: residents who follow it and hear how it goes."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from db.reports import Report, found, query
from db.tables import report_followers, reports
from db.tx import Tx

_F = report_followers.c


def follow(tx: Tx, report_id: int, resident_id: int) -> bool:
    """Follow a report; False when they did already."""
    statement = tx.insert(report_followers).values(report_id=report_id, resident_id=resident_id, at=tx.ms)
    added = tx.execute(statement.on_conflict_do_nothing(index_elements=["report_id", "resident_id"]))
    return added.rowcount == 1


def unfollow(tx: Tx, report_id: int, resident_id: int) -> bool:
    """Follow it no more; False when they did not."""
    gone = delete(report_followers).where(_F.report_id == report_id, _F.resident_id == resident_id)
    return tx.execute(gone).rowcount == 1


def follows(tx: Tx, report_id: int, resident_id: int) -> bool:
    """Whether they follow it."""
    one = select(_F.at).where(_F.report_id == report_id, _F.resident_id == resident_id)
    return tx.execute(one).first() is not None


def followers(tx: Tx, report_id: int) -> Sequence[int]:
    """The residents who follow a report, the first ones first."""
    mine = select(_F.resident_id).where(_F.report_id == report_id)
    return tx.execute(mine.order_by(_F.at, _F.resident_id)).scalars().all()


def count(tx: Tx, report_id: int) -> int:
    """How many follow a report."""
    return int(tx.execute(select(func.count()).where(_F.report_id == report_id)).scalar_one())


def followed_by(tx: Tx, resident_id: int, limit: int) -> list[Report]:
    """What somebody follows, what they joined last first."""
    mine = query().join(report_followers, _F.report_id == reports.c.id).where(_F.resident_id == resident_id)
    return found(tx, mine.order_by(_F.at.desc(), _F.report_id.desc()).limit(limit))


def hand_over(tx: Tx, report_id: int, target_id: int, but: int | None) -> None:
    """Who followed a report follows the one it was merged into, ``but`` who sent that one."""
    for resident in followers(tx, report_id):
        if resident != but:
            follow(tx, target_id, resident)
    tx.execute(delete(report_followers).where(_F.report_id == report_id))


def join(tx: Tx, stays: int, goes: int) -> None:
    """One resident becomes another (db.joining): each report is followed once, and nobody follows their own."""
    own = select(reports.c.id).where(reports.c.resident_id == stays)
    both = select(_F.report_id).where(_F.resident_id == stays)
    tx.execute(delete(report_followers).where(_F.resident_id == goes, _F.report_id.in_(both)))
    tx.execute(update(report_followers).where(_F.resident_id == goes).values(resident_id=stays))
    tx.execute(delete(report_followers).where(_F.resident_id == stays, _F.report_id.in_(own)))
