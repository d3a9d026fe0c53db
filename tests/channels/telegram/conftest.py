"""Telegram as main puts it together, with a Bot API of our own at the other end of the wire."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.telegram import Hook
from bot.channels.telegram.api import Api
from bot.channels.telegram.attend import Attendant
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.door import WebhookDoor
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.pictures import Pictures
from bot.dispatch import Dispatch
from bot.house import House
from bot.media import Media
from bot.pace import UNLIMITED, Pace
from bot.photos import Darkroom
from bot.postman import Postman
from db.database import Database
from tests.fakes.telegram import SECRET, TOKEN, Bubble, FakeTelegram, Wire
from tests.play import ROOT, Time

HOOK = Hook("https://youli.example/telegram", SECRET)


@dataclass(eq=False, repr=False)
class Town:
    """Everything on both sides of the wire."""

    fake: FakeTelegram
    wire: Wire
    api: Api
    intake: Intake
    channel: TelegramChannel
    postman: Postman
    pace: Pace
    client: httpx.AsyncClient
    database: Database
    house: House
    time: Time

    async def hears(self, update: dict[str, Any]) -> httpx.Response:
        """An update comes by webhook, and everything that follows from it leaves."""
        response = await self.fake.deliver(self.client, update)
        await self.carry()
        return response

    async def says(self, user: int, text: str = "", **content: Any) -> Bubble:
        """Somebody writes; our last message to them."""
        await self.hears(self.fake.says(user, text, **content))
        return self.fake.last(user)

    async def taps(self, user: int, label: str) -> Bubble:
        """Somebody taps a button; our last message to them."""
        await self.hears(self.fake.taps(user, label))
        return self.fake.last(user)

    def words(self, key: str, **params: object) -> str:
        """One of the house's texts in Chinese."""
        return self.house.library.texts.render("zh", key, **params)

    async def carry(self) -> None:
        """Letters leave until none is due."""
        while await self.postman.round():
            pass

    async def waits(self, **span: float) -> None:
        """Time passes on our clock, and what is due then leaves."""
        self.time.passes(**span)
        await self.intake.close_albums()
        await self.carry()

    def attendant(self, hook: Hook | None = None) -> Attendant:
        """The worker that registers and asks for updates."""
        return Attendant(self.api, self.intake, self.house, hook)


@pytest.fixture
async def town(database: Database, dispatch: Dispatch, house: House, time: Time, tmp_path: Path) -> AsyncIterator[Town]:
    """A bot with a webhook; its speed limits are far away."""
    fake = FakeTelegram(lambda: time.now.timestamp())
    wire = Wire(fake.app)
    api = Api(TOKEN, "https://telegram.test", wire)
    pace = Pace(UNLIMITED, clock=lambda: time.now.timestamp())
    bell = asyncio.Event()
    intake = Intake(database, dispatch, api, pace, bell)
    media, darkroom = Media.open("", tmp_path / "media"), Darkroom()
    pictures = Pictures(database, media, ROOT / "content" / "pictures")
    channel = TelegramChannel(api, database, house, pictures, media, darkroom, tmp_path / "incoming")
    postman = Postman(
        database, house, {"telegram": channel}, {"telegram": pace}, bell, clock=lambda: time.now.timestamp()
    )
    door = httpx.ASGITransport(WebhookDoor(intake, SECRET))
    async with httpx.AsyncClient(transport=door, base_url="http://youli") as client:
        yield Town(fake, wire, api, intake, channel, postman, pace, client, database, house, time)
    await asyncio.gather(*intake._asides)
    darkroom.close()
    await api.close()
