"""The queue of staff: reports by filters, words and order, page by page; how many; what is due when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from civic.reports import OPEN, WORKED_ON
from db.reports import Report, found, query
from db.tables import report_words, reports, supervisions
from db.tx import Tx

MOST = 1000  # reports that are counted; more is «1000+»
_PART = 500  # ids in one query
# For whom: one's own work; a person to do it; a decision; a check; a draft to be signed; an answer to what was signed.
WAITS = ("mine", "nobody", "asked", "checking", "drafted", "supervised")
ORDERS = ("due", "newest", "oldest")


@dataclass(frozen=True, slots=True)
class Sight:
    """How far somebody sees: no departments or areas means everywhere (civic.staff.Staff)."""

    departments: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. Empty means any; ``words`` must all stand in number, place or note. ``waits`` is for whom or
    what a report waits: WAITS; ``people`` are those that "mine" means; ``shown``: not hidden from the public."""

    statuses: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    category: str = ""
    categories: tuple[str, ...] = ()
    priority: str = ""
    late: bool = False
    words: tuple[str, ...] = ()
    waits: str = ""
    people: tuple[int, ...] = ()
    shown: bool = False
    order: str = "due"


def page(tx: Tx, sight: Sight, wanted: Wanted, limit: int, after: tuple[int, int] | None = None) -> list[Report]:
    """One page in the order wanted; ``after`` is ``key`` of the last report of the page before."""
    r, by_due = reports.c, wanted.order == "due"
    looked = narrowed(query(), tx, sight, wanted)
    if after is not None:
        value, number = after
        if by_due:
            looked = looked.where(or_(r.due_at > value, and_(r.due_at == value, r.id > number)))
        else:
            looked = looked.where(r.id < number if wanted.order == "newest" else r.id > number)
    order = {"due": (r.due_at, r.id), "newest": (r.id.desc(),), "oldest": (r.id,)}[wanted.order]
    return found(tx, looked.order_by(*order).limit(limit))


def key(report: Report) -> tuple[int, int]:
    """Where the next page begins: behind this report."""
    return report.due_at, report.id


def count(tx: Tx, sight: Sight, wanted: Wanted, most: int = MOST) -> int:
    """How many there are, counted up to one more than ``most``."""
    some = narrowed(select(reports.c.id), tx, sight, wanted).limit(most + 1).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def tally(tx: Tx, sight: Sight, before: int, until: int) -> Mapping[str, tuple[int, int, int]]:
    """Open reports by status: how many, of these overdue at ``before``, and due from then to ``until``."""
    r = reports.c
    overdue = func.sum(case((r.due_at < before, 1), else_=0))
    soon = func.sum(case((and_(r.due_at >= before, r.due_at < until), 1), else_=0))
    looked = select(r.status, func.count(), overdue, soon).where(r.closed_at.is_(None), *within(sight))
    return {row[0]: (row[1], int(row[2]), int(row[3])) for row in tx.execute(looked.group_by(r.status))}


def burden(tx: Tx, before: int) -> Mapping[str, tuple[int, int]]:
    """Open reports by department: how many, and of these overdue."""
    r = reports.c
    overdue = func.sum(case((r.due_at < before, 1), else_=0))
    looked = select(r.department, func.count(), overdue).where(r.closed_at.is_(None)).group_by(r.department)
    return {row[0] or "": (row[1], int(row[2])) for row in tx.execute(looked)}


def numbered(tx: Tx, sight: Sight, numbers: Sequence[str], *, lock: bool = False) -> list[Report]:
    """Those of these reports that are theirs to see."""
    looked = query().where(reports.c.number.in_(numbers), *within(sight)).order_by(reports.c.id)
    return found(tx, looked.with_for_update() if lock else looked)


def some(tx: Tx, sight: Sight, ids: Sequence[int], limit: int) -> list[Report]:
    """Those of these reports that are theirs to see, the newest first. ``ids`` rise."""
    seen: list[Report] = []
    for end in range(len(ids), 0, -_PART):
        part = reports.c.id.in_(ids[max(0, end - _PART) : end])
        seen += found(tx, query().where(part, *within(sight)).order_by(reports.c.id.desc()).limit(limit - len(seen)))
        if len(seen) >= limit:
            break
    return seen


def within(sight: Sight) -> list[Any]:
    """What narrows reports down to those in sight."""
    limits = ((reports.c.department, sight.departments), (reports.c.area, sight.areas))
    return [column.in_(sorted(allowed)) for column, allowed in limits if allowed]


def _waiting(wanted: Wanted) -> list[Any]:
    r = reports.c
    conditions: dict[str, list[Any]] = {
        "mine": [r.person_id.in_(wanted.people), r.status.in_(sorted(WORKED_ON | {"need_info", "on_hold"}))],
        "nobody": [r.person_id.is_(None), r.status.in_(sorted(WORKED_ON))],
        "asked": [r.asked.is_not(None)],
        "checking": [r.checking == 1, r.status == "resolved"],
        "drafted": [r.id.in_(select(supervisions.c.report_id).where(supervisions.c.outcome.is_(None)))],
        "supervised": [r.supervised == 1],
    }
    return conditions[wanted.waits]


hidden = reports.alias("hidden")  # few, and found by an index of their own


def narrowed(looked: Select[Any], tx: Tx, sight: Sight, wanted: Wanted) -> Select[Any]:
    """A query about those that are wanted and in sight."""
    r = reports.c
    looked = looked.where(*within(sight))
    if wanted.statuses:
        looked = looked.where(r.status.in_(wanted.statuses))
        if OPEN.issuperset(wanted.statuses):
            looked = looked.where(r.closed_at.is_(None))  # what the index of open reports asks for
    chosen = (
        (r.department, wanted.departments),
        (r.area, wanted.areas),
        (r.category, (wanted.category,) if wanted.category else wanted.categories),
        (r.priority, (wanted.priority,) if wanted.priority else ()),
    )
    looked = looked.where(*(column.in_(values) for column, values in chosen if values))
    if wanted.shown:
        looked = looked.where(r.id.not_in(select(hidden.c.id).where(hidden.c.hidden == 1)))
    if wanted.late:
        looked = looked.where(r.due_at < tx.ms, r.closed_at.is_(None))
    if wanted.waits:
        looked = looked.where(r.closed_at.is_(None), *_waiting(wanted))
    if wanted.words:
        w = report_words.c
        texts = select(w.report_id).where(*(w.words.contains(word, autoescape=True) for word in wanted.words))
        looked = looked.where(r.id.in_(texts))
    return looked
