"""Telegram: what it can do, and how fast (research: protocols A4 and A6)."""

import re
from dataclasses import dataclass

from bot.channel import Manners
from bot.pace import Rates

MANNERS = Manners("telegram", pushes=True, buttons=True, longest=4096, length_unit="utf16", splits=True, caption=1024)
LARGEST_BUTTON = 64  # bytes of what a button carries
LARGEST_FILE = 20_000_000  # bytes that a bot may download
TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{3,}")  # how BotFather's tokens look
SPARE = 5.0, 0.25  # messages a second kept for answers beside a broadcast: so many, or that share of its rate


@dataclass(frozen=True)
class Hook:
    """Where Telegram shall send updates, and the secret it sends along."""

    url: str
    secret: str


@dataclass(frozen=True)
class Quiz:
    """What a native quiz may hold: characters of the question, options, characters of one."""

    question: int = 300
    options: int = 12
    option: int = 100


QUIZ = Quiz()


def rates(broadcasts: float) -> Rates:
    """One message a second to one person, three at once; Telegram's limit in all is about 30 a second, and what goes
    to everybody leaves room below it for answers. Whoever pays for more than 30 has it for answers, too."""
    spare = max(SPARE[0], SPARE[1] * broadcasts)
    return Rates(per_person=1, burst=3, overall=broadcasts + spare, overall_burst=5, broadcasts=broadcasts)
