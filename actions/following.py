"""«Me too»: reports close by that may be the same, and following them instead of sending one more."""

import math
from dataclasses import dataclass

from rapidfuzz import fuzz

from actions.publishing import public_photos, public_place
from actions.reports import Report
from actions.scene import Scene, record
from bot.messages import Place
from civic import reports as rules
from civic.errors import Refused
from civic.geo import haversine
from civic.points import ACCUSING
from db import followers, nearby, report_photos, reports

NEAR = 250.0  # metres (FixMyStreet shows what is as near as that); within db.nearby.NEAR
ROUGHLY = 50  # metres: three distances told exactly would give the place away
SHOWN = 3
ALIKE = 75.0  # how alike (0–100) two addresses of one community are that may be the same place
LOOKED_AT = 200  # newest open reports of a category in a community


@dataclass(frozen=True)
class Neighbour:
    """An open report that may be the same: where, as everybody may know it, how far away in metres (to ROUGHLY), if
    both positions are known, a photo of it that may be shown, and how many follow it."""

    report: Report
    place: str
    metres: int | None
    photo: int | None
    followers: int


def near(scene: Scene, category: str, place: Place | None, address: str, area: str | None) -> list[Neighbour]:
    """Open reports of others of this kind, the nearest first; without a position those with an address like it. None
    of a kind that may be about somebody's home, and none about one vehicle: the next one is another."""
    kind = scene.library.categories[category]
    if not kind.address_public or kind.plate_ask is not None:
        return []
    tx, found = scene.tx, list[tuple[float, Report]]()
    if place is not None:
        for report in nearby.open_around(tx, category, place.lat, place.lon, LOOKED_AT):
            metres = haversine(place.lat, place.lon, report.lat or 0.0, report.lon or 0.0)  # the box has both
            found += [(metres, report)] if metres <= NEAR else []
    elif area is not None:
        for report in nearby.open_in(tx, category, area, LOOKED_AT):
            alike = fuzz.ratio(address, report.place)
            found += [(100 - alike, report)] if alike >= ALIKE else []
    others = [(gap, report) for gap, report in found if report.resident_id != scene.resident.id]
    others.sort(key=lambda one: (one[0], one[1].id))
    return [
        Neighbour(
            one,
            public_place(scene.library, one),
            ROUGHLY * max(1, math.ceil(gap / ROUGHLY)) if place else None,
            _photo(scene, one),
            followers.count(tx, one.id),
        )
        for gap, one in others[:SHOWN]
    ]


def shown_after(scene: Scene, report: Report) -> list[int]:
    """The photos of how it looks after the work that a follower may see."""
    return public_photos(scene.tx, report, "after")


def _photo(scene: Scene, report: Report) -> int | None:
    """Its first photo, if it shows a thing: one that may show a person or a plate stays with who handles it."""
    if report.category in ACCUSING:
        return None
    return next(iter(public_photos(scene.tx, report, "before")), None)


def follow(scene: Scene, number: str, photo_ids: tuple[int, ...] = ()) -> int:
    """«Me too»: they hear how it goes, and their photos help who handles it. So many follow it now; from the city's
    number on it is urgent. Raises Refused for one's own and for what is not handled any more."""
    report = reports.find_report(scene.tx, number.strip(), lock=True)
    if report is None or report.hidden or report.status not in rules.OPEN:
        raise Refused("follow.gone", number=number[:24])
    if report.resident_id == scene.resident.id:
        raise Refused("follow.own", number=report.number)
    new = followers.follow(scene.tx, report.id, scene.resident.id)
    report_photos.attach(scene.tx, report.id, list(photo_ids), "added")
    count = followers.count(scene.tx, report.id)
    if new:
        record(scene, "report_followed", subject=report.number, topic=report.category, area=report.area)
        if count >= scene.library.city.handling.urgent_followers and report.priority != "high":
            reports.swap(scene.tx, report, priority="high")
    return count


def stop(scene: Scene, number: str) -> Report:
    """They hear of it no more. Raises Refused when they did not follow it."""
    report = followed(scene, number)
    followers.unfollow(scene.tx, report.id, scene.resident.id)
    return report


def followed(scene: Scene, number: str) -> Report:
    """A report that they follow. Raises Refused for any other."""
    report = reports.find_report(scene.tx, number.strip())
    if report is None or not followers.follows(scene.tx, report.id, scene.resident.id):
        raise Refused("follow.not_followed", number=number[:24])
    return report


def list_followed(scene: Scene, limit: int) -> list[Report]:
    """What they follow, what they joined last first."""
    return followers.followed_by(scene.tx, scene.resident.id, limit)
