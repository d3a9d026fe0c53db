"""How the parts are put together: built and started in order, stopped in reverse."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import jinja2

from actions.clock import Clock
from arrangements import backup_keeper, telegram_hook, wechat_account
from bot.asgi import Door
from bot.channel import Channel, Manners
from bot.channels.telegram import MANNERS as TELEGRAM
from bot.channels.telegram import TOKEN as TELEGRAM_TOKEN
from bot.channels.telegram import rates
from bot.channels.terminal import MANNERS as TERMINAL
from bot.channels.web import MANNERS as WEB
from bot.channels.web.channel import Lookers, WebChannel
from bot.channels.wechat import UNVERIFIED as WECHAT
from bot.collector import Collector
from bot.dispatch import Dispatch
from bot.house import House
from bot.links import Links
from bot.media import Media
from bot.pace import UNLIMITED, Pace
from bot.photos import Darkroom
from bot.postman import Postman
from content.library import Library, load
from db import letters
from db.database import Database, open_database, passing, reason
from db.migrate import current, migrate, newest
from db.moving import unfinished
from handlers import CONVERSATIONS
from settings import HOUSE, Settings, version
from web import app, stats
from web.chat import Chat
from web.console.operations import Reporter
from web.console.rooms import Outfit, console
from web.desk import Desk, Task
from web.door import MessageDoor
from web.errands import Errands
from web.figure_errands import FigureErrands
from web.metrics import Metrics
from web.origin import Origin
from web.parts import Parts
from web.public import public_pages
from web.report_errands import ReportErrands
from web.report_page import report_pages
from web.staff_errands import StaffErrands
from web.visitors import Visitors
from web.watch import Watch, state

log = logging.getLogger("youli")
MANNERS: dict[str, Manners] = {manners.name: manners for manners in (WEB, WECHAT, TELEGRAM, TERMINAL)}


class NotReady(Exception):
    """The house can't open; the text says why and what to do."""


@dataclass(frozen=True)
class Built:
    """A house that is open: database, engine, channels, the ASGI application, what works in the background."""

    settings: Settings
    database: Database
    dispatch: Dispatch
    channels: dict[str, Channel]
    lookers: Lookers
    site: app.Site
    desk: Desk
    workers: Sequence["Worker"]


class Worker(Protocol):
    """Works in the background until it is told to stop; it then finishes what it holds."""

    async def run(self) -> None:
        """Work until stopped."""

    def stop(self) -> None:
        """Take nothing new."""


def read_library(settings: Settings) -> Library:
    """The content. Raises ContentError."""
    return load(settings.content_dir, settings.city)


def desk_path(settings: Settings) -> Path:
    """The local socket."""
    return settings.data_dir.absolute() / "youli.sock"


