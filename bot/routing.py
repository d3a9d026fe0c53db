"""What does a message mean here? A command, a choice, words for the open step, or something we can't place."""

import base64
import hashlib
from functools import lru_cache

from rapidfuzz import fuzz, process

from bot.messages import Incoming
from civic.choices import choose, clean, plain
from civic.pinyin import spelled
from civic.records import record
from content.library import Library
from db.talks import Talk

LIKE = 75.0  # how alike (0–100) words must be before we ask «did you mean …?»
SOUNDS_LIKE = 85.0  # the same for what they sound like: who types pinyin picks the wrong character easily


@record(frozen=True, slots=True)
class Meaning:
    """One reading of a message: exactly one of the fields says something (or none: unknown)."""

    command: tuple[str, str] | None = None
    choice: str | None = None
    text: str = ""
    stale: bool = False  # a button of a step that is over


def read(message: Incoming, talk: Talk, library: Library) -> Meaning:
    """Read a message against what was last offered and the commands of content/commands.toml."""
    if message.command is not None:
        return Meaning(command=message.command)
    if message.choice is not None:
        return _tapped(message.choice, talk, library)
    text = clean(message.text)
    if text.startswith(("/", "／")):
        return Meaning(command=slash(text, library)) if len(text) > 1 else Meaning()
    if not text:
        return Meaning()
    named = word(text, library)
    if named is not None and plain(text) not in {plain(label) for _, label in talk.options}:
        return Meaning(command=(named, ""))
    position = choose(text, [label for _, label in talk.options])
    if position is not None:
        return _tapped(talk.options[position][0], talk, library)
    return Meaning(text=text)


MARK = "#"


def mark(value: str, longest: int) -> str:
    """What a button carries: the option's value, or when that has more bytes, a mark by which it is known again."""
    if len(value.encode()) <= longest and not value.startswith(MARK):
        return value
    return MARK + base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()[:24]).decode()


def _tapped(value: str, talk: Talk, library: Library) -> Meaning:
    if value.startswith(MARK):
        value = next((offered for offered, _ in talk.options if mark(offered, 0) == value), value)
    if value.startswith("/"):
        return Meaning(command=slash(value, library))
    serial, _, choice = value.partition(":")
    if serial == str(talk.serial) and any(offered == value for offered, _ in talk.options):
        return Meaning(choice=choice)
    return Meaning(stale=True)


def slash(text: str, library: Library) -> tuple[str, str]:
    """Name and argument of «/report abc»; a name may also be one of a command's words."""
    name, _, argument = text[1:].partition(" ")
    name = name.partition("@")[0]  # Telegram writes /help@name in groups
    return word(name, library) or plain(name), argument.strip()


def word(text: str, library: Library) -> str | None:
    """The command that these words name, or None."""
    return library.command_words.get(plain(text))


def closest(text: str, library: Library) -> str | None:
    """The command whose words sound or look nearest to what was typed, if near enough."""
    wanted = plain(text)
    if not 2 <= len(wanted) <= 12:
        return None
    sounds = _sounds(library)
    heard = process.extractOne(spelled(wanted), sounds.keys(), scorer=fuzz.ratio, score_cutoff=SOUNDS_LIKE)
    if heard:
        return sounds[heard[0]]
    seen = process.extractOne(wanted, library.command_words.keys(), scorer=fuzz.WRatio, score_cutoff=LIKE)
    return library.command_words[seen[0]] if seen else None


@lru_cache(maxsize=2)
def _sounds(library: Library) -> dict[str, str]:
    """How each word of a command sounds → the command."""
    return {spelled(word): command for word, command in library.command_words.items()}
