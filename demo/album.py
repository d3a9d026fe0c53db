"""The made-up photos, taken in like anybody's: received, examined, stored with copies that anybody may see."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bot.media import Media
from bot.messages import Photo
from bot.photos import Darkroom, receive
from demo.drawing import Sight, draw

LARGEST = 1_000_000  # bytes: ten times what is drawn


class Album:
    """Draws and develops."""

    def __init__(self, media: Media, darkroom: Darkroom, folder: Path) -> None:
        self._media, self._darkroom, self._folder = media, darkroom, folder

    async def develop(self, sights: Sequence[Sight]) -> dict[Sight, Photo]:
        """A photo of each."""
        photos = await asyncio.gather(*(self._one(sight) for sight in sights))
        return dict(zip(sights, photos, strict=True))

    async def _one(self, sight: Sight) -> Photo:
        staged = await receive(_whole(await asyncio.to_thread(draw, sight)), LARGEST, self._folder)
        developed = await self._darkroom.develop(staged, self._media)
        return Photo(developed.sha256, developed)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
