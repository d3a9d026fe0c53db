"""One person on several channels: show a code here, type it there; and part from one again."""

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
    names = [_name(turn, talk[1]) for talk in joining.talks(scene(turn))]
    linked = len(names) > 1
    options = (opt("show_code"), opt("have_code"), *((opt("part"),) if linked else ()), opt("leave"))
    return say("link.how", *options, linked=linked, channels=list(dict.fromkeys(names)))


def _take_how(turn: Turn) -> Reply:
    if turn.choice == "have_code":
        return ask("code")
    if turn.choice == "part":
        return ask("part")
    if turn.choice == "leave":
        return Reply(go="menu short")
    code = joining.invite(scene(turn))
    link = "" if turn.message.address.channel == "telegram" else turn.links.joining(code)
    return done(say("link.code", MENU, code=f"{code[:4]} {code[4:]}", minutes=joining.LASTS // 60, link=link))


def _ask_part(turn: Turn) -> Say:
    """Which of the others, each with the day on which it was last heard: several may be of one channel."""
    here = turn.message.address
    others = [talk for talk in joining.talks(scene(turn)) if talk[1:3] != (here.channel, here.user)]
    options = []
    for number, channel, _, seen in others:
        day = turn.moment(seen)
        name = _name(turn, channel)
        options.append(opt(str(number), "option.part_from", channel=name, month=day.month, day=day.day))
    return say("link.part", *options, opt("leave"))


def _take_part(turn: Turn) -> Reply:
    if turn.choice is None or turn.choice == "leave":
        return Reply(go="menu short")
    joining.part(scene(turn), int(turn.choice))
    return done(say("link.parted", MENU))


def _name(turn: Turn, channel: str) -> str:
    return turn.word(f"stats.channel.{channel}")


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
    {
        "how": Step(_ask_how, _take_how),
        "code": Step(_ask_code, _take_code, frozenset({"choice", "text"})),
        "part": Step(_ask_part, _take_part),
    },
)
