"""The console of a city as browsers reach it, with its people; in this process, on a real database."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx
from starlette.applications import Starlette

from actions import people, signing
from actions.people import Post
from actions.signing import Attempt
from civic import passwords
from civic.staff import ADMINISTRATOR, Staff
from db import staff
from db.audit import LOOKS, lines
from db.staff import Colleague
from db.talks import open_talk
from db.tx import Tx
from tests.actions.town import Town
from web.parts import Parts

MACHINE = Staff("terminal", ADMINISTRATOR)
TOKEN = re.compile(r'name="token" value="([0-9a-f]{40})"')
CHINESE = {"accept-language": "zh-CN"}


@dataclass
class Desk:
    """Somebody's browser."""

    client: httpx.AsyncClient
    me: Colleague | None = None

    async def look(self, path: str, status: int = 200) -> str:
        """A page's HTML."""
        answer = await self.client.get(f"/console{path}")
        assert answer.status_code == status, (
            path,
            answer.status_code,
            answer.headers.get("location"),
            plain(answer.text),
        )
        return answer.text

    async def token(self, path: str = "/account") -> str:
        """The token that a page's forms carry."""
        found = TOKEN.search((await self.client.get(f"/console{path}")).text)
        assert found, path
        return found[1]

    async def send(
        self, path: str, status: int | None = None, *, page: str = "/account", files: Any = None, **fields: Any
    ) -> httpx.Response:
        """Send a form with the right token; ``page`` is where it stands. A field may be a list."""
        form = {"token": await self.token(page)} | fields
        answer = await self.client.post(f"/console{path}", data=form, files=files)
        if status is not None:
            assert answer.status_code == status, (path, answer.status_code, plain(answer.text))
        return answer


@dataclass
class Office:
    """All desks stand in one console."""

    parts: Parts
    app: Starlette
    opened: list[httpx.AsyncClient] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def database(self) -> Any:
        return self.parts.database

    def browser(self, address: str = "") -> Desk:
        """A browser that nobody signed in with, at an address of its own."""
        address = address or f"198.51.100.{next(self.numbers) % 250 + 1}"
        transport = httpx.ASGITransport(self.app, client=(address, 50000))
        client = httpx.AsyncClient(transport=transport, base_url="http://youli.example", headers=CHINESE)
        self.opened.append(client)
        return Desk(client)

    async def hire(
        self, role: str, name: str = "", departments: Iterable[str] = (), areas: Iterable[str] = ()
    ) -> tuple[Colleague, str]:
        """Somebody new, and the secret of their link."""
        post = Post(name or f"{role}-{next(self.numbers)}", role, frozenset(departments), frozenset(areas))
        house = self.parts.house
        found: tuple[Colleague, str] = await self.database.write(
            people.add, house.library, MACHINE, "", post, house.language
        )
        return found

    async def desk(self, role: str, name: str = "", departments: Iterable[str] = (), areas: Iterable[str] = ()) -> Desk:
        """Somebody new, signed in."""
        colleague, secret = await self.hire(role, name, departments, areas)
        desk = self.browser()

        def enter(tx: Tx) -> str:
            return signing.accept(tx, secret, passwords.NOBODY, "192.0.2.1", "test")

        desk.client.cookies.set("staff", await self.database.write(enter))
        desk.me = colleague
        return desk

    async def again(self, colleague: Colleague) -> Desk:
        """Another browser of somebody who is here already."""
        desk = self.browser()
        attempt = Attempt(colleague.login, "192.0.2.9")
        desk.client.cookies.set("staff", await self.database.write(signing.sign_in, colleague.id, attempt, "test"))
        desk.me = colleague
        return desk

    async def town(self, language: str = "zh") -> Town:
        """A resident of their own, who reports things."""

        def come(tx: Tx) -> int:
            return open_talk(tx, "web", f"visitor-{next(self.numbers)}", language, "2026-11-23")[1].id

        return Town(self.database, self.parts.house, await self.database.write(come))

    async def person(self, colleague: Colleague) -> Colleague:
        """Somebody as they are now."""
        found: Colleague | None = await self.database.read(staff.find_colleague, colleague.id)
        assert found is not None
        return found

    async def deeds(self, *, looks: bool = False) -> list[tuple[str, str, str, str]]:
        """The audit log, oldest first: who, act, subject, detail; what they looked at only with ``looks``."""
        rows = await self.database.read(lines, limit=500)
        return [(row.name, row.act, row.subject, row.detail) for row in reversed(rows) if looks or row.act not in LOOKS]


def plain(html: str) -> str:
    """What a page says, without its markup."""
    body = html.partition("<main")[2] or html
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
