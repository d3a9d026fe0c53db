"""What a channel is: its manners as data, how it sends, and failures that say what to do next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.messages import Address, Outgoing
from bot.photos import Developed

Drawn = Callable[[str], Awaitable[bytes | None]]
"""Draws the picture (PNG) behind a path of our own site; None where the path is not of that kind, or over."""


async def undrawn(path: str) -> bytes | None:
    """Where nothing is drawn on demand."""
    return None


@dataclass(frozen=True)
class Manners:
    """What a channel can do. Differences between channels are these values, never ``if channel``."""

    name: str
    pushes: bool  # may speak first; otherwise letters ride on the next answer
    buttons: bool  # native buttons; otherwise numbered lines
    longest: int  # of one message, in ``length_unit``
    length_unit: str = "characters"  # characters, bytes (UTF-8) or utf16
    messages: int = 10  # how many messages one answer may have
    images_out: bool = True
    splits: bool = False  # what is too long goes on in a further message; otherwise the channel cuts it its own way
    caption: int | None = None  # longest text in one message with images; None: as long as any
    quizzes: bool = False  # quiz questions as its own polls
    keeps_history: bool = False  # the transcript is shown to the person again
    reply_deadline: float | None = None  # seconds


class SendFailure(Exception):
    """A letter did not leave; the class says what the postman does, the text why (never personal data)."""


class TryLater(SendFailure):
    """Send again after so many seconds; not ``counted``: it was not this letter's fault."""

    def __init__(self, reason: str, after: float | None = None, *, counted: bool = True) -> None:
        super().__init__(reason)
        self.after, self.counted = after, counted


class TooMany(TryLater):
    """The channel wants silence towards this person for ``after`` seconds."""

    def __init__(self, reason: str, after: float) -> None:
        super().__init__(reason, after, counted=False)


class Away(SendFailure):
    """The channel itself can't be reached: all its letters rest, none is counted as tried."""


class Unsure(SendFailure):
    """It left and nobody knows whether it arrived: a time-out while waiting for the answer."""


class Moved(SendFailure):
    """The person (or chat) has a new address there: ``user``."""

    def __init__(self, user: str) -> None:
        super().__init__("a new address")
        self.user = user


class Rejected(SendFailure):
    """The channel refuses this letter for good."""


class Gone(SendFailure):
    """The person blocked us or left: stop writing to them; letters wait until they are back, or their end."""


class NotNow(SendFailure):
    """The channel may not speak first now: the letter waits for the person's next message."""


class PhotoGone(Exception):
    """A photo can't be had from its channel any more."""


class Channel(Protocol):
    """A door: it parses what comes, renders what goes, and sends."""

    manners: Manners

    async def send(self, letter_id: int, talk_id: int, address: Address, words: Outgoing) -> None:
        """Deliver. Raises a SendFailure."""

    async def fetch(self, ref: str) -> Developed:
        """Bring a photo that is still at the channel. Raises TryLater, PhotoGone, Refused, MediaUnavailable."""