@asynccontextmanager
async def open_house(settings: Settings, *, upgrade: bool) -> AsyncIterator[Built]:
    """Open everything; with ``upgrade`` the tables are brought up to date first.

    Raises NotReady, ContentError, DatabaseInUse.
    """
    async with AsyncExitStack() as stack:
        lookers = Lookers()
        metrics = Metrics(lookers, settings.data_dir, settings.zone)
        seen = state(settings.content_dir)
        library = read_library(settings)
        try:
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise NotReady(f"YOULI_DATA_DIR={settings.data_dir} can't be used: {error.strerror}") from None
        try:
            database = await open_database(settings.database, committed=metrics.commit)
            stack.push_async_callback(database.close)
            await _tables(database, upgrade)
            if settings.database.startswith("sqlite"):  # ours alone: nobody else is carrying anything
                await database.write(letters.let_go)
        except Exception as error:
            if not passing(error) and not isinstance(error, sqlite3.DatabaseError):
                raise
            raise NotReady(f"the database can't be opened (YOULI_DATABASE_URL): {reason(error)}") from error
        media = Media.open(settings.media_url, settings.data_dir / "media")
        darkroom = Darkroom()
        stack.callback(darkroom.close)
        secret = settings.secret()
        house = House(
            library, settings.zone, Links(settings.public_url, secret), settings.language, CONVERSATIONS, MANNERS
        )
        dispatch = Dispatch(database, house, metrics.turn)
        channels: dict[str, Channel] = {"web": WebChannel(database, lookers)}
        folder = settings.data_dir / "incoming"
        for left in folder.glob("photo-*"):  # uploads that a killed process was receiving
            left.unlink(missing_ok=True)
        hot: dict[tuple[str, str], Door] = {}
        more_workers: list[Worker] = []
        if settings.wechat_token.get_secret_value():
            from bot.channels.wechat.channel import WechatChannel

            token, account = settings.wechat_token.get_secret_value(), wechat_account(settings)
            wechat = WechatChannel(token, dispatch, media, darkroom, folder, account)
            stack.push_async_callback(wechat.close)
            await wechat.open()
            channels["wechat"] = wechat
            hot |= wechat.doors()
            more_workers += [wechat.mass] if wechat.mass else []
        paces: dict[str, Pace] = {}
        tasks: dict[str, Task] = {}
        reporters: dict[str, Reporter] = {}
        bell = asyncio.Event()
        if (token := settings.telegram_token.get_secret_value()) and _looks_like_a_token(token):
            from bot.channels.telegram.api import Api
            from bot.channels.telegram.attend import Attendant
            from bot.channels.telegram.channel import TelegramChannel
            from bot.channels.telegram.door import WebhookDoor
            from bot.channels.telegram.intake import Intake
            from bot.channels.telegram.pictures import Pictures

            api = Api(token, settings.telegram_api_base.rstrip("/"))
            stack.push_async_callback(api.close)
            pictures = Pictures(database, media, settings.content_dir / "pictures")
            channels["telegram"] = TelegramChannel(api, pictures, media, darkroom, folder)
            limited = settings.rate_limit == "on"
            paces["telegram"] = Pace(rates(settings.telegram_broadcast_rate) if limited else UNLIMITED)
            intake = Intake(database, dispatch, api, paces["telegram"], bell)
            hook = telegram_hook(settings)
            if hook is not None:
                hot["POST", "/telegram"] = WebhookDoor(intake, hook.secret)
            attendant = Attendant(api, intake, house, hook)
            more_workers.append(attendant)
            tasks["telegram"] = reporters["telegram"] = attendant.state
        parts = Parts(database, dispatch, media, darkroom, templates(), secret, settings.public_url)
        visitors = Visitors(secret, settings.public_url.startswith("https://"))
        hot["POST", "/chat/messages"] = MessageDoor(
            parts, visitors, Origin(settings.proxies), folder, settings.rate_limit == "on"
        )
        static = HOUSE / "web" / "static"
        credit = settings.map_credit
        outfit = Outfit(settings.proxies, folder, settings.map_tiles, credit, version(), reporters)
        routes = [
            *Chat(parts, visitors, lookers, static).routes(),
            *stats.routes(parts),
            *public_pages(parts),
            *report_pages(parts),
            *console(parts, outfit),
            *metrics.routes(database, [name for name, one in channels.items() if one.manners.pushes]),
        ]
        site = app.Site(hot, app.pages(parts, routes, settings.content_dir / "pictures", static, settings.map_tiles))
        keeper = backup_keeper(settings, database, media)
        tasks["backup"] = keeper.task
        more_workers += [keeper] if settings.backup_hour >= 0 else []
        workers: tuple[Worker, ...] = (
            Postman(database, house, channels, paces, bell),
            Collector(database, channels),
            Clock(database, house, media),
            Watch(house, settings.content_dir, settings.city, seen),
            *more_workers,
        )
        for errands in (
            Errands(database, dispatch),
            ReportErrands(database, dispatch),
            StaffErrands(database, house),
            FigureErrands(database, house),
        ):
            tasks |= errands.tasks()
        desk = Desk(tasks)
        yield Built(settings, database, dispatch, channels, lookers, site, desk, workers)


def _looks_like_a_token(token: str) -> bool:
    """Whether Telegram could have given it; if not, that is told and the rest of the house opens."""
    if TELEGRAM_TOKEN.fullmatch(token):
        return True
    log.error("YOULI_TELEGRAM_TOKEN is no token: it looks like 123456789:ABC-def…; Telegram is not served")
    return False


async def _tables(database: Database, upgrade: bool) -> None:
    if await database.read(unfinished):
        raise NotReady("this database is a copy that is not complete: run «main.py move-database» again, to its end")
    if upgrade:
        before, after = await database.reshape(migrate)
        if before != after:
            log.info("tables brought up to date", extra={"from": before, "to": after})
        return
    found = await database.read(current)
    if found != newest():
        raise NotReady(
            f"the tables are at revision {found or 'none'}, this Youli needs {newest()}: run «main.py migrate» first"
        )


def templates() -> jinja2.Environment:
    """The pages' templates, with ``static(path)``: an address that changes when the file does."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HOUSE / "web" / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )

    def static(path: str) -> str:
        file = HOUSE / "web" / "static" / path
        return f"/static/{path}?v={file.stat().st_mtime_ns:x}" if file.exists() else f"/static/{path}"

    environment.globals["static"] = static
    return environment


@asynccontextmanager
async def at_work(built: Built) -> AsyncIterator[None]:
    """The background workers, while the block lasts; they finish what they hold when it ends."""
    tasks = [asyncio.create_task(worker.run()) for worker in built.workers]
    try:
        yield
    finally:
        for worker in built.workers:
            worker.stop()
        await asyncio.wait(tasks, timeout=20)
        for task in tasks:
            task.cancel()
