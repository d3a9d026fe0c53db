"""The residents: what they say, in which order, and how it is written for each door of a bot."""

import hashlib
import itertools
import json
import random
import re
import time
import tomllib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from werobot.crypto import MessageCrypt

from bench.account import ACCOUNT, AES_KEY, APP_ID, SECRET, TOKEN
from bench.servers import ROOT

# What a resident says, again and again: the menu, a question of the quiz, its answer, a tip, the points.
DIALOGUE = ("菜单", "答题", "1", "A", "贴士", "积分")
BUSY = tomllib.loads((ROOT / "content" / "texts" / "zh" / "bot.toml").read_text("utf-8"))["busy"]
SHORT = 1000  # bytes below which an answer of WeChat's may be BUSY
GREETING = "菜单"  # one message answers it on every channel, a newcomer's too
Door = Literal["wechat", "wechat-safe", "web", "telegram"]


class Wire(Protocol):
    """A door of the bot: how a message is written and an answer known to be good."""

    good: re.Pattern[bytes]
    later: re.Pattern[bytes] | None  # the response of a bot that answers through the Bot API instead

    def request(self, resident: int, text: str) -> bytes: ...

    def learn(self, resident: int, head: bytes) -> None: ...

    def words(self, body: bytes) -> str: ...

    def shed(self, body: bytes) -> bool:
        """Whether these are the words that ask to come again."""
        return False

    def again(self, request: bytes) -> bytes:
        """The same message once more, by a machine that was asked to."""
        return request


