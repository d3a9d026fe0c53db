"""Residents who go on with their affairs whatever happens to the servers, and remember every answer they were given."""

import asyncio
import io
import random
import re
import ssl
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from PIL import Image

from bot.outside import HttpClient

NUMBER = re.compile(r"\d{6}-\d+")  # of a report
GRADED = ("对。", "差一点。")
LATER = {429, 502, 503}  # come again, nothing happened


@cache
def certificates() -> ssl.SSLContext:
    """Read once for all: it takes longer than many a message."""
    return ssl.create_default_context()


class Betrayed(Exception):
    """An answer that nobody may get, whatever happened."""


@dataclass
class Sent:
    """A message and what was answered when it was acknowledged at last."""

    id: str
    send: dict[str, Any]
    answer: list[dict[str, Any]] = field(default_factory=list)
    attempts: int = 0

    @property
    def words(self) -> str:
        """What was answered."""
        return "\n\n".join(message["text"] for message in self.answer)

    @property
    def told(self) -> list[str]:
        """Numbers of reports that were said to have been received."""
        return NUMBER.findall(self.words) if "编号" in self.words else []

    @property
    def graded(self) -> bool:
        """Whether it was told to be right or wrong."""
        return self.words.startswith(GRADED)


def jpeg(seed: int) -> bytes:
    """A small photo; every seed makes another file."""
    image = Image.new("RGB", (64, 48), (seed * 37 % 256, seed // 7 % 256, 90))
    image.paste((seed % 256, 200, seed // 256 % 256), (8, 8, 8 + seed % 40, 30))
    file = io.BytesIO()
    image.save(file, "JPEG", comment=str(seed).encode())
    return file.getvalue()


class Witness:
    """One resident; ``door`` says which server to try next. Those who take photos report, the others answer questions
    and write. ``pause``: the most seconds before the next message."""

    def __init__(
        self, door: Callable[[], str], number: int, dice: random.Random, *, reports: bool, pause: float = 0.0
    ) -> None:
        self.client = HttpClient(timeout=60, verify=certificates())
        self._door, self.number, self._dice, self.reports, self._pause = door, number, dice, reports, pause
        self.sent: list[Sent] = []
        self.photos: list[bytes] = []

    async def enter(self) -> None:
        """Open the page, which gives the cookie."""
        while "youli" not in self.client.cookies:
            try:
                await self.client.get(f"{self._door()}/chat")
            except httpx.TransportError:
                await self._breathe()

    @property
    def name(self) -> str:
        """The user's part of the cookie."""
        return str(self.client.cookies["youli"]).partition(".")[0]

    async def live(self, over: Callable[[], bool]) -> None:
        """Do one thing after the other until it is over."""
        while not over():
            await (self._report(over) if self.reports else self._chat(over))

    async def _chat(self, over: Callable[[], bool]) -> None:
        """A round of questions and some words in between."""
        await self._say("/quiz five")
        for _ in range(self._dice.randrange(3, 9)):
            if over():
                return
            if self._dice.random() < 0.2:
                await self._say(f"我是{self.number}号，{self._dice.random()}")
            else:
                await self._tap(self._dice.choice(self._options or ["/menu"]))

    async def _report(self, over: Callable[[], bool]) -> None:
        """Report litter with one or two photos."""
        photos = [jpeg(self._dice.randrange(10**9)) for _ in range(self._dice.choice((1, 1, 2)))]
        await self._tap("/cancel")
        await self._post({"photos": photos})
        await self._tap(self._labelled("上报问题"))
        await self._tap(self._labelled("垃圾"))
        await self._say(f"文昌路 {self.number} 号")
        while not over() and "提交" not in self._labels:
            other = [value for value in self._options if value.endswith("not_same")]
            await self._tap((other or self._options)[0])
        if not over():
            await self._tap(self._labelled("提交"))

    async def _say(self, text: str) -> None:
        await self._post({"json": {"text": text}})

    async def _tap(self, value: str) -> None:
        await self._post({"json": {"choice": value}})

    @property
    def _offered(self) -> list[dict[str, str]]:
        return [option for message in self.sent[-1].answer for option in message["options"]]

    @property
    def _options(self) -> list[str]:
        return [option["value"] for option in self._offered]

    @property
    def _labels(self) -> str:
        return " ".join(option["label"] for option in self._offered)

    def _labelled(self, label: str) -> str:
        found = [option["value"] for option in self._offered if label in option["label"]]
        if not found:
            raise Betrayed(f"«{label}» is not offered: {self.sent[-1].words}")
        return found[0]

    async def _post(self, message: dict[str, Any]) -> None:
        sent = Sent(str(uuid.uuid4()), message)
        self.sent.append(sent)
        sent.answer = await self.acknowledged(sent)
        self.photos += message.get("photos", [])
        if self._pause:
            await asyncio.sleep(self._dice.uniform(0, self._pause))

    async def acknowledged(self, sent: Sent) -> list[dict[str, Any]]:
        """Send until it is answered, always with the same id. Raises Betrayed for an answer that is neither."""
        if "photos" in sent.send:
            files = [("photo", ("a.jpg", photo, "image/jpeg")) for photo in sent.send["photos"]]
            message: dict[str, Any] = {"data": {"id": sent.id}, "files": files}
        else:
            message = {"json": {"id": sent.id, **sent.send["json"]}}
        while True:
            sent.attempts += 1
            try:
                response = await self.client.post(f"{self._door()}/chat/messages", **message)
            except httpx.TransportError:
                await self._breathe()
                continue
            if response.status_code == 200:
                found: list[dict[str, Any]] = response.json()["messages"]
                return found
            if response.status_code not in LATER:
                raise Betrayed(f"{response.status_code}: {response.text[:300]}")
            await self._breathe()

    async def _breathe(self) -> None:
        await asyncio.sleep(self._dice.uniform(0.1, 0.3))  # leaves the servers some air to start
