"""问一问: a question in free words, answered with its source; near matches when unsure; honest when there is none."""

from collections.abc import Sequence

from actions import asking
from bot.conversation import Conversation, Reply, Turn, done, say
from bot.messages import Option, Say
from bot.routing import closest
from content.items import Answer
from content.library import Library
from content.search import SURE, Hit
from handlers.scene import scene
from handlers.ways import WAYS

EXAMPLES = ("dogs-a-leash", "neighbor-a-renovation", "ebike-a-passenger")
OTHERS = 3  # near matches
MENU = Option("/menu", "command.menu")


def start(turn: Turn, command: str, argument: str) -> Reply:
    """ask: how to; «ask WORDS», and any words that are nothing else; «ask ID» when a near match was tapped."""
    answers, finder = turn.library.answers, turn.library.finder
    if not argument:
        return done(say("ask.how", *_options(turn, [answers[key] for key in EXAMPLES if key in answers]), MENU))
    if argument in answers:
        return _found(turn, answers[argument], ())
    if courtesy := turn.library.speech.courtesy(argument):
        return done(say("ask.courtesy", *WAYS, text=courtesy.in_language(turn.language)))
    hits = finder.find(argument)
    if hits and hits[0].score >= SURE:
        best = hits[0]
        return _found(turn, best.answer, [hit.answer for hit in hits[1:]])
    if near := closest(argument, turn.library):
        return done(say("bot.did_you_mean", Option(f"/{near}", f"command.{near}"), MENU))
    if hits:
        return _unsure(turn, argument, hits)
    if not finder.hears(argument):
        return Reply(go="unknown")
    return _nothing(turn, argument)


def _found(turn: Turn, answer: Answer, others: Sequence[Answer]) -> Reply:
    """The answer, what the city says, sources; then what one can do about it."""
    asking.answered(scene(turn), answer)
    found = told(turn.library, answer, turn.language, turn.library.calendar.solemn(turn.today))
    return done(found, say("ask.others", *_options(turn, others))) if others else done(found)


def told(library: Library, answer: Answer, language: str, solemn: bool) -> Say:
    """The answer as it is given; on solemn days without a game behind it."""
    rules = asking.local_rules(library, answer)
    words = answer.in_language(language)
    params = {
        "question": words.questions[0],
        "text": words.text,
        "city": library.city.in_language(language).name,
        "local": [rule.in_language(language) for rule in rules],
        "silent": [library.matters[key].in_language(language) for key in answer.local if key not in library.city.rules],
        "hotline": "" if answer.hotline == "12345" else answer.hotline,
        "citations": [
            *(library.citation(source, language) for source in answer.source),
            *(library.local_citation(rule, language) for rule in rules),
        ],
    }
    return Say("ask.answer", params, tuple(_deeds(library, answer, language, solemn)))


def _deeds(library: Library, answer: Answer, language: str, solemn: bool) -> list[Option]:
    """Report it, where there is something to report; practise its topic, except on solemn days."""
    deeds = []
    if answer.report:
        deeds.append(_report(library, answer.report, language))
    if not solemn:
        topic = library.topics[answer.topic].in_language(language).name
        deeds.append(Option(f"/quiz topic:{answer.topic}", "ask.quiz", params={"topic": topic}))
    return deeds


def _report(library: Library, category: str, language: str) -> Option:
    name = library.categories[category].in_language(language).name
    return Option(f"/report {category}", "ask.report", params={"name": name})


def _options(turn: Turn, answers: Sequence[Answer]) -> list[Option]:
    return [Option(f"/ask {one.id}", label=one.in_language(turn.language).questions[0]) for one in answers]


def _unsure(turn: Turn, text: str, hits: Sequence[Hit]) -> Reply:
    asking.asked_in_vain(scene(turn), text)
    near = [hit.answer for hit in hits[:OTHERS]]
    seen = next((answer.report for answer in near if answer.report), None)  # who tells of something may want it handled
    reported = [_report(turn.library, seen, turn.language)] if seen else []
    return done(say("ask.unsure", *_options(turn, near), *reported, MENU))


def _nothing(turn: Turn, text: str) -> Reply:
    kept = asking.asked_in_vain(scene(turn), text)
    return done(say("ask.nothing", *WAYS, kept=kept))


conversation = Conversation("ask", frozenset({"ask"}), start)
