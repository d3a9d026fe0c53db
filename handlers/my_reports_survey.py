"""After the answer whether it is solved: how satisfied they are, and if not quite, why. Leaving loses nothing."""

from actions import reports, surveys
from bot.conversation import Data, Reply, Turn, again, ask, done, opt, say
from bot.messages import Option, Say
from handlers.scene import scene

TRY_ONE = Option("/quiz one", "option.try_one")
MENU = Option("/menu", "command.menu")
CHOSEN = "✓ "


def rate(number: str, *told: Say) -> Reply:
    """Say something, then ask how satisfied they are."""
    return ask("satisfied", *told, keep={"number": number})


def ask_satisfied(turn: Turn) -> Say:
    """One question."""
    answers = (opt(rating) for rating in surveys.RATINGS)
    return say("survey.satisfied", *answers, opt("no_rating"), number=turn.data["number"])


def take_satisfied(turn: Turn) -> Reply:
    """Thank who is satisfied, or does not say; ask the others why."""
    if turn.choice == "no_rating":
        return done(say("survey.thanks", TRY_ONE, MENU))
    report = reports.mine(scene(turn), turn.data["number"])
    surveys.rate(scene(turn), report, turn.choice or "")
    if turn.choice == surveys.SATISFIED or not turn.library.reasons:
        return done(say("survey.thanks", TRY_ONE, MENU))
    return ask("reasons", keep={"number": report.number, "reasons": []})


def ask_reasons(turn: Turn) -> Say:
    """Reasons of the content, those that were chosen with a tick."""
    words = {key: reason.in_language(turn.language) for key, reason in turn.library.reasons.items()}
    chosen = [key for key in turn.data["reasons"] if key in words]
    options = [opt(key, label=f"{CHOSEN if key in chosen else ''}{text}") for key, text in words.items()]
    return say("survey.reasons", *options, opt("reasons_done"), chosen=[words[key] for key in chosen])


def take_reasons(turn: Turn) -> Reply:
    """A tap chooses a reason or takes it back; words are the end, as is «that is all»."""
    data: Data = turn.data
    if turn.choice in turn.library.reasons:
        chosen = data["reasons"]
        others = [key for key in chosen if key != turn.choice]
        return again(keep={**data, "reasons": others if turn.choice in chosen else [*chosen, turn.choice]})
    report = reports.mine(scene(turn), data["number"])
    surveys.explain(scene(turn), report, data["reasons"], turn.text if turn.choice is None else "")
    said = "survey.thanks_reasons" if data["reasons"] or turn.choice is None else "survey.thanks"
    return done(say(said, Option(f"/reports {report.number}", "option.details"), MENU))
