"""One person on several channels: show a code here, type it there."""

from actions import joining
from bot.conversation import Conversation, Reply, Step, Turn, ask, done, opt, say
from bot.messages import Option, Say
from civic.errors import Refused
from handlers.scene import scene

MENU = Option("/menu", "command.menu")


def start(turn: Turn, command: str, argument: str) -> Reply:
    """link [CODE]."""
    if argument:
        return _join(turn, argument)
    return ask("how")


def _ask_how(turn: Turn) -> Say:
    names = [turn.word(f"stats.channel.{name}") for name in dict.fromkeys(joining.channels(scene(turn)))]
    return say("link.how", opt("show_code"), opt("have_code"), opt("leave"), channels=names)


def _take_how(turn: Turn) -> Reply:
    if turn.choice == "have_code":
        return ask("code")
    if turn.choice == "leave":
        return Reply(go="menu short")
    code = joining.invite(scene(turn))
    link = "" if turn.message.address.channel == "telegram" else turn.links.joining(code)
    return done(say("link.code", MENU, code=f"{code[:4]} {code[4:]}", minutes=joining.LASTS // 60, link=link))


def _ask_code(turn: Turn) -> Say:
    return say("link.type", opt("leave"))


def _take_code(turn: Turn) -> Reply:
    if turn.choice == "leave":
        return Reply(go="menu short")
    return _join(turn, turn.text)


def _join(turn: Turn, typed: str) -> Reply:
    code = "".join(character for character in typed.upper() if character.isalnum())
    if len(code) != joining.LENGTH:
        raise Refused("link.wrong_code")
    resident = joining.join(scene(turn), code)
    return done(say("link.joined", Option("/reports", "command.reports"), MENU), resident=resident)


conversation = Conversation(
    "link",
    frozenset({"link"}),
    start,
    {"how": Step(_ask_how, _take_how), "code": Step(_ask_code, _take_code, frozenset({"choice", "text"}))},
)
