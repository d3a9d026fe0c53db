"""What I follow: the list, how one stands, and following it no more."""

from actions import following
from actions.publishing import public_place
from actions.reports import Report
from bot.conversation import Conversation, Reply, Turn, done, say
from bot.messages import Option, Picture, Say
from handlers.scene import scene

MOST = 10  # in the list
MENU = Option("/menu", "command.menu")
LIST = Option("/follow", "command.follow")


def start(turn: Turn, command: str, argument: str) -> Reply:
    """follow [NUMBER | stop NUMBER]."""
    word, _, rest = argument.partition(" ")
    if word == "stop":
        return done(say("follow.stopped", LIST, MENU, number=following.stop(scene(turn), rest).number))
    if word:
        return done(_one(turn, following.followed(scene(turn), word)))
    return done(_list(turn))


def _list(turn: Turn) -> Say:
    found = following.list_followed(scene(turn), MOST)
    if not found:
        return say("follow.none", Option("/reports", "command.reports"), MENU)
    lines = [_facts(turn, report) for report in found]
    options = [Option(f"/follow {line['number']}", "reports.one", params=line) for line in lines]
    return say("follow.list", *options, MENU, lines=lines)


def _one(turn: Turn, report: Report) -> Say:
    """How it stands: its state and the photos of how it looks after the work; never who sent it, or what they said."""
    after = following.shown_after(scene(turn), report)
    pictures = tuple(Picture(f"/chat/photos/{photo}/public.jpg", "reports.photo_after") for photo in after)
    options = (Option(f"/follow stop {report.number}", "option.unfollow"), LIST, MENU)
    return Say("follow.one", _facts(turn, report), options, pictures)


def _facts(turn: Turn, report: Report) -> dict[str, object]:
    category = turn.library.categories.get(report.category)
    return {
        "number": report.number,
        "category": category.in_language(turn.language).name if category else report.category,
        "emoji": category.emoji if category else "",
        "place": public_place(turn.library, report),
        "status": turn.word(f"status.{report.status}"),
        "department": turn.library.city.department_name(report.department or "", turn.language),
    }


conversation = Conversation("follow", frozenset({"follow"}), start)
