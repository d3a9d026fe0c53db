"""One message's turn on WeChat: one passive reply, in which notices ride, with pages that are kept for «更多»."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from html import escape

from bot import letters as written
from bot.channels.wechat import AFTER_MESSAGE, AFTER_TAP, CUSTOM, MEDIA
from bot.channels.wechat.after import SHOWN_WITHIN, arrived, post, whole
from bot.channels.wechat.pictures import Pictures
from bot.channels.wechat.render import LIMIT, body, compose, encoded, link, pages, size, tame
from bot.channels.wechat.rights import Rights
from bot.delivery import delivered
from bot.house import House
from bot.messages import Incoming, Option, Outgoing, Say
from bot.rendering import render
from civic.choices import plain
from civic.people import Resident
from content.library import Library
from content.texts import LANGUAGES
from db import letters, sending, wechat
from db.letters import Letter
from db.talks import Talk
from db.tx import Tx

log = logging.getLogger("youli.wechat")
LEAST_ANSWER = LIMIT * 3 // 10  # bytes that notices leave to the answer, however short it is
CARD_LONGEST = 120  # characters that a card with a picture shows
PAGES_LAST = 24 * 3600  # seconds that «更多» goes on
RIDE = 20.0  # seconds until a letter whose answer was not seen to leave goes on: three tries of five, and more
SOON = 4.0  # seconds the answer is ahead of what is pushed after it
MORE, NOTICES = "/more", "/notices"
MENU = Option("/menu", "command.menu")


class Signals:
    """The words that the channel itself answers, in all languages; read anew when editors change them."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._library: Library | None = None
        self._words: dict[str, str] = {}

    def meant(self, message: Incoming, talk: Talk) -> str | None:
        """MORE, NOTICES, or None for a message of the conversation."""
        if message.choice in {MORE, NOTICES}:
            return message.choice
        if not message.text or len(message.text) > 20 or message.choice is not None:
            return None
        if self._library is not self._house.library:
            self._read()
        word = plain(message.text)
        found = self._words.get(word)
        if found is not None and any(plain(label) == word for _, label in talk.options):
            return None
        return found

    def _read(self) -> None:
        self._library = self._house.library
        texts = self._library.texts
        keys = {"wechat.more_word": MORE, "wechat.notices_word": NOTICES}
        self._words = {plain(texts.render(one, key)): meant for key, meant in keys.items() for one in LANGUAGES}


