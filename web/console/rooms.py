"""The console put together: its rooms in the order of their addresses."""

from collections.abc import Sequence
from pathlib import Path

from starlette.routing import BaseRoute

from web.console.account import Account
from web.console.bulk import Bulk
from web.console.cookies import Cookies
from web.console.doorman import Doorman
from web.console.log import AuditLog
from web.console.pages import Pages
from web.console.people import People
from web.console.porch import Porch
from web.console.queue import Queue
from web.console.report import ReportRoom
from web.console.signing import Locks, Signing
from web.console.today import Today
from web.parts import Parts


def console(parts: Parts, proxies: Sequence[str], incoming: Path) -> list[BaseRoute]:
    """Everything below /console. ``proxies`` are the networks whose word on addresses is taken; ``incoming`` is where
    photos arrive."""
    pages = Pages(parts)
    cookies = Cookies(parts.base_url.startswith("https://"), parts.secret)
    porch = Porch(pages, cookies, proxies, parts.house.language)
    doorman, locks = Doorman(parts, pages, porch, cookies), Locks()

    return [
        *Signing(parts, pages, porch, cookies, locks).routes(doorman),
        *Today(parts, pages).routes(doorman),
        *Queue(parts, pages).routes(doorman),
        *Bulk(parts, pages).routes(doorman),
        *ReportRoom(parts, pages, incoming).routes(doorman),
        *Account(parts, pages, locks).routes(doorman),
        *People(parts, pages).routes(doorman),
        *AuditLog(parts, pages).routes(doorman),
    ]
