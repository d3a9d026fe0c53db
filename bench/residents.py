"""The residents: what they say, in which order, and how it is written for each door of a bot."""

import hashlib
import itertools
import json
import random
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

TOKEN = "bench"
# What a resident says, again and again: the menu, a question of the quiz, its answer, a tip, the points.
DIALOGUE = ("菜单", "答题", "1", "A", "贴士", "积分")
GREETING = "你好"


class Wire(Protocol):
    """A door of the bot: how a message is written and an answer known to be good."""

    good: re.Pattern[bytes]
    words: re.Pattern[bytes]

    def request(self, resident: int, text: str) -> bytes: ...

    def learn(self, resident: int, head: bytes) -> None: ...


class WeChat:
    """A text message as the WeChat server posts it in plain mode."""

    # A question with a picture is answered by a card, whose words are a Description.
    good = re.compile(rb"<(?:Content|Description)><!\[CDATA\[(?!\]\]>)")
    words = re.compile(rb"<(?:Content|Description)><!\[CDATA\[(.*?)\]\]></", re.DOTALL)

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._ids = itertools.count(time.time_ns())

    def request(self, resident: int, text: str) -> bytes:
        now, nonce, user = str(int(time.time())), str(random.getrandbits(31)), f"oBench{resident:022d}"
        # developers.weixin.qq.com, 接入指南: sha1 of token, timestamp and nonce, sorted and joined.
        signature = hashlib.sha1("".join(sorted((TOKEN, now, nonce))).encode()).hexdigest()  # noqa: S324
        body = (
            f"<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{text}]]></Content><MsgId>{next(self._ids)}</MsgId></xml>"
        ).encode()
        query = f"signature={signature}&timestamp={now}&nonce={nonce}&openid={user}"
        return (
            f"POST /wechat?{query} HTTP/1.1\r\nHost: {self._host}\r\nUser-Agent: Mozilla/4.0\r\n"
            f"Accept: */*\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def learn(self, resident: int, head: bytes) -> None:
        """WeChat names the sender in every message."""


class Web:
    """A message through the web chat's JSON door; the resident's cookie comes with the first answer."""

    good = re.compile(rb'"text":\s*"[^"]')
    words = re.compile(rb'"text":\s*"((?:[^"\\]|\\.)*)"')
    cookie = re.compile(rb"\r\nset-cookie:\s*([^;\r]+)", re.IGNORECASE)

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._cookies: dict[int, str] = {}

    def request(self, resident: int, text: str) -> bytes:
        name = uuid.UUID(int=random.getrandbits(128), version=4)
        body = json.dumps({"id": str(name), "text": text}, ensure_ascii=False).encode()
        known = f"Cookie: {self._cookies[resident]}\r\n" if resident in self._cookies else ""
        return (
            f"POST /chat/messages HTTP/1.1\r\nHost: {self._host}\r\nOrigin: http://{self._host}\r\n"
            "User-Agent: Mozilla/5.0\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
            f"{known}Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def learn(self, resident: int, head: bytes) -> None:
        if found := self.cookie.search(head):
            self._cookies[resident] = found[1].decode()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, ready to be sent."""

    resident: int
    text: str
    request: bytes


class Crowd:
    """The residents of one subject, taking turns; each goes through DIALOGUE in its order."""

    def __init__(self, wire: Wire, residents: int) -> None:
        self.wire = wire
        self.dialogue: list[tuple[str, str]] = []  # what one resident said and heard
        self._residents = residents
        self._taken = 0

    def greetings(self) -> Iterator[Turn]:
        """Every resident's first message."""
        return (self._turn(resident, GREETING) for resident in range(self._residents))

    def turns(self, stock: int) -> Iterator[Turn]:
        """Turns without end, the first ``stock`` of them built now; those not taken are taken next time."""
        ready = [self._numbered(number) for number in range(self._taken, self._taken + stock)]
        later = (self._numbered(number) for number in itertools.count(self._taken + stock))
        return map(self._take, itertools.chain(ready, later))

    def _take(self, turn: Turn) -> Turn:
        self._taken += 1
        return turn

    def _numbered(self, number: int) -> Turn:
        lap, resident = divmod(number, self._residents)
        # Residents start at different places, so that every moment of every run has the same mix.
        return self._turn(resident, DIALOGUE[(lap + resident) % len(DIALOGUE)])

    def _turn(self, resident: int, text: str) -> Turn:
        return Turn(resident, text, self.wire.request(resident, text))