class Visit:
    """The habits (bot.dispatch) of one message. ``text`` is the reply as it was composed; ``mail``: letters leave with
    it, or wait for it to leave. ``late``: nobody waits for it any more; then the turn's own commit has ``kept`` it."""

    def __init__(self, house: House, rights: Rights, pictures: Pictures, signals: Signals, message: Incoming) -> None:
        self._house, self._rights, self._pictures, self._signals = house, rights, pictures, signals
        self._message = message
        self._pushes = rights.may(CUSTOM)
        self._shows = self._pushes and rights.may(MEDIA)
        self.text: bytes | None = None
        self.mail = self.late = self.kept = False

    def instead(self, tx: Tx, talk: Talk, resident: Resident) -> tuple[Outgoing, ...] | None:
        """The next page, or the notices that wait."""
        self.text, self.mail, self.kept = None, False, False  # a unit may be run again
        meant = self._signals.meant(self._message, talk)
        answer = self._own(tx, talk, resident, meant) if meant is not None else None
        return self._seen_off(tx, talk, resident, answer) if answer is not None else None

    def _own(self, tx: Tx, talk: Talk, resident: Resident, meant: str) -> tuple[Outgoing, ...] | None:
        if meant == MORE:
            page = wechat.take_page(tx, talk.id, PAGES_LAST)
            if page is None and self._message.choice is None and talk.conversation:
                return None  # a word for the open step, or for one of its choices
            self._count(tx, talk)
            if page is None:
                return self._nothing_more(tx, talk, resident)
            talk.options = _together(json.loads(page[1]), talk.options)
            return self._said(page[0])
        self._count(tx, talk)
        first = len(talk.options) + 1
        items, left = self._riding(tx, talk, resident, self._waiting(tx, talk), LIMIT, at_least=1)
        if not items:
            items = [Outgoing(self._words(resident, "wechat.no_notices"))]
        return self._said(self._composed(tx, talk, resident, items + self._overflow(tx, talk, resident, left), first))

    def _nothing_more(self, tx: Tx, talk: Talk, resident: Resident) -> tuple[Outgoing, ...]:
        """No page waits; the menu is one tap away, and what could be chosen before still can be."""
        first = len(talk.options) + 1
        item = render(Say("wechat.no_more", {}, (MENU,)), resident.language, self._house.library, talk.serial)
        talk.options += [[option.value, option.label] for option in item.options]
        return self._said(self._composed(tx, talk, resident, [item], first))

    def finish(self, tx: Tx, talk: Talk, resident: Resident, words: list[Outgoing]) -> tuple[Outgoing, ...]:
        """The answer, and as many notices as fit beside it; what does not fit is kept."""
        return self._seen_off(tx, talk, resident, self._answer(tx, talk, resident, words))

    def _answer(self, tx: Tx, talk: Talk, resident: Resident, words: Sequence[Outgoing]) -> tuple[Outgoing, ...]:
        self._count(tx, talk)
        waiting = self._waiting(tx, talk) if talk.mail or tx.posted else []
        items = [self._helped(tame(item), resident) for item in words]
        if not self._shows and any(item.images for item in items):
            card = None if waiting else self._card(items, tx.now)
            if card is not None:
                return (card,)
            items = [self._told(item, resident.language, tx.now) for item in items]
        left = 0
        if waiting:
            room = LIMIT - max(len(body(items)), LEAST_ANSWER)
            riding, left = self._riding(tx, talk, resident, waiting, room)
            items += riding
        more = self._overflow(tx, talk, resident, left)
        text = compose([*items, *more])
        if text is None and more:  # not worth a page of its own
            more, text = [], compose(items)
        items += more
        if text is None:
            return self._said(self._composed(tx, talk, resident, items), _images(items))
        self.text = text
        return tuple(items)

    def _count(self, tx: Tx, talk: Talk) -> None:
        """What they do now allows some customer-service messages, where the account may send any."""
        if self._pushes:
            tapped = self._message.command is not None or self._message.choice is not None
            wechat.spoke(tx, talk.id, tapped, (AFTER_TAP if tapped else AFTER_MESSAGE).messages)

    def _waiting(self, tx: Tx, talk: Talk) -> list[Letter]:
        """The letters that may ride. What belongs to an earlier answer does not where we may send it: it follows."""
        found = letters.pending(tx, talk.id)
        riding = [letter for letter in found if not (self._pushes and written.settled(letter.say))]
        if len(riding) < len(found):
            wechat.open_again(tx, talk.id, SOON)
        return riding

    def _riding(
        self, tx: Tx, talk: Talk, resident: Resident, waiting: Sequence[Letter], room: int, at_least: int = 0
    ) -> tuple[list[Outgoing], int]:
        """The letters that fit into so many bytes, and how many do not. What they offer is numbered on."""
        rendered = [(letter, item) for letter in waiting if (item := self._letter(tx, letter, resident, talk))]
        number = len(talk.options) + 1
        sizes = [len(body([item], number)) + 8 for _, item in rendered]  # 8: a gap, and numbers of two digits
        if sum(sizes) > room:
            room -= size(self._waiting_line(resident, 99)) + 2
        taken: list[Outgoing] = []
        before = {letter.id for letter in wechat.riding(tx, talk.id)} if rendered else set()
        for (letter, item), needed in zip(rendered, sizes, strict=True):
            if needed > room and len(taken) >= at_least:
                break
            room -= needed
            taken.append(item)
            talk.options += [[option.value, option.label] for option in item.options]
            if letter.id in before:  # shown for the second time: that must do
                delivered(tx, letter, resident, self._house.zone)
            else:
                wechat.ride(tx, letter.id, RIDE)
                self.mail = True
        return taken, len(rendered) - len(taken)

    def _letter(self, tx: Tx, letter: Letter, resident: Resident, talk: Talk) -> Outgoing | None:
        if written.settled(letter.say):
            return self._told(whole(letter.say, letter.parts), resident.language, tx.now)
        try:
            item = render(written.say_from_json(letter.say), resident.language, self._house.library, talk.serial)
        except Exception as error:  # a text that is no more: the person's own message must not suffer
            log.exception("letter not rendered", extra={"letter": letter.id})
            sending.bury(tx, letter.id, type(error).__name__)
            return None
        return tame(item) if self._shows else self._told(tame(item), resident.language, tx.now)

    def _overflow(self, tx: Tx, talk: Talk, resident: Resident, left: int) -> list[Outgoing]:
        """How to read what did not fit; an account that may push does so in a moment."""
        if not left:
            return []
        if self._pushes:
            wechat.open_again(tx, talk.id, SOON)
            return []
        return [Outgoing(self._waiting_line(resident, left))]

    def _waiting_line(self, resident: Resident, left: int) -> str:
        word = self._words(resident, "wechat.notices_word")
        return self._words(resident, "wechat.notices_wait", count=left, link=link(word, NOTICES))

    def _composed(self, tx: Tx, talk: Talk, resident: Resident, items: Sequence[Outgoing], first: int = 1) -> str:
        """One text; where it is too long its first page, and the others are kept."""
        raw = compose(items, first)
        if raw is not None:
            return raw.decode()
        found = pages(items, lambda page, count: self._footer(resident, page, count), first)
        wechat.keep_pages(tx, talk.id, found[1:], json.dumps(talk.options, ensure_ascii=False))
        return found[0]

    def _footer(self, resident: Resident, page: int, count: int) -> str:
        label = self._words(resident, "wechat.more", page=page, pages=count)
        return link(label, MORE, self._words(resident, "wechat.more_word"))

    def _helped(self, item: Outgoing, resident: Resident) -> Outgoing:
        """Where a position would answer, how to send one: WeChat has no button for it."""
        if not item.place_button:
            return item
        return replace(item, text=f"{item.text}\n{self._words(resident, 'wechat.send_place')}", place_button="")

    def _card(self, items: Sequence[Outgoing], now: datetime) -> Outgoing | None:
        """A card with its one picture, where the words are few enough to be read on it."""
        images = [image for item in items for image in item.images]
        text = body(items, linked=False).decode()
        url = self._pictures.link(images[0][0], now)
        if len(images) > 1 or url is None or len(text) > CARD_LONGEST:
            return None
        return Outgoing(text, images=((url, images[0][1]),))

    def _seen_off(self, tx: Tx, talk: Talk, resident: Resident, answer: tuple[Outgoing, ...]) -> tuple[Outgoing, ...]:
        """See to what does not leave with the reply: its pictures, or all of it where nobody waits any more."""
        if self.late:
            self.keep(tx, talk.id, answer, resident.language, json.dumps(talk.options, ensure_ascii=False))
        elif self._shows and (images := _images(answer)):
            post(tx, talk.id, Outgoing("", (), images), SHOWN_WITHIN, RIDE, self._message.id)
            self.mail = True
        return answer

    def keep(self, tx: Tx, talk_id: int, answer: Sequence[Outgoing], language: str, options: str) -> None:
        """Keep an answer that nobody waited for: as a letter where we may write, else as a page for «更多», with its
        pictures as lines to tap, as far as there is room."""
        self.kept = True
        text = self.text if self.text is not None else compose(answer) or b""
        words = Outgoing(text.decode(), (), _images(answer))
        if not self._shows:
            told = self._told(words, language, tx.now)
            words = told if size(told.text) <= LIMIT else replace(words, images=())
        if self._pushes:
            post(tx, talk_id, words, PAGES_LAST, 0, self._message.id)
            arrived(tx, talk_id, self._house.zone)
        elif words.text:
            wechat.keep_before(tx, talk_id, words.text, options)

    def _told(self, item: Outgoing, language: str, now: datetime) -> Outgoing:
        """Pictures as lines to tap, or as what they show, where they can't be shown."""
        if not item.images:
            return item
        texts, lines = self._house.library.texts, [item.text] if item.text else []
        for path, what in item.images:
            url = path if path.startswith("https://") else self._pictures.link(path, now)
            if url is None:
                lines.append(texts.render(language, "wechat.picture_only_told", what=what))
            else:
                label = escape(texts.render(language, "wechat.picture", what=what), quote=False)
                lines.append(f'<a href="{url}">{label}</a>')
        return replace(item, text="\n".join(lines), images=())

    def _said(self, text: str, images: tuple[tuple[str, str], ...] = ()) -> tuple[Outgoing, ...]:
        self.text = encoded(text)
        return (Outgoing(text, (), images),)

    def _words(self, resident: Resident, key: str, **params: object) -> str:
        return self._house.library.texts.render(resident.language, key, **params)


def _images(words: Sequence[Outgoing]) -> tuple[tuple[str, str], ...]:
    return tuple([image for item in words for image in item.images])


def _together(shown: list[list[str]], before: list[list[str]]) -> list[list[str]]:
    """What is shown can be chosen by its numbers, what could be chosen before still by its words."""
    known = {value for value, _ in shown}
    return shown + [option for option in before if option[0] not in known]
