"""Dialogs as tests: say something, see what comes back, on a real database."""

import asyncio
import hashlib
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from bot.dispatch import Dispatch
from bot.messages import Address, Button, Exchange, Incoming, Outgoing, Photo, Place
from bot.photos import Developed
from db.database import Database
from db.sealing import Key, Keyring
from db.tables import metadata
from db.tx import Tx

PATIENCE = 30.0  # seconds after which something that is waited for will not come, however busy the machine is
KEYS = Keyring([Key.made_of("a key of a city that is only in tests")])
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday, 12:00 in Shanghai


class Time:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        """Let time pass: ``passes(days=3)``."""
        self.now += timedelta(**span)


async def until(seen: Callable[[], object]) -> None:
    """Wait until something is so that happens on the other side of a wire."""
    async with asyncio.timeout(PATIENCE):
        while not seen():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def everything(database: Database, *names: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of these tables, or of all, by the table's name."""

    def look(tx: Tx) -> dict[str, list[dict[str, Any]]]:
        return {table.name: _rows(tx, table) for table in metadata.sorted_tables if not names or table.name in names}

    return await database.read(look)


async def rows_of(database: Database, table: str) -> list[dict[str, Any]]:
    """Every row of one table."""
    return (await everything(database, table))[table]


def _rows(tx: Tx, table: Table) -> list[dict[str, Any]]:
    rows = tx.execute(select(table).order_by(*table.primary_key.columns)).mappings()
    return [dict(row) for row in rows]


def picture(name: str = "photo", place: tuple[float, float] | None = None) -> Photo:
    """A photo that came in and was developed; the file itself does not matter here."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    keys = (
        f"sealed/{digest[:2]}/{digest}.jpg",
        f"public/{digest[:2]}/{digest}.jpg",
        f"public/{digest[:2]}/s{digest}.jpg",
    )
    return Photo(name, Developed(digest, "image/jpeg", 1000, 640, 480, None, place, "0" * 16, *keys))


@dataclass
class Person:
    """Somebody who talks to the bot."""

    dispatch: Dispatch
    database: Database
    user: str = "someone-in-the-browser"
    channel: str = "web"
    numbers: Iterable[int] = field(default_factory=lambda: itertools.count(1))
    last: tuple[Outgoing, ...] = ()

    async def send(self, **message: object) -> tuple[Outgoing, ...]:
        """Send any message; the answer is also kept in ``last``."""
        number = message.pop("id", None) or f"{self.user}-{next(iter(self.numbers))}"
        exchange = await self.exchange(Incoming(Address(self.channel, self.user), str(number), **message))  # type: ignore[arg-type]
        self.last = exchange.answer
        return self.last

    async def exchange(self, message: Incoming) -> Exchange:
        """Hand a message to the engine."""
        return await self.dispatch.handle(message)

    async def say(self, text: str) -> str:
        """Type something; all words of the answer."""
        await self.send(text=text)
        return self.words

    async def tap(self, label: str) -> str:
        """Tap the option with this label (or that starts with it); all words of the answer."""
        found = [option for option in self.options if label in option.label]
        assert found, f"no option «{label}» among {[option.label for option in self.options]}: {self.words}"
        await self.send(choice=found[0].value)
        return self.words

    async def photo(self, *photos: Photo, text: str = "") -> str:
        """Send photos; all words of the answer."""
        await self.send(photos=photos or (picture(),), text=text)
        return self.words

    async def place(self, lat: float, lon: float, label: str = "") -> str:
        """Send a position."""
        await self.send(place=Place(lat, lon, label))
        return self.words

    @property
    def words(self) -> str:
        """All that was said last."""
        return "\n\n".join(item.text for item in self.last)

    @property
    def options(self) -> list[Button]:
        """What can be tapped now."""
        return [option for item in self.last for option in item.options]

    @property
    def labels(self) -> list[str]:
        """The labels of what can be tapped now."""
        return [option.label for item in self.last for option in item.options]


ROOT = Path(__file__).parent.parent
