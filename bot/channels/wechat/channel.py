"""The door ``/wechat``: signature, parse, one turn, the passive reply. Plain mode; nothing is pushed."""

import hashlib
import hmac
import logging
from pathlib import Path

import httpx

from bot.asgi import Gone, Receive, Scope, Send, TooBig, body, query, respond
from bot.channel import NotNow, PhotoGone, TryLater
from bot.channels.wechat import UNVERIFIED
from bot.channels.wechat.parse import Unreadable, parse
from bot.channels.wechat.render import reply
from bot.dispatch import Dispatch
from bot.media import Media
from bot.messages import Address, Outgoing
from bot.photos import Darkroom, Developed, receive
from db.database import Busy

log = logging.getLogger("youli.wechat")
LARGEST = 64 * 1024  # bytes; WeChat's own messages stay far below, deep XML beyond costs seconds
PHOTO_HOSTS = (".qpic.cn", ".qlogo.cn")  # where PicUrl points; nothing else is ever fetched
PHOTO_LIMIT = 20_000_000
TEXT = b"text/plain; charset=utf-8"


class WechatChannel:
    """An unverified Official Account in plain mode: one passive reply, everything else waits for the next message."""

    manners = UNVERIFIED

    def __init__(self, token: str, dispatch: Dispatch, media: Media, darkroom: Darkroom, folder: Path) -> None:
        self._token = token
        self._dispatch = dispatch
        self._media, self._darkroom, self._folder = media, darkroom, folder

    async def door(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: GET is the handshake, POST a message. Wrong signature 403, unreadable 400, too big 413."""
        parameters = query(scope)
        if not self.signed(parameters):
            return await respond(send, 403, b"signature", TEXT)
        if scope["method"] == "GET":
            return await respond(send, 200, parameters.get("echostr", "").encode(), TEXT)
        try:
            raw = await body(receive, LARGEST)
            incoming = parse(raw)
        except TooBig:
            return await respond(send, 413, b"too big", TEXT)
        except Unreadable:
            return await respond(send, 400, b"unreadable", TEXT)
        except Gone:
            return None
        if incoming is None:
            return await respond(send, 200, b"success", TEXT)
        try:
            exchange = await self._dispatch.handle(incoming)
        except (Busy, OSError):  # OSError: a database that can't be reached. WeChat asks again in five seconds
            return await respond(send, 503, b"busy", TEXT)
        account = _between(raw, b"<ToUserName>", b"</ToUserName>")
        answer = reply(exchange.answer, incoming.address.user, account, int(exchange.at.timestamp()))
        await respond(send, 200, answer, b"application/xml; charset=utf-8")

    def signed(self, parameters: dict[str, str]) -> bool:
        """Whether the query carries WeChat's signature: sha1 of token, timestamp and nonce, sorted (protocols B3)."""
        parts = sorted((self._token, parameters.get("timestamp", ""), parameters.get("nonce", "")))
        expected = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324 - WeChat's protocol
        return hmac.compare_digest(expected.encode(), parameters.get("signature", "").encode())

    async def send(self, letter_id: int, talk_id: int, address: Address, words: Outgoing) -> None:
        """This kind of account may not speak first."""
        raise NotNow("unverified account")

    async def fetch(self, ref: str) -> Developed:
        """Download a PicUrl, only from WeChat's own picture hosts."""
        url = httpx.URL(ref)
        if url.scheme not in {"http", "https"} or not url.host.endswith(PHOTO_HOSTS):
            raise PhotoGone("not one of WeChat's picture hosts")
        try:
            async with (
                httpx.AsyncClient(timeout=15, follow_redirects=False) as client,
                client.stream("GET", url) as answer,
            ):
                if answer.status_code in {403, 404, 410}:
                    raise PhotoGone(str(answer.status_code))
                if answer.status_code != 200:
                    raise TryLater(str(answer.status_code))
                staged = await receive(answer.aiter_bytes(), PHOTO_LIMIT, self._folder)
        except httpx.HTTPError as error:
            raise TryLater(type(error).__name__) from None
        return await self._darkroom.develop(staged, self._media)


def _between(raw: bytes, start: bytes, end: bytes) -> str:
    """The text of a flat element, without its CDATA: the account a reply comes from."""
    inner = raw.partition(start)[2].partition(end)[0].strip()
    return inner.removeprefix(b"<![CDATA[").removesuffix(b"]]>").decode(errors="replace")
