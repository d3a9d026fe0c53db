"""Who works on the city's side: invited, given a role, away, disabled. Console and command line call these."""

import datetime
import re
from dataclasses import dataclass, replace

from actions.audit import record
from civic import passwords
from civic.errors import Refused
from civic.staff import ADMINISTRATOR, EVERYWHERE, GRID, HANDLER, LEAD, ROLES, Staff, joined
from content.library import Library
from db import duty, sessions, staff, tokens
from db.staff import Colleague
from db.tx import Tx

INVITATION = 3 * 24 * 3600 * 1000  # milliseconds that a link is good
LOGIN = re.compile(r"[^\s/\\<>\"'&?#%]{2,64}")
ABSENCE = 366  # days, at most


@dataclass(frozen=True)
class Post:
    """What somebody's place here is: name, role, and the limits of what they see."""

    name: str
    role: str
    departments: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()


def acting(tx: Tx, colleague: Colleague, day: datetime.date, origin: str) -> Staff:
    """Somebody as actions see them; who stands in for others sees, for as long, what those see."""
    absent = staff.stands_in_for(tx, colleague.id, day.isoformat())
    departments = joined(colleague.departments, (other.departments for other in absent))
    areas = joined(colleague.areas, (other.areas for other in absent))
    return Staff(colleague.name, colleague.role, colleague.id, departments, areas, origin)


def add(tx: Tx, library: Library, by: Staff, login: str, post: Post, language: str) -> tuple[Colleague, str]:
    """Somebody new, and the secret of the one-time link with which they choose a password. Raises Refused.

    Without a ``login`` it is the name, with dashes for spaces.
    """
    post = _checked(library, by, post)
    login = "-".join((login or post.name).split()).casefold()
    if not LOGIN.fullmatch(login):
        raise Refused("staff.bad_login", login=login[:64])
    found = staff.add_colleague(tx, login=login, language=language, **_columns(post))
    if found is None:
        raise Refused("staff.login_taken", login=login)
    record(tx, by, "staff.added", login, post.role)
    return _known(tx, found), _invitation(tx, found)


def change(tx: Tx, library: Library, by: Staff, staff_id: int, version: int, post: Post) -> Colleague:
    """Another name, role or limits. Raises Refused, also when somebody else changed them meanwhile."""
    colleague = _governed(tx, by, staff_id, version)
    post = _checked(library, by, post)
    if post.role != colleague.role:
        _not_the_last(tx, colleague)
        record(tx, by, "staff.role", colleague.login, f"{colleague.role} → {post.role}")
    if (post.departments, post.areas) != (colleague.departments, colleague.areas):
        record(tx, by, "staff.scope", colleague.login, ", ".join(sorted(post.departments | post.areas)))
    if post.name != colleague.name:
        record(tx, by, "staff.renamed", colleague.login)
    _swap(tx, colleague, **_columns(post))
    return _known(tx, staff_id)


def disable(tx: Tx, by: Staff, staff_id: int) -> None:
    """They can't sign in any more, and are signed out now, of chats, too.

    Raises Refused for oneself and the last administrator.
    """
    colleague = _governed(tx, by, staff_id)
    if colleague.id == by.id:
        raise Refused("staff.not_oneself")
    _not_the_last(tx, colleague)
    _swap(tx, colleague, disabled_at=tx.ms)
    staff.drop_invitation(tx, staff_id)
    _sign_out(tx, staff_id)
    record(tx, by, "staff.disabled", colleague.login)


def _sign_out(tx: Tx, staff_id: int) -> None:
    """Everywhere: browsers, programs, chats."""
    sessions.end_sessions(tx, staff_id)
    tokens.end(tx, staff_id)
    duty.unbind_all(tx, staff_id)


def enable(tx: Tx, by: Staff, staff_id: int) -> None:
    """They may sign in again, with the password they had."""
    colleague = _governed(tx, by, staff_id)
    _swap(tx, colleague, disabled_at=None)
    record(tx, by, "staff.enabled", colleague.login)


def reset(tx: Tx, by: Staff, staff_id: int) -> str:
    """Password and second factor are gone, sessions, tokens and chats ended; the secret of a link to begin anew.

    Raises Refused.
    """
    colleague = _governed(tx, by, staff_id)
    if not colleague.active:
        raise Refused("staff.is_disabled", name=colleague.name)
    _swap(tx, colleague, password=None, totp=None, totp_step=0, recovery=())
    _sign_out(tx, staff_id)
    record(tx, by, "staff.reset", colleague.login)
    return _invitation(tx, staff_id)


