"""What can be done with a report: submit it, move it, add to it, rate it. Chat, command line and console call these."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actions.notices import tell
from actions.report_news import tell_status
from actions.scene import Scene, record
from bot.messages import Option, Place, Say
from civic import reports as rules
from civic.deadlines import due_at
from civic.errors import Refused
from civic.points import ACCUSING
from content.library import Library
from db import photos, reports, talks
from db.moments import to_ms
from db.reports import Report as Report  # those who call these actions get reports from here
from db.reports import TimelineEntry
from db.tx import Tx

DAILY = 20  # reports that one resident may send in 24 hours; more is answered with 12345
CONFIRM_DAYS = 7  # after so many days without a word a resolved report is closed


@dataclass(frozen=True)
class Draft:
    """All that a resident said about a problem."""

    category: str
    place: Place | None
    address: str
    origin: str
    area: str | None
    photos: tuple[int, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    note: str = ""
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Staff:
    """Who moves a report on the city's side, by the name that the timeline shows to colleagues."""

    name: str
    role: str = rules.STAFF


def deadline(library: Library, category: str, answers: dict[str, str], start: datetime) -> tuple[str, datetime]:
    """Priority and the moment an answer is due (local time), from the category's rule and the city's hours."""
    priority, amount, unit = library.categories[category].urgency(answers)
    return priority, due_at(start, amount, unit, library.city.hours, library.calendar.is_workday)


def submit(scene: Scene, draft: Draft) -> Report:
    """Store a report with number, department and deadline. Raises Refused when there are too many in a day."""
    now = scene.tx.ms
    if reports.sent_since(scene.tx, scene.resident.id, now - 24 * 3600 * 1000) >= DAILY:
        raise Refused("report.too_many", limit=DAILY)
    category = scene.library.categories[draft.category]
    priority, due = deadline(scene.library, draft.category, draft.answers, scene.local)
    day = scene.day.isoformat()
    report = reports.add_report(
        scene.tx,
        {
            "key": f"{scene.resident.id}.{now}",
            "resident_id": scene.resident.id,
            "channel": scene.channel,
            "source": scene.resident.source,
            "category": draft.category,
            "area": draft.area or scene.resident.area,
            "lat": draft.place.lat if draft.place else None,
            "lon": draft.place.lon if draft.place else None,
            "place": draft.address,
            "place_origin": draft.origin,
            "note": draft.note,
            "answers": draft.answers,
            "anonymous": int(draft.anonymous),
            "status": "received",
            "department": category.department(draft.answers),
            "priority": priority,
            "created_at": now,
            "created_day": day,
            "due_at": to_ms(due),
            "due_day": due.date().isoformat(),
        },
    )
    photos.attach(scene.tx, report.id, list(draft.photos), "before")
    reports.add_move(
        scene.tx,
        report.id,
        day=day,
        move="receive",
        actor=rules.RESIDENT,
        actor_name=None,
        from_status=None,
        to_status="received",
        note="",
    )
    record(scene, "report_sent", subject=report.number, topic=draft.category, area=report.area)
    return report


def mine(scene: Scene, number: str, move: str | None = None) -> Report:
    """A report of this resident, to make this move with. Raises Refused for any other report, without telling
    whether it exists, and when the move is not possible (any more)."""
    report = reports.find_report(scene.tx, number.strip(), lock=True)
    if report is None or report.resident_id != scene.resident.id:
        raise Refused("reports.unknown", number=number[:24])
    if move is not None and move not in rules.possible(report.status, rules.RESIDENT):
        raise Refused("reports.moved_on", number=report.number)
    return report


def page_of_mine(scene: Scene, page: int, size: int) -> list[Report]:
    """One page of a resident's reports, newest first, and one more when there are older ones."""
    return reports.reports_of(scene.tx, scene.resident.id, size + 1, page * size)


def public_timeline(scene: Scene, report: Report) -> list[TimelineEntry]:
    """What the resident may see of a report's history: all but the names of staff, which it does not show."""
    return reports.timeline(scene.tx, report.id)


def photos_by_kind(scene: Scene, report: Report) -> dict[str, list[int]]:
    """Ids of a report's photos: before, added, after."""
    return {kind: photos.photos_of(scene.tx, report.id, kind) for kind in ("before", "added", "after")}


def place_of_photos(scene: Scene, ids: list[int]) -> Place | None:
    """Where the first photo that knows it was taken."""
    found = photos.find_photos(scene.tx, ids) if ids else []
    return next((Place(*photo.place, origin="photo") for photo in found if photo.place is not None), None)


def move_as_resident(
    scene: Scene, report: Report, name: str, note: str = "", photo_ids: tuple[int, ...] = ()
) -> Report:
    """A resident's own move: withdraw, answer, close (solved) or reopen (not solved)."""
    moved = _swap(scene.tx, report, name, rules.RESIDENT, None, note, scene.day.isoformat())
    if photo_ids:
        photos.attach(scene.tx, report.id, list(photo_ids), "added")
    deed = {"withdraw": "report_withdrawn", "close": "report_rated", "reopen": "report_rated"}.get(name, "report_added")
    right = {"close": True, "reopen": False}.get(name)
    record(scene, deed, subject=report.number, topic=report.category, area=report.area, right=right)
    return moved


