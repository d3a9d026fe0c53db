"""What a conversation is: steps that get a Turn and give a Reply. No step talks to the network or a clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.links import Links
from bot.messages import Incoming, Option, Say
from civic.people import Resident
from civic.records import record
from content.library import Library
from db.moments import from_ms
from db.photos import StoredPhoto
from db.tx import Tx

Data = dict[str, Any]


@record(frozen=True)
class Turn:
    """All that a step may know: the message, who sent it, what this conversation remembers, and the house."""

    message: Incoming
    resident: Resident
    data: Data
    tx: Tx
    library: Library
    zone: ZoneInfo
    links: Links
    text: str = ""  # the words, cleaned
    choice: str | None = None  # the option that was tapped, typed or numbered
    photos: tuple[StoredPhoto, ...] = ()  # this message's photos, kept
    paused: Mapping[str, Data] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The moment of this turn, UTC."""
        return self.tx.now

    @property
    def local(self) -> datetime:
        """The moment on the city's clocks."""
        return self.tx.local(self.zone)

    def moment(self, milliseconds: int) -> datetime:
        """A stored moment on the city's clocks."""
        return from_ms(milliseconds).astimezone(self.zone)

    @property
    def today(self) -> date:
        """The city's date."""
        return self.local.date()

    @property
    def language(self) -> str:
        """zh or en."""
        return self.resident.language

    def word(self, key: str) -> str:
        """One of the house's words in the resident's language, to be put into a sentence."""
        return self.library.texts.render(self.language, key)

    @property
    def channel(self) -> str:
        """Where the person talks to us now."""
        return self.message.address.channel

    def having(self, **changes: Any) -> "Turn":
        """The same turn with other facts (a changed resident, the data of the next step)."""
        turn = object.__new__(Turn)  # a tenth of what dataclasses.replace costs; every turn makes one or two
        turn.__dict__.update(self.__dict__, **changes)
        return turn


@record(frozen=True, slots=True)
class Reply:
    """All that a step may cause: what to say, where the talk stands next, what to remember.

    ``next`` names a step of the same conversation, which then asks its question; ``stay`` keeps step and
    question; ``go`` hands over to another command («report», «tip again»); none of them ends the conversation.
    """

    says: tuple[Say, ...] = ()
    next: str | None = None
    keep: Data | None = None
    stay: bool = False
    go: str | None = None
    forget: bool = False  # what was left half-done is forgotten too: the person erased themselves
    resident: Resident | None = None  # when the step changed them, so that the rest speaks their new language


Take = Callable[[Turn], Reply]
Ask = Callable[[Turn], Say]


@dataclass(frozen=True)
class Step:
    """A question and what its answer does. ``accepts``: choice, text, photos, place."""

    ask: Ask
    take: Take
    accepts: frozenset[str] = frozenset({"choice"})


@dataclass(frozen=True)
class Conversation:
    """One file of handlers/. ``opens`` are the commands that start it; ``start`` gets command and argument."""

    name: str
    opens: frozenset[str]
    start: Callable[[Turn, str, str], Reply]
    steps: Mapping[str, Step] = field(default_factory=dict)
    resumes: bool = False  # left in the middle, it is kept and can be taken up again


def ask(step: str, *says: Say, keep: Data | None = None, resident: Resident | None = None) -> Reply:
    """Say something (or nothing), then ask the next step's question."""
    return Reply(says, next=step, keep=keep, resident=resident)


def done(*says: Say, resident: Resident | None = None) -> Reply:
    """Say it, and the conversation is over."""
    return Reply(says, resident=resident)


def again(*says: Say, keep: Data | None = None) -> Reply:
    """Say it and stay where we are."""
    return Reply(says, stay=True, keep=keep)


def say(key: str, *options: Option, **params: object) -> Say:
    """A Say with options and parameters."""
    return Say(key, params, options)


def opt(value: str, key: str = "", label: str = "", **params: object) -> Option:
    """An Option; without key or label its label is the text ``option.<value>``."""
    return Option(value, key or ("" if label else f"option.{value}"), label, params)


def unusable(turn: Turn, *options: Option) -> Say:
    """What to say to a kind of message that this channel can't use; a channel may have words for that kind."""
    own = f"{turn.channel}.{turn.message.unsupported}"
    return Say(own if turn.library.texts.has(turn.language, own) else "menu.unsupported", {}, options)
