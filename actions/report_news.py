"""News of a report: what its resident is told when the city's side moved it, and what they can do then."""

from typing import Any

from actions import surveys
from actions.act import Act
from actions.due import in_words
from actions.notices import tell
from actions.publishing import public_place
from bot.messages import Option, Picture, Say
from content.library import Library
from db import followers, report_photos, reports, talks
from db.moments import from_ms
from db.reports import Report

OWN_WORDS = {"extend": "news.extended", "rework": "news.rework"}  # moves that the new state does not tell of

MATTER = frozenset({"hold", "extend", "resolve", "rework", "refer"})  # moves whose words are about the matter itself


def tell_moved(act: Act, report: Report) -> None:
    """News of a report, to its resident, to those whose reports were merged into it, and to who follows it."""
    if report.resident_id is not None:
        tell_status(act, report)
    tell_others(act, report)


def tell_others(act: Act, report: Report) -> None:
    """News of what its resident did themselves are for the others only."""
    for other in reports.merged_with(act.tx, report.id):
        if other.resident_id is not None:
            _tell_shared(act, report, other)
    for follower in followers.followers(act.tx, report.id):
        _tell_follower(act, report, follower)


def tell_status(act: Act, report: Report) -> None:
    """What the resident can do now goes with it. A newer one replaces an older that still waits."""
    assert report.resident_id is not None
    tx, library, zone = act.tx, act.library, act.zone
    resident = talks.find_resident(tx, report.resident_id)
    language = resident.language if resident else "zh"
    local = tx.local(zone)
    if report.status == "resolved":
        surveys.ask(tx, library, zone, report)
    params = about(library, zone, report, language) | {
        "note": act.note,
        "asks": report.status in {"resolved", "closed"} and _unanswered(act, report),
        "target": act.given.target,
        "due": in_words(library, language, report.due_at, local),
        "today": [local.month, local.day],
    }
    options: tuple[Option, ...] = (Option(f"/reports {report.number}", "option.details"),)
    if params["asks"]:
        options = surveys.options(report)
        if report.status == "closed":
            surveys.asked_again(tx, report)
    elif report.status == "need_info":
        options = (Option(f"/reports add {report.number}", "option.add"), *options)
    pictures = _after(act, report) if report.status == "resolved" else ()
    say = Say(OWN_WORDS.get(act.name, f"news.{report.status}"), params, options, pictures)
    tell(tx, report.resident_id, say, collapse=f"report:{report.number}", quiet=act.quiet)


def about(library: Library, zone: Any, report: Report, language: str) -> dict[str, Any]:
    """What all news of a report carry, in its reader's language: templates of WeChat make their fields of it."""
    category = library.categories.get(report.category)  # an editor may have taken it away meanwhile
    created, due = (from_ms(at).astimezone(zone) for at in (report.created_at, report.due_at))
    return {
        "number": report.number,
        "place": report.place,
        "category": category.in_language(language).name if category else report.category,
        "department": library.city.department_name(report.department, language) if report.department else "",
        "created": [created.month, created.day],
        "due_at": [due.month, due.day, f"{due:%H:%M}"],
    }


def _unanswered(act: Act, report: Report) -> bool:
    survey = surveys.current(act.tx, act.library, report)
    return survey is not None and survey.answered_at is None


def _tell_shared(act: Act, report: Report, other: Report) -> None:
    """The same, to somebody whose report was merged into it: how it stands, under their own number."""
    assert other.resident_id is not None
    resident = talks.find_resident(act.tx, other.resident_id)
    language = resident.language if resident else "zh"
    status = act.library.texts.render(language, f"status.{report.status}")
    params = about(act.library, act.zone, report, language) | {
        "number": other.number,
        "place": other.place,
        "status": status,
        "note": act.note,
    }
    options = (Option(f"/reports {other.number}", "option.details"),)
    pictures = _after(act, report, "public") if report.status == "resolved" else ()
    say = Say("news.shared", params, options, pictures)
    tell(act.tx, other.resident_id, say, collapse=f"report:{other.number}", quiet=act.quiet)


def _tell_follower(act: Act, report: Report, resident_id: int) -> None:
    """How it stands; the words only where they are about the matter and not for its reporter."""
    resident = talks.find_resident(act.tx, resident_id)
    language = resident.language if resident else "zh"
    status = act.library.texts.render(language, f"status.{report.status}")
    note = act.note if act.name in MATTER else ""
    given_up = report.status == "withdrawn"
    params = about(act.library, act.zone, report, language) | {
        "place": public_place(act.library, report),
        "status": status,
        "note": note,
        "given_up": given_up,
    }
    options = (
        Option("/report", "command.report") if given_up else Option(f"/follow {report.number}", "option.details"),
        Option(f"/follow stop {report.number}", "option.unfollow"),
    )
    pictures = _after(act, report, "public") if report.status == "resolved" else ()
    say = Say("news.followed", params, options, pictures)
    tell(act.tx, resident_id, say, collapse=f"follow:{report.number}", quiet=act.quiet)


def _after(act: Act, report: Report, size: str = "large") -> tuple[Picture, ...]:
    """How it looks now; «public» for others than its reporter: the letter waits a little until it is veiled."""
    return tuple(
        Picture(f"/chat/photos/{photo}/{size}.jpg", "news.after_photo")
        for photo in report_photos.photos_of(act.tx, report.id, "after")
    )
