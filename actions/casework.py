"""What staff do with a report: only what they see, only as they saw it, and every deed with its line in the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from actions import moves
from actions.audit import record
from bot.messages import Photo
from civic.errors import Refused
from civic.staff import VIEWER, Staff
from content.library import Library
from db import photos, report_photos, veils
from db.reports import Report, find_report
from db.tx import Tx
from db.veils import Part

MOST_PARTS = 20  # of one photo
REPLY = "reply"  # words to the resident without a move


@dataclass(frozen=True)
class Deed:
    """A move, or REPLY. ``version`` is the report's as they saw it; ``photos`` show what it looks like now, ``kept``
    are the ids of such that are there already; the rest is as in actions.act.Given."""

    number: str
    version: int
    move: str
    note: str = ""
    department: str | None = None
    photos: tuple[Photo, ...] = ()
    person: int | None = None
    target: str = ""
    until: date | None = None
    ground: str = ""
    ahead: bool = False
    kept: tuple[int, ...] = ()


def visible(tx: Tx, staff: Staff, number: str, *, lock: bool = False) -> Report:
    """A report that is theirs to see. Raises Refused for all others alike."""
    report = find_report(tx, number, lock=lock)
    if report is None or not staff.sees(report.department, report.area):
        raise Refused("casework.unknown", number=number[:24])
    return report


def with_photo(tx: Tx, staff: Staff, photo_id: int) -> list[str]:
    """The numbers of the reports with a photo that are theirs to see: who opens it large has opened these."""
    return [number for number, *place in photos.seen_in(tx, photo_id) if staff.sees(*place)]


def check(tx: Tx, staff: Staff, deed: Deed, *, lock: bool = False) -> Report:
    """The report, if they may do this with it as it is. Raises Refused: not theirs, moved on (move.too_late)."""
    report = visible(tx, staff, deed.number, lock=lock)
    if staff.role == VIEWER:
        raise Refused("staff.may_not")
    if report.version != deed.version:
        raise Refused("move.too_late", number=report.number)
    return report


def do(tx: Tx, library: Library, zone: Any, staff: Staff, deed: Deed) -> Report:
    """Do it. Raises Refused as ``check`` and the move itself; nothing changed then."""
    report = check(tx, staff, deed, lock=True)
    new = [photos.add_photo(tx, None, "console", photo.ref, photo.facts()).id for photo in deed.photos]
    report_photos.attach(tx, report.id, [*deed.kept, *new], "after" if deed.move == "resolve" else "added")
    if deed.move == REPLY:
        moved = moves.reply(tx, library, zone, report.number, staff, deed.note)
    else:
        moved = moves.move(
            tx,
            library,
            zone,
            report.number,
            deed.move,
            staff,
            deed.note,
            deed.department,
            person=deed.person,
            target=deed.target,
            until=deed.until,
            ground=deed.ground,
            ahead=deed.ahead,
        )
    return moved


def give_up(tx: Tx, taken: Sequence[Photo]) -> None:
    """Photos that were developed for nothing: the clock deletes them unless somebody else has the same."""
    photos.discard(tx, [key for photo in taken for key in photos.keys_in(photo.facts())])


def veil(tx: Tx, staff: Staff, number: str, photo_id: int, parts: Sequence[Part], *, withheld: bool) -> None:
    """Have these parts of a photo veiled besides what is found, and say whether it may be public. Raises Refused."""
    report = visible(tx, staff, number, lock=True)
    if not staff.may("veil"):
        raise Refused("staff.may_not")
    if photo_id not in report_photos.photos_of(tx, report.id):
        raise Refused("console.not_found")
    if len(parts) > MOST_PARTS:
        raise Refused("veil.too_many", limit=MOST_PARTS)
    if not all(_inside(part) for part in parts):
        raise Refused("veil.bad_part")
    veils.draw(tx, photo_id, parts, withheld=withheld)
    record(tx, staff, "photo.veiled", report.number, f"{photo_id}: {len(parts)}{', withheld' if withheld else ''}")


def _inside(part: Part) -> bool:
    left, top, width, height = part
    return left >= 0 and top >= 0 and width > 0 and height > 0 and left + width <= 1000 and top + height <= 1000


def open_original(tx: Tx, staff: Staff, number: str, photo_id: int) -> tuple[str, str]:
    """The key and the kind of a sealed photo; that it was opened is written down. Raises Refused."""
    report = visible(tx, staff, number)
    if not staff.may("originals"):
        raise Refused("staff.may_not")
    sealed = photos.sealed(tx, photo_id) if photo_id in report_photos.photos_of(tx, report.id) else None
    if sealed is None:
        raise Refused("console.not_found")
    record(tx, staff, "photo.opened", report.number, str(photo_id))
    return sealed
