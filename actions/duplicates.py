"""Which reports may be about the same thing as this one: candidates for ``merge``, the likeliest first."""

from dataclasses import dataclass

from civic.geo import haversine
from civic.likeness import LIKELY, closest, likeness
from civic.staff import Staff
from db import nearby, report_photos
from db.reports import Report
from db.tx import Tx

DAYS = 30  # that are looked back
HOUR = 3_600_000  # milliseconds


@dataclass(frozen=True)
class Candidate:
    """``score`` is 0–1; ``metres`` and ``bits`` (of their closest pictures) are None where unknown."""

    report: Report
    score: float
    metres: float | None
    hours: float
    bits: int | None


def candidates(tx: Tx, staff: Staff, report: Report, limit: int = 5) -> list[Candidate]:
    """Open reports that they see and that may be the same, with what speaks for it."""
    near = [
        other
        for other in nearby.around(tx, report, tx.ms - DAYS * 24 * HOUR)
        if staff.id is None or staff.sees(other.department, other.area)
    ]
    hashes = report_photos.hashes(tx, [report.id, *(other.id for other in near)], "before")
    found = [_compared(report, other, hashes) for other in near]
    likely = sorted((one for one in found if one.score >= LIKELY), key=lambda one: -one.score)
    return likely[:limit]


def _compared(report: Report, other: Report, hashes: dict[int, list[str]]) -> Candidate:
    metres = None
    if None not in (report.lat, report.lon, other.lat, other.lon):
        metres = haversine(report.lat or 0, report.lon or 0, other.lat or 0, other.lon or 0)
    hours = abs(report.created_at - other.created_at) / HOUR
    bits = closest(hashes.get(report.id, []), hashes.get(other.id, []))
    score = likeness(metres=metres, same_category=report.category == other.category, hours=hours, bits=bits)
    return Candidate(other, score, metres, hours, bits)
