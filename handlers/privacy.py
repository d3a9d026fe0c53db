"""What we hold, as a file, or erased; and the language we speak."""

from actions import residents
from bot.conversation import Conversation, Reply, Step, Turn, ask, done, opt, say
from bot.messages import Option, Say
from handlers.scene import scene

LANGUAGES = ("zh", "en")


def start(turn: Turn, command: str, argument: str) -> Reply:
    """privacy, export, erase, language [zh | en]."""
    if command == "export":
        link = turn.links.export(turn.resident.id, turn.now)
        residents.exported(scene(turn))
        return done(
            say("privacy.export", Option("/privacy", "command.privacy"), Option("/menu", "command.menu"), link=link)
        )
    if command == "erase":
        return ask("erase")
    if command == "language":
        return _language(turn, argument)
    held = residents.holdings(scene(turn))
    options = (Option("/export", "option.export"), Option("/erase", "option.erase"), Option("/menu", "command.menu"))
    return done(say("privacy.held", *options, held=held, page=f"{turn.links.base_url}/privacy"))


def _language(turn: Turn, argument: str) -> Reply:
    other = argument if argument in LANGUAGES else next(item for item in LANGUAGES if item != turn.language)
    resident = residents.settle(scene(turn), language=other)
    return Reply((say("privacy.language_set"),), resident=resident, go="menu short")


def _ask_erase(turn: Turn) -> Say:
    return say("privacy.erase", opt("keep"), opt("yes_erase"))


def _take_erase(turn: Turn) -> Reply:
    if turn.choice == "yes_erase":
        resident = residents.erase(scene(turn), turn.message.address)
        return Reply((say("privacy.erased", Option("/start", "option.begin_again")),), resident=resident, forget=True)
    return done(say("privacy.kept", Option("/menu", "command.menu")))


conversation = Conversation(
    "privacy",
    frozenset({"privacy", "export", "erase", "language"}),
    start,
    {"erase": Step(_ask_erase, _take_erase)},
)
