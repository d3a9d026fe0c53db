"""What the door has done for it: turns, happenings, answers that came late, and what becomes of their letters."""

import asyncio
import logging
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.channels.wechat import CUSTOM
from bot.channels.wechat.after import arrived
from bot.channels.wechat.parse import Consented, Delivered, Happening, Left
from bot.channels.wechat.pictures import Pictures
from bot.channels.wechat.render import link
from bot.channels.wechat.rights import Rights
from bot.channels.wechat.visit import MORE, Signals, Visit
from bot.dispatch import Dispatch
from bot.messages import Exchange, Incoming
from db import history, reach, talks, wechat, wechat_account
from db.database import Busy, Database
from db.tx import Tx

log = logging.getLogger("youli.wechat")


class Turns:
    """The inbound side of the channel."""

    def __init__(self, dispatch: Dispatch, rights: Rights, pictures: Pictures, bell: asyncio.Event) -> None:
        self._dispatch, self._rights, self._pictures, self._bell = dispatch, rights, pictures, bell
        self._database: Database = dispatch.database
        self._signals = Signals(dispatch.house)
        self.take = dispatch.handle  # the turn itself

    def visit(self, message: Incoming) -> Visit:
        """The habits of one message."""
        return Visit(self._dispatch.house, self._rights, self._pictures, self._signals, message)

    def busy(self, message: Incoming) -> str:
        """What is said instead of a turn that would have to wait too long; usually nothing. Who begins to follow, or
        scanned a code, can't be asked to do it again: they are let in, seldom and cheap as they are."""
        if message.command is not None and message.command[0] == "start":
            return ""
        try:
            self._dispatch.admit("wechat")
        except Busy:
            return self._dispatch.house.library.texts.render(self._dispatch.house.language, "bot.busy")
        return ""

    async def note(self, happening: Happening) -> None:
        """Remember what happened; nobody waits for an answer."""
        match happening:
            case Left(user):
                await self._database.write(_left, user)
            case Consented(user, number, templates) if templates:
                house = self._dispatch.house
                await self._database.write(_consented, user, number, templates, house.language, house.zone)
            case Delivered(kind, status, number, sent, failed):
                if kind == "mass":
                    told = f"{status}: {sent} sent, {failed} failed"
                    await self._database.write(wechat_account.mass_told, number, told)
                if "success" not in status.lower():
                    log.warning("WeChat could not deliver", extra={"kind": kind, "status": status[:100]})

    def late(self, message: Incoming) -> str:
        """What the third try says when the turn takes longer: nothing where we may write afterwards."""
        if self._rights.may(CUSTOM):
            return ""
        texts, language = self._dispatch.house.library.texts, self._dispatch.house.language
        return texts.render(language, "wechat.late", link=link(texts.render(language, "wechat.more_word"), MORE))

    async def follow(self, exchange: Exchange, visit: Visit) -> None:
        """An answer that nobody waited for leaves as a letter, or is kept for «更多»: if its unit did not know that it
        would be late, from now on."""
        if not visit.kept:
            await self._database.write(_keep, visit, exchange)
        self._bell.set()

    async def arrived(self, exchange: Exchange) -> None:
        """The answer left in time: the letters that rode on it have arrived, those that follow it may leave."""
        await self._database.write(arrived, exchange.talk_id, self._dispatch.house.zone)
        self._bell.set()


def _left(tx: Tx, user: str) -> None:
    found = talks.find_talk(tx, "wechat", user)
    if found is not None:
        reach.lose(tx, found[0])


def _consented(
    tx: Tx, user: str, number: str, templates: Mapping[str, int | None], language: str, zone: ZoneInfo
) -> None:
    day = tx.day(zone)
    talk, _ = talks.open_talk(tx, "wechat", user, language, day)
    if history.known_exchange(tx, talk.id, number) is None:  # counted once, however often WeChat tells
        history.record_exchange(tx, talk.id, number, None, "[]")
        wechat.consent(tx, talk.id, templates)


def _keep(tx: Tx, visit: Visit, exchange: Exchange) -> None:
    talk = exchange.talk_id
    visit.keep(tx, talk, exchange.answer, exchange.language, wechat.options_of(tx, talk))
