"""What the pages share: put together once by main.py."""

from dataclasses import dataclass

import jinja2

from bot.dispatch import Dispatch
from bot.house import House
from bot.media import Media
from bot.photos import Darkroom
from db.database import Database


@dataclass(frozen=True)
class Parts:
    """The house as web rooms see it."""

    database: Database
    dispatch: Dispatch
    media: Media
    darkroom: Darkroom
    templates: jinja2.Environment  # with the globals ``static(path)`` and ``city``
    secret: bytes
    base_url: str

    @property
    def house(self) -> House:
        """Library, zone and manners, as they are now."""
        return self.dispatch.house
