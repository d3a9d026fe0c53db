"""What the command line asks about staff; whoever sits at the machine may do all an administrator may."""

from typing import Any

from actions import duty, people, tokens
from actions.audit import note_listed
from actions.people import Post
from bot.house import House
from civic.errors import Refused
from civic.staff import ADMINISTRATOR, Staff
from db import staff
from db.database import Database
from db.moments import from_ms
from db.staff import Colleague
from db.tx import Tx
from web.desk import Task

TERMINAL = Staff("terminal", ADMINISTRATOR)


class StaffErrands:
    """Each public method is a task: JSON values in, JSON values out. Raises Refused with words for the caller."""

    def __init__(self, database: Database, house: House) -> None:
        self._database, self._house = database, house

    def tasks(self) -> dict[str, Task]:
        """The visible list."""
        return {
            "staff.add": self.add,
            "staff.list": self.list_staff,
            "staff.disable": self.disable,
            "staff.reset": self.reset,
            "staff.code": self.code,
            "staff.token": self.token,
            "staff.tokens": self.list_tokens,
            "staff.end_token": self.end_token,
        }

    async def add(self, name: str, login: str, role: str, departments: list[str], areas: list[str]) -> dict[str, Any]:
        """Somebody new, and their link."""
        post, language = Post(name, role, frozenset(departments), frozenset(areas)), self._house.language
        colleague, secret = await self._database.write(people.add, self._house.library, TERMINAL, login, post, language)
        return {"login": colleague.login, "role": colleague.role, "link": self._link(secret)}

    async def list_staff(self) -> list[dict[str, Any]]:
        """Everybody."""
        found = await self._database.read(staff.colleagues)
        await self._database.write(note_listed, TERMINAL, self._house.zone, "staff list", "", len(found))
        return [
            {
                "login": one.login,
                "name": one.name,
                "role": one.role,
                "departments": sorted(one.departments),
                "areas": sorted(one.areas),
                "state": "disabled" if not one.active else "active" if one.password else "invited",
            }
            for one in found
        ]

    async def disable(self, login: str) -> dict[str, Any]:
        """They can't sign in any more."""

        def unit(tx: Tx) -> None:
            people.disable(tx, TERMINAL, _found(tx, login).id)

        await self._database.write(unit)
        return {"login": login}

    async def reset(self, login: str) -> dict[str, Any]:
        """A new link."""

        def unit(tx: Tx) -> str:
            return people.reset(tx, TERMINAL, _found(tx, login).id)

        return {"login": login, "link": self._link(await self._database.write(unit))}

    async def code(self, login: str) -> dict[str, Any]:
        """A code with which they bind a chat."""

        def unit(tx: Tx) -> str:
            return duty.code(tx, TERMINAL, _found(tx, login).id)

        return {"login": login, "code": await self._database.write(unit), "minutes": duty.LASTS // 60}

    async def token(self, login: str, name: str, days: int) -> str:
        """A token for a program, shown this once."""
        return await self._database.write(tokens.make, TERMINAL, login, name, days)

    async def list_tokens(self, login: str) -> list[dict[str, Any]]:
        """Somebody's tokens."""
        found = await self._database.read(tokens.listed, TERMINAL, login)
        zone = self._house.zone
        return [
            {"id": one.id, "name": one.name, "until": f"{from_ms(one.expires_at).astimezone(zone):%Y-%m-%d}"}
            | {"used": one.used_day}
            for one in found
        ]

    async def end_token(self, login: str, token: int | None) -> int:
        """How many ended: one, or all."""
        return await self._database.write(tokens.end, TERMINAL, login, token)

    def _link(self, secret: str) -> str:
        return f"{self._house.links.base_url}/console/invitation/{secret}"


def _found(tx: Tx, login: str) -> Colleague:
    colleague = staff.find_login(tx, login)
    if colleague is None:
        raise Refused("staff.unknown")
    return colleague
