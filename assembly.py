"""How the parts are put together: built and started in order, stopped in reverse."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import ParamSpec, Protocol

from actions.clock import Clock
from arrangements import backup_keeper, telegram_hook, throttle_of, wechat_account
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
from bot.pace import UNLIMITED, Pace, Rates, Together
from bot.photos import Darkroom
from bot.postman import Postman
from bot.retoucher import Retoucher
from content.library import Library
from db import demo
from db.database import Database
from db.paces import leave
from handlers import CONVERSATIONS
from opening import open_store, read_library
from settings import HOUSE, Settings, asks_for_traces, version
from telemetry import telling
from web import app, editions, stats
from web.api import Programs
from web.bulletins.cards import Cards
from web.chat import Chat
from web.console.operations import Reporter
from web.console.rooms import Outfit, console
from web.desk import Desk, Task
from web.door import MessageDoor
from web.drawings import Drawings
from web.errands import Errands
from web.figure_errands import FigureErrands
from web.full import Full
from web.key_errands import KeyErrands
from web.listed import Listed
from web.metrics import Metrics
from web.origin import Origin
from web.parts import Parts, templates
from web.public import public_pages
from web.report_errands import ReportErrands
from web.report_page import report_pages
from web.staff_errands import StaffErrands
from web.visitors import Visitors
from web.watch import DemoMark, Watch, state

log = logging.getLogger("youli")
MANNERS: dict[str, Manners] = {manners.name: manners for manners in (WEB, WECHAT, TELEGRAM, TERMINAL)}


@dataclass(frozen=True)
class Built:
    """A house that is open: database, engine, channels, the ASGI application, what works in the background (in one
    process at least), and what each process watches for itself."""

    settings: Settings
    database: Database
    dispatch: Dispatch
    channels: dict[str, Channel]
    lookers: Lookers
    site: Door
    full: Door  # instead of the site where there is no room
    desk: Desk
    workers: Sequence["Worker"]
    watches: Sequence["Worker"]


class Worker(Protocol):
    """Works in the background until it is told to stop; it then finishes what it holds."""

    async def run(self) -> None:
        """Work until stopped."""

    def stop(self) -> None:
        """Take nothing new."""


def the_house(settings: Settings, library: Library) -> House:
    """What every turn needs."""
    links = Links(settings.public_url, settings.secret())
    manners = MANNERS | {"telegram": replace(TELEGRAM, quizzes=settings.telegram_quiz == "polls")}
    return House(library, settings.zone, links, settings.language, CONVERSATIONS, manners)


@asynccontextmanager
async def open_house(settings: Settings, *, upgrade: bool) -> AsyncIterator[Built]:
    """Open everything; with ``upgrade`` the tables are brought up to date first.

    Raises NotReady, ContentError, DatabaseInUse.
    """
    async with AsyncExitStack() as stack:
        lookers = Lookers(settings.open_pages)
        account = wechat_account(settings)
        mass = account.kind.mass_a_month if account.mass_tag and account.app_secret else 0
        metrics = Metrics(lookers, settings.data_dir, settings.zone, mass)
        traces = await stack.enter_async_context(telling()) if asks_for_traces() else None
        seen = state(settings.content_dir)
        library = read_library(settings)
        committed = both(metrics.commit, traces.commit if traces else None)
        database = await stack.enter_async_context(open_store(settings, upgrade=upgrade, committed=committed))
        media = Media.open(settings.media_url, settings.data_dir / "media", settings.media_hosts)
        darkroom = Darkroom()
        stack.callback(darkroom.close)
        secret = settings.secret()
        house = the_house(settings, library)
        house.made_up = await database.read(demo.find) is not None
        dispatch = Dispatch(database, house, both(metrics.turn, traces.turn if traces else None), metrics.turned_away)
        cards = Cards(database, house)
        drawings = Drawings(settings.content_dir / "pictures", settings.data_dir / "drawings")

        async def drawn(path: str) -> bytes | None:
            return await drawings.picture(path) or await cards.picture(path)

        channels: dict[str, Channel] = {"web": WebChannel(database, lookers)}
        folder = settings.data_dir / "incoming"
        for left in folder.glob("photo-*"):  # uploads that a killed process was receiving
            left.unlink(missing_ok=True)
        hot: dict[tuple[str, str], Door] = {}
        more_workers: list[Worker] = []
        more_watches: list[Worker] = []
        tasks: dict[str, Task] = {}
        reporters: dict[str, Reporter] = {}
        bell = asyncio.Event()  # calls the postman
        if settings.wechat_token.get_secret_value():
            from bot.channels.wechat.channel import WechatChannel

            token = settings.wechat_token.get_secret_value()
            wechat = WechatChannel(token, dispatch, media, darkroom, folder, account, drawn=drawn, bell=bell)
            stack.push_async_callback(wechat.close)
            await wechat.open()
            channels["wechat"] = wechat
            hot |= wechat.doors()
            more_workers += [wechat.mass] if wechat.mass else []
            more_watches.append(wechat.rights)
            tasks["wechat"] = reporters["wechat"] = wechat.state
        paces: dict[str, Pace] = {}
        if (token := settings.telegram_token.get_secret_value()) and _looks_like_a_token(token):
            from bot.channels.telegram.api import Api
            from bot.channels.telegram.attend import Attendant
            from bot.channels.telegram.channel import TelegramChannel
            from bot.channels.telegram.door import WebhookDoor
            from bot.channels.telegram.intake import Intake
            from bot.channels.telegram.pictures import Pictures

            api = Api(token, settings.telegram_api_base.rstrip("/"))
            stack.push_async_callback(api.close)
            pictures = Pictures(database, media, settings.content_dir / "pictures", drawn)
            channels["telegram"] = TelegramChannel(api, database, house, pictures, media, darkroom, folder)
            if settings.rate_limit == "on":
                limits = rates(settings.telegram_broadcast_rate)
                alone = settings.database.startswith("sqlite")
                paces["telegram"] = Pace(limits, together=None if alone else together(database, limits))
            else:
                paces["telegram"] = Pace(UNLIMITED)
            intake = Intake(database, dispatch, api, paces["telegram"], bell)
            hook = telegram_hook(settings)
            if hook is not None:
                hot["POST", "/telegram"] = WebhookDoor(intake, hook.secret)
            attendant = Attendant(api, intake, house, hook)
            more_workers.append(attendant)
            tasks["telegram"] = reporters["telegram"] = attendant.state
        more_watches += [drawings] if len(channels) > 1 else []  # a browser draws by itself
        parts = Parts(database, dispatch, media, darkroom, templates(house), secret, settings.public_url)
        visitors = Visitors(secret, settings.public_url.startswith("https://"))
        throttle = throttle_of(settings, database)
        hot["POST", "/chat/messages"] = MessageDoor(
            parts, visitors, lookers, Origin(settings.proxies), folder, throttle
        )
        static = HOUSE / "web" / "static"
        credit = settings.map_credit
        outfit = Outfit(settings.proxies, folder, settings.map_tiles, credit, version(), reporters)
        routes = [
            *Chat(parts, visitors, lookers, static).routes(),
            *stats.routes(parts),
            *Programs(parts, throttle).routes(),
            *editions.routes(parts),
            *cards.routes(),
            *public_pages(parts),
            *report_pages(parts),
            *Listed(parts, settings.map_tiles, credit).routes(),
            *console(parts, outfit),
            *metrics.routes(database, [name for name, one in channels.items() if one.manners.pushes]),
        ]
        site = app.Site(hot, app.pages(parts, routes, settings.content_dir / "pictures", static, settings.map_tiles))
        doors: Door = site if traces is None else traces.around(site, site.hot)
        full = Full(parts, metrics.turned_away)
        keeper = backup_keeper(settings, database, media)
        tasks["backup"] = keeper.task
        more_workers += [keeper] if settings.backup_hour >= 0 else []
        workers: tuple[Worker, ...] = (
            Postman(database, house, channels, paces, bell, carried=traces.letter if traces else None),
            Collector(database, channels),
            Retoucher(database, house, media, folder),
            Clock(database, house, media),
            *more_workers,
        )
        watches: tuple[Worker, ...] = (
            Watch(house, settings.content_dir, settings.city, seen),
            DemoMark(house, database),
            *more_watches,
        )
        for errands in (
            Errands(database, dispatch),
            ReportErrands(database, dispatch),
            StaffErrands(database, house),
            FigureErrands(database, house),
            KeyErrands(database),
        ):
            tasks |= errands.tasks()
        desk = Desk(tasks)
        yield Built(settings, database, dispatch, channels, lookers, doors, full, desk, workers, watches)


P = ParamSpec("P")


def both(one: Callable[P, None], other: Callable[P, None] | None) -> Callable[P, None]:
    """Tell both; where there is no other, ``one`` itself."""
    if other is None:
        return one

    def tell(*args: P.args, **kwargs: P.kwargs) -> None:
        one(*args, **kwargs)
        other(*args, **kwargs)

    return tell


def _looks_like_a_token(token: str) -> bool:
    """Whether Telegram could have given it; if not, that is told and the rest of the house opens."""
    if TELEGRAM_TOKEN.fullmatch(token):
        return True
    log.error("YOULI_TELEGRAM_TOKEN is no token: it looks like 123456789:ABC-def…; Telegram is not served")
    return False


def together(database: Database, limits: Rates) -> Together:
    """Telegram counts what all our processes send: so do we, where there may be several."""

    async def ask(broadcast: bool) -> float:
        broadcasts = round(limits.broadcasts) if broadcast else 0
        unit = partial(leave, overall=round(limits.overall), burst=limits.overall_burst, broadcasts=broadcasts)
        return await database.write(unit, "telegram") / 1000

    return ask


@asynccontextmanager
async def at_work(workers: Sequence[Worker]) -> AsyncIterator[None]:
    """They work in the background while the block lasts, and finish what they hold when it ends."""
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        await asyncio.wait(tasks, timeout=20)
        for task in tasks:
            task.cancel()
