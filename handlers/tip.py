"""Tips: today's, another, and no more of them."""

from actions import learning, residents
from bot.conversation import Conversation, Reply, Turn, done, say
from bot.messages import Option, Say
from content.items import Tip
from content.library import Library
from handlers.scene import scene


def start(turn: Turn, command: str, argument: str) -> Reply:
    """tip (today's), «tip another», stop."""
    if command == "stop":
        resident = residents.daily_tip(scene(turn), None)
        return done(
            say("tip.stopped", Option("/daily", "option.daily_again"), Option("/menu", "command.menu")),
            resident=resident,
        )
    tip = learning.read_tip(scene(turn), another=argument == "another")
    if tip is None:
        return done(say("tip.none", Option("/menu", "command.menu")))
    return done(tip_message(turn.library, tip, turn.language, turn.resident.tip_hour is not None))


def tip_message(library: Library, tip: Tip, language: str, daily: bool) -> Say:
    """A tip as it is shown; «stop» only to those who get it daily."""
    words = tip.in_language(language)
    options = [Option("/tip another", "option.another_tip"), Option(f"/quiz tip:{tip.id}", "option.quiz_me")]
    options.append(Option("/stop", "option.stop_tips") if daily else Option("/daily", "option.daily"))
    return say(
        "tip.message",
        *options,
        title=words.title,
        text=words.text,
        today=words.today,
        emoji="" if tip.tone == "solemn" else library.topics[tip.topic].emoji,
        citations=[library.citation(source, language) for source in tip.source],
    )


conversation = Conversation("tip", frozenset({"tip", "stop"}), start)
