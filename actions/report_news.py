"""News of a report: what its resident is told when the city's side moved it, and what they can do then."""

from typing import Any

from actions.notices import tell
from bot.messages import Option, Picture, Say
from content.library import Library
from db import photos, talks
from db.moments import from_ms
from db.reports import Report
from db.tx import Tx


def tell_status(tx: Tx, report: Report, library: Library, zone: Any, note: str) -> None:
    """News of a report, with what the resident can do now. A newer one replaces an older that still waits."""
    assert report.resident_id is not None
    resident = talks.find_resident(tx, report.resident_id)
    language = resident.language if resident else "zh"
    category = library.categories.get(report.category)  # an editor may have taken it away meanwhile
    local = tx.local(zone)
    created = from_ms(report.created_at).astimezone(zone)
    due = from_ms(report.due_at).astimezone(zone)
    department = library.city.department_name(report.department, language) if report.department else ""
    params = {
        "number": report.number,
        "place": report.place,
        "note": note,
        "department": department,
        "category": category.in_language(language).name if category else report.category,
        "created": [created.month, created.day],
        "due": [due.month, due.day, f"{due:%H:%M}"],
        "today": [local.month, local.day],
    }
    options: tuple[Option, ...] = (Option(f"/reports {report.number}", "option.details"),)
    if report.status == "resolved":
        options = (
            Option(f"/reports solved {report.number}", "option.solved"),
            Option(f"/reports unsolved {report.number}", "option.unsolved"),
        )
    elif report.status == "need_info":
        options = (Option(f"/reports add {report.number}", "option.add"), *options)
    pictures = tuple(
        Picture(f"/chat/photos/{photo}/large.jpg", "news.after_photo")
        for photo in photos.photos_of(tx, report.id, "after")
    )
    say = Say(f"news.{report.status}", params, options, pictures if report.status == "resolved" else ())
    tell(tx, report.resident_id, say, collapse=f"report:{report.number}")