class WeChat(Wire):
    """A text message as the WeChat server posts it in plain mode."""

    # A question with a picture is answered by a card, whose words are a Description.
    good = re.compile(rb"<(?:Content|Description)><!\[CDATA\[(?!\]\]>)")
    later: re.Pattern[bytes] | None = None
    _words = re.compile(rb"<(?:Content|Description)><!\[CDATA\[(.*?)\]\]></", re.DOTALL)

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._ids = itertools.count(time.time_ns())

    def request(self, resident: int, text: str) -> bytes:
        now, nonce, user = str(int(time.time())), str(random.getrandbits(31)), f"oBench{resident:022d}"
        xml = (
            f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{text}]]></Content><MsgId>{next(self._ids)}</MsgId></xml>"
        )
        # developers.weixin.qq.com, 接入指南: sha1 of token, timestamp and nonce, sorted and joined.
        signature = hashlib.sha1("".join(sorted((TOKEN, now, nonce))).encode()).hexdigest()  # nosec B324 # noqa: S324 - its rule
        query = f"signature={signature}&timestamp={now}&nonce={nonce}&openid={user}"
        more, body = self._packed(xml, now, nonce)
        return (
            f"POST /wechat?{query}{more} HTTP/1.1\r\nHost: {self._host}\r\nUser-Agent: Mozilla/4.0\r\n"
            f"Accept: */*\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def learn(self, resident: int, head: bytes) -> None:
        """WeChat names the sender in every message."""

    def words(self, body: bytes) -> str:
        """What an answer says."""
        return b" / ".join(found[1] for found in self._words.finditer(body)).decode(errors="replace")

    def shed(self, body: bytes) -> bool:
        return len(body) < SHORT and BUSY in self.words(body)

    def _packed(self, xml: str, now: str, nonce: str) -> tuple[str, bytes]:
        """What stands in the query besides, and the body."""
        return "", xml.encode()


class SafeWeChat(WeChat):
    """The same in safe mode, encrypted by werobot. Of the answers only one resident's are decrypted: that is not
    what is measured, and Youli's own are checked by the tests."""

    good = re.compile(rb"<Encrypt><!\[CDATA\[[A-Za-z0-9+/]{100}")

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._crypt = MessageCrypt(TOKEN, AES_KEY, APP_ID)

    def words(self, body: bytes) -> str:
        """What an answer says, decrypted."""
        outer = ElementTree.fromstring(body)  # nosec B314 # noqa: S314 - of the bots that are measured
        parts = [outer.findtext(name) or "" for name in ("TimeStamp", "Nonce", "MsgSignature", "Encrypt")]
        return super().words(self._crypt.decrypt_message(*parts))

    def _packed(self, xml: str, now: str, nonce: str) -> tuple[str, bytes]:
        sealed: str = self._crypt.encrypt_message(xml, now, nonce)
        signature = sealed.partition("<MsgSignature><![CDATA[")[2].partition("]")[0]
        encrypted = sealed.partition("<Encrypt><![CDATA[")[2].partition("]")[0]
        outside = f"<ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        return f"&encrypt_type=aes&msg_signature={signature}", f"<xml>{outside}</xml>".encode()


class Telegram(Wire):
    """An update as Telegram posts it. It is answered in the response, or by a call of the Bot API."""

    good = re.compile(rb"sendMessage|sendPhoto")
    later: re.Pattern[bytes] | None = re.compile(rb"(?:\{\})?")
    _json = re.compile(rb'"(?:text|caption)":\s*"((?:[^"\\]|\\.)*)"')
    _form = re.compile(rb"(?:^|&)text=([^&]*)")
    _part = re.compile(rb'name="text"\r\n\r\n(.*?)\r\n--', re.DOTALL)

    def __init__(self, port: int) -> None:
        self.port = port
        self._ids = itertools.count(time.time_ns() // 1_000_000)  # another instance goes on beyond them

    def request(self, resident: int, text: str) -> bytes:
        number, name = next(self._ids), {"id": resident, "first_name": "居民"}
        sender = name | {"is_bot": False, "language_code": "zh-hans"}
        message = {"message_id": number, "from": sender, "chat": name | {"type": "private"}, "date": int(time.time())}
        update = {"update_id": number, "message": message | {"text": text}}
        body = json.dumps(update, ensure_ascii=False).encode()
        return (
            f"POST /telegram HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def learn(self, resident: int, head: bytes) -> None:
        """Telegram names the sender in every update."""

    def words(self, body: bytes) -> str:
        """What an answer says: as JSON, or as a form of either kind."""
        if found := self._form.search(body):
            return unquote_plus(found[1].decode())
        return b" / ".join((self._part if body[:2] == b"--" else self._json).findall(body)).decode(errors="replace")


class Web(Wire):
    """A message through the web chat's JSON door; the resident's cookie comes with the first answer."""

    good = re.compile(rb'"text":\s*"[^"]')
    later: re.Pattern[bytes] | None = None
    _words = re.compile(rb'"text":\s*"((?:[^"\\]|\\.)*)"')
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

    def photo(self, resident: int, jpeg: bytes) -> bytes:
        """A photo, as the page uploads it."""
        name, mark = uuid.UUID(int=random.getrandbits(128), version=4), "youli-bench"
        part = f"--{mark}\r\nContent-Disposition: form-data; name="
        fields = f'{part}"id"\r\n\r\n{name}\r\n{part}"text"\r\n\r\n\r\n'
        file = f'{part}"photo"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        body = fields.encode() + file.encode() + jpeg + f"\r\n--{mark}--\r\n".encode()
        known = f"Cookie: {self._cookies[resident]}\r\n" if resident in self._cookies else ""
        return (
            f"POST /chat/messages HTTP/1.1\r\nHost: {self._host}\r\nOrigin: http://{self._host}\r\n{known}"
            f"Content-Type: multipart/form-data; boundary={mark}\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def again(self, request: bytes) -> bytes:
        return request.replace(b"\r\nOrigin:", b"\r\nX-Again: 1\r\nOrigin:", 1)

    def learn(self, resident: int, head: bytes) -> None:
        if found := self.cookie.search(head):
            self._cookies[resident] = found[1].decode()

    def words(self, body: bytes) -> str:
        """What an answer says."""
        return b" / ".join(found[1] for found in self._words.finditer(body)).decode(errors="replace")


WIRES: Mapping[Door, Callable[[int], Wire]] = {
    "wechat": WeChat,
    "wechat-safe": SafeWeChat,
    "web": Web,
    "telegram": Telegram,
}


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
        return (self._turn(resident, GREETING) for resident in range(1, self._residents + 1))

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
        return self._turn(resident + 1, DIALOGUE[(lap + resident) % len(DIALOGUE)])

    def _turn(self, resident: int, text: str) -> Turn:
        return Turn(resident, text, self.wire.request(resident, text))
