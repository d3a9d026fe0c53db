"""The menu, help, and what to say when nothing fits."""

from bot.conversation import Conversation, Reply, Turn, done, say, unusable
from handlers.ways import WAYS


def start(turn: Turn, command: str, argument: str) -> Reply:
    """menu (or «menu short» after something else was said), help, unknown words, unsupported kinds."""
    if command == "help":
        lines = [(item.words[0], item.describe(turn.language)) for item in turn.library.commands if item.name in LISTED]
        if turn.language == "en":
            lines = [(item.en[0], item.describe("en")) for item in turn.library.commands if item.name in LISTED]
        hotlines = [(line.number, line.in_language(turn.language)) for line in turn.library.city.hotlines]
        return done(say("menu.help", *WAYS, lines=lines, hotlines=hotlines))
    if command == "unsupported":
        return done(unusable(turn, *WAYS))
    if command == "unknown":
        return done(say("menu.unknown", *WAYS))
    return done(say("menu.short" if argument == "short" else "menu.full", *WAYS))


LISTED = (
    "tip",
    "quiz",
    "ask",
    "report",
    "reports",
    "points",
    "figures",
    "bulletin",
    "daily",
    "area",
    "language",
    "link",
    "privacy",
    "stop",
)
conversation = Conversation("menu", frozenset({"menu", "help", "unknown", "unsupported"}), start)
