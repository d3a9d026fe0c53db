"""Tips: today's, another, and no more of them."""

from actions import learning, residents
from bot.conversation import Conversation, Reply, Turn, done, say
from bot.messages import Option, Say
from content.items import Tip
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
    return done(_message(turn, tip))


def _message(turn: Turn, tip: Tip) -> Say:
    """A tip as it is shown: no game on solemn days, «stop» only to those who get it daily."""
    solemn = turn.library.calendar.solemn(turn.today)
    options = [Option("/tip another", "option.another_tip")]
    if not solemn:
        options.append(Option(f"/quiz tip:{tip.id}", "option.quiz_me"))
    daily = turn.resident.tip_hour is not None
    options.append(Option("/stop", "option.stop_tips") if daily else Option("/daily", "option.daily"))
    return Say("tip.message", learning.tip_words(turn.library, tip, turn.language, solemn), tuple(options))


conversation = Conversation("tip", frozenset({"tip", "stop"}), start)
