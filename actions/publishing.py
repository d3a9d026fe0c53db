"""What anyone who has a report's address may know of it: how it goes, never who sent it or who works on it."""

from dataclasses import dataclass

from civic import reports as rules
from civic.discretion import about, discreet
from civic.plates import masked
from content.library import Library
from db import report_photos, reports, veils
from db.reports import Report
from db.tx import Tx

MOST = 3  # photos of a kind on the page
RECEIVED = "receive"


@dataclass(frozen=True)
class PublicMove:
    """When (milliseconds) something happened that the resident was told of."""

    at: int
    move: str


@dataclass(frozen=True)
class PublicReport:
    """A report without people. Moments are milliseconds; ``place`` is empty and ``position`` None where they are
    nobody else's business; ``plate`` is masked; ``position`` is (lat, lon) to about 100 metres; ``before`` and
    ``after`` are photo ids."""

    number: str
    category: str
    status: str
    department: str | None
    created_at: int
    due_at: int
    open: bool
    area: str | None
    place: str
    plate: str
    position: tuple[float, float] | None
    moves: tuple[PublicMove, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]


def public_place(library: Library, report: Report) -> str:
    """Where it is, in words for everybody: the street, not the home; empty where even that may tell too much, and
    where only a position is known."""
    category = library.categories.get(report.category)
    return discreet(report.place) if category is not None and category.address_public else ""


def public_photos(tx: Tx, report: Report, kind: str) -> list[int]:
    """Those of a report's photos of a kind that anybody may see: faces and plates are veiled, staff let them."""
    return veils.public(tx, report_photos.photos_of(tx, report.id, kind))


def published(tx: Tx, library: Library, number: str) -> PublicReport | None:
    """A report as the public may see it, if there is one and the city shows any.

    Of one that is hidden or was withdrawn only what it was about and how it stands. Addresses and positions only in
    categories that are not about somebody's home (``address_public``); photos only where the city says so, veiled, and
    never of a category that asks for a number plate: they show it.
    """
    report = reports.find_report(tx, number) if library.city.public.reports else None
    category = library.categories.get(report.category) if report else None
    if report is None:
        return None
    shown = not report.hidden and report.status != "withdrawn"
    located = shown and category is not None and category.address_public
    pictured = shown and category is not None and category.plate_ask is None and library.city.public.photos
    return PublicReport(
        number=report.number,
        category=report.category,
        status=report.status,
        department=report.department,
        created_at=report.created_at,
        due_at=report.due_at,
        open=report.status in rules.OPEN,
        area=report.area if shown else None,
        place=public_place(library, report) if shown else "",
        plate=masked(report.answers.get(category.plate_ask or "", "")) if shown and category else "",
        position=about(report.lat, report.lon)
        if located and report.lat is not None and report.lon is not None
        else None,
        moves=tuple(
            PublicMove(entry.at, entry.move)
            for entry in reports.timeline(tx, report.id)
            if entry.move == RECEIVED or (entry.move in rules.MOVES and rules.MOVES[entry.move].told)
        ),
        before=tuple(public_photos(tx, report, "before")[:MOST]) if pictured else (),
        after=tuple(public_photos(tx, report, "after")[-MOST:]) if pictured else (),
    )
