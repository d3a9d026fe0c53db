"""What staff in chat are told of: a new task, one that came back, what its resident added."""

from typing import Any

from bot.letters import say_to_json
from bot.messages import Option, Picture, Say
from civic.staff import GRID, HANDLER, LEAD, Staff
from content.library import Library
from db import duty, letters, photos
from db.moments import from_ms
from db.reports import Report
from db.staff import Colleague, stands_in_for
from db.tx import Tx

TOLD = frozenset({"assign", "accept", "reopen", "rework", "answer", "add", "withdraw", "resume"})
WORK = frozenset({LEAD, HANDLER, GRID})
LASTS = 7 * 24 * 3600 * 1000  # milliseconds after which a task that was not delivered is of no use


def tell_staff(tx: Tx, library: Library, zone: Any, report: Report, move: str, by: Staff | None, note: str) -> None:
    """To whoever works on it, or, as long as nobody does, to the department's people and grid workers who see it."""
    if move not in TOLD:
        return
    day = tx.local(zone).date().isoformat()
    concerned = {one.id for one in duty.in_chat(tx) if _concerns(tx, one, report, day)}
    concerned -= {by.id} if by is not None and by.id is not None else set()
    for _, talk, channel, language in duty.talks_of(tx, sorted(concerned)):
        say = Say(f"tasks.news_{move}", facts(library, zone, report, language) | {"note": note}, *_shown(tx, report))
        mark = {"collapse": f"task:{report.number}", "expires_at": tx.ms + LASTS}
        letters.add_letter(tx, talk, channel, say_to_json(say), **mark)  # type: ignore[arg-type]


def facts(library: Library, zone: Any, report: Report, language: str) -> dict[str, Any]:
    """What a task is told by."""
    category, due = library.categories.get(report.category), from_ms(report.due_at).astimezone(zone)
    link = library.city.map_link
    return {
        "number": report.number,
        "category": category.in_language(language).name if category else report.category,
        "emoji": category.emoji if category else "",
        "place": report.place,
        "status": library.texts.render(language, f"stats.status.{report.status}"),
        "due": [due.month, due.day, f"{due:%H:%M}"],
        "high": report.priority == "high",
        "said": report.note,
        "map": link.format(lat=report.lat, lon=report.lon) if link and report.lat is not None else "",
    }


def _concerns(tx: Tx, colleague: Colleague, report: Report, day: str) -> bool:
    """Theirs, or that of somebody for whom they stand in today."""
    return any(_is_for(one, report) for one in (colleague, *stands_in_for(tx, colleague.id, day)))


def _is_for(colleague: Colleague, report: Report) -> bool:
    if report.person_id is not None:
        return colleague.id == report.person_id
    if colleague.role not in WORK or report.department is None:
        return False
    person = Staff(colleague.name, colleague.role, colleague.id, colleague.departments, colleague.areas)
    return person.sees(report.department, report.area)


def _shown(tx: Tx, report: Report) -> tuple[tuple[Option, ...], tuple[Picture, ...]]:
    options = (Option(f"/tasks {report.number}", "option.open_task"), Option("/tasks", "command.tasks"))
    first = photos.photos_of(tx, report.id, "before")[:1]
    return options, tuple(Picture(f"/chat/photos/{photo}/small.jpg", "reports.photo_before") for photo in first)
