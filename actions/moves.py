"""A report moves: by staff, by its resident, by the clock. The table of moves says what may be done (civic.reports)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from actions import assignment, audit, evidence, merging, supervision, terms
from actions.act import Act, Given, role_of, theirs
from actions.notices import tell
from actions.reminders import AFTER, inform
from actions.report_news import about, tell_moved, tell_others
from actions.scene import Scene, record
from bot.messages import Option, Say
from civic import reports as rules
from civic.errors import Refused
from civic.night import morning
from civic.points import ACCUSING
from civic.staff import VIEWER, Staff
from content.library import Library
from db import journal, reports, talks
from db.reports import Report
from db.tx import Tx

PAGE = 100  # reports that the clock moves in one unit


def _reopened(act: Act) -> dict[str, object]:
    reopens = act.report.reopens + (act.role == rules.RESIDENT)
    return {"closed_at": None, "resolved_at": None, "merged_into": None, "checking": 0, "reopens": reopens}


def _reworked(act: Act) -> dict[str, object]:
    return {"resolved_at": None, "checking": 0, "reworks": act.report.reworks + 1, "round_at": act.tx.ms}


EFFECTS: Mapping[str, Callable[[Act], dict[str, object]]] = {  # what a move changes besides state and deadline
    "accept": assignment.given,
    "assign": assignment.given,
    "return": assignment.returned,
    "take": lambda act: {"person_id": act.staff.id if act.staff else None},
    "refer": merging.referred,
    "merge": merging.merged,
    "ask_time": terms.asked,
    "ask_hold": terms.asked,
    "extend": terms.extended,
    "hold": terms.held,
    "decline": lambda act: {"asked": None, "asked_until": None},
    "resolve": evidence.resolved,
    "supervise": supervision.signed,
    "respond": supervision.answered,
    "verify": evidence.checked,
    "rework": _reworked,
    "close": lambda act: {"closed_at": act.tx.ms, "checking": 0},
    "reopen": _reopened,
    "restore": _reopened,
    "hide": lambda act: {"hidden": 1},
    "show": lambda act: {"hidden": 0},
}


def move(
    tx: Tx,
    library: Library,
    zone: Any,
    number: str,
    name: str,
    staff: Staff,
    note: str = "",
    department: str | None = None,
    *,
    person: int | None = None,
    target: str = "",
    until: date | None = None,
    ground: str = "",
    no_photo: str = "",
    ahead: bool = False,
) -> Report:
    """A move by staff (Given says what it may come with); the resident hears of every public one. Raises Refused,
    nothing changed."""
    given = Given(department, person, target, until, ground, no_photo, ahead)
    return carry_out(Act(tx, library, zone, theirs(tx, staff, number), name, role_of(staff), staff, note, given))


def carry_out(act: Act) -> Report:
    """Make the move and tell who is to hear of it. Raises Refused, nothing changed."""
    moved = swap(act)
    kind = AFTER.get(act.name)
    if kind is not None:
        inform(act.tx, act.library, act.zone, moved, kind, act.staff.id if act.staff else None, act.note)
    if moved.checking and not act.report.checking:
        inform(act.tx, act.library, act.zone, moved, "check")
    if act.staff is not None:
        audit.record(act.tx, act.staff, f"report.{act.name}", moved.number, act.given.department or "")
    if act.role == rules.RESIDENT:
        if moved.status != act.report.status and act.name != "answer":
            tell_others(act, moved)
        return moved
    _reward(act, moved)
    if rules.MOVES[act.name].told:
        tell_moved(act, moved)
    return moved


def swap(act: Act) -> Report:
    """Change the report as the table says, only if nobody changed it since it was read, and write it down."""
    report = act.report
    rule = rules.move(act.name, report.status, act.role, act.note, act.facts)
    _fits(rule, act)
    status = rules.outcome(rule, report.status, report.resumes)
    values: dict[str, object] = {"status": status}
    if status in rules.CLOSED:
        values["closed_at"] = act.tx.ms
    if status not in rules.WORKED_ON:
        values |= {"asked": None, "asked_until": None}
    values |= terms.moved(act, status)
    values |= EFFECTS[act.name](act) if act.name in EFFECTS else {}
    if not reports.swap(act.tx, report, **values):
        raise Refused("move.too_late", number=report.number)
    moved = reports.find_report(act.tx, report.number)
    assert moved is not None
    reports.add_move(
        act.tx,
        report.id,
        day=act.local.date().isoformat(),
        move=act.name,
        actor=rules.side(act.role),
        actor_name=act.staff.name if act.staff else None,
        staff_id=act.staff.id if act.staff else None,
        from_status=report.status,
        to_status=status,
        note=act.note,
        from_department=report.department,
        department=act.given.department if act.name == "return" else moved.department,
        target=(act.given.target or act.given.ground or act.given.no_photo).strip()[:64] or None,
        step_due_at=report.step_due_at,
    )
    return moved


def _fits(rule: rules.Move, act: Act) -> None:
    """Nothing may come with a move that it has no use for: it would be lost. A ground is one of the content's."""
    for name in ("department", "person", "target", "until", "ground"):
        if getattr(act.given, name) and name not in (*rule.needs, *rule.takes):
            raise Refused("move.no_use", move=rule.name, what=name)
    known = [one.id for one in act.library.grounds if rule.name in one.moves]
    if act.given.ground and act.given.ground not in known:
        raise Refused("move.unknown_ground", ground=act.given.ground[:32], grounds=", ".join(known))


