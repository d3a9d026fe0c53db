"""The category's own questions, one at a time: choices, words, a plate, a time."""

from collections.abc import Callable

from bot.conversation import Data, Reply, Turn, opt, say
from bot.messages import Say
from civic.errors import Refused
from civic.plates import normal_plate
from content.items import Ask, Category

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
    if question.kind == "time":
        options.append(opt("now"))
    if not question.required:
        options.append(opt("skip_question", "option.skip"))
    return say("report.question", *options, prompt=question.in_language(turn.language).prompt, kind=question.kind)


def take_question(turn: Turn, follow: Follow, with_photos: Callable[[Turn], Reply]) -> Reply:
    """Check the answer and go on."""
    if turn.photos:
        return with_photos(turn)
    question = _asked(turn)
    if turn.choice == "skip_question":
        answer = SKIPPED
    elif turn.choice == "now":
        answer = f"{turn.local:%Y-%m-%d %H:%M}"
    elif turn.choice is not None:
        answer = turn.choice
    else:
        answer = _typed(question, turn.text)
    answers = {**turn.data.get("answers", {}), question.id: answer}
    return follow({**turn.data, "answers": answers}, turn)


def _typed(question: Ask, text: str) -> str:
    """Words as an answer. Raises Refused with what is expected."""
    if question.kind == "choice":
        raise Refused("bot.choose")
    if question.kind == "plate":
        plate = normal_plate(text)
        if plate is None:
            raise Refused("report.bad_plate")
        return plate
    if not text or len(text) > 200:
        raise Refused("report.answer_length", limit=200)
    return text