def set_absent(
    tx: Tx, by: Staff, staff_id: int, deputy_id: int, first: datetime.date, last: datetime.date, today: datetime.date
) -> None:
    """Somebody is away from ``first`` to ``last``; the deputy, of the same role, sees their work meanwhile.

    Raises Refused.
    """
    colleague, deputy = _theirs(tx, by, staff_id), staff.find_colleague(tx, deputy_id)
    if deputy is None or not deputy.active or deputy.id == colleague.id or deputy.role != colleague.role:
        raise Refused("staff.bad_deputy", name=colleague.name)
    if deputy.id == by.id and by.role == LEAD and not colleague.departments <= by.departments:
        raise Refused("staff.may_not")  # nobody gives themselves more to see
    if last < first or last < today or (last - first).days > ABSENCE:
        raise Refused("staff.bad_absence", longest=ABSENCE)
    staff.add_absence(tx, colleague.id, deputy.id, first.isoformat(), last.isoformat())
    record(tx, by, "staff.absent", colleague.login, f"{first} … {last} · {deputy.login}")


def end_absence(tx: Tx, by: Staff, staff_id: int, absence_id: int) -> None:
    """They are back, or did not go."""
    colleague = _theirs(tx, by, staff_id)
    if staff.drop_absence(tx, absence_id, staff_id):
        record(tx, by, "staff.back", colleague.login)


def end_sessions(tx: Tx, by: Staff, staff_id: int, session_id: int | None = None) -> None:
    """Sign somebody (or oneself) out: one browser, or all."""
    if by.id != staff_id:
        _governed(tx, by, staff_id)
    if sessions.end_sessions(tx, staff_id, only=session_id):
        record(tx, by, "session.ended", _known(tx, staff_id).login)


def in_view(by: Staff, colleague: Colleague) -> bool:
    """Whether somebody is theirs to see on the page of people: a lead sees who works in their departments."""
    return by.may("people") and (by.role != LEAD or bool(by.departments & colleague.departments))


def _theirs(tx: Tx, by: Staff, staff_id: int) -> Colleague:
    colleague = _known(tx, staff_id)
    if not by.may("absences") or not in_view(by, colleague):
        raise Refused("staff.may_not")
    return colleague


def _governed(tx: Tx, by: Staff, staff_id: int, version: int | None = None) -> Colleague:
    colleague = _known(tx, staff_id)
    if not by.appoints(colleague.role):
        raise Refused("staff.may_not")
    if version is not None and version != colleague.version:
        raise Refused("staff.too_late", name=colleague.name)
    return colleague


def _known(tx: Tx, staff_id: int) -> Colleague:
    colleague = staff.find_colleague(tx, staff_id)
    if colleague is None:
        raise Refused("staff.unknown")
    return colleague


def _swap(tx: Tx, colleague: Colleague, **values: object) -> None:
    if not staff.change_colleague(tx, colleague, **values):
        raise Refused("staff.too_late", name=colleague.name)


def _not_the_last(tx: Tx, colleague: Colleague) -> None:
    """A city without an administrator could help itself only at the machine."""
    counts = colleague.active and colleague.password is not None
    if colleague.role == ADMINISTRATOR and counts and staff.count_active(tx, ADMINISTRATOR) == 1:
        raise Refused("staff.last_administrator")


def _invitation(tx: Tx, staff_id: int) -> str:
    secret = passwords.token()
    staff.invite(tx, staff_id, passwords.digest(secret), tx.ms + INVITATION)
    return secret


def _checked(library: Library, by: Staff, post: Post) -> Post:
    name = " ".join(post.name.split())
    if not 1 <= len(name) <= 64:
        raise Refused("staff.bad_name")
    if post.role not in ROLES:
        raise Refused("staff.unknown_role", role=post.role[:16], roles=", ".join(ROLES))
    if not by.appoints(post.role):
        raise Refused("staff.may_not")
    for department in sorted(post.departments - set(library.city.department_ids)):
        departments = ", ".join(library.city.department_ids)
        raise Refused("move.unknown_department", department=department[:40], departments=departments)
    for area in sorted(post.areas - library.city.communities.keys()):
        raise Refused("stats.unknown_area", area=area[:40])
    if post.role in {LEAD, HANDLER} and not post.departments:
        raise Refused("staff.needs_department")
    if post.role == GRID and not post.areas:
        raise Refused("staff.needs_area")
    return replace(post, name=name, departments=frozenset() if post.role in EVERYWHERE else post.departments)


def _columns(post: Post) -> dict[str, object]:
    return {"name": post.name, "role": post.role, "departments": post.departments, "areas": post.areas}
