"""One message in, one unit, its answer out: handled once, whatever the channel does."""

import logging
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NoReturn, Protocol

from bot import letters as post
from bot.channel import Manners
from bot.conversation import Turn
from bot.delivery import delivered
from bot.engine import Route
from bot.house import House
from bot.messages import Button, Exchange, Incoming, Option, Outgoing, Say
from bot.rendering import fit, from_json, length, render, to_json
from bot.routing import Meaning, read, slash
from civic.choices import clean
from civic.discretion import about
from civic.errors import Refused
from civic.people import Resident
from db import journal, letters, sending, talks
from db.database import Busy, Database, passing
from db.moments import from_ms
from db.packing import pack
from db.photos import StoredPhoto, add_photo
from db.talks import Talk
from db.tx import Tx

log = logging.getLogger("youli.dispatch")
Clocked = Callable[[str, float], None]  # told the channel and the seconds of each turn
TurnedAway = Callable[[str], None]  # told the channel of each message that was asked to come again
PATIENCE = 0.6  # seconds that a message may wait; half of that where it would be its first try


class Habits(Protocol):
    """What a channel does in its own way, inside the unit of a turn; made anew for each message."""

    def instead(self, tx: Tx, talk: Talk, resident: Resident) -> tuple[Outgoing, ...] | None:
        """An answer that needs no conversation, such as the next page of the last one; usually None."""

    def finish(self, tx: Tx, talk: Talk, resident: Resident, words: list[Outgoing]) -> tuple[Outgoing, ...]:
        """The answer as it leaves and is stored, with what rides on it. It may change what can be chosen."""


class Dispatch:
    """The engine. ``handle`` may be called with the same message any number of times, also at once."""

    def __init__(
        self,
        database: Database,
        house: House,
        clocked: Clocked | None = None,
        turned_away: TurnedAway | None = None,
    ) -> None:
        self.database = database
        self.house = house
        self._clocked = clocked
        self._turned_away = turned_away

    def admit(self, channel: str, *, again: bool = False) -> None:
        """Doors ask before they take a message in. Raises ``db.database.Busy`` where it would wait too long: nothing
        is done yet, and who wrote is asked to come again. Who does (``again``) is let in before others."""
        if self.database.behind() > (PATIENCE if again else PATIENCE / 2):
            self.turn_away(channel)

    def turn_away(self, channel: str) -> NoReturn:
        """Count it. Raises ``db.database.Busy``."""
        if self._turned_away is not None:
            self._turned_away(channel)
        raise Busy

    async def handle(self, message: Incoming, habits: Habits | None = None) -> Exchange:
        """Handle a message, or find what was answered when it came before."""
        start = perf_counter()
        exchange = await self.database.turn(handle, self.house, message, habits)
        if self._clocked is not None:
            self._clocked(message.address.channel, perf_counter() - start)
        return exchange


def handle(tx: Tx, house: House, message: Incoming, habits: Habits | None = None) -> Exchange:
    """The unit behind ``Dispatch.handle``."""
    day = tx.day(house.zone)
    address = message.address
    language = message.language or house.language
    talk, resident = talks.open_talk(tx, address.channel, address.user, language, day, message.id)
    known = talks.answered_before(tx, talk, message.id)
    if known is not None:
        number, at, stored = known
        return Exchange(number, talk.id, from_ms(at), from_json(stored), resident.language, repeated=True)
    if resident.seen_day != day:
        talks.mark_seen(tx, resident.id, day)
        journal.write_line(
            tx, day=day, resident_id=resident.id, deed="visit", channel=address.channel, area=resident.area
        )
    own = habits.instead(tx, talk, resident) if habits is not None else None
    if own is not None:
        said = _said(_spoken(message, talk, resident, house), message, ())
        number = talks.close_talk(tx, talk, message.id, said, to_json(own))
        return Exchange(number, talk.id, tx.now, own, resident.language)
    if talk.mail and house.manners[address.channel].pushes:
        letters.hurry(tx, talk.id)
    photos = tuple(add_photo(tx, resident.id, address.channel, photo.ref, photo.facts()) for photo in message.photos)
    turn = Turn(
        message,
        resident,
        dict(talk.data.get("d", {})),
        tx,
        house.library,
        house.zone,
        house.links,
        photos=photos,
        paused=talk.paused,
    )
    meaning = read(message, talk, house.library)
    spoken = _spoken(message, talk, resident, house)
    urgent = _emergency(turn, talk, meaning)
    if urgent is not None:  # told before anything is stored, not even the words
        spoken, words = "", _offer([urgent], resident, talk, house)
    else:
        words, resident = _answer(turn, talk, meaning, house)
    if habits is not None:
        answer = habits.finish(tx, talk, resident, words)
    else:
        manners = house.manners[address.channel]
        if not manners.pushes:
            words += _riding(tx, talk, resident, house, words, manners)
        answer = fit(words, manners)
    number = talks.close_talk(tx, talk, message.id, _said(spoken, message, photos), to_json(answer))
    return Exchange(number, talk.id, tx.now, answer, resident.language)


