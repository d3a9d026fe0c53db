"""The channel of an Official Account: its parts put together, letters sent, photos brought in."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from pathlib import Path

import httpx

from bot.asgi import Door as AsgiDoor
from bot.channel import Away, Drawn, NotNow, PhotoGone, TryLater, Unsure, undrawn
from bot.channels.wechat import AFTER_MESSAGE, AFTER_TAP, CUSTOM, MASS, MEDIA, UNVERIFIED, Account
from bot.channels.wechat.after import SHOWN_WITHIN, post
from bot.channels.wechat.api import (
    NO_RIGHT,
    UNUSABLE,
    WINDOW_FULL,
    WINDOW_OVER,
    Api,
    Refusal,
    Silence,
    Unreachable,
    failure,
)
from bot.channels.wechat.door import Door
from bot.channels.wechat.envelope import Envelope
from bot.channels.wechat.mass import Mass
from bot.channels.wechat.notices import Notices
from bot.channels.wechat.pictures import Pictures
from bot.channels.wechat.render import compose, link, pages, tame
from bot.channels.wechat.rights import Rights
from bot.channels.wechat.standing import standing
from bot.channels.wechat.turns import Turns
from bot.channels.wechat.visit import MORE
from bot.dispatch import Dispatch
from bot.letters import say_from_json, settled
from bot.media import Media
from bot.messages import Address, Outgoing
from bot.outside import Inside
from bot.photos import AS_IT_IS, Darkroom, Developed, receive
from db import talks, wechat, wechat_account
from db.letters import BROADCAST
from db.tx import Tx

log = logging.getLogger("youli.wechat")
PHOTO_HOSTS = re.compile(r"([a-z0-9-]{1,63}\.){1,4}(qpic|qlogo)\.cn")  # where PicUrl points; nothing else is fetched
PHOTO_LIMIT = 20_000_000
FETCHING = 60.0  # seconds for a whole picture
OVER = frozenset({403, 404, 410})
NO_MEDIUM = 40007  # «invalid media_id»: its three days are over


class WechatChannel:
    """An Official Account. Without credentials it can only answer, whatever its profile says."""

    def __init__(
        self,
        token: str,
        dispatch: Dispatch,
        media: Media,
        darkroom: Darkroom,
        folder: Path,
        account: Account | None = None,
        http: httpx.AsyncClient | None = None,
        drawn: Drawn = undrawn,
        bell: asyncio.Event | None = None,
    ) -> None:
        """``bell`` calls the postman. Raises ValueError for a key or template that is none."""
        account = account or Account()
        self._media, self._darkroom, self._folder = media, darkroom, folder
        self._house, self._database = dispatch.house, dispatch.database
        self.rights = Rights(account, self._database)
        self.manners = account.kind.manners if self.rights.may(CUSTOM) else UNVERIFIED
        self.api = Api(account.api_base, account.app_id, account.app_secret, self._database, http)
        self.pictures = Pictures(self._house.links, self._database, media, account.pictures, drawn)
        self._bell = bell or asyncio.Event()
        turns = Turns(dispatch, self.rights, self.pictures, self._bell)
        self._notices = Notices(self._database, self._house, self.api, self.rights, account)
        self.mass: Mass | None = None
        if account.mass_tag and self.rights.may(MASS):
            self.mass = Mass(self._database, self._house, self.api, self.rights, account)
        deadline = self.manners.reply_deadline
        assert deadline is not None
        self.door = Door(Envelope(token, account.app_id, account.aes_key), turns, deadline)

    def doors(self) -> dict[tuple[str, str], AsgiDoor]:
        """What is served, by method and path."""
        photos = self.pictures.door
        return {("GET", "/wechat"): self.door, ("POST", "/wechat"): self.door, ("GET", "/wechat/photo"): photos}

    async def open(self) -> None:
        """Remember what was learned before this start."""
        await self.rights.load()

    async def state(self, sound: bool = False) -> dict[str, str]:
        """What WeChat refuses us, and how the last mass message went, for ``check`` and the console. ``sound``: a look
        from outside found nothing wrong, so that what was refused is tried again."""
        before = await self.rights.load()
        if before and sound:
            await self.rights.forget()
        last = await self._database.read(wechat_account.last_mass) if self.mass else None
        return standing(before, sound, last, self._house.zone)

    async def close(self) -> None:
        """Let go of the connections."""
        await self.api.close()

    async def send(self, letter_id: int, talk_id: int, address: Address, words: Outgoing) -> None:
        """Deliver by whatever way is open: a mass message, a customer-service message while they are there, a
        template, a consent. Raises a SendFailure; NotNow when there is no way, then it rides on their next answer.
        """
        letter = await self._database.read(wechat.letter, letter_id)
        if letter is None:
            return
        say, urgency, once = letter
        mark = (once or "").rpartition(":")[0]
        try:
            if settled(say):
                if await self._pass_on(talk_id, address.user, words):
                    return
                raise NotNow("no allowance")
            if self.mass and urgency >= BROADCAST and await self.mass.covers(mark, talk_id):
                return
            if self.rights.may(CUSTOM) and await self._say(talk_id, address.user, words):
                return
            if await self._notices.send(letter_id, talk_id, address.user, say_from_json(say), words):
                return
        except Refusal as refusal:
            raise failure(refusal) from None
        except Unreachable as error:
            raise Away(str(error)) from None
        except Silence as error:
            raise Unsure(str(error)) from None
        raise NotNow("no allowance and no consent")

    async def _say(self, talk_id: int, user: str, words: Outgoing) -> bool:
        """A customer-service message; False when the person's acts allow none now."""
        reserved = await self._database.write(_reserve, talk_id, words)
        if reserved is None:
            return False
        which, first, language = reserved
        item = replace(tame(words), images=())
        found = self._pages(item, first, language)
        if found[0] and not await self._spend(talk_id, which, CUSTOM, self.api.say(user, found[0])):
            return False
        if len(found) > 1:
            await self._database.write(_keep, talk_id, found[1:])
        if words.images and self.rights.may(MEDIA):
            await self._database.write(post, talk_id, Outgoing("", (), words.images), SHOWN_WITHIN)
            self._bell.set()
        return True

    async def _pass_on(self, talk_id: int, user: str, words: Outgoing) -> bool:
        """Words that are settled, or one picture; False when the person's acts allow none now."""
        if words.images and not self.rights.may(MEDIA):  # what can be said of it has been
            return True
        if not self.rights.may(CUSTOM):
            return False
        which = await self._database.write(wechat.take, talk_id, AFTER_TAP.seconds, AFTER_MESSAGE.seconds)
        if which is None:
            return False
        if not words.images:
            return await self._spend(talk_id, which, CUSTOM, self.api.say(user, words.text))
        return await self._spend(talk_id, which, MEDIA, self.pictures.show(self.api, user, words.images[0][0]))

    async def _spend(self, talk_id: int, which: str, api: str, sending: Awaitable[None]) -> bool:
        """Send one message of the allowance; it is given back for what did not leave. False when it was none, or we
        have no right to it."""
        try:
            await sending
        except Refusal as refusal:
            if refusal.code in {WINDOW_OVER, WINDOW_FULL}:
                await self._database.write(wechat.close_window, talk_id)
                return False
            await self._database.write(wechat.give_back, talk_id, which)
            if refusal.code in NO_RIGHT:
                await self.rights.refused(api)
                return False
            raise
        except TryLater as error:
            if not isinstance(error, Silence):
                await self._database.write(wechat.give_back, talk_id, which)
            raise
        return True

    def _pages(self, item: Outgoing, first: int, language: str) -> list[str]:
        raw = compose([item], first)
        if raw is not None:
            return [raw.decode()]
        texts = self._house.library.texts
        more = texts.render(language, "wechat.more_word")
        return pages(
            [item],
            lambda page, count: link(texts.render(language, "wechat.more", page=page, pages=count), MORE, more),
            first,
        )

    async def fetch(self, ref: str) -> Developed:
        """Download a photo by its PicUrl, only from WeChat's own picture hosts, or by its media id. Raises PhotoGone
        and TryLater."""
        url, _, media_id = ref.partition(" ")
        try:
            if url:
                return await self._fetch_url(url)
        except PhotoGone:
            if not (media_id and self.rights.may(MEDIA)):
                raise
        if not (media_id and self.rights.may(MEDIA)):
            raise PhotoGone("no address")
        return await self._fetch_medium(media_id)

    async def _fetch_url(self, written: str) -> Developed:
        try:
            url = httpx.URL(written)
        except httpx.InvalidURL:
            raise PhotoGone("no address") from None
        plain = url.scheme in {"http", "https"} and url.port is None and not url.userinfo
        if not (plain and PHOTO_HOSTS.fullmatch(url.host)):
            raise PhotoGone("not one of WeChat's picture hosts")
        try:
            fetching = self.api.pictures.stream("GET", url, headers=AS_IT_IS, timeout=15)
            async with asyncio.timeout(FETCHING), fetching as answer:
                if answer.status_code in OVER:
                    raise PhotoGone(str(answer.status_code))
                if answer.status_code != 200:
                    raise TryLater(str(answer.status_code))
                staged = await receive(answer.aiter_raw(), PHOTO_LIMIT, self._folder)
        except Inside:
            log.warning("a picture host of WeChat's resolves to an address that is not public: not fetched")
            raise PhotoGone("inside") from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise TryLater(type(error).__name__, counted=False) from None
        return await self._darkroom.develop(staged, self._media)

    async def _fetch_medium(self, media_id: str) -> Developed:
        try:
            answer = await self.api.download(media_id)
        except Refusal as refusal:
            if refusal.code in NO_RIGHT:
                await self.rights.refused(MEDIA)
            if refusal.code in NO_RIGHT | {NO_MEDIUM}:
                raise PhotoGone(str(refusal)) from None
            raise TryLater(str(refusal), 60, counted=refusal.code not in UNUSABLE) from None
        except (Unreachable, Silence) as error:  # it will be over in three days, and WeChat says so
            raise TryLater(str(error), counted=False) from None
        staged = await receive(answer.aiter_bytes(), PHOTO_LIMIT, self._folder)
        return await self._darkroom.develop(staged, self._media)


def _reserve(tx: Tx, talk_id: int, words: Outgoing) -> tuple[str, int, str] | None:
    """One message of the allowance (None: there is none), the number at which its options begin so that no number
    means two things, and the reader's language. From now on they can be chosen."""
    found = talks.talk_of_id(tx, talk_id)
    which = wechat.take(tx, talk_id, AFTER_TAP.seconds, AFTER_MESSAGE.seconds) if found else None
    if found is None or which is None:
        return None
    options = json.loads(wechat.options_of(tx, talk_id))
    added = [[option.value, option.label] for option in words.options]
    if added and options[-len(added) :] == added:  # a letter that is sent once more
        return which, len(options) - len(added) + 1, found[2].language
    wechat.set_options(tx, talk_id, json.dumps(options + added, ensure_ascii=False))
    return which, len(options) + 1, found[2].language


def _keep(tx: Tx, talk_id: int, texts: Sequence[str]) -> None:
    wechat.keep_pages(tx, talk_id, texts, wechat.options_of(tx, talk_id))
