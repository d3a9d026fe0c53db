"""A report as the figures see it: the sets it belongs to. Every figure about reports is made of such sets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from civic.figures import UNCOUNTED
from civic.reports import WORKED_ON

# Sets by day: of the arrival, the deadline, each time it was resolved, checked.
RECEIVED, DUE, RESOLVED, REOPENED, CHECKED, PASSED = "received", "due", "resolved", "reopened", "checked", "passed"
BY_DAY = frozenset({RECEIVED, DUE, RESOLVED, REOPENED, CHECKED, PASSED})
WAITING, LATE = "waiting", "late"  # the backlog: open at the end of a day, and past the deadline; noted each night
# Sets by what a report is like: one of each kind for each report.
KINDS = ("category", "area", "channel", "department", "status")
# Sets of reports for which something is true.
FLAGS = (
    *("on_time", "met", "responded", "filed", "handed", "returned", "reworked", "extended"),
    *("filing_timed", "filed_in_time", "dispatch_timed", "dispatch_in_time"),
)
TIME = "minutes"  # how long it took, digit by digit in base two
UNTOUCHED = frozenset({"received", "withdrawn"})  # where a report is without anybody of the office
MINUTE = 60_000  # milliseconds
Fact = tuple[str, str]  # the name of a set, and its key


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a report's history. ``department`` after it; ``due``: by when the step that it left should have been
    left, where the city sets a time for that."""

    id: int
    at: int
    day: str
    move: str
    to_status: str
    department: str | None = None
    due: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A report: moments in milliseconds, days as ISO dates, oldest step first."""

    steps: Sequence[Step]
    id: int
    category: str
    area: str
    channel: str
    department: str
    status: str
    created_at: int
    created_day: str
    due_at: int
    due_day: str
    resolved_at: int | None
    returns: int
    reworks: int

    @property
    def took(self) -> int | None:
        """Minutes from the arrival to the last time that it was resolved."""
        at = max((step.at for step in self.steps if step.move == "resolve"), default=None)
        return None if at is None else max(0, at - self.created_at) // MINUTE


def facts(case: Case) -> Iterator[Fact]:
    """The sets that a report belongs to.

    * due (应结案): the day of its deadline, if it has to be closed at all
    * met: resolved, in the last round, before the deadline (DIGIT: not breached); on_time: closed besides, since the
      days that a resident takes to confirm are not the office's
    * responded (响应): somebody of the office did something about it; it lies no longer where it arrived
    * filed (立案): taken on at some time; handed: a department has had it; returned: at least once to the wrong one
    * dispatched (派遣): for the first time with a department that is to work on it, at once when it was filed or later;
      timed: there was a time for that; in_time: it was kept
    * resolved, on each day of a round; reopened: on the day of the round that was reopened later
    """
    yield RECEIVED, case.created_day
    if case.status not in UNCOUNTED:
        yield DUE, case.due_day
    for kind in KINDS:
        yield kind, getattr(case, kind)
    if case.resolved_at is not None and case.resolved_at <= case.due_at:
        yield "met", ""
        if case.status == "closed":
            yield "on_time", ""
    if any(step.to_status not in UNTOUCHED for step in case.steps):
        yield "responded", ""
    yield from _happened(case)
    if case.took is not None:
        for digit, one in enumerate(reversed(f"{case.took:b}")):
            if one == "1":
                yield TIME, f"{digit:02}"


def _happened(case: Case) -> Iterator[Fact]:
    moves = {step.move for step in case.steps}
    yield from _taken_on([step for step in case.steps if step.to_status in WORKED_ON])
    if case.department or case.returns:
        yield "handed", ""
    for name, happened in (("returned", case.returns), ("reworked", case.reworks), ("extended", "extend" in moves)):
        if happened:
            yield name, ""
    last = max((step.id for step in case.steps if step.move == "reopen"), default=0)
    for step in case.steps:
        if step.move == "resolve":
            yield RESOLVED, step.day
            if step.id < last:
                yield REOPENED, step.day
        elif step.move in {"verify", "rework"}:
            yield CHECKED, step.day
            if step.move == "verify":
                yield PASSED, step.day


def _taken_on(working: Sequence[Step]) -> Iterator[Fact]:
    if working:
        yield "filed", ""
        yield from _in_time(working[0], "filing_timed", "filed_in_time")
    if dispatch := next((step for step in working if step.department), None):
        yield from _in_time(dispatch, "dispatch_timed", "dispatch_in_time")


def _in_time(step: Step, timed: str, kept: str) -> Iterator[Fact]:
    if step.due is not None:
        yield timed, ""
        if step.at <= step.due:
            yield kept, ""
