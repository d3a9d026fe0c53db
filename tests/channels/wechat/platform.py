"""WeChat's side of ``/wechat``: people write, tap, follow; the platform asks three times and shows what it gets.

Messages are encrypted and replies decrypted by werobot's crypto, not by the one we use. The rules that it enforces,
by the names they have in the notes «protocols»:

* B3 three tries: five seconds each, the same MsgId; «success» or nothing ends them; then the person sees a fault
* B3 signature and encryption: query and body of plain, compatible and safe mode, replies signed and sealed likewise
* B3 one passive reply: to who wrote, well-formed, text of 1 to 2,048 bytes, a card of one article
* B4 clickable text: a tap comes as a message and counts as a click; test accounts bring no bizmsgmenuid back
"""

import asyncio
import hashlib
import itertools
import re
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode
from xml.etree import ElementTree

from werobot.crypto import MessageCrypt

from bot.asgi import Door
from tests.channels.wechat.watch import Watch
from tests.fakes.wechat import FakeWechat

TOKEN, KEY = "token-of-the-tests", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_0123456789ab"
DEADLINE = 5.0  # seconds (B3)
LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^&"]*)&msgmenuid=([^"]*)">(.*?)</a>')


class ServiceFault(Exception):
    """After the third try the person sees «该公众号提供的服务出现故障» (B3)."""


@dataclass(frozen=True)
class Shown:
    """What the person sees: a text, or a card. Empty: nothing."""

    text: str = ""
    picture: str = ""
    title: str = ""

    @property
    def plain(self) -> str:
        """The text without the markup of its links."""
        return LINK.sub(r"\3", self.text)

    @property
    def labels(self) -> list[str]:
        """What can be tapped."""
        return [label for _, _, label in LINK.findall(self.text)]


@dataclass
class Platform:
    """One account's platform, by the seconds of its watch."""

    door: Door
    api: FakeWechat
    mode: str = "plain"  # plain, compatible, safe
    watch: Watch = field(default_factory=Watch)
    formal: bool = True  # test accounts bring no bizmsgmenuid back (B4)
    tries: list[str] = field(default_factory=list)
    left: list["asyncio.Future[tuple[int, bytes]]"] = field(default_factory=list)
    number: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.crypt = MessageCrypt(token=TOKEN, encoding_aes_key=KEY, app_id=self.api.app_id)

    async def say(self, user: str, text: str, **more: str) -> Shown:
        """Somebody types."""
        self.api.acts(user, "tap" if "bizmsgmenuid" in more else "message")
        return await self.deliver(user, "text", Content=text, **more)

    async def tap(self, user: str, shown: Shown, label: str) -> Shown:
        """Somebody taps clickable text: what it holds comes as a text message, not counted as one (B4)."""
        found = [(content, number) for content, number, name in LINK.findall(shown.text) if label in name]
        assert found, f"no «{label}» to tap in {shown.labels}"
        content, number = unquote(found[0][0]), unquote(found[0][1])
        return await self.say(user, content, **({"bizmsgmenuid": number} if self.formal else {}))

    async def event(self, user: str, event: str, key: str = "", **more: str) -> Shown:
        """Somebody follows, clicks, scans, leaves."""
        self.api.acts(user, {"CLICK": "click", "SCAN": "scan"}.get(event, event))
        return await self.deliver(user, "event", Event=event, EventKey=key, **more)

    async def deliver(self, user: str, kind: str, **fields: str) -> Shown:
        """A message, asked for up to three times with the same id (B3). Raises ServiceFault."""
        number = next(self.number)
        fixed = {
            "ToUserName": ACCOUNT,
            "FromUserName": user,
            "CreateTime": str(1_700_000_000 + number),
            "MsgType": kind,
        }
        if kind != "event":
            fields.setdefault("MsgId", str(9_000_000 + number))
        return await self.post(message(fixed | fields), user)

    async def post(self, xml: str, user: str) -> Shown:
        """Any body, three times if need be."""
        for _ in range(3):
            asked = asyncio.ensure_future(self.ask(xml))
            if not await self.watch.within(asked, DEADLINE):
                self.tries.append("timeout")
                self.left.append(asked)  # the connection closes; the server goes on: so it does with uvicorn
                continue
            status, body = asked.result()
            self.tries.append(str(status))
            if status == 200:
                return self.seen(body, user)
        raise ServiceFault(self.tries)

    async def later(self) -> None:
        """What nobody waited for comes to its end."""
        while self.left:
            await self.watch.within(self.left.pop())

    async def ask(self, xml: str, **changes: str) -> tuple[int, bytes]:
        """One request; ``changes`` falsify its query."""
        parameters, body = self.packed(xml)
        return await call(self.door, "POST", parameters | changes, body)

    def packed(self, xml: str) -> tuple[dict[str, str], bytes]:
        """Query and body as the account's mode has them (B3)."""
        timestamp, nonce = "1700000000", "1320562132"
        parameters = {"timestamp": timestamp, "nonce": nonce, "signature": signature(TOKEN, timestamp, nonce)}
        if self.mode == "plain":
            return parameters, xml.encode()
        sealed = tree(self.crypt.encrypt_message(xml, timestamp=timestamp, nonce=nonce))
        encrypted = sealed.findtext("Encrypt") or ""
        parameters |= {"encrypt_type": "aes", "msg_signature": sealed.findtext("MsgSignature") or ""}
        outside = f"<ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        if self.mode == "compatible":
            outside = xml.removeprefix("<xml>").removesuffix("</xml>") + outside
        return parameters, f"<xml>{outside}</xml>".encode()

    def seen(self, body: bytes, user: str) -> Shown:
        """What a reply shows; a wrong one is a fault that the person sees (B3)."""
        if body in {b"", b"success"}:
            return Shown()
        if self.mode != "plain":
            outer = tree(body)
            parts = [outer.findtext(name) or "" for name in ("TimeStamp", "Nonce", "MsgSignature", "Encrypt")]
            body = self.crypt.decrypt_message(*parts)
        reply = tree(body)
        assert (reply.findtext("ToUserName"), reply.findtext("FromUserName")) == (user, ACCOUNT)
        if reply.findtext("MsgType") == "news":
            assert reply.findtext("ArticleCount") == "1"  # B3
            item = reply.find("Articles/item")
            assert item is not None
            return Shown(*(item.findtext(name) or "" for name in ("Description", "PicUrl", "Title")))
        text = reply.findtext("Content") or ""
        assert 0 < len(text.encode()) <= 2048, "WeChat cuts or refuses this (B3)"
        return Shown(text)


def tree(xml: str | bytes) -> ElementTree.Element:
    """A strict reader."""
    return ElementTree.fromstring(xml)  # noqa: S314 - what we wrote ourselves


def message(fields: dict[str, str]) -> str:
    """XML as WeChat writes it. A value that begins with «<» is XML itself."""
    inner = "".join(
        f"<{name}>{value if value.startswith('<') else f'<![CDATA[{value}]]>'}</{name}>"
        for name, value in fields.items()
    )
    return f"<xml>{inner}</xml>"


def signature(*parts: str) -> str:
    """B3: sha1 of the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - WeChat's protocol


async def call(
    door: Door, method: str, parameters: dict[str, str], body: bytes = b"", path: str = "/wechat"
) -> tuple[int, bytes]:
    """One request to an ASGI door."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(part: MutableMapping[str, Any]) -> None:
        sent.append(part)

    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": urlencode(parameters).encode(),
        "headers": [],
    }
    await door(scope, receive, send)
    return int(sent[0]["status"]), bytes(sent[1]["body"])