def reply(tx: Tx, library: Library, zone: Any, number: str, staff: Staff, text: str) -> Report:
    """Words for the resident without a move. Raises Refused."""
    report = theirs(tx, staff, number)
    if role_of(staff) == VIEWER:
        raise Refused("staff.may_not")
    if not text.strip():
        raise Refused("move.needs_note", move="reply")
    if report.resident_id is None:
        raise Refused("move.no_sender", number=report.number)
    reports.add_move(
        tx,
        report.id,
        day=tx.day(zone),
        move="reply",
        actor=rules.STAFF,
        actor_name=staff.name,
        staff_id=staff.id,
        from_status=report.status,
        to_status=report.status,
        note=text,
    )
    audit.record(tx, staff, "report.reply", report.number)
    options = (
        Option(f"/reports add {report.number}", "option.add"),
        Option(f"/reports {report.number}", "option.details"),
    )
    resident = talks.find_resident(tx, report.resident_id)
    params = about(library, zone, report, resident.language if resident else "zh") | {"note": text}
    quiet = morning(library.city.night, tx.local(zone))
    tell(tx, report.resident_id, Say("news.reply", params, options), quiet=quiet)
    return report


def close_unconfirmed(tx: Tx, library: Library, zone: Any) -> int:
    """Close what was resolved some days ago without a word from the resident; they hear of it and may reopen."""
    before = tx.ms - library.city.handling.confirm_days * 24 * 3600 * 1000
    return _by_clock(tx, library, zone, "close", reports.unconfirmed(tx, before, PAGE))


def end_holds(tx: Tx, library: Library, zone: Any) -> int:
    """Take up again what was on hold until now."""
    return _by_clock(tx, library, zone, "resume", reports.held_until(tx, PAGE))


def _by_clock(tx: Tx, library: Library, zone: Any, name: str, numbers: list[str]) -> int:
    for number in numbers:
        report = reports.find_report(tx, number, lock=True)
        if report is not None and name in rules.possible(report.status, rules.CLOCK):  # nobody was quicker
            carry_out(Act(tx, library, zone, report, name, rules.CLOCK))
    return len(numbers)


def _reward(act: Act, report: Report) -> None:
    """Points when a report is taken on for the first time, by whatever move; none for one that points at a person."""
    if report.status not in rules.WORKED_ON or report.resident_id is None:
        return
    resident = talks.find_resident(act.tx, report.resident_id)
    if resident is None or journal.has_line(act.tx, resident.id, "report_accepted", report.number):
        return
    record(
        Scene(act.tx, act.library, act.zone, resident, report.channel),
        "report_accepted",
        subject=report.number,
        topic=report.category,
        area=report.area,
        earns=report.category not in ACCUSING,
    )
