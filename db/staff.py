"""People on the city's side: who they are, their invitations, who stands in for whom."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update

from db.tables import staff, staff_absences, staff_invitations
from db.tx import Tx


@dataclass(frozen=True, slots=True)
class Colleague:
    """A row of staff. ``password`` and ``recovery`` are hashes; ``totp`` is the second factor's key."""

    id: int
    login: str
    name: str
    role: str
    departments: frozenset[str]
    areas: frozenset[str]
    language: str
    password: str | None
    totp: str | None
    totp_step: int
    recovery: tuple[str, ...]
    disabled_at: int | None
    created_at: int
    version: int

    @property
    def active(self) -> bool:
        """Whether they may sign in (once they accepted their invitation)."""
        return self.disabled_at is None


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away on these days (ISO dates, both included) and ``deputy_id`` sees their work."""

    id: int
    staff_id: int
    deputy_id: int
    from_day: str
    until_day: str


_COLUMNS = tuple(staff.c[name] for name in Colleague.__dataclass_fields__)
_JSON = {"departments": frozenset, "areas": frozenset, "recovery": tuple}


def _colleague(row: Any) -> Colleague:
    values = dict(row._mapping)
    return Colleague(
        **{name: _JSON[name](json.loads(value)) if name in _JSON else value for name, value in values.items()}
    )


def _written(values: dict[str, object]) -> dict[str, object]:
    """Sets and lists as the JSON that the table keeps."""
    return {name: json.dumps(sorted(value)) if name in _JSON else value for name, value in values.items()}  # type: ignore[call-overload]


def add_colleague(tx: Tx, **values: object) -> int | None:
    """Their new id, or None when the login is taken."""
    row = _written({"created_at": tx.ms, **values})
    statement = tx.insert(staff).values(row).on_conflict_do_nothing(index_elements=["login"]).returning(staff.c.id)
    found = tx.execute(statement).scalar()
    return int(found) if found is not None else None


def find_colleague(tx: Tx, staff_id: int) -> Colleague | None:
    """Somebody by id."""
    row = tx.execute(select(*_COLUMNS).where(staff.c.id == staff_id)).first()
    return _colleague(row) if row else None


def find_login(tx: Tx, login: str) -> Colleague | None:
    """Somebody by what they type to sign in."""
    row = tx.execute(select(*_COLUMNS).where(staff.c.login == "-".join(login.split()).casefold())).first()
    return _colleague(row) if row else None


def colleagues(tx: Tx) -> list[Colleague]:
    """Everybody, by name."""
    return [_colleague(row) for row in tx.execute(select(*_COLUMNS).order_by(staff.c.name, staff.c.id))]


def names(tx: Tx, ids: Collection[int]) -> dict[int, str]:
    """What these people are called."""
    return {row[0]: row[1] for row in tx.execute(select(staff.c.id, staff.c.name).where(staff.c.id.in_(ids)))}


def is_empty(tx: Tx) -> bool:
    """Whether nobody works here yet."""
    return tx.execute(select(staff.c.id).limit(1)).first() is None


def count_active(tx: Tx, role: str) -> int:
    """How many with this role may sign in and have accepted their invitation."""
    where = (staff.c.role == role, staff.c.disabled_at.is_(None), staff.c.password.is_not(None))
    return int(tx.execute(select(func.count()).select_from(staff).where(*where)).scalar_one())


def change_colleague(tx: Tx, colleague: Colleague, **values: object) -> bool:
    """Change somebody's row only if nobody changed it since it was read."""
    same = (staff.c.id == colleague.id, staff.c.version == colleague.version)
    row = _written({"version": colleague.version + 1, **values})
    return tx.execute(update(staff).where(*same).values(row)).rowcount == 1


def invite(tx: Tx, staff_id: int, hash_: str, expires_at: int) -> None:
    """Keep a one-time link; an older one is good no longer."""
    values = {"staff_id": staff_id, "hash": hash_, "expires_at": expires_at}
    tx.execute(
        tx.insert(staff_invitations)
        .values(values)
        .on_conflict_do_update(index_elements=["staff_id"], set_={"hash": hash_, "expires_at": expires_at})
    )


def invited(tx: Tx, hash_: str) -> Colleague | None:
    """Whose link it is, if it is good."""
    good = (staff_invitations.c.hash == hash_, staff_invitations.c.expires_at >= tx.ms, staff.c.disabled_at.is_(None))
    query = select(*_COLUMNS).join_from(staff, staff_invitations, staff_invitations.c.staff_id == staff.c.id)
    row = tx.execute(query.where(*good)).first()
    return _colleague(row) if row else None


def open_invitations(tx: Tx) -> dict[int, int]:
    """Who has a link that is still good → when it ends."""
    query = select(staff_invitations.c.staff_id, staff_invitations.c.expires_at)
    return {row[0]: row[1] for row in tx.execute(query.where(staff_invitations.c.expires_at >= tx.ms))}


def drop_invitation(tx: Tx, staff_id: int) -> bool:
    """The link is used up; False when somebody used it before."""
    return tx.execute(delete(staff_invitations).where(staff_invitations.c.staff_id == staff_id)).rowcount == 1


def add_absence(tx: Tx, staff_id: int, deputy_id: int, from_day: str, until_day: str) -> None:
    """Somebody will be away."""
    values = {"staff_id": staff_id, "deputy_id": deputy_id, "from_day": from_day, "until_day": until_day}
    tx.execute(staff_absences.insert().values(values))


def drop_absence(tx: Tx, absence_id: int, staff_id: int) -> bool:
    """They are not away after all."""
    where = (staff_absences.c.id == absence_id, staff_absences.c.staff_id == staff_id)
    return tx.execute(delete(staff_absences).where(*where)).rowcount == 1


def absences(tx: Tx, day: str, of: Collection[int] | None = None) -> list[Absence]:
    """Absences that last on this day or begin later, soonest first; only of these people, if given."""
    query = select(staff_absences).where(staff_absences.c.until_day >= day)
    if of is not None:
        query = query.where(staff_absences.c.staff_id.in_(of))
    return [Absence(*row) for row in tx.execute(query.order_by(staff_absences.c.from_day, staff_absences.c.id))]


def stands_in_for(tx: Tx, staff_id: int, day: str) -> list[Colleague]:
    """Whom somebody stands in for on this day."""
    now = (staff_absences.c.from_day <= day, staff_absences.c.until_day >= day)
    query = select(*_COLUMNS).join_from(staff, staff_absences, staff_absences.c.staff_id == staff.c.id)
    query = query.where(staff_absences.c.deputy_id == staff_id, *now, staff.c.disabled_at.is_(None))
    return [_colleague(row) for row in tx.execute(query.order_by(staff.c.id))]
