"""What helps a report of a vehicle before it is sent: when the photos saw it, and what was reported of it already."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.scene import Scene
from bot.messages import Place
from civic.geo import haversine
from civic.spans import LONGEST, OLDEST, Span
from db import photos, reports
from db.moments import to_ms
from db.reports import Report

WINDOW = timedelta(days=7)
OFTEN = 3  # reports of one plate in WINDOW, after which another one is answered with what helps more
NEAR = 50.0  # metres within which two positions are one place to park
LOOKED_AT = 200  # of a resident's newest reports: more than DAILY reports a day for WINDOW would be


@dataclass(frozen=True)
class Before:
    """A resident's earlier reports of a plate: ``same`` the one of today from the same place, ``times`` in WINDOW."""

    same: Report | None
    times: int

    @property
    def often(self) -> bool:
        """Whether one more changes little."""
        return self.times >= OFTEN


def seen_by_photos(scene: Scene, photo_ids: list[int]) -> Span | None:
    """From the first to the last photo by their cameras' clocks; None where none tells, or one is plainly wrong."""
    found = photos.find_photos(scene.tx, photo_ids) if photo_ids else []
    times = sorted(datetime.fromisoformat(photo.taken_at).replace(second=0) for photo in found if photo.taken_at)
    now = scene.local.replace(tzinfo=None)
    if not times or times[-1] > now or now - times[0] > OLDEST or times[-1] - times[0] >= LONGEST:
        return None
    return Span(times[0], times[-1])


def before(scene: Scene, plate: str, place: Place | None, address: str) -> Before:
    """What this resident has reported of a plate already; what they withdrew does not count."""
    since = to_ms(scene.local - WINDOW)
    midnight = to_ms(scene.local.replace(hour=0, minute=0, second=0, microsecond=0))
    found = [
        report
        for report in reports.reports_of(scene.tx, scene.resident.id, LOOKED_AT)
        if report.created_at >= since and report.status != "withdrawn" and plate in report.answers.values()
    ]
    today = (report for report in found if report.created_at >= midnight and _there(report, place, address))
    return Before(next(today, None), len(found))


def _there(report: Report, place: Place | None, address: str) -> bool:
    """Whether a report is about this place: by position where both have one, else by the words."""
    if place is not None and report.lat is not None and report.lon is not None:
        return haversine(place.lat, place.lon, report.lat, report.lon) <= NEAR
    return "".join(address.split()).casefold() == "".join(report.place.split()).casefold()
