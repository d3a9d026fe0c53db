"""What the pages share: put together once by main.py."""

from dataclasses import dataclass
from pathlib import Path

import jinja2

from bot.dispatch import Dispatch
from bot.house import House
from bot.media import Media
from bot.photos import Darkroom
from db.database import Database

_WEB = Path(__file__).parent


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


def templates(house: House) -> jinja2.Environment:
    """The pages' templates, with ``static(path)``, an address that changes when the file does, and
    ``made_up(language)``, what to tell where all of it is a demo."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_WEB / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,  # pages of a new version, under a server of the old one, asked for what it does not have
    )

    def static(path: str) -> str:
        file = _WEB / "static" / path
        return f"/static/{path}?v={file.stat().st_mtime_ns:x}" if file.exists() else f"/static/{path}"

    def made_up(language: str) -> str:
        return house.library.texts.render(language, "demo.banner") if house.made_up else ""

    environment.globals |= {"static": static, "made_up": made_up}
    return environment
