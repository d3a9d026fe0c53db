"""One message in, one unit, its answer out: handled once, whatever the channel does."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from bot import letters as post
from bot.channel import Manners
from bot.conversation import Conversation, Reply, Turn
from bot.delivery import delivered
from bot.links import Links
from bot.messages import Exchange, Incoming, Option, Outgoing, Say
from bot.rendering import fit, from_json, render, to_json
from bot.routing import Meaning, closest, read, slash
from civic.choices import clean
from civic.errors import Refused
from civic.people import Resident
from content.library import Library
from db import journal, letters, talks
from db.database import Database
from db.moments import from_ms
from db.photos import StoredPhoto, add_photo
from db.talks import Talk
from db.tx import Tx

log = logging.getLogger("youli.dispatch")
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
TRAIL = 12  # how many steps «返回» goes back
Clocked = Callable[[str, float], None]  # told the channel and the seconds of each turn
LEAPS = 4  # how often one message may be handed from conversation to conversation


@dataclass
class House:
    """What every turn needs and no turn changes. ``library`` is replaced when editors change a file."""

    library: Library
    zone: ZoneInfo
    links: Links
    language: str
    conversations: Sequence[Conversation]
    manners: Mapping[str, Manners]

    def conversation_for(self, command: str) -> Conversation | None:
        """The conversation that a command opens."""
        return next((found for found in self.conversations if command in found.opens), None)

    def named(self, name: str | None) -> Conversation | None:
        """A conversation by name."""
        return next((found for found in self.conversations if found.name == name), None)


class Dispatch:
    """The engine. ``handle`` may be called with the same message any number of times, also at once."""

    def __init__(self, database: Database, house: House, clocked: Clocked | None = None) -> None:
        self._database = database
        self.house = house
        self._clocked = clocked

    async def handle(self, message: Incoming) -> Exchange:
        """Handle a message, or find what was answered when it came before. Raises ``db.database.Busy``."""
        start = perf_counter()
        exchange = await self._database.write(handle, self.house, message)
        if self._clocked is not None:
            self._clocked(message.address.channel, perf_counter() - start)
        return exchange


def handle(tx: Tx, house: House, message: Incoming) -> Exchange:
    """The unit behind ``Dispatch.handle``."""
    day = tx.now.astimezone(house.zone).date().isoformat()
    address = message.address
    talk, resident = talks.open_talk(tx, address.channel, address.user, message.language or house.language, day)
    known = talks.known_exchange(tx, talk.id, message.id)
    if known is not None:
        number, at, stored = known
        return Exchange(number, talk.id, from_ms(at), from_json(stored), resident.language, repeated=True)
    if resident.seen_day != day:
        talks.mark_seen(tx, resident.id, day)
        journal.write_line(
            tx, day=day, resident_id=resident.id, deed="visit", channel=address.channel, area=resident.area
        )
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
    says, resident, private = _answer(turn, talk, meaning, house)
    words = _render(says, resident, talk, house)
    if not house.manners[address.channel].pushes:
        words += _riding(tx, talk, resident, house)
    answer = fit(words, house.manners[address.channel])
    talks.save_talk(tx, talk)
    said = _said("" if private else spoken, message, photos)
    number = talks.record_exchange(tx, talk.id, message.id, said, to_json(answer))
    return Exchange(number, talk.id, tx.now, answer, resident.language)


def _answer(turn: Turn, talk: Talk, meaning: Meaning, house: House) -> tuple[list[Say], Resident, bool]:
    """What to say, in which language, and whether the message is too private to be kept."""
    if meaning.text:
        emergency = house.library.emergency(meaning.text)
        if emergency is not None:  # told before anything is stored, not even the words
            keep_open = (Option("/resume", "option.resume"),) if talk.conversation else ()
            advice = emergency.in_language(turn.language).advice
            return (
                [Say("bot.emergency", {"number": emergency.number, "advice": advice}, keep_open)],
                turn.resident,
                True,
            )
    try:
        with turn.tx.savepoint():
            says, resident = _Route(turn, talk, house).follow(meaning)
            return says, resident, False
    except Refused as refused:
        talk.restore()
        return [Say(refused.key, refused.params, _offered(talk))], turn.resident, False
    except Exception:
        talk.restore()
        log.exception("step failed", extra={"talk": talk.id, "conversation": talk.conversation, "step": talk.step})
        return [Say("bot.sorry", {}, _offered(talk))], turn.resident, False


def _offered(talk: Talk) -> tuple[Option, ...]:
    """What can still be chosen, as it was offered before."""
    return tuple(
        Option(value if value.startswith("/") else value.partition(":")[2], label=label)
        for value, label in talk.options
    )


class _Route:
    """Follows one meaning through the conversations until there is something to say."""

    def __init__(self, turn: Turn, talk: Talk, house: House) -> None:
        self.turn, self.talk, self.house = turn, talk, house
        self.says: list[Say] = []

    def follow(self, meaning: Meaning) -> tuple[list[Say], Resident]:
        if meaning.command is not None:
            self._command(*meaning.command)
        elif meaning.stale:
            self._stale()
        else:
            self._take(meaning)
        return self.says, self.turn.resident

    def _take(self, meaning: Meaning) -> None:
        conversation = self.house.named(self.talk.conversation)
        step = conversation.steps.get(self.talk.step or "") if conversation else None
        kind = self._kind(meaning)
        if conversation and step and kind in step.accepts:
            turn = self.turn.having(text=meaning.text, choice=meaning.choice)
            self._settle(conversation, step.take(turn), turn)
        elif kind in {"photos", "place"}:
            self._command("report", kind)
        elif step:
            self.says.append(Say("bot.choose"))
            self._ask()
        else:
            self._unknown(meaning)

    def _kind(self, meaning: Meaning) -> str:
        if meaning.choice is not None:
            return "choice"
        if self.turn.photos:
            return "photos"
        if self.turn.message.place is not None:
            return "place"
        return "text"

    def _unknown(self, meaning: Meaning) -> None:
        near = closest(meaning.text, self.house.library) if meaning.text else None
        if self.turn.message.unsupported:
            self._command("unsupported", self.turn.message.unsupported)
        elif self.talk.fresh:
            self._command("start", "")
        elif near is not None:
            self.says.append(
                Say("bot.did_you_mean", {}, (Option(f"/{near}", f"command.{near}"), Option("/menu", "command.menu")))
            )
        else:
            self._command("unknown", meaning.text)

    def _command(self, name: str, argument: str) -> None:
        if name == "back":
            return self._back()
        if name == "cancel":
            return self._cancel()
        if name == "resume":
            return self._ask() if self.talk.step else self._command("menu", "")
        conversation = self.house.conversation_for(name)
        if conversation is None:
            return self._command("unknown", name)
        self._leave(quietly=self.talk.conversation == conversation.name)
        turn = self.turn.having(data={}, text="", choice=None, paused=self.talk.paused)
        self._settle(conversation, conversation.start(turn, name, argument), turn)

    def _settle(self, conversation: Conversation, reply: Reply, turn: Turn, leaps: int = 0) -> None:
        talk = self.talk
        self.says.extend(reply.says)
        if reply.resident is not None:
            if reply.resident.id != self.turn.resident.id:  # they erased themselves: nothing of the old one stays
                talk.paused = {}
            self.turn = turn = self.turn.having(resident=reply.resident)
        if reply.stay:
            if reply.keep is not None:
                talk.data["d"] = reply.keep
            self._ask()
        elif reply.next is not None:
            trail: list[list[Any]] = talk.data.get("trail", []) if talk.conversation == conversation.name else []
            if talk.conversation == conversation.name and talk.step and talk.step != reply.next:
                trail = [*trail, [talk.step, talk.data.get("d", {})]][-TRAIL:]
            talk.conversation, talk.step = conversation.name, reply.next
            talk.data = {"d": turn.data if reply.keep is None else reply.keep, "trail": trail}
            talk.paused.pop(conversation.name, None)
            self._ask()
        else:
            if talk.conversation == conversation.name:
                talk.conversation, talk.step, talk.data = None, None, {}
            if reply.go is not None and leaps < LEAPS:
                name, _, argument = reply.go.partition(" ")
                self._command(name, argument)

    def _ask(self) -> None:
        conversation = self.house.named(self.talk.conversation)
        step = conversation.steps.get(self.talk.step or "") if conversation else None
        if step is None:
            self.talk.conversation, self.talk.step, self.talk.data = None, None, {}
            return self._command("menu", "")
        turn = self.turn.having(data=dict(self.talk.data.get("d", {})))
        self.says.append(step.ask(turn))

    def _stale(self) -> None:
        self.says.append(Say("bot.stale"))
        if self.talk.step:
            self._ask()
        else:
            self._command("menu", "")

    def _back(self) -> None:
        trail: list[list[Any]] = self.talk.data.get("trail", [])
        if not self.talk.conversation or not trail:
            self._leave()
            return self._command("menu", "")
        step, data = trail[-1]
        self.talk.step, self.talk.data = step, {"d": data, "trail": trail[:-1]}
        self._ask()

    def _cancel(self) -> None:
        self.says.append(Say("bot.cancelled" if self.talk.conversation else "bot.nothing_open"))
        self.talk.conversation, self.talk.step, self.talk.data = None, None, {}
        self._command("menu", "short")

    def _leave(self, quietly: bool = False) -> None:
        """Put the open conversation aside; one that resumes is kept as it stands."""
        conversation = self.house.named(self.talk.conversation)
        if conversation and conversation.resumes and self.talk.step:
            self.talk.paused[conversation.name] = {"step": self.talk.step, **self.talk.data}
            if not quietly:
                self.says.append(Say("bot.kept"))
        self.talk.conversation, self.talk.step, self.talk.data = None, None, {}


def _render(says: Sequence[Say], resident: Resident, talk: Talk, house: House) -> list[Outgoing]:
    """Words for all that is said; what the last of them offers becomes what can be chosen."""
    if says and says[-1].options:
        talk.serial += 1
    words = [render(item, resident.language, house.library, talk.serial) for item in says]
    talk.options = [[option.value, option.label] for item in words[-1:] for option in item.options]
    return words


def _riding(tx: Tx, talk: Talk, resident: Resident, house: House) -> list[Outgoing]:
    """Letters that waited for this person to speak, on channels that cannot push."""
    words = []
    for letter in letters.pending(tx, talk.id):
        words.append(render(post.say_from_json(letter.say), resident.language, house.library, talk.serial))
        delivered(tx, letter, resident, house.zone)
    return words


def _spoken(message: Incoming, talk: Talk, resident: Resident, house: House) -> str:
    """What the resident sent, in words: a tap is told by its label."""
    if message.choice is None:
        return clean(message.text)[:4000]
    label = next((label for value, label in talk.options if value == message.choice), None)
    if label is None and message.choice.startswith("/"):
        key = f"command.{slash(message.choice, house.library)[0]}"
        label = (
            house.library.texts.render(resident.language, key)
            if house.library.texts.has(resident.language, key)
            else ""
        )
    return label or ""


def _said(spoken: str, message: Incoming, photos: Sequence[StoredPhoto]) -> str:
    """The resident's side of the transcript."""
    said: dict[str, Any] = {"text": spoken}
    if photos:
        said["photos"] = [photo.id for photo in photos]
    if message.place is not None:
        said["place"] = {"lat": message.place.lat, "lon": message.place.lon, "label": message.place.label}
    return _dumps(said)
