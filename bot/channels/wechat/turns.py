"""What the door has done for it: turns, happenings, answers that came late, and what follows an answer."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.channel import TryLater
from bot.channels.wechat import AFTER_MESSAGE, AFTER_TAP, CUSTOM, MEDIA
from bot.channels.wechat.api import NO_RIGHT, Api, Refusal, Silence
from bot.channels.wechat.parse import Consented, Delivered, Happening, Left
from bot.channels.wechat.pictures import Pictures
from bot.channels.wechat.render import compose, link
from bot.channels.wechat.rights import Rights
from bot.channels.wechat.visit import MORE, PAGES_LAST, Signals, Visit
from bot.delivery import delivered
from bot.dispatch import Dispatch
from bot.letters import say_to_json
from bot.messages import Exchange, Incoming, Say
from db import history, letters, reach, talks, wechat, wechat_account
from db.database import Busy, Database
from db.tx import Tx

log = logging.getLogger("youli.wechat")


class Turns:
    """The inbound side of the channel."""

    def __init__(self, dispatch: Dispatch, rights: Rights, pictures: Pictures, api: Api) -> None:
        self._dispatch, self._rights, self._pictures, self._api = dispatch, rights, pictures, api
        self._database: Database = dispatch.database
        self._signals = Signals(dispatch.house)
        self._background: set[asyncio.Task[bool]] = set()
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

    async def follow(self, message: Incoming, exchange: Exchange, visit: Visit) -> None:
        """An answer that nobody waited for: kept for «更多», and sent as a message where we may, its pictures after
        it."""
        kept, raw, user = visit.kept(exchange), visit.text or compose(exchange.answer), message.address.user
        if not kept or raw is None:
            return
        page = await self._database.write(_keep_late, exchange.talk_id, kept.decode())
        if not self._rights.may(CUSTOM):  # «更多» was offered
            return
        said = not raw or await self._said(user, exchange.talk_id, raw.decode())
        if said and await self.show_all(user, exchange.talk_id, _pictures(exchange)):
            await self._database.write(wechat.drop_page, page)
            await self._database.write(_arrived, exchange.talk_id, self._dispatch.house.zone)
        else:  # they know of nothing yet
            await self._database.write(_tell_of_page, exchange)

    async def _said(self, user: str, talk_id: int, text: str) -> bool:
        """Whether a message could be sent after the answer."""
        which = await self._database.write(wechat.take, talk_id, AFTER_TAP.seconds, AFTER_MESSAGE.seconds)
        if which is None:
            return False
        try:
            await self._api.say(user, text)
        except (Refusal, TryLater) as error:
            await self._unsent(error, talk_id, which, CUSTOM)
            return isinstance(error, Silence)  # perhaps it arrived
        return True

    async def arrived(self, exchange: Exchange) -> None:
        """The answer left in time: the letters that rode on it have arrived."""
        await self._database.write(_arrived, exchange.talk_id, self._dispatch.house.zone)

    def show(self, message: Incoming, exchange: Exchange) -> None:
        """The answer's pictures, as messages of their own; nobody waits for them."""
        paths = _pictures(exchange)
        if paths and self._rights.may(CUSTOM) and self._rights.may(MEDIA):
            task = asyncio.create_task(self.show_all(message.address.user, exchange.talk_id, paths))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def close(self) -> None:
        """Let pictures that are on their way arrive."""
        if self._background:
            await asyncio.wait(self._background, timeout=5)

    async def show_all(self, user: str, talk_id: int, paths: Sequence[str]) -> bool:
        """Send pictures while the allowance lasts; whether all could be. What could not, the log tells."""
        for path in paths:
            which = await self._database.write(wechat.take, talk_id, AFTER_TAP.seconds, AFTER_MESSAGE.seconds)
            if which is None:
                return False
            try:
                await self._pictures.show(self._api, user, path)
            except (Refusal, TryLater) as error:
                await self._unsent(error, talk_id, which, MEDIA)
                return False
        return True

    async def _unsent(self, error: Refusal | TryLater, talk_id: int, which: str, api: str) -> None:
        if isinstance(error, Refusal) and error.code in NO_RIGHT:
            await self._rights.refused(api)
        await self._database.write(wechat.give_back, talk_id, which)
        log.warning("not sent after the answer", extra={"talk": talk_id, "why": str(error)})


def _pictures(exchange: Exchange) -> list[str]:
    """The paths of what is shown beside an answer; a card holds its picture itself."""
    return [path for item in exchange.answer for path, _ in item.images if path.startswith("/")]


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


def _keep_late(tx: Tx, talk_id: int, text: str) -> int:
    return wechat.keep_before(tx, talk_id, text, wechat.options_of(tx, talk_id))


def _tell_of_page(tx: Tx, exchange: Exchange) -> None:
    """Say that «更多» brings what could not be sent: with their next answer, or when it can be sent again."""
    say, until = say_to_json(Say("wechat.ready")), tx.ms + PAGES_LAST * 1000
    once, urgency = f"late:{exchange.id}", letters.REPLY  # it belongs here, wherever else they may be
    letters.add_letter(tx, exchange.talk_id, "wechat", say, urgency=urgency, once=once, expires_at=until)


def _arrived(tx: Tx, talk_id: int, zone: ZoneInfo) -> None:
    found = talks.talk_of_id(tx, talk_id)
    if found is not None:
        for letter in wechat.riding(tx, talk_id):
            delivered(tx, letter, found[2], zone)
