"""When a report is due, and what moves that: steps, pauses, extensions, time on hold, a new round."""

from datetime import date, datetime, timedelta

from actions.act import Act
from civic import reports as rules
from civic.deadlines import due_at, resumed, workdays_after
from civic.errors import Refused
from content.library import Library
from db.moments import from_ms, to_ms
from db.reminders import OF_THE_STEP


def deadline(library: Library, category: str, answers: dict[str, str], start: datetime) -> tuple[str, datetime]:
    """Priority and the moment an answer is due (local time), from the category's rule and the city's hours."""
    priority, amount, unit = library.categories[category].urgency(answers)
    return priority, due_at(start, amount, unit, library.city.hours, library.calendar.is_workday)


def step_due(library: Library, category: str, status: str, start: datetime, due: int | None) -> int | None:
    """By when a step that begins now (local time) should be left, in milliseconds: never after the whole is due, if it
    is part of that time."""
    found = library.categories.get(category)
    term = (found.steps if found else {}).get(status) or library.city.handling.steps.get(status)
    if term is None:
        return None
    until = to_ms(due_at(start, *term, library.city.hours, library.calendar.is_workday))
    return until if due is None else min(due, until)


def moved(act: Act, status: str) -> dict[str, object]:
    """What a change of state does to the deadlines."""
    report, due, values = act.report, act.report.due_at, dict[str, object]()
    if status == report.status:
        return values
    if act.name in {"reopen", "restore"}:
        due = _anew(act)
        values |= {"round_at": act.tx.ms, "extensions": 0}
    elif report.paused_at is not None and status in rules.OPEN - rules.STANDS:
        due = _after_pause(act, report.paused_at)
    if status in rules.STANDS and report.status not in rules.STANDS:
        values |= {"paused_at": act.tx.ms, "resumes": report.status}
    elif status not in rules.STANDS:
        values |= {"paused_at": None, "resumes": None, "hold_until": None}
    if due != report.due_at:
        values |= when(act, due)
    chased = values.get("chased", report.chased)
    assert isinstance(chased, int)
    return values | {
        "step_due_at": step_due(act.library, report.category, status, act.local, due),
        "chased": chased & ~OF_THE_STEP,
    }


def extended(act: Act) -> dict[str, object]:
    """A later deadline, by the city's measure at most. Raises Refused beyond it, and after too many."""
    most = act.library.city.handling
    if act.report.extensions >= most.extension_times:
        raise Refused("move.extended_enough", number=act.report.number, times=most.extension_times)
    asked = act.report.asked_until if act.report.asked == "time" else None
    due = _end_of(act, act.given.until) if act.given.until else asked or _longest(act)
    if not act.report.due_at < due <= _longest(act):
        raise Refused("move.bad_until", latest=_said(act, _longest(act)))
    return when(act, due) | {"extensions": act.report.extensions + 1, "asked": None, "asked_until": None}


def held(act: Act) -> dict[str, object]:
    """On hold until a day: the one given, the one asked for, or the last that is allowed."""
    last = act.local.date() + timedelta(days=act.library.city.handling.hold_days)
    asked = act.report.asked_until if act.report.asked == "hold" else None
    until = _end_of(act, act.given.until) if act.given.until else asked or _end_of(act, last)
    if not act.tx.ms < until <= _end_of(act, last):
        raise Refused("move.bad_until", latest=last.isoformat())
    return {"hold_until": until, "asked": None, "asked_until": None}


def asked(act: Act) -> dict[str, object]:
    """More time, or time on hold, is asked for; the office decides. Raises Refused when it could not be granted."""
    granted = extended(act) if act.name == "ask_time" else held(act)
    until = granted["due_at"] if act.name == "ask_time" else granted["hold_until"]
    return {"asked": act.name.removeprefix("ask_"), "asked_until": until}


def when(act: Act, due: int) -> dict[str, object]:
    """A deadline as the table keeps it; staff are reminded of it anew."""
    day = from_ms(due).astimezone(act.zone).date().isoformat()
    return {"due_at": due, "due_day": day, "chased": act.report.chased & OF_THE_STEP}


def _anew(act: Act) -> int:
    """The whole time again: a new round."""
    report = act.report
    if report.category not in act.library.categories:  # an editor took it away: as long as the first time
        return act.tx.ms + max(0, report.due_at - report.round_at)
    return to_ms(deadline(act.library, report.category, report.answers, act.local)[1])


def _after_pause(act: Act, paused_at: int) -> int:
    report, city = act.report, act.library.city
    category = act.library.categories.get(report.category)
    unit = category.urgency(report.answers)[2] if category else "hours"
    due, paused = (from_ms(at).astimezone(act.zone) for at in (report.due_at, paused_at))
    return to_ms(resumed(due, paused, act.local, unit, city.hours, act.library.calendar.is_workday))


def _longest(act: Act) -> int:
    """The last moment to which the deadline may be put off: working days after it, or after today once it is past."""
    city = act.library.city
    base = max(act.local, from_ms(act.report.due_at).astimezone(act.zone)).date()
    return _end_of(act, workdays_after(base, city.handling.extension_days, act.library.calendar.is_workday))


def _end_of(act: Act, day: date) -> int:
    """The end of office hours."""
    return to_ms(datetime.combine(day, act.library.city.hours[-1][1], act.local.tzinfo))


def _said(act: Act, at: int) -> str:
    return from_ms(at).astimezone(act.zone).date().isoformat()