def add_information(scene: Scene, report: Report, note: str, photo_ids: tuple[int, ...]) -> Report:
    """More words or photos. Where the office had asked, this is the answer and the report moves on."""
    if report.status in rules.CLOSED:
        raise Refused("reports.closed", number=report.number)
    if report.status == "need_info":
        return move_as_resident(scene, report, "answer", note, photo_ids)
    photos.attach(scene.tx, report.id, list(photo_ids), "added")
    reports.add_move(
        scene.tx,
        report.id,
        day=scene.day.isoformat(),
        move="add",
        actor=rules.RESIDENT,
        actor_name=None,
        from_status=report.status,
        to_status=report.status,
        note=note,
    )
    record(scene, "report_added", subject=report.number, topic=report.category, area=report.area)
    return report


def move(
    tx: Tx,
    library: Library,
    zone: Any,
    number: str,
    name: str,
    staff: Staff,
    note: str = "",
    department: str | None = None,
) -> Report:
    """A move by the city's side; the resident hears of every public one. Raises Refused, nothing changed."""
    report = reports.find_report(tx, number, lock=True)
    if report is None:
        raise Refused("reports.unknown", number=number[:24])
    if department is not None and department not in library.city.department_ids:
        raise Refused(
            "move.unknown_department", department=department, departments=", ".join(library.city.department_ids)
        )
    local = tx.local(zone)
    moved = _swap(tx, report, name, staff.role, staff.name, note, local.date().isoformat(), department)
    if report.resident_id is not None:
        if name == "accept":
            _reward(tx, library, zone, moved)
        if rules.MOVES[name].told:
            tell_status(tx, moved, library, zone, note)
    return moved


def reply(tx: Tx, library: Library, zone: Any, number: str, staff: Staff, text: str) -> Report:
    """Words for the resident without a move."""
    report = reports.find_report(tx, number)
    if report is None:
        raise Refused("reports.unknown", number=number[:24])
    if not text.strip():
        raise Refused("move.needs_note", move="reply")
    day = tx.local(zone).date().isoformat()
    reports.add_move(
        tx,
        report.id,
        day=day,
        move="reply",
        actor=rules.STAFF,
        actor_name=staff.name,
        from_status=report.status,
        to_status=report.status,
        note=text,
    )
    if report.resident_id is not None:
        options = (
            Option(f"/reports add {report.number}", "option.add"),
            Option(f"/reports {report.number}", "option.details"),
        )
        params = {"number": report.number, "place": report.place, "note": text}
        tell(tx, report.resident_id, Say("news.reply", params, options))
    return report


def close_unconfirmed(tx: Tx, library: Library, zone: Any) -> int:
    """Close what was resolved a week ago without a word from the resident; they hear of it and may reopen."""
    before = tx.ms - CONFIRM_DAYS * 24 * 3600 * 1000
    numbers = reports.unconfirmed(tx, before, 100)
    for number in numbers:
        move(tx, library, zone, number, "close", Staff("clock", rules.CLOCK))
    return len(numbers)


def _swap(
    tx: Tx,
    report: Report,
    name: str,
    actor: str,
    actor_name: str | None,
    note: str,
    day: str,
    department: str | None = None,
) -> Report:
    rule = rules.move(name, report.status, actor, note)
    values: dict[str, object] = {"status": rule.to}
    if department is not None:
        values["department"] = department
    if name == "resolve":
        values |= {"resolved_at": tx.ms, "rounds": report.rounds + 1, "solved": None}
    elif name == "close":
        values |= {"closed_at": tx.ms} | ({"solved": 1} if actor == rules.RESIDENT else {})
    elif name == "reopen":
        values |= {"closed_at": None, "resolved_at": None} | ({"solved": 0} if actor == rules.RESIDENT else {})
    elif rule.to in rules.CLOSED:
        values |= {"closed_at": tx.ms}
    if not reports.swap(tx, report, **values):
        raise Refused("move.too_late", number=report.number)
    reports.add_move(
        tx,
        report.id,
        day=day,
        move=name,
        actor=actor,
        actor_name=actor_name,
        from_status=report.status,
        to_status=rule.to,
        note=note,
    )
    moved = reports.find_report(tx, report.number)
    assert moved is not None
    return moved


def _reward(tx: Tx, library: Library, zone: Any, report: Report) -> None:
    """Points for an accepted report; none for one that points at a person."""
    resident = talks.find_resident(tx, report.resident_id or 0)
    if resident is not None:
        scene = Scene(tx, library, zone, resident, report.channel)
        record(
            scene,
            "report_accepted",
            subject=report.number,
            topic=report.category,
            area=report.area,
            earns=report.category not in ACCUSING,
        )


def photo_counts(tx: Tx, report: Report) -> dict[str, int]:
    """How many photos of each kind a report has."""
    return {kind: len(photos.photos_of(tx, report.id, kind)) for kind in ("before", "added", "after")}
