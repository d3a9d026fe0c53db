"""What staff are to know of a report: what is new to them, what waits for them, what is due soon or late."""

from typing import Any

from actions.due import in_words
from actions.duty_news import tell_in_chat
from civic.deadlines import NEAR, due_at
from civic.reports import WORKED_ON
from civic.staff import CHECKER, DISPATCHER, GRID, HANDLER, LEAD, OFFICE
from content.library import Library
from db import reminders, supervisions
from db.moments import from_ms, to_ms
from db.reminders import DRAFTED, LATE, SOON, STEP
from db.reports import Report
from db.staff import Colleague, colleagues, find_login
from db.tx import Tx

PAGE = 100  # reports that are looked at in one unit
WORKER = "worker"  # who has it: the person, else the department's and the area's grid workers, else whoever assigns
WHO: dict[str, tuple[str, ...]] = {  # kind of notice -> whom it is for, besides the area's contacts who want it
    "new": (),
    "assigned": (WORKER,),
    "back": (WORKER,),
    "added": (WORKER,),
    "gone": (WORKER,),
    "soon": (WORKER,),
    "step": (WORKER,),
    "late": (WORKER, LEAD, OFFICE),
    "supervise": (OFFICE,),
    "supervised": (WORKER, LEAD),
    "responded": (OFFICE,),
    "asked": (OFFICE, DISPATCHER),
    "returned": (OFFICE, DISPATCHER),
    "check": (CHECKER,),
    "unchecked": (CHECKER, OFFICE),
}
AFTER = {  # move -> the notice it brings
    "accept": "assigned",
    "assign": "assigned",
    "return": "returned",
    "ask_time": "asked",
    "ask_hold": "asked",
    "rework": "back",
    "reopen": "back",
    "answer": "back",
    "resume": "back",
    "withdraw": "gone",
    "supervise": "supervised",
    "respond": "responded",
}


def inform(
    tx: Tx, library: Library, zone: Any, report: Report, kind: str, but: int | None = None, note: str = ""
) -> None:
    """Tell all who are to know of it, but for who did it themselves; who has bound a chat hears it there, too."""
    found = {contact.id for contact in _contacts(tx, library, report, kind)}
    if wanted := WHO[kind]:
        everybody = [one for one in colleagues(tx) if one.active]
        found |= {one.id for one in everybody if any(_meant(one, role, report) for role in wanted)}
    reminders.notify(tx, found - {but}, report.id, kind)
    tell_in_chat(tx, library, zone, report, kind, found - {but}, note)


def chase(tx: Tx, library: Library, zone: Any) -> int:
    """Remind of what is due soon or stuck, tell of what is late, draft supervisions; how many of all."""
    count = 0
    found = (
        ("soon", SOON, reminders.due_soon(tx, NEAR, PAGE)),
        ("step", STEP, reminders.stuck(tx, PAGE)),
        ("late", LATE, reminders.late(tx, PAGE)),
        ("unchecked", STEP, reminders.unchecked(tx, PAGE)),
    )
    for kind, bit, some in found:
        for report in some:
            if reminders.chase(tx, report, bit):
                inform(tx, library, zone, report, kind)
                count += 1
    for report in reminders.late_since(tx, tx.ms, PAGE):
        if _is_long_late(tx, library, zone, report) and reminders.chase(tx, report, DRAFTED):
            supervisions.draft(tx, report.id, _draft(tx, library, zone, report))
            inform(tx, library, zone, report, "supervise")
            count += 1
    return count


def _meant(one: Colleague, role: str, report: Report) -> bool:
    if role != WORKER:
        within = not one.departments or report.department in one.departments
        return one.role == role and within and (not one.areas or report.area in one.areas)
    if report.person_id is not None:
        return one.id == report.person_id
    if report.department is None or report.status not in WORKED_ON | {"withdrawn"}:
        return one.role == DISPATCHER
    if one.role == GRID:
        return report.area in one.areas
    return one.role in {LEAD, HANDLER} and report.department in one.departments


def _contacts(tx: Tx, library: Library, report: Report, kind: str) -> list[Colleague]:
    """The grid workers and leaders of its area (the city pack's contacts) who want to know of this."""
    logins = (contact.login for contact in library.city.contacts_of(report.area) if kind in contact.told)
    return [one for one in (find_login(tx, login) for login in logins) if one is not None and one.active]


def _is_long_late(tx: Tx, library: Library, zone: Any, report: Report) -> bool:
    city = library.city
    due = from_ms(report.due_at).astimezone(zone)
    return tx.ms >= to_ms(due_at(due, *city.handling.supervise_after, city.hours, library.calendar.is_workday))


def _draft(tx: Tx, library: Library, zone: Any, report: Report) -> str:
    language = "zh"  # an official paper
    category = library.categories.get(report.category)
    return library.texts.render(
        language,
        "supervision.draft",
        number=report.number,
        category=category.in_language(language).name if category else report.category,
        place=report.place,
        department=library.city.department_name(report.department or "", language),
        due=in_words(library, language, report.due_at, tx.local(zone)),
        days=(tx.ms - report.due_at) // (24 * 3600 * 1000),
    )
