"""What is due when: the daily tip, reports that nobody confirmed, housekeeping. Safe to run twice and anywhere."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import date, datetime, timedelta
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from actions import bulletin_duty, daily, surveys
from actions.hiding import Hiding
from actions.learning import tip_words
from actions.moves import close_unconfirmed, end_holds
from actions.reminders import chase
from actions.residents import EARLIEST, LATEST
from actions.retention import clear
from actions.rolling import Roller
from actions.tidying import delete_files
from bot.house import House
from bot.letters import say_to_json
from bot.media import Media
from bot.messages import Option, Say
from bot.rounds import rounds
from content.items import Tip
from content.library import Library
from content.texts import LANGUAGES
from db import casebook, circulars, resealing, residents, upkeep
from db.database import Database
from db.moments import to_ms
from db.tx import Tx

log = logging.getLogger("youli.clock")
P = ParamSpec("P")
T = TypeVar("T")
PAGE = 250  # residents whose letters are written in one unit: some eight milliseconds
AREAS = 20  # of which the tip is decided in one unit
EVERY = 20.0  # seconds
MORNING = 6  # until then yesterday's backlog can still be noted


class Clock:
    """Looks every few seconds at what is due. The database accepts each (what, when) once."""

    def __init__(self, database: Database, house: House, media: Media) -> None:
        self._database, self._house, self._media = database, house, media
        self._stop = asyncio.Event()
        self._roller = Roller(database, house.zone)
        self._hiding = Hiding(database, house)

    async def run(self) -> None:
        """Tick until stopped."""
        await rounds(self.tick, EVERY, self._stop, partial(log.exception, "clock's tick failed"))

    def stop(self) -> None:
        """Finish the tick and go."""
        self._stop.set()

    async def tick(self) -> None:
        """Do all that is due now."""
        now = await self._database.read(_local_now, self._house)
        for day in (now.date(), now.date() + timedelta(days=1)):  # today's only if nobody did it yesterday
            await self._once("area-tips", f"{day}", partial(self._areas, day))
        for hour in range(EARLIEST, min(now.hour, LATEST) + 1):
            if now.hour < LATEST + 1:
                await self._once("tips", f"{now:%Y-%m-%d}T{hour:02}", partial(self._tips, now, hour))
        if 9 <= now.hour <= LATEST:  # residents hear of it
            await self._once("confirm", f"{now:%Y-%m-%d}", self._confirm)
            await self._once("surveys", f"{now:%Y-%m-%d}", self._surveys)
            await self._once("holds", f"{now:%Y-%m-%d}", self._holds)
            await self._once("bulletins", f"{now:%Y-%m-%dT%H}", self._bulletins)
        await self._once("chase", f"{now:%Y-%m-%dT%H}{now.minute // 10}", self._chase)
        await self._once("clear", f"{now:%Y-%m-%d}", self._clear)
        await self._once("forget", f"{now:%Y-%m-%d}", self._forget)
        newest = await self._database.read(resealing.newest)
        await self._once("seal", f"{newest}-{resealing.EXTENT}", self._seal)
        await self._once("upkeep", f"{now:%Y-%m-%dT%H}", self._upkeep)
        await self._once("backlog", f"{now.date()}", partial(self._backlog, now))
        await self._roller.run()
        await self._hiding.run()
        await self._once("files", f"{now:%Y-%m-%dT%H}", self._files)  # at last: the store may be away

    async def _once(self, what: str, at: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do it unless it was finished before; a crash half-way repeats it, and every part is safe to repeat."""
        if await self._database.read(residents.ticked, what, at):
            return
        await work()
        await self._database.write(residents.tick, what, at)

    async def _seal(self) -> None:
        """What the newest key did not seal: all of it after an upgrade from times without keys, or with a new key."""
        for name in resealing.TABLES:
            after: int | None = 0
            while after is not None:
                done = await self._unhurried(resealing.page, name, after)
                after = done.last if done else None

    async def _areas(self, day: date) -> None:
        await self._planned(day)  # on New Year's Eve: the next year
        found = await self._database.read(daily.rises, self._house.library, day)
        areas = sorted(found)
        for at in range(0, len(areas), AREAS):
            some = {area: found[area] for area in areas[at : at + AREAS]}
            await self._database.write(daily.decide, self._house.library, day, some)

    async def _planned(self, day: date) -> None:
        for _ in daily.prepare(self._house.library, day):
            await asyncio.sleep(0)  # nobody waits for more than one year

    async def _tips(self, now: datetime, hour: int) -> None:
        await self._planned(now.date())
        after: int | None = 0
        while after is not None:
            after = await self._unhurried(plan_tips, self._house, hour, after)

    async def _confirm(self) -> None:
        while await self._database.write(close_unconfirmed, self._house.library, self._house.zone):
            log.info("unconfirmed reports closed")

    async def _surveys(self) -> None:
        while await self._database.write(surveys.remind, self._house.library, self._house.zone):
            log.info("residents asked once more how it went")

    async def _holds(self) -> None:
        while await self._database.write(end_holds, self._house.library, self._house.zone):
            log.info("reports on hold taken up again")

    async def _bulletins(self) -> None:
        for period, drafted in await self._database.read(bulletin_duty.compose, self._house):
            told = await self._database.write(bulletin_duty.tell, self._house, period, drafted)
            log.info("a bulletin waits to be signed", extra={"period": period.lasting, "told": told})

    async def _chase(self) -> None:
        while await self._database.write(chase, self._house.library, self._house.zone):
            log.info("staff reminded of reports")

    async def _clear(self) -> None:
        while await self._database.write(clear, self._house.library):
            log.info("reports cleared whose time was over")

    async def _backlog(self, now: datetime) -> None:
        """What waits when a day ends; hours later it would be something else, and nothing is noted."""
        if now.hour < MORNING:
            yesterday = now.date() - timedelta(days=1)
            await self._database.write(casebook.note_backlog, yesterday.isoformat())

    async def _upkeep(self) -> None:
        for page in (upkeep.forget_old, upkeep.forget_exchanges):
            while await self._unhurried(page):
                log.info("a page was forgotten", extra={"what": page.__name__})

    async def _files(self) -> None:
        await delete_files(self._database, self._media)
        await self._database.scour()

    async def _forget(self) -> None:
        """Once a day through all that may be old enough."""
        for page in (upkeep.forget_letters, upkeep.forget_drafts, upkeep.forget_photos):
            after: int | None = 0
            while after is not None:
                after = await self._unhurried(page, after)

    async def _unhurried(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit of many, and wait as long again, for whoever talks meanwhile."""
        began = asyncio.get_running_loop().time()
        result = await self._database.write(unit, *args, **kwargs)
        await asyncio.sleep(asyncio.get_running_loop().time() - began)
        return result


def _local_now(tx: Tx, house: House) -> datetime:
    return tx.local(house.zone)


def plan_tips(tx: Tx, house: House, hour: int, after: int) -> int | None:
    """Write the day's tip to one page of residents who want it at this hour; the last id, or None when all have it.

    A resident gets one a day, however often this runs and whatever hour they change to: their area's own tip or the
    city's, and who has seen that on another day one that they have not.
    """
    library, day = house.library, tx.local(house.zone).date()
    tip = daily.city_tip(library, day)
    last = residents.due_for_tip(tx, hour, after, PAGE)
    if tip is None or last is None:
        return None
    own = daily.tips_by_area(tx, library, day)
    for one in {tip.id: tip for tip in own.values()}.values():
        _send_tip(tx, house, one, (hour, after, last), [area for area in own if own[area].id == one.id], ())
    _send_tip(tx, house, tip, (hour, after, last), None, list(own))
    return last


def _send_tip(
    tx: Tx, house: House, tip: Tip, page: tuple[int, int, int], areas: list[str] | None, but: Collection[str]
) -> None:
    """A tip to the page's residents of these areas (None: of all but some); the others that who has seen it gets."""
    local = tx.local(house.zone)
    library, day = house.library, local.date()
    night = local.replace(hour=LATEST + 1, minute=0, second=0, microsecond=0)
    solemn = library.calendar.solemn(day)
    spare = daily.others(library, day)
    tries = [(one, (one.id, day.isoformat())) for one in (tip, *spare)] if spare else []
    for language in LANGUAGES:
        left = residents.how_many(tx, residents.tip_page(*page, language, areas, but, None))
        for one, unseen in [*tries, (tip, None)]:  # who has seen them all gets the first again
            if not left:
                break
            said = say_to_json(daily_message(library, one, language, solemn))
            left -= circulars.circulate(
                tx,
                circulars.circular(tx, f"tip:{day}:{one.id}:{language}", said),
                residents.tip_page(*page, language, areas, but, unseen),
                once=f"tip:{day}:",
                expires_at=to_ms(night),
                deed=f"tip_delivered|{one.topic}|{one.id}",
            )


def daily_message(library: Library, tip: Tip, language: str, solemn: bool) -> Say:
    """The tip as it is sent; on solemn days without a game behind it."""
    quiz = () if solemn else (Option(f"/quiz tip:{tip.id}", "option.quiz_me"),)
    return Say(
        "tip.message",
        tip_words(library, tip, language, solemn),
        (Option("/tip another", "option.another_tip"), *quiz, Option("/stop", "option.stop_tips")),
    )
