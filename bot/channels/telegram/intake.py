"""Updates, from the webhook or asked for: each stored and handled once, in one unit with its answer."""

import asyncio
import json
import logging
from collections.abc import Coroutine
from typing import Any

from bot.channel import SendFailure
from bot.channels.telegram.answer import Answering, Seen
from bot.channels.telegram.api import Api
from bot.channels.telegram.parse import Raw, Unreadable, Update, merge, number_of, owner, parse
from bot.channels.telegram.render import Call, text
from bot.dispatch import Dispatch
from bot.messages import Address, Exchange, Incoming
from bot.pace import Pace
from db import polls, reach, residents, talks, updates
from db.database import Database, passing
from db.tx import Tx

log = logging.getLogger("youli.telegram")
LOOK = 0.5  # seconds between looks for albums that are complete, when this process holds none


class Intake:
    """What both doors share."""

    def __init__(self, database: Database, dispatch: Dispatch, api: Api, pace: Pace, bell: asyncio.Event) -> None:
        self._database, self._dispatch, self._api = database, dispatch, api
        self._pace, self._bell = pace, bell
        self._held = asyncio.Event()  # an album has begun or grown
        self._asides: set[asyncio.Task[None]] = set()

    def admit(self) -> None:
        """The webhook asks before it reads an update. Raises Busy: Telegram sends it again, and others after it. Nobody
        can be told that they should, so they are let in as those who come again are."""
        self._dispatch.admit("telegram", again=True)

    async def take(self, raw: Raw, responds: bool = False) -> Call | None:
        """Handle an update; what to put into the webhook's response. When this returns, the update is on disk.

        One that can't be read or handled becomes a dead letter and is reported by ``check``. Raises Unreadable for
        what is no update at all, and what the database raised
        when it could not be stored: let Telegram send it again.
        """
        number = number_of(raw)
        if number is None:
            raise Unreadable("no number")
        try:
            return await self._handle(parse(raw), raw, responds)
        except Seen:
            return None
        except Exception as error:
            if passing(error):  # the update is not to blame, and comes again
                raise
            await self._bury(number, raw, error)
            return None

    async def _handle(self, update: Update, raw: Raw, responds: bool) -> Call | None:
        if update.tap is not None:
            self._aside(self._api.answer_tap(update.tap))
        if update.kind == "message" and update.incoming is not None:
            if update.album is None:
                return await self._turn(update, update.incoming, responds)
            kept = json.dumps(raw)
            await self._database.write(updates.hold, self._api.bot, update.number, update.chat, update.album, kept)
            self._held.set()
            return None
        if update.kind == "picked" and (incoming := await self._database.read(_picked, update)) is not None:
            return await self._turn(update, incoming, responds)
        if update.kind == "group":
            call = await self._database.write(self._decline, update)
            if call is not None and not responds:
                self._aside(self._try(call))
            return call if responds else None
        await self._database.write(self._note, update)
        return None

    async def _turn(self, update: Update, incoming: Incoming, responds: bool) -> Call | None:
        responds = responds and self._pace.free(update.chat)
        habits = Answering(
            self._dispatch.house, self._api.bot, update.chat, [update.number], responds=responds, under=incoming.under
        )
        await self._answered(await self._dispatch.handle(incoming, habits), habits)
        return habits.call

    async def _answered(self, exchange: Exchange, habits: Answering) -> None:
        if exchange.repeated:
            await self._database.write(habits.repeat, exchange.talk_id, exchange.answer)
        if habits.call is not None:
            self._pace.note(habits.chat)
        else:
            self._bell.set()

    def _decline(self, tx: Tx, update: Update) -> Call | None:
        """Say once to a group that we only talk in private; once a month, to be exact, as long as ticks are kept."""
        if not updates.add(tx, self._api.bot, update.number) or residents.ticked(tx, "telegram.group", update.chat):
            return None
        residents.tick(tx, "telegram.group", update.chat)
        house = self._dispatch.house
        words = house.library.texts.render(update.language or house.language, "telegram.group")
        return Call("sendMessage", {"chat_id": int(update.chat), **text(words)})

    def _note(self, tx: Tx, update: Update) -> None:
        """Store what needs no answer; and who blocked us or came back."""
        if not updates.add(tx, self._api.bot, update.number) or update.kind != "member":
            return
        talk = talks.find_talk(tx, "telegram", update.chat)
        if talk is not None:
            (reach.find_again if update.reachable else reach.lose)(tx, talk[0])

    async def _bury(self, number: int, raw: Raw, error: Exception) -> None:
        log.error("update can't be handled", extra={"update": number, "kind": type(error).__name__})
        kind = str(error) if isinstance(error, Unreadable) else type(error).__name__
        await self._database.write(
            updates.add, self._api.bot, number, updates.DEAD, user=owner(raw), raw=json.dumps(raw), error=kind
        )

    def _aside(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something that nobody waits for."""
        task = asyncio.create_task(doing)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _try(self, call: Call) -> None:
        try:
            await self._api.make(call)
        except SendFailure as failure:
            log.info("group not answered", extra={"kind": type(failure).__name__})

    async def albums(self) -> None:
        """Hand in albums as soon as they are complete, also those that an earlier process left. Runs until
        cancelled."""
        while True:
            self._held.clear()
            try:
                wait = await self.close_albums()
            except Exception:
                log.exception("albums could not be looked at")
                wait = None
            try:
                async with asyncio.timeout(LOOK if wait is None else min(wait, LOOK)):
                    await self._held.wait()
            except TimeoutError:
                continue

    async def close_albums(self) -> float | None:
        """Handle the albums that are complete now; in how many seconds the next one will be."""
        complete, wait = await self._database.read(updates.albums, self._api.bot)
        for user, album in complete:
            await self._close(user, album)
        return wait

    async def _close(self, user: str, album: str) -> None:
        parts = await self._database.read(updates.parts, self._api.bot, user, album)
        numbers = [part.number for part in parts]
        try:
            read = [parse(json.loads(part.raw)).incoming for part in parts]
            incoming = merge([one for one in read if one is not None])
            habits = Answering(self._dispatch.house, self._api.bot, user, numbers, held=True)
            await self._answered(await self._dispatch.handle(incoming, habits), habits)
        except Seen:
            return
        except Exception as error:
            if passing(error):  # the update is not to blame, and comes again
                raise
            log.exception("album can't be handled", extra={"updates": numbers})
            await self._database.write(updates.bury, self._api.bot, numbers, type(error).__name__)


def _picked(tx: Tx, update: Update) -> Incoming | None:
    """The answer to a quiz as the choice it stands for; nothing where the quiz was passed on to somebody else."""
    found = polls.sent_as(tx, update.poll)
    if found is None or found[0] != update.chat or update.picked >= len(found[1]):
        return None
    address, choice = Address("telegram", update.chat), found[1][update.picked]
    return Incoming(address, str(update.number), choice=choice, language=update.language)
