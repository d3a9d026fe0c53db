"""Staff in chat: bind this chat with a code, see what waits, take it, start, resolve with a photo, return, ask."""

from actions import duty
from actions.duty_news import facts
from bot.conversation import Conversation, Reply, Step, Turn, again, ask, done, opt, say
from bot.messages import Option, Picture, Say
from civic.errors import Refused
from civic.staff import Staff
from handlers.scene import scene

MOST = 8  # reports in the list
MENU = Option("/menu", "command.menu")
TASKS = Option("/tasks", "command.tasks")
AT_ONCE = frozenset({"accept", "take", "start", "verify"})  # moves that need no words
LONGEST = 1000  # characters of a note


def start(turn: Turn, command: str, argument: str) -> Reply:
    """duty [CODE | off] · tasks [NUMBER | do MOVE NUMBER VERSION]."""
    if command == "duty":
        return _duty(turn, argument)
    by = _by(turn)
    word, _, rest = argument.partition(" ")
    if word == "do":
        move, number, version = (*rest.split(), "", "", "")[:3]
        if move not in duty.HERE or not version.isdecimal():
            return done(_list(turn))
        if move in AT_ONCE:
            duty.do(scene(turn), by, move, (number, int(version)))
            return done(say(f"tasks.did_{move}", number=number), _task(turn, number))
        return ask("words", keep={"move": move, "number": number, "version": int(version), "photos": []})
    return done(_task(turn, word) if word else _list(turn))


def _by(turn: Turn) -> Staff:
    return duty.on_duty(scene(turn), turn.message.address)


def _duty(turn: Turn, argument: str) -> Reply:
    if argument == "off":
        duty.leave(scene(turn), turn.message.address)
        return done(say("tasks.left", MENU))
    if argument:
        return _bind(turn, argument)
    return ask("code")


def _bind(turn: Turn, typed: str) -> Reply:
    by = duty.bind(scene(turn), turn.message.address, typed)
    role = turn.word(f"staff.role.{by.role}")
    return done(say("tasks.bound", TASKS, Option("/duty off", "option.duty_off"), name=by.name, role=role))


def _list(turn: Turn) -> Say:
    by = _by(turn)
    found = duty.waiting(scene(turn), by, MOST + 1)
    if not found:
        return say("tasks.none", MENU)
    lines = [facts(turn.tx, turn.library, turn.zone, report, turn.language) for report in found[:MOST]]
    options = [Option(f"/tasks {line['number']}", "tasks.one", params=line) for line in lines]
    return say("tasks.list", *options, MENU, lines=lines, more=len(found) > MOST)


def _task(turn: Turn, number: str) -> Say:
    task = duty.task(scene(turn), _by(turn), number)
    report = task.report
    seen = f"{report.number} {report.version}"
    options = [Option(f"/tasks do {move} {seen}", f"tasks.move_{move}") for move in task.moves]
    pictures = tuple(Picture(f"/chat/photos/{photo}/large.jpg", "reports.photo_before") for photo in task.photos)
    params = facts(turn.tx, turn.library, turn.zone, report, turn.language)
    return Say("tasks.task", params, (*options, TASKS, MENU), pictures)


def _ask_code(turn: Turn) -> Say:
    return say("tasks.type", opt("leave"))


def _take_code(turn: Turn) -> Reply:
    return Reply(go="menu short") if turn.choice == "leave" else _bind(turn, turn.text)


def _ask_words(turn: Turn) -> Say:
    data = turn.data
    key = f"tasks.words_{data['move']}"
    if data["move"] == "resolve" and data["photos"]:
        key = "tasks.words_resolve_photo"
    grounds = duty.grounds(scene(turn), _by(turn), data["move"], data["number"])
    options = [opt(one.id, label=words.name) for one, words in grounds]
    return say(key, *options, opt("leave"), number=data["number"], photos=len(data["photos"]))


def _take_words(turn: Turn) -> Reply:
    data = turn.data
    if turn.choice == "leave":
        return Reply(go=f"tasks {data['number']}")
    kept, by = [*data["photos"], *(photo.id for photo in turn.photos)], _by(turn)
    chosen = {one.id: words.words for one, words in duty.grounds(scene(turn), by, data["move"], data["number"])}
    said = chosen.get(turn.choice or "", turn.text)
    if not said:
        return again(keep={**data, "photos": kept})
    if len(said) > LONGEST:
        raise Refused("report.note_too_long", limit=LONGEST)
    ground = turn.choice if turn.choice in chosen else ""
    duty.do(scene(turn), by, data["move"], (data["number"], data["version"]), said, kept, ground or "")
    return done(say(f"tasks.did_{data['move']}", TASKS, MENU, number=data["number"]))


conversation = Conversation(
    "tasks",
    frozenset({"tasks", "duty"}),
    start,
    {
        "code": Step(_ask_code, _take_code, frozenset({"choice", "text"})),
        "words": Step(_ask_words, _take_words, frozenset({"choice", "text", "photos"})),
    },
)
