"""The city's side: who works there, when, and how each department is."""

import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from actions import casework, people, supervision
from actions.casework import Deed
from actions.people import Post
from bot.house import House
from civic.deadlines import due_at
from civic.errors import Refused
from civic.staff import ADMINISTRATOR, CHECKER, DISPATCHER, HANDLER, OFFICE, Staff
from db import staff
from db.reports import find_report
from db.tx import Tx
from demo.script import Manner, Script

FOUNDER = Staff("demo", ADMINISTRATOR)
USUAL = Manner(name="demo", pace=0.6, care=0.8, wrong=0.05)


@dataclass(frozen=True)
class Offices:
    """Staff by what they do, handlers by department."""

    house: House
    script: Script
    roles: Mapping[str, Staff]
    handlers: Mapping[str, Staff]

    def manner(self, department: str | None) -> Manner:
        """How a department is."""
        return self.script.departments.get(department or "", USUAL)

    def words(self, rng: random.Random, kind: str) -> str:
        """What staff write on such an occasion."""
        return rng.choice(self.script.words[kind])

    def open(self, moment: datetime, workhours: float) -> datetime:
        """So many hours of office time after a moment (UTC)."""
        library = self.house.library
        local = moment.astimezone(self.house.zone)
        return due_at(local, workhours, "workhours", library.city.hours, library.calendar.is_workday).astimezone(UTC)

    def at(self, moment: datetime) -> datetime:
        """A moment, or when the office opens after it."""
        return max(moment, self.open(moment, 0.02) - timedelta(minutes=1))

    def do(self, tx: Tx, who: Staff, number: str, move: str, note: str = "", **given: Any) -> bool:
        """A move as in the console; False when it is not possible (any more)."""
        report = find_report(tx, number)
        assert report is not None
        deed = Deed(number, report.version, move, note, **given)
        with suppress(Refused), tx.savepoint():
            casework.do(tx, self.house.library, self.house.zone, who, deed)
            return True
        return False

    def late(self, tx: Tx, number: str) -> bool:
        """Whether a supervision waits for the office's signature."""
        with suppress(Refused):
            supervision.waiting(tx, self.roles[OFFICE], number)
            return True
        return False


def hire(tx: Tx, house: House, script: Script) -> Offices:
    """Everybody who works there, as an administrator would add them; nobody has a password."""
    roles = {post.role: _add(tx, house, post.login, Post(post.name, post.role)) for post in script.staff}
    handlers = {}
    for department in house.library.city.department_ids:
        name = script.departments[department].name if department in script.departments else f"demo {department}"
        handlers[department] = _add(tx, house, f"demo-{department}", Post(name, HANDLER, frozenset({department})))
    missing = {DISPATCHER, OFFICE, CHECKER} - roles.keys()
    if missing:
        raise ValueError(f"content/demo.toml has no staff with the role {', '.join(sorted(missing))}")
    return Offices(house, script, roles, handlers)


def _add(tx: Tx, house: House, login: str, post: Post) -> Staff:
    with suppress(Refused), tx.savepoint():
        people.add(tx, house.library, FOUNDER, login, post, "zh")
    found = staff.find_login(tx, login)
    assert found is not None
    return people.acting(tx, found, tx.local(house.zone).date(), "demo")
