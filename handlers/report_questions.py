"""The category's own questions, one at a time: choices, words, a plate, a time, from when to when."""

from collections.abc import Callable

from actions import parking
from bot.conversation import Data, Reply, Turn, opt, say
from bot.messages import Say
from civic.choices import plain
from civic.errors import Refused
from civic.plates import normal_plate
from civic.spans import read_span
from content.category import Ask, Category
from handlers.scene import scene

Follow = Callable[..., Reply]
SKIPPED = ""


def open_question(category: Category, data: Data) -> Ask | None:
    """The first question without an answer."""
    answers = data.get("answers", {})
    return next((question for question in category.questions if question.id not in answers), None)


def _asked(turn: Turn) -> Ask:
    question = open_question(turn.library.categories[turn.data["category"]], turn.data)
    if question is None:  # an editor took it away meanwhile: nothing left to ask
        raise Refused("report.question_gone")
    return question


def ask_question(turn: Turn) -> Say:
    """The question, with «skip» when it may stay open."""
    question = _asked(turn)
    options = [opt(option.id, label=option.in_language(turn.language)) for option in question.options]
    if question.kind == "span" and (seen := parking.seen_by_photos(scene(turn), turn.data["photos"])):
        options.append(opt("photo_times", times=str(seen)))
    if question.kind in {"time", "span"}:
        options.append(opt("now"))
    if not question.required:
        options.append(opt("skip_question", "option.skip"))
    return say("report.question", *options, prompt=question.in_language(turn.language).prompt, kind=question.kind)


def take_question(turn: Turn, follow: Follow) -> Reply:
    """Check the answer and go on."""
    question = _asked(turn)
    if turn.choice == "skip_question" or (not question.required and _declined(turn)):
        answer = SKIPPED
    elif turn.choice == "now":
        answer = f"{turn.local:%Y-%m-%d %H:%M}"
    elif turn.choice == "photo_times":
        answer = str(parking.seen_by_photos(scene(turn), turn.data["photos"]) or f"{turn.local:%Y-%m-%d %H:%M}")
    elif turn.choice is not None:
        answer = turn.choice
    else:
        answer = _typed(turn, question)
    answers = {**turn.data.get("answers", {}), question.id: answer}
    return follow({**turn.data, "answers": answers}, turn)


def _declined(turn: Turn) -> bool:
    """Whether they typed that they would rather not say, in whichever words of the house."""
    words = turn.library.texts.render(turn.language, "report.skip_words").split("|")
    return turn.choice is None and plain(turn.text) in words


def _typed(turn: Turn, question: Ask) -> str:
    """Words as an answer. Raises Refused with what is expected."""
    text = turn.text
    if question.kind == "choice":
        raise Refused("bot.choose")
    if question.kind == "plate":
        plate = normal_plate(text)
        if plate is None:
            raise Refused("report.bad_plate")
        return plate
    if not text or len(text) > 200:
        raise Refused("report.answer_length", limit=200)
    if question.kind == "span":
        span = read_span(text, turn.local.replace(tzinfo=None))
        if span is None:
            raise Refused("report.bad_span")
        return str(span)
    return text
