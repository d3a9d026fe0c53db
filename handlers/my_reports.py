"""My reports: the list, one with its history, add something, withdraw, say whether it is solved."""

from dataclasses import replace

from actions import reports
from actions.reports import Report
from bot.conversation import Conversation, Reply, Step, Turn, again, ask, done, opt, say
from bot.messages import Option, Picture, Say
from civic import reports as rules
from civic.errors import Refused
from handlers import my_reports_survey as survey
from handlers.scene import scene

PAGE = 5
MENU = Option("/menu", "command.menu")


def start(turn: Turn, command: str, argument: str) -> Reply:
    """reports [NUMBER | page N | add N | withdraw N | solved N | unsolved N | rate N]."""
    word, _, rest = argument.partition(" ")
    if word == "add":
        report = reports.mine(scene(turn), rest)
        if report.status in rules.CLOSED:
            raise Refused("reports.closed", number=report.number)
        return ask("add", keep={"number": report.number})
    if word == "withdraw":
        return ask("withdraw", keep={"number": reports.mine(scene(turn), rest, "withdraw").number})
    if word == "solved":
        report = reports.confirm(scene(turn), reports.mine(scene(turn), rest))
        return survey.rate(report.number, say("reports.thanks_solved", number=report.number))
    if word == "unsolved":
        report = reports.mine(scene(turn), rest)
        return (
            ask("unsolved", keep={"number": report.number})
            if reports.deny(scene(turn), report)
            else done(_not_again(turn, report))
        )
    if word == "rate":
        return survey.rate(reports.mine(scene(turn), rest).number)
    if word and word != "page":
        return done(_details(turn, reports.mine(scene(turn), word)))
    found = _list(turn, int(rest) if rest.isdecimal() and len(rest) < 5 else 0)
    return done(replace(found, in_place=word == "page"))


def _list(turn: Turn, page: int) -> Say:
    found = reports.page_of_mine(scene(turn), page, PAGE)
    if not found and page > 0:  # the list has become shorter
        return _list(turn, 0)
    if not found:
        return say("reports.none", Option("/report", "command.report"), MENU, before=reports.sent_any(scene(turn)))
    lines = [_line(turn, report) for report in found[:PAGE]]
    options = [
        Option(f"/reports {report.number}", "reports.one", params=line)
        for report, line in zip(found, lines, strict=False)
    ]
    if page > 0:
        options.append(Option(f"/reports page {page - 1}", "option.newer"))
    if len(found) > PAGE:
        options.append(Option(f"/reports page {page + 1}", "option.older"))
    return say("reports.list", *options, MENU, lines=lines)


def _line(turn: Turn, report: Report) -> dict[str, object]:
    created = turn.moment(report.created_at)
    category = turn.library.categories.get(report.category)
    return {
        "number": report.number,
        "month": created.month,
        "day": created.day,
        "status": turn.word(f"status.{report.status}"),
        "category": category.in_language(turn.language).name if category else report.category,
        "emoji": category.emoji if category else "",
        "place": report.place,
    }


def _details(turn: Turn, report: Report) -> Say:
    entries = []
    for entry in reports.public_timeline(scene(turn), report):
        at = turn.moment(entry.at)
        entries.append(
            {
                "month": at.month,
                "day": at.day,
                "time": f"{at:%H:%M}",
                "move": turn.word(f"history.{entry.move}"),
                "note": entry.note,
            }
        )
    due = turn.moment(report.due_at)
    photos = reports.photos_by_kind(scene(turn), report)
    params = _line(turn, report) | {
        "entries": entries,
        "note": report.note,
        "due": [due.month, due.day, f"{due:%H:%M}"],
        "open": report.status in rules.OPEN,
        "steps": turn.library.city.progress(report.status, turn.language),
        "link": turn.links.report(report.number) if turn.library.city.public.reports else "",
        "department": turn.library.city.department_name(report.department or "", turn.language),
    }
    possible, asked = reports.possible(scene(turn), report), reports.survey(scene(turn), report)
    answered = asked is not None and asked.answered_at is not None
    offers = {
        "solved": "close" in possible or (report.status == "closed" and asked is not None and not answered),
        "unsolved": "reopen" in possible,
        "rate": answered,
        "add": report.status in rules.OPEN and report.status != "resolved",
        "withdraw": "withdraw" in possible,
    }
    offered = [word for word, fits in offers.items() if fits]
    options = [Option(f"/reports {word} {report.number}", f"option.{word}") for word in offered]
    pictures = tuple(
        Picture(f"/chat/photos/{photo}/small.jpg", f"reports.photo_{kind}")
        for kind, ids in photos.items()
        for photo in ids
    )
    return Say("reports.details", params, (*options, Option("/reports", "command.reports"), MENU), pictures)


