"""When something is due: working days, working hours, or plain hours, on a calendar given as a function."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import takewhile

IsWorkday = Callable[[date], bool]
NEAR = 0.8  # of the time is gone: the light turns yellow (数字城管: 80 % and 100 %)
Spans = Sequence[tuple[time, time]]  # the office's hours of a working day, in order


def due_at(start: datetime, amount: float, unit: str, spans: Spans, is_workday: IsWorkday) -> datetime:
    """The moment by which an answer is due; ``start`` is local (aware) time and so is the result.

    ``workdays``: the end of office hours of the n-th working day after the day of receipt (what comes after
    hours counts as received on the next working day). ``workhours``: counted in office hours only. ``hours``: always.
    """
    if unit == "hours":
        return start + timedelta(hours=amount)
    office = _office(start, spans, is_workday)
    if unit == "workhours":
        left = timedelta(hours=amount)
        for opens, closes in office:
            if opens + left <= closes:
                return opens + left
            left -= closes - opens
    if unit != "workdays":
        raise ValueError(f"a deadline is counted in hours, workhours or workdays, not {unit!r}")
    day = workdays_after(next(office)[0].date(), max(1, round(amount)), is_workday)
    return datetime.combine(day, spans[-1][1], start.tzinfo)


def resumed(due: datetime, paused: datetime, now: datetime, unit: str, spans: Spans, is_workday: IsWorkday) -> datetime:
    """A deadline that stood still from ``paused`` to ``now``, in local time: what was left then is left now.

    ``workdays`` move by the working days that went by, the hour stays; ``workhours`` by the office hours; ``hours``
    by all. A deadline that had passed before the pause stays where it was.
    """
    if due <= paused or now <= paused:
        return due
    if unit == "workhours":
        left = sum(
            (min(closes, due) - opens for opens, closes in _until(paused, due, spans, is_workday)), start=timedelta()
        )
        return max(due, due_at(now, left / timedelta(hours=1), unit, spans, is_workday))  # it may lie beyond hours
    if unit != "workdays":
        return due + (now - paused)
    passed = workdays_between(paused.date(), now.date(), is_workday)
    return datetime.combine(workdays_after(due.date(), passed, is_workday), due.timetz())


def workdays_after(day: date, number: int, is_workday: IsWorkday) -> date:
    """The n-th working day after a day; the day itself for 0."""
    while number > 0:
        day += timedelta(days=1)
        number -= is_workday(day)
    return day


def workdays_between(first: date, last: date, is_workday: IsWorkday) -> int:
    """Working days after ``first``, up to and with ``last``; 0 when it is not later."""
    return sum(is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def light(now: int, start: int, due: int, *, paused: bool = False) -> str:
    """The traffic light of an open report: ``green``, ``yellow`` (NEAR of its time is gone), ``red`` (late), or
    ``paused`` while others have to act. Moments in milliseconds."""
    if paused:
        return "paused"
    if now >= due:
        return "red"
    return "yellow" if now - start >= NEAR * (due - start) else "green"


def _until(start: datetime, end: datetime, spans: Spans, is_workday: IsWorkday) -> Iterator[tuple[datetime, datetime]]:
    return takewhile(lambda span: span[0] < end, _office(start, spans, is_workday))


def _office(start: datetime, spans: Spans, is_workday: IsWorkday) -> Iterator[tuple[datetime, datetime]]:
    """Office hours from a moment on, without end; the first span begins no earlier than the moment."""
    day = start.date()
    while True:
        if is_workday(day):
            for opens, closes in spans:
                end = datetime.combine(day, closes, start.tzinfo)
                if end > start:
                    yield max(start, datetime.combine(day, opens, start.tzinfo)), end
        day += timedelta(days=1)
