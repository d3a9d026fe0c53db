"""Reports close by, that may be about the same thing."""

import math
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from db.reports import Report, found, query
from db.tables import reports
from db.tx import Tx

NEAR = 300  # metres within which reports of a category may be about the same thing
ROUGH = 0.0005  # degrees by which a position in the open may differ from the exact one (civic.discretion.about)
LOOKED_AT = 2000  # reports of a category that are looked at for it


def similar(tx: Tx, report: Report, limit: int) -> list[Report]:
    """Of the last reports of the same category those close by, or in the same community where no position is known;
    newest first."""
    r = reports.c
    last = select(r.id).where(r.category == report.category).order_by(r.id.desc()).limit(LOOKED_AT)
    if report.lat is not None and report.lon is not None:
        near = _close(report.lat, report.lon)
    else:
        near = r.area == report.area
    return found(tx, query().where(r.id.in_(last), r.id != report.id, near).order_by(r.id.desc()).limit(limit))


def around(tx: Tx, report: Report, since: int, limit: int = 100) -> list[Report]:
    """Open reports that came in since a moment and lie close by, of any category; where either has no position, those
    of its category in its community. Newest first."""
    r = reports.c
    recent = (r.id != report.id, r.created_at >= since, r.closed_at.is_(None))
    same = and_(r.category == report.category, r.area == report.area)
    near: ColumnElement[bool] = same
    if report.lat is not None and report.lon is not None:
        near = or_(_close(report.lat, report.lon), and_(r.lat.is_(None), same))
    return found(tx, query().where(*recent, near).order_by(r.id.desc()).limit(limit))


def _close(lat: float, lon: float) -> ColumnElement[bool]:
    """Within a square of NEAR to each side, and what may be because positions are kept roughly."""
    north, east = NEAR / 111_195 + ROUGH, NEAR / (111_195 * max(0.01, math.cos(math.radians(lat)))) + ROUGH
    r = reports.c
    return and_(r.lat.between(lat - north, lat + north), r.lon.between(lon - east, lon + east))


def open_around(tx: Tx, category: str, lat: float, lon: float, limit: int) -> list[Report]:
    """Open reports of a category that everybody may see, in a square of NEAR to each side; newest first."""
    return found(tx, _open_of(category).where(_close(lat, lon)).limit(limit))


def open_in(tx: Tx, category: str, area: str, limit: int) -> list[Report]:
    """Open reports of a category that everybody may see, in a community; newest first."""
    return found(tx, _open_of(category).where(reports.c.area == area).limit(limit))


def _open_of(category: str) -> Select[Any]:
    r = reports.c
    shown = (r.category == category, r.closed_at.is_(None), r.status != "resolved", r.hidden == 0)
    return query().where(*shown).order_by(r.id.desc())
