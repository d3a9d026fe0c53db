"""Somebody in the web chat, without a browser: keeps the cookie, sends what a browser would send."""

import io
import re
import ssl
import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

import httpx
from PIL import Image

from bot.outside import HttpClient

Message = dict[str, Any]
NUMBER = re.compile(r"\d{6}-\d+")  # of a report


@cache
def certificates() -> ssl.SSLContext:
    """Read once: it takes longer than a test."""
    return ssl.create_default_context()


def browser(url: str) -> httpx.AsyncClient:
    """A browser that was never here before."""
    return HttpClient(base_url=url, timeout=30, verify=certificates())


def new_id() -> str:
    """A client's message id."""
    return str(uuid.uuid4())


def jpeg(seed: int = 0, width: int = 64, height: int = 48) -> bytes:
    """A small photo; every seed makes another file."""
    image = Image.new("RGB", (width, height), (seed * 37 % 256, seed // 7 % 256, 90))
    image.paste((seed % 256, 200, seed // 256 % 256), (8, 8, 8 + seed % 40, 30))
    file = io.BytesIO()
    image.save(file, "JPEG", comment=str(seed).encode())
    return file.getvalue()


class Visitor:
    """One person; ``last`` are the bot's messages of the last answer."""

    def __init__(self, client: httpx.AsyncClient, language: str = "zh") -> None:
        self.client = client
        self.headers = {"accept-language": language}
        self.last: Sequence[Message] = ()

    async def post(self, **message: object) -> httpx.Response:
        """POST /chat/messages with an id of its own unless one is given."""
        body = {"id": new_id(), **message}
        return self._kept(await self.client.post("/chat/messages", json=body, headers=self.headers))

    async def upload(self, *photos: bytes, number: str = "", **fields: str) -> httpx.Response:
        """Send photos, as a form."""
        files = [("photo", (f"{place}.jpg", photo, "image/jpeg")) for place, photo in enumerate(photos)]
        data = {"id": number or new_id(), **fields}
        return self._kept(await self.client.post("/chat/messages", data=data, files=files, headers=self.headers))

    def _kept(self, response: httpx.Response) -> httpx.Response:
        if response.status_code == 200:
            self.last = response.json()["messages"]
        return response

    async def say(self, text: str) -> str:
        """Type something; the words of the answer."""
        response = await self.post(text=text)
        assert response.status_code == 200, response.text
        return self.words

    async def tap(self, label: str) -> str:
        """Tap the first option whose label contains this."""
        value = next(option["value"] for option in self.options if label in option["label"])
        response = await self.post(choice=value)
        assert response.status_code == 200, response.text
        return self.words

    @property
    def words(self) -> str:
        """All that was answered last."""
        return "\n\n".join(message["text"] for message in self.last)

    @property
    def options(self) -> list[dict[str, str]]:
        """What can be tapped now."""
        return [option for message in self.last for option in message["options"]]

    async def history(self, **query: object) -> dict[str, Any]:
        """GET /chat/messages."""
        response = await self.client.get("/chat/messages", params={name: str(value) for name, value in query.items()})
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def report(self, photo: bytes, place: str = "文昌路 12 号门口", note: str = "") -> str:
        """Report litter from the photo to the number."""
        await self.upload(photo)
        await self.tap("上报问题")
        await self.tap("垃圾")
        await self.say(place)
        while "还要补一句吗" not in self.words:
            await self.tap("不是" if "是同一件吗" in self.words else "")
        await (self.say(note) if note else self.tap(""))
        await self.tap("提交")
        return str(NUMBER.findall(self.words)[0])

    @property
    def cookie(self) -> str:
        """The value of the cookie."""
        return str(self.client.cookies["youli"])
