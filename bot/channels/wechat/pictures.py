"""Pictures on their way out: bytes to upload where an account may, signed links for cards where it may not."""

import asyncio
import hashlib
import logging
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from bot.asgi import Receive, Scope, Send, query, respond
from bot.channel import Drawn, undrawn
from bot.channels.wechat.api import Api, Refusal
from bot.links import Links
from bot.media import Media, MediaMissing
from db import photos, wechat_account
from db.database import Database
from db.tx import Tx

log = logging.getLogger("youli.wechat")
LASTS = 3 * 24 * 3600  # seconds a link is good: as long as WeChat's own media
AT_WECHAT = 3 * 24 * 3600 - 7200  # seconds an uploaded picture is used again; WeChat keeps it three days
GONE = 40007  # «invalid media_id»
_PHOTO = re.compile(r"/chat/photos/(\d{1,18})/(large|small|public)\.jpg")
_CONTENT = re.compile(r"/pictures/([\w-]+\.(?:png|jpg|jpeg))")
_DRAWING = re.compile(r"/pictures/([\w-]+)\.svg")  # which WeChat does not show
DRAWING = "drawing"
TEXT = b"text/plain; charset=utf-8"


class Pictures:
    """Knows where the pictures of our own paths lie."""

    def __init__(self, links: Links, database: Database, media: Media, folder: Path, drawn: Drawn = undrawn) -> None:
        """``folder`` is that of the content's pictures."""
        self._links, self._database, self._media, self._folder = links, database, media, folder
        self._drawn = drawn

    def link(self, path: str, now: datetime) -> str | None:
        """Where WeChat and the person can fetch a picture; None while we have no public https address."""
        base = self._links.base_url
        if not base.startswith("https://"):
            return None
        photo, drawing = _PHOTO.fullmatch(path), _DRAWING.fullmatch(path)
        if photo is not None:
            subject = f"{photo[1]}.{photo[2]}"
        elif drawing is not None:
            subject = f"{DRAWING}.{drawing[1]}"
        else:
            return f"{base}{path}"
        token = self._links.seal("photo", subject, now, LASTS)
        return f"{base}/wechat/photo?t={quote(token, safe='')}"

    async def door(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: GET /wechat/photo?t=…, the public copy, or the drawing as PNG, that a signed link stands for. 404 when
        it is over."""
        token, now = query(scope).get("t", ""), await self._database.read(_now)
        subject = self._links.open("photo", token, now) if token.count(".") >= 3 else None
        picture = await self._meant(*subject.split(".")) if subject else None
        if picture is None:
            return await respond(send, 404, b"this link is over", TEXT)
        await respond(send, 200, picture, _mime(picture).encode(), [(b"cache-control", b"private, max-age=86400")])

    async def media_id(self, api: Api, path: str, *, anew: bool = False) -> str | None:
        """The picture's MediaId, uploaded if it does not lie at WeChat; None if there is no such picture.

        Raises Refusal and TryLater.
        """
        picture = await self._bytes(path)
        if picture is None:
            return None
        digest = hashlib.sha256(picture).hexdigest()
        known = None if anew else await self._database.read(wechat_account.media_id, digest)
        if known is not None:
            return known
        mime = _mime(picture)
        found = await api.upload(f"picture.{mime[6:]}", picture, mime)
        await self._database.write(wechat_account.save_media, digest, found, AT_WECHAT)
        return found

    async def show(self, api: Api, user: str, path: str) -> None:
        """Send a picture as a customer-service message. Raises Refusal and TryLater."""
        found = await self.media_id(api, path)
        if found is None:
            return
        try:
            await api.show(user, found)
        except Refusal as refusal:
            if refusal.code != GONE:
                raise
            again = await self.media_id(api, path, anew=True)
            assert again is not None
            await api.show(user, again)

    async def _bytes(self, path: str) -> bytes | None:
        photo, content = _PHOTO.fullmatch(path), _CONTENT.fullmatch(path)
        if photo is not None:
            return await self._photo(photo[1], photo[2])
        if content is None:
            return await self._drawn(path)
        try:
            return await asyncio.to_thread((self._folder / content[1]).read_bytes)
        except OSError:
            return None

    async def _meant(self, which: str, what: str) -> bytes | None:
        return await (self._drawn(f"/pictures/{what}.svg") if which == DRAWING else self._photo(which, what))

    async def _photo(self, number: str, size: str) -> bytes | None:
        key = await self._database.read(photos.copy_key, int(number), size)
        if key is None:
            return None
        try:
            return await self._media.get(key)
        except MediaMissing:
            return None


def _mime(picture: bytes) -> str:
    return "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"


def _now(tx: Tx) -> datetime:
    return tx.now
