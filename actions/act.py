"""A move about to be made: the report as it is, who makes it, and all they gave with it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from civic import reports as rules
from civic.errors import Refused
from civic.night import morning
from civic.staff import ADMINISTRATOR, Staff
from content.library import Library
from db.reports import Report, find_report
from db.tx import Tx

DAY = 24 * 3600 * 1000  # milliseconds


@dataclass(frozen=True)
class Given:
    """What a move may come with besides words: who is to have the report (a department, a person's id), ``target``
    (another report's number, or a hotline), ``until`` (a day), ``ground`` (the id of one of the content's).
    ``no_photo`` is why there is none; only who works at the command line may say that. ``ahead``: this is a look at
    what would happen, its photos were left out."""

    department: str | None = None
    person: int | None = None
    target: str = ""
    until: date | None = None
    ground: str = ""
    no_photo: str = ""
    ahead: bool = False


@dataclass(frozen=True)
class Act:
    """``role`` is what the table of moves knows: a role of staff, RESIDENT or CLOCK; ``staff`` is None for those."""

    tx: Tx
    library: Library
    zone: Any
    report: Report
    name: str
    role: str
    staff: Staff | None = None
    note: str = ""
    given: Given = Given()

    @property
    def local(self) -> datetime:
        """The moment on the city's clocks."""
        return self.tx.local(self.zone)

    @property
    def quiet(self) -> datetime | None:
        """Until when residents are not written to, where it is night."""
        return morning(self.library.city.night, self.local)

    @property
    def facts(self) -> frozenset[str]:
        """What guards look at."""
        return facts(self.report, self.library, self.tx.ms)


def facts(report: Report, library: Library, now: int) -> frozenset[str]:
    """What the table's guards look at ``now`` (milliseconds): taken, asked, checking, decided, supervised, hidden,
    over, worn."""
    city = library.city.handling
    true = {
        "taken": report.person_id is not None,
        "asked": report.asked is not None,
        "checking": report.checking,
        "decided": report.returns >= city.returns,
        "supervised": report.supervised,
        "hidden": report.hidden,
        "over": report.closed_at is not None and now >= report.closed_at + city.reopen_days * DAY,
        "worn": report.reopens >= city.reopen_times,
    }
    return frozenset(name for name, holds in true.items() if holds)


def role_of(staff: Staff) -> str:
    """The role in which they act: who works at the command line may do all that an administrator may."""
    return ADMINISTRATOR if staff.id is None else staff.role


def possible(staff: Staff, report: Report, library: Library, now: int) -> tuple[str, ...]:
    """Names of the moves that they may make ``now`` (milliseconds)."""
    return rules.possible(report.status, role_of(staff), facts(report, library, now))


def theirs(tx: Tx, staff: Staff, number: str) -> Report:
    """A report that is theirs to see, locked. Raises Refused for all others alike."""
    report = find_report(tx, number, lock=True)
    if report is None or (staff.id is not None and not staff.sees(report.department, report.area)):
        raise Refused("move.unknown_report", number=number[:24])
    return report
