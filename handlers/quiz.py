"""Quiz: one question or a round of five, by topic or mixed; the explanation at once, wrong ones come again."""

from collections.abc import Sequence

from actions import learning
from bot.conversation import Conversation, Data, Reply, Step, Turn, again, ask, done, opt, say
from bot.messages import Option, Picture, Say
from civic.choices import choose_several
from civic.errors import Refused
from civic.quizzes import ROUND, letters
from content.items import Question
from content.library import Library
from handlers.scene import scene

AGAIN = (Option("/quiz one", "option.one_more"), Option("/quiz five", "option.round"), Option("/menu", "command.menu"))


def start(turn: Turn, command: str, argument: str) -> Reply:
    """quiz [one | five | topic:ID | tip:ID]; without argument it asks how many."""
    kind, _, subject = argument.partition(":")
    if kind == "tip" and subject in turn.library.tips:
        tip = turn.library.tips[subject]
        learning.note_tip(scene(turn), tip)
        return ask("question", keep=_plan(1, None) | {"q": tip.question})
    if kind == "topic" and subject in turn.library.topics:
        return _first(turn, ROUND, subject)
    if kind in {"one", "five"}:
        return _first(turn, 1 if kind == "one" else ROUND, None)
    return ask("how")


def _plan(total: int, topic: str | None) -> Data:
    return {"total": total, "topic": topic, "met": [], "right": [], "picked": []}


def _first(turn: Turn, total: int, topic: str | None) -> Reply:
    question = learning.next_question(scene(turn), topic)
    if question is None:
        return done(say("quiz.none", Option("/menu", "command.menu")))
    return ask("question", keep=_plan(total, topic) | {"q": question.id})


def _ask_how(turn: Turn) -> Say:
    return say("quiz.how", opt("one"), opt("five"), opt("topics"))


def _take_how(turn: Turn) -> Reply:
    if turn.choice == "topics":
        return ask("topic")
    return _first(turn, 1 if turn.choice == "one" else ROUND, None)


def _ask_topic(turn: Turn) -> Say:
    topics = turn.library.topics.values()
    return say(
        "quiz.topic", *(opt(item.id, label=f"{item.emoji} {item.in_language(turn.language).name}") for item in topics)
    )


def _take_topic(turn: Turn) -> Reply:
    return _first(turn, ROUND, turn.choice)


def _question(turn: Turn) -> Question:
    found = turn.library.questions.get(turn.data.get("q", ""))
    if found is None:  # an editor took the question away meanwhile
        raise Refused("quiz.gone")
    return found


def _labels(question: Question, language: str) -> list[str]:
    options = question.in_language(language).options
    if question.kind == "truefalse":
        return list(options)
    return [f"{letters([index])}. {option}" for index, option in enumerate(options)]


def _ask_question(turn: Turn) -> Say:
    data = turn.data
    return asked(turn.library, _question(turn), turn.language, len(data["met"]) + 1, data["total"], data["picked"])


def asked(
    library: Library, question: Question, language: str, number: int = 1, total: int = 1, picked: Sequence[int] = ()
) -> Say:
    """The question as it is put, the ``number``-th of a round; ``picked`` are ticked where several can be right."""
    labels = _labels(question, language)
    options = [opt(str(index), label=f"✓ {label}" if index in picked else label) for index, label in enumerate(labels)]
    if question.kind == "multiple" and picked:
        options.append(opt("ready", "option.ready"))
    pictures = (Picture(f"/pictures/{question.picture}", "quiz.picture"),) if question.picture else ()
    params = {
        "stem": question.in_language(language).stem,
        "kind": question.kind,
        "number": number,
        "total": total,
        "topic": library.topics[question.topic].in_language(language).name,
    }
    several = question.kind == "multiple"
    right = None if several else question.right[0]
    return Say("quiz.question", params, tuple(options), pictures, right=right, several=several)


def _take_question(turn: Turn) -> Reply:
    question, data = _question(turn), turn.data
    if turn.choice == "ready":
        return _grade(turn, question, set(data["picked"]))
    if turn.choice is not None and question.kind == "multiple":
        picked = set(data["picked"]) ^ {int(turn.choice)}
        return again(keep={**data, "picked": sorted(picked)})
    if turn.choice is not None:
        return _grade(turn, question, {int(turn.choice)})
    given = choose_several(turn.text, list(question.in_language(turn.language).options))
    if not given or (len(given) > 1 and question.kind != "multiple"):
        raise Refused(
            "quiz.not_an_answer", letters=letters(range(len(question.zh.options))), several=question.kind == "multiple"
        )
    return _grade(turn, question, set(given))


def _grade(turn: Turn, question: Question, given: set[int]) -> Reply:
    graded = learning.answer(scene(turn), question, given)
    told = result(turn.library, question, turn.language, graded)
    data = {**turn.data, "picked": [], "met": [*turn.data["met"], question.id]}
    if graded.right:
        data["right"] = [*data["right"], question.id]
    following = None
    if len(data["met"]) < data["total"]:
        following = learning.next_question(scene(turn), data["topic"], data["met"])
    if following is not None:
        return ask("question", Say("quiz.result", told), keep={**data, "q": following.id})
    if data["total"] == 1:
        return done(Say("quiz.result", told, AGAIN))
    return done(Say("quiz.result", told), _summary(turn, data))


def result(library: Library, question: Question, language: str, graded: learning.Graded) -> dict[str, object]:
    """What the text «quiz.result» is filled with: whether it was right, why, the source."""
    words = question.in_language(language)
    return {
        "right": graded.right,
        "points": graded.points,
        "back_in": graded.back_in,
        "why": words.why,
        "answer": "" if question.kind == "truefalse" else letters(question.right),
        "answer_text": words.options[question.right[0]] if len(question.right) == 1 else "",
        "citations": [library.citation(source, language) for source in question.source],
    }


def _summary(turn: Turn, data: Data) -> Say:
    missed = [
        turn.library.questions[key] for key in data["met"] if key not in data["right"] and key in turn.library.questions
    ]
    topics = {item.topic: turn.library.topics[item.topic].in_language(turn.language).name for item in missed}
    return say(
        "quiz.summary",
        *AGAIN,
        right=len(data["right"]),
        total=len(data["met"]),
        topics=list(topics.values()),
        streak=learning.streak(scene(turn)),
    )


conversation = Conversation(
    "quiz",
    frozenset({"quiz"}),
    start,
    {
        "how": Step(_ask_how, _take_how),
        "topic": Step(_ask_topic, _take_topic),
        "question": Step(_ask_question, _take_question, frozenset({"choice", "text"})),
    },
)
