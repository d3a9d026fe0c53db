"""When something is due: working days, working hours, or plain hours, on a calendar given as a function."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

IsWorkday = Callable[[date], bool]
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
    day, left_days = next(office)[0].date(), max(1, round(amount))
    while left_days:
        day += timedelta(days=1)
        left_days -= is_workday(day)
    return datetime.combine(day, spans[-1][1], start.tzinfo)


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
