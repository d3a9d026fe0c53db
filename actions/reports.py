"""What can be done with a report: submit it, move it, add to it, rate it. Chat, command line and console call these."""

from dataclasses import dataclass, field

from actions import muting, surveys
from actions.act import Act, facts
from actions.moves import carry_out
from actions.moves import move as move  # those who call these actions get the moves from here
from actions.moves import reply as reply
from actions.reminders import inform
from actions.scene import Scene, record
from actions.terms import deadline, step_due
from bot.messages import Place
from civic import reports as rules
from civic.errors import Refused
from db import journal, photos, report_photos, reports
from db.moments import to_ms
from db.reports import Report as Report  # those who call these actions get reports from here
from db.reports import TimelineEntry
from db.tx import Tx


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


def submit(scene: Scene, draft: Draft) -> Report:
    """Store a report with number, department and deadline. Raises Refused when there are too many in a day, or they
    were muted."""
    now = scene.tx.ms
    muting.check(scene)
    category = scene.library.categories[draft.category]
    priority, due = deadline(scene.library, draft.category, draft.answers, scene.local)
    day = scene.iso_day
    report = reports.add_report(
        scene.tx,
        {
            "key": f"{scene.resident.id}.{now}",
            "resident_id": scene.resident.id,
            "channel": scene.channel,
            "source": scene.resident.source,
            "category": draft.category,
            "area": _community(scene, draft),
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
            "round_at": now,
            "due_at": to_ms(due),
            "step_due_at": step_due(scene.library, draft.category, "received", scene.local, to_ms(due)),
            "due_day": due.date().isoformat(),
        },
    )
    report_photos.attach(scene.tx, report.id, list(draft.photos), "before")
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
    inform(scene.tx, scene.library, scene.zone, report, "new")
    record(scene, "report_sent", subject=report.number, topic=draft.category, area=report.area)
    return report


def _community(scene: Scene, draft: Draft) -> str | None:
    """Where the position lies, if it is known and the city's shapes are; else what was said; else where they live."""
    place = draft.place
    located = scene.library.shapes.community_at(place.lat, place.lon) if place else None
    return located or draft.area or scene.resident.area


def mine(scene: Scene, number: str, move: str | None = None) -> Report:
    """A report of this resident, to make this move with. Raises Refused for any other report, without telling
    whether it exists, and when the move is not possible (any more)."""
    report = reports.find_report(scene.tx, number.strip(), lock=True)
    if report is None or report.resident_id != scene.resident.id:
        raise Refused("reports.unknown", number=number[:24])
    if move is not None and move not in possible(scene, report):
        raise Refused("reports.moved_on", number=report.number)
    return report


def possible(scene: Scene, report: Report) -> tuple[str, ...]:
    """Names of the moves that its resident may make now."""
    return rules.possible(report.status, rules.RESIDENT, facts(report, scene.library, scene.tx.ms))


def page_of_mine(scene: Scene, page: int, size: int) -> list[Report]:
    """One page of a resident's reports, newest first, and one more when there are older ones."""
    return reports.reports_of(scene.tx, scene.resident.id, size + 1, page * size)


def sent_any(scene: Scene) -> bool:
    """Whether the resident ever sent a report, also one whose sender is no longer kept."""
    return journal.has_line(scene.tx, scene.resident.id, "report_sent")


def outcomes(scene: Scene, first: str = "", last: str = "9") -> list[tuple[str, int]]:
    """How the resident's reports stand, those that were sent between two days (ISO) or all: status and count, the most
    first."""
    return reports.outcomes(scene.tx, scene.resident.id, first, last)


def public_timeline(scene: Scene, report: Report) -> list[TimelineEntry]:
    """What the resident may see of a report's history: all but what staff note among themselves, and their names."""
    return [entry for entry in reports.timeline(scene.tx, report.id) if entry.move not in rules.INSIDE]


def photos_by_kind(scene: Scene, report: Report) -> dict[str, list[int]]:
    """Ids of a report's photos: before, added, after."""
    return {kind: report_photos.photos_of(scene.tx, report.id, kind) for kind in ("before", "added", "after")}


def place_of_photos(scene: Scene, ids: list[int]) -> Place | None:
    """Where the first photo that knows it was taken."""
    found = photos.find_photos(scene.tx, ids) if ids else []
    return next((Place(*photo.place, origin="photo") for photo in found if photo.place is not None), None)


def move_as_resident(
    scene: Scene, report: Report, name: str, note: str = "", photo_ids: tuple[int, ...] = ()
) -> Report:
    """A resident's own move: withdraw, answer, close (solved) or reopen (not solved). The last two are
    their answer to the survey, too."""
    if name in {"close", "reopen"}:
        surveys.answer(scene, report, name == "close")
    report_photos.attach(scene.tx, report.id, list(photo_ids), "added")  # whoever is told sees the newest
    moved = carry_out(Act(scene.tx, scene.library, scene.zone, report, name, rules.RESIDENT, note=note))
    deed = {"withdraw": "report_withdrawn", "answer": "report_added", "reopen": "report_reopened"}.get(name)
    if deed is not None:
        record(scene, deed, subject=report.number, topic=report.category, area=report.area)
    return moved


def survey(scene: Scene, report: Report) -> surveys.Survey | None:
    """What they said of its last round so far, while they can still say something."""
    return surveys.current(scene.tx, scene.library, report)


def confirm(scene: Scene, report: Report) -> Report:
    """It is solved, says the resident: that closes it, if nobody has. Raises Refused when it goes on already, and when
    nobody asks any more."""
    if report.status == "resolved":
        return move_as_resident(scene, report, "close")
    if report.status != "closed" or not surveys.answer(scene, report, True):
        raise Refused("reports.moved_on", number=report.number)
    return report


def deny(scene: Scene, report: Report) -> bool:
    """It is not solved, says the resident: True if it can be sent back, which ``move_as_resident`` then does with their
    photo. Else that is all that is noted. Raises Refused when it goes on already."""
    if "reopen" in possible(scene, report):
        return True
    if report.status not in {"resolved", "closed"}:
        raise Refused("reports.moved_on", number=report.number)
    surveys.answer(scene, report, False)
    return False


def add_information(scene: Scene, report: Report, note: str, photo_ids: tuple[int, ...]) -> Report:
    """More words or photos. Where the office had asked, this is the answer and the report moves on."""
    if report.status in rules.CLOSED:
        raise Refused("reports.closed", number=report.number)
    if report.status == "need_info":
        return move_as_resident(scene, report, "answer", note, photo_ids)
    report_photos.attach(scene.tx, report.id, list(photo_ids), "added")
    reports.add_move(
        scene.tx,
        report.id,
        day=scene.iso_day,
        move="add",
        actor=rules.RESIDENT,
        actor_name=None,
        from_status=report.status,
        to_status=report.status,
        note=note,
    )
    inform(scene.tx, scene.library, scene.zone, report, "added", note=note)
    record(scene, "report_added", subject=report.number, topic=report.category, area=report.area)
    return report


def photo_counts(tx: Tx, report: Report) -> dict[str, int]:
    """How many photos of each kind a report has."""
    return {kind: len(report_photos.photos_of(tx, report.id, kind)) for kind in ("before", "added", "after")}