def _emergency(turn: Turn, talk: Talk, meaning: Meaning) -> Say | None:
    """The number to call, where words tell of danger."""
    found = turn.library.emergency(meaning.text) if meaning.text else None
    if found is None:
        return None
    keep_open = (Option("/resume", "option.resume"),) if talk.conversation else ()
    advice = found.in_language(turn.language).advice
    return Say("bot.emergency", {"number": found.number, "advice": advice}, keep_open)


def _answer(turn: Turn, talk: Talk, meaning: Meaning, house: House) -> tuple[list[Outgoing], Resident]:
    """The words of a step, and the resident as they are after it. A step that fails leaves everything as it was,
    and what could be chosen before can still be chosen."""
    try:
        try:
            with turn.tx.savepoint():
                says, resident = Route(turn, talk, house).follow(meaning)
                return _offer(says, resident, talk, house), resident
        except Refused as refused:
            talk.restore()
            return _offer_again(Say(refused.key, refused.params), turn.resident, talk, house), turn.resident
    except Exception as error:
        if passing(error):  # the whole turn is undone, and the message may come again
            raise
        talk.restore()
        where = {"talk": talk.id, "conversation": talk.conversation, "step": talk.step}
        log.exception("step failed", extra={"message_id": turn.message.id, **where})
        return _offer_again(Say("bot.sorry"), turn.resident, talk, house), turn.resident


def _offer(says: Sequence[Say], resident: Resident, talk: Talk, house: House) -> list[Outgoing]:
    """Words for all that is said; what it offers becomes what can be chosen."""
    serial = talk.serial + any(item.options for item in says)
    quizzes = house.manners[talk.channel].quizzes
    words = [render(item, resident.language, house.library, serial, quizzes) for item in says]
    talk.serial, talk.options = serial, _options(words)
    return words


def _offer_again(said: Say, resident: Resident, talk: Talk, house: House) -> list[Outgoing]:
    """Words with the options that stand: their old buttons stay good."""
    words = render(said, resident.language, house.library, talk.serial)
    return [Outgoing(words.text, tuple(Button(value, label) for value, label in talk.options), words.images)]


def _options(words: Sequence[Outgoing]) -> list[list[str]]:
    return [[option.value, option.label] for item in words for option in item.options]


def _riding(
    tx: Tx, talk: Talk, resident: Resident, house: House, words: Sequence[Outgoing], manners: Manners
) -> list[Outgoing]:
    """Letters that waited for this person to speak, as many as the answer has room for, on channels that cannot
    push. What they offer can be chosen like the rest."""
    riding: list[Outgoing] = []
    room = manners.longest * manners.messages - sum(length(item.text, manners) for item in fit(words, manners))
    for letter in letters.pending(tx, talk.id) if talk.mail or tx.posted else ():
        try:
            item = render(post.say_from_json(letter.say), resident.language, house.library, talk.serial)
        except Exception as error:  # a text that is no more: the person's own message must not suffer
            log.exception("letter not rendered", extra={"letter": letter.id})
            sending.bury(tx, letter.id, type(error).__name__)
            continue
        size = length(item.text, manners)
        if size > room and size <= manners.longest:
            break
        room -= size
        riding.append(item)
        delivered(tx, letter, resident, house.zone)
    talk.options += _options(riding)
    return riding


def _spoken(message: Incoming, talk: Talk, resident: Resident, house: House) -> str:
    """What the resident sent, in words: a tap is told by its label."""
    if message.choice is None:
        return clean(message.text)[:4000]
    label = next((label for value, label in talk.options if value == message.choice), None)
    if label is None and message.choice.startswith("/"):
        key = f"command.{slash(message.choice, house.library)[0]}"
        texts = house.library.texts
        label = texts.render(resident.language, key) if texts.has(resident.language, key) else ""
    return label or ""


def _said(spoken: str, message: Incoming, photos: Sequence[StoredPhoto]) -> str:
    """The resident's side of the transcript."""
    said: dict[str, Any] = {"text": spoken}
    if photos:
        said["photos"] = [photo.id for photo in photos]
    if message.place is not None:
        lat, lon = about(message.place.lat, message.place.lon)  # exactly it is kept with the report, sealed
        said["place"] = {"lat": lat, "lon": lon, "label": message.place.label}
    return pack(said)
