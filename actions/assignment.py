"""Who gets a report: a department, somebody of it, a grid worker; and back, when it was the wrong one."""

from actions.act import Act
from civic.errors import Refused
from civic.staff import GRID, HANDLER, LEAD, Staff
from db.reports import Report
from db.staff import Colleague, colleagues, find_colleague
from db.tx import Tx

WORK = frozenset({LEAD, HANDLER, GRID})  # roles whose people a report can be given to


def given(act: Act) -> dict[str, object]:
    """The department and the person of ``assign`` and ``accept``. Raises Refused for any that can't have it."""
    department, person = act.given.department, act.given.person
    values: dict[str, object] = {}
    if person is not None:
        colleague = find_colleague(act.tx, person)
        if colleague is None or not colleague.active or colleague.role not in WORK:
            raise Refused("move.unknown_person", person=person)
        department = department or _department_of(act, colleague)
        if not _theirs(colleague, department, act.report.area):
            raise Refused("move.not_their_work", name=colleague.name)
    department = department or act.report.department
    if act.name == "assign":
        if department is None:
            raise Refused("move.needs_department")
        values["person_id"] = person
    _check(act, department)
    own = act.staff.departments if act.staff and act.role == LEAD else frozenset[str]()
    if own and department not in own:
        raise Refused("move.not_your_department")
    return values | {"department": department}


def returned(act: Act) -> dict[str, object]:
    """Nobody's again, until the office or the dispatcher says whose. Raises Refused for a department there is not."""
    _check(act, act.given.department)
    return {"department": None, "person_id": None, "returns": act.report.returns + 1}


def candidates(tx: Tx, staff: Staff, report: Report) -> list[Colleague]:
    """The people whom somebody may give a report: those who see its area; for a lead, of their departments."""
    own = staff.departments if staff.role == LEAD else frozenset[str]()
    return [
        one
        for one in colleagues(tx)
        if one.active
        and one.role in WORK
        and (not one.areas or report.area in one.areas)
        and (not own or not one.departments or own & one.departments)
    ]


def _check(act: Act, department: str | None) -> None:
    known = act.library.city.department_ids
    if department is not None and department not in known:
        raise Refused("move.unknown_department", department=department, departments=", ".join(known))


def _department_of(act: Act, colleague: Colleague) -> str | None:
    """The report's own if they belong to it, else their only one."""
    if act.report.department in colleague.departments or len(colleague.departments) != 1:
        return act.report.department
    return next(iter(colleague.departments))


def _theirs(colleague: Colleague, department: str | None, area: str | None) -> bool:
    within = not colleague.departments or department in colleague.departments
    return within and (not colleague.areas or area in colleague.areas)
