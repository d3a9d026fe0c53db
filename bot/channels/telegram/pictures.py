"""Pictures on their way out: drawings that lie at Telegram already are named, everything else is uploaded."""

import asyncio
import html
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.channel import Drawn, undrawn
from bot.channels.telegram.api import upload
from bot.media import Media, MediaMissing
from db import photos
from db.database import Database

KNOWN = 4096  # pictures whose id at Telegram is remembered
PHOTO = re.compile(r"/chat/photos/(\d{1,18})/(large|small|public)\.jpg")
TITLE = re.compile(r"<title[^>]*>([^<]+)</title>")
DRAWING = re.compile(r"/pictures/([\w-]+)\.(png|jpg|jpeg|svg)")


class Pictures:
    """Finds what a path of our own site shows. ``folder`` holds the content's drawings; of one that is an SVG,
    which Telegram does not show, the PNG beside it is sent, or one that is drawn of it; where neither can be had its
    title tells what can be seen."""

    def __init__(self, database: Database, media: Media, folder: Path, drawn: Drawn = undrawn) -> None:
        self._database, self._media, self._folder, self._drawn = database, media, folder, drawn
        self._known: dict[str, str] = {}

    async def source(self, path: str) -> Any:
        """A file's id at Telegram, or a file to upload; None when there is no such picture (any more)."""
        if path in self._known:
            return self._known[path]
        if (photo := PHOTO.fullmatch(path)) is not None:
            return await self._photo(int(photo[1]), photo[2])
        if (drawing := DRAWING.fullmatch(path)) is not None:
            name = f"{drawing[1]}.{'png' if drawing[2] == 'svg' else drawing[2]}"
            with suppress(OSError):
                return upload(await asyncio.to_thread((self._folder / name).read_bytes), name)
        picture = await self._drawn(path)
        return upload(picture, "picture.png") if picture is not None else None

    async def told(self, path: str) -> str:
        """A drawing in words (its own title), for the case that it can't be shown; empty for anything else."""
        drawing = DRAWING.fullmatch(path)
        if drawing is None or drawing[2] != "svg":
            return ""
        try:
            found = TITLE.search(await asyncio.to_thread((self._folder / f"{drawing[1]}.svg").read_text, "utf-8"))
        except OSError:
            return ""
        return html.unescape(found[1].strip()) if found else ""

    async def _photo(self, number: int, size: str) -> Any:
        """What came from there, to its owner; else our copy, with faces and plates veiled."""
        ref = await self._database.read(photos.ref_in, number, "telegram")
        if ref is not None and ref.startswith("photo:") and size != "public":
            return ref.removeprefix("photo:")
        key = await self._database.read(photos.copy_key, number, "large" if size == "small" else size)
        if key is None:
            return None
        try:
            return upload(await self._media.get(key), "photo.jpg")
        except MediaMissing:
            return None

    def remember(self, path: str, sent: Any) -> None:
        """Keep the id that Telegram gave an uploaded drawing. ``sent``: the message as Telegram returned it. Photos are
        not remembered: staff may have more of one veiled at any time."""
        if PHOTO.fullmatch(path) is not None:
            return
        sizes = sent.get("photo") if isinstance(sent, dict) else None
        if sizes and len(self._known) < KNOWN:
            self._known[path] = str(sizes[-1]["file_id"])

    def forget(self, path: str) -> None:
        """The id is not good any more."""
        self._known.pop(path, None)
