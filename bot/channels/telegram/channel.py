"""Sending to Telegram, and fetching from it."""

from dataclasses import replace
from pathlib import Path

from bot.channel import Away, PhotoGone, Rejected, SendFailure, TryLater
from bot.channels.telegram import LARGEST_FILE, MANNERS
from bot.channels.telegram.api import Api
from bot.channels.telegram.pictures import Pictures
from bot.channels.telegram.render import Call, album, message, photo, plain, poll, quiz
from bot.house import House
from bot.media import Media
from bot.messages import Address, Outgoing
from bot.photos import Darkroom, Developed, receive
from db import polls
from db.database import Database


class TelegramChannel:
    """The channel of residents on Telegram."""

    manners = MANNERS

    def __init__(
        self,
        api: Api,
        database: Database,
        house: House,
        pictures: Pictures,
        media: Media,
        darkroom: Darkroom,
        folder: Path,
    ) -> None:
        self._api, self._database, self._house, self._pictures = api, database, house, pictures
        self._media, self._darkroom, self._folder = media, darkroom, folder

    @property
    def _leads(self) -> tuple[str, ...]:
        return self._house.library.citing.leads

    async def send(self, letter_id: int, talk_id: int, address: Address, words: Outgoing) -> None:
        """One message (see ``Manners.splits``), in one call unless Telegram wants it otherwise."""
        if words.images:
            if await self._show(address.user, words):
                return
            told = [one for path, _ in words.images if (one := await self._pictures.told(path))]
            words = replace(words, text="\n".join([*(f"〔{one}〕" for one in told), words.text]).strip(), images=())
            if not words.text:
                return
        if not (quiz(words) and await self._ask(talk_id, address.user, words)):
            await self._say(address.user, words)

    async def _ask(self, talk_id: int, chat: str, words: Outgoing) -> bool:
        """Send a native quiz; False when Telegram does not take it: then the same question with buttons does."""
        try:
            sent = await self._api.make(poll(chat, words))
            number = str(sent["poll"]["id"])
        except (Rejected, KeyError, TypeError):
            return False
        await self._database.write(polls.keep, number, talk_id, [option.value for option in words.options])
        return True

    async def _say(self, chat: str, words: Outgoing) -> None:
        call = message(chat, words, self._leads)
        try:
            await self._make(call, words)
        except Rejected as refusal:
            if words.replaces is None:
                raise
            if "not modified" not in str(refusal):  # the tapped message is gone: these words stand alone
                await self._make(message(chat, Outgoing(words.text, words.options), self._leads), words)

    async def _make(self, call: Call, words: Outgoing) -> None:
        try:
            await self._api.make(call)
        except Rejected as refusal:
            if "parse entities" not in str(refusal):
                raise
            await self._api.make(plain(call, words))

    async def _show(self, chat: str, words: Outgoing) -> bool:
        """Send the images that there are; False when the words have still to be said."""
        found = [(path, await self._pictures.source(path)) for path, _ in words.images[:10]]
        sources = [source for _, source in found if source is not None]
        if not sources:
            return False
        call = photo(chat, words, sources[0], self._leads) if len(sources) == 1 else album(chat, sources)
        try:
            sent = await self._api.make(call)
        except Rejected:  # Telegram does not take the picture: the words must not suffer
            for path, _ in found:
                self._pictures.forget(path)
            return False
        if len(found) == 1 and not isinstance(sources[0], str):
            self._pictures.remember(found[0][0], sent)
        return True

    async def fetch(self, ref: str) -> Developed:
        """Download a photo or an image that came as a file. Raises TryLater, PhotoGone, Refused or
        MediaUnavailable."""
        try:
            async with self._api.file(ref.partition(":")[2]) as chunks:
                staged = await receive(chunks, LARGEST_FILE, self._folder)
            return await self._darkroom.develop(staged, self._media)
        except Rejected as refusal:
            raise PhotoGone(str(refusal)) from None
        except SendFailure as failure:
            after = failure.after if isinstance(failure, TryLater) else None
            raise TryLater(type(failure).__name__, after, counted=not isinstance(failure, Away)) from None
