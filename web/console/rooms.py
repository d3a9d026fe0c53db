"""The console put together: its rooms in the order of their addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from starlette.routing import BaseRoute

from web.console.account import Account
from web.console.bulk import Bulk
from web.console.bulletins import Bulletins
from web.console.cookies import Cookies
from web.console.departments import Departments
from web.console.doorman import Doorman
from web.console.figures import Figures
from web.console.log import AuditLog
from web.console.map import Map
from web.console.mutes import Mutes
from web.console.operations import Operations, Reporter
from web.console.pages import Pages
from web.console.people import People
from web.console.photos import Photos
from web.console.porch import Porch
from web.console.pulse import Pulse
from web.console.queue import Queue
from web.console.report import ReportRoom
from web.console.signing import Locks, Signing
from web.console.sources import Sources
from web.console.supervisions import Supervisions
from web.console.today import Today
from web.parts import Parts


@dataclass(frozen=True)
class Outfit:
    """What the console needs from outside: networks whose word on addresses is taken, the folder where photos arrive,
    a map's tiles with their credit, if there are any; this version, and channels that tell how they do."""

    proxies: Sequence[str]
    incoming: Path
    tiles: str = ""
    credit: str = ""
    version: str = ""
    states: Mapping[str, Reporter] = field(default_factory=dict)


def console(parts: Parts, outfit: Outfit) -> list[BaseRoute]:
    """Everything below /console."""
    pages = Pages(parts)
    cookies = Cookies(parts.base_url.startswith("https://"), parts.secret)
    porch = Porch(pages, cookies, outfit.proxies, parts.house.language)
    doorman, locks = Doorman(parts, pages, porch, cookies), Locks()

    return [
        *Signing(parts, pages, porch, cookies, locks).routes(doorman),
        *Today(parts, pages).routes(doorman),
        *Queue(parts, pages).routes(doorman),
        *Bulk(parts, pages).routes(doorman),
        *Pulse(parts).routes(doorman),
        *ReportRoom(parts, pages, outfit.incoming).routes(doorman),
        *Photos(parts, pages).routes(doorman),
        *Map(parts, pages, outfit.tiles, outfit.credit).routes(doorman),
        *Figures(parts, pages).routes(doorman),
        *Supervisions(parts, pages).routes(doorman),
        *Departments(parts, pages).routes(doorman),
        *Account(parts, pages, locks).routes(doorman),
        *People(parts, pages).routes(doorman),
        *Mutes(parts, pages).routes(doorman),
        *Sources(parts, pages).routes(doorman),
        *Bulletins(parts, pages).routes(doorman),
        *AuditLog(parts, pages).routes(doorman),
        *Operations(parts, pages, outfit.incoming.parent, outfit.version, outfit.states).routes(doorman),
    ]
