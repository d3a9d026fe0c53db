"""What staff in chat are told of: a new task, one that came back, what its resident added."""

from collections.abc import Collection
from typing import Any

from actions.due import in_words
from bot.letters import say_to_json
from bot.messages import Option, Picture, Say
from content.library import Library
from db import duty, letters, report_photos
from db.reports import Report
from db.staff import stands_in_for
from db.tx import Tx

LASTS = 7 * 24 * 3600 * 1000  # milliseconds after which news of a task are of no use


def tell_in_chat(
    tx: Tx, library: Library, zone: Any, report: Report, kind: str, staff_ids: Collection[int | None], note: str
) -> None:
    """A notice of actions.reminders, to those of its readers who have bound a chat, and to who stands in for them."""
    day = tx.day(zone)
    readers = {
        one.id
        for one in duty.in_chat(tx)
        if one.id in staff_ids or any(away.id in staff_ids for away in stands_in_for(tx, one.id, day))
    }
    for _, talk, channel, language in duty.talks_of(tx, sorted(readers)):
        told = facts(tx, library, zone, report, language) | {"note": note}
        say = Say(f"tasks.news_{kind}", told, *_shown(tx, report, kind))
        expires = tx.ms + LASTS
        letters.add_letter(tx, talk, channel, say_to_json(say), collapse=f"task:{report.number}", expires_at=expires)


def facts(tx: Tx, library: Library, zone: Any, report: Report, language: str) -> dict[str, Any]:
    """What a task is told by."""
    category, due = library.categories.get(report.category), in_words(library, language, report.due_at, tx.local(zone))
    link = library.city.map_link
    return {
        "number": report.number,
        "category": category.in_language(language).name if category else report.category,
        "emoji": category.emoji if category else "",
        "place": report.place,
        "status": library.texts.render(language, f"stats.status.{report.status}"),
        "due": due,
        "high": report.priority == "high",
        "said": report.note,
        "map": link.format(lat=report.lat, lon=report.lon) if link and report.lat is not None else "",
    }


def _shown(tx: Tx, report: Report, kind: str) -> tuple[tuple[Option, ...], tuple[Picture, ...]]:
    options = (Option(f"/tasks {report.number}", "option.open_task"), Option("/tasks", "command.tasks"))
    added = report_photos.photos_of(tx, report.id, "added")[-1:] if kind in {"back", "added"} else []
    shown = added or report_photos.photos_of(tx, report.id, "before")[:1]
    words = "reports.photo_added" if added else "reports.photo_before"
    return options, tuple(Picture(f"/chat/photos/{photo}/small.jpg", words) for photo in shown)