def _ask_add(turn: Turn) -> Say:
    return say("reports.add", opt("leave"), number=turn.data["number"])


def _take_add(turn: Turn) -> Reply:
    if turn.choice == "leave":
        return Reply(go=f"reports {turn.data['number']}")
    _check_length(turn.text)
    report = reports.mine(scene(turn), turn.data["number"])
    moved = reports.add_information(scene(turn), report, turn.text, tuple(photo.id for photo in turn.photos))
    options = (
        Option(f"/reports add {report.number}", "option.add_more"),
        Option(f"/reports {report.number}", "option.details"),
        MENU,
    )
    return done(say("reports.added", *options, number=moved.number, photos=len(turn.photos)))


def _check_length(text: str) -> None:
    if len(text) > 1000:
        raise Refused("report.note_too_long", limit=1000)


def _ask_withdraw(turn: Turn) -> Say:
    return say("reports.withdraw", opt("yes_withdraw"), opt("leave"), number=turn.data["number"])


def _take_withdraw(turn: Turn) -> Reply:
    number = turn.data["number"]
    if turn.choice == "leave":
        return Reply(go=f"reports {number}")
    reports.move_as_resident(scene(turn), reports.mine(scene(turn), number, "withdraw"), "withdraw")
    return done(say("reports.withdrawn", Option("/report", "command.report"), MENU, number=number))


def _ask_unsolved(turn: Turn) -> Say:
    return say("reports.unsolved", opt("without_photo"), opt("leave"), number=turn.data["number"])


def _take_unsolved(turn: Turn) -> Reply:
    number = turn.data["number"]
    if turn.choice == "leave":
        return Reply(go=f"reports {number}")
    if turn.choice == "without_photo":
        return again(say("reports.unsolved_words"))
    _check_length(turn.text)
    report = reports.mine(scene(turn), number, "reopen")
    photos = tuple(photo.id for photo in turn.photos)
    reports.move_as_resident(scene(turn), report, "reopen", turn.text, photos)
    return survey.rate(number, say("reports.reopened", Option(f"/reports {number}", "option.details"), number=number))


def _not_again(turn: Turn, report: Report) -> Say:
    """It can't be sent back any more: what else there is to do."""
    city = turn.library.city
    params = {
        "number": report.number,
        "over": report.reopens < city.handling.reopen_times,
        "days": city.handling.reopen_days,
        "times": city.handling.reopen_times,
        "hotline": city.hotlines[0].number,
    }
    return Say("reports.not_again", params, (Option("/report", "command.report"), MENU))


ANY = frozenset({"choice", "text", "photos"})
conversation = Conversation(
    "reports",
    frozenset({"reports"}),
    start,
    {
        "add": Step(_ask_add, _take_add, ANY),
        "withdraw": Step(_ask_withdraw, _take_withdraw),
        "unsolved": Step(_ask_unsolved, _take_unsolved, ANY),
        "satisfied": Step(survey.ask_satisfied, survey.take_satisfied),
        "reasons": Step(survey.ask_reasons, survey.take_reasons, frozenset({"choice", "text"})),
    },
)
