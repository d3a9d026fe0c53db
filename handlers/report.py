"""随手拍: photos, category, place, the category's own questions, a note, a summary, a number."""

from actions import following, reports
from actions.following import Neighbour
from bot.conversation import Conversation, Data, Reply, Step, Turn, again, ask, done, opt, say
from bot.messages import Option, Say
from civic.errors import Refused
from content.search import SURE
from handlers import report_card, report_near, report_place, report_questions
from handlers.report_photos import MOST_PHOTOS, ask_photos, caption, noted, take_photos, welcoming, with_photos
from handlers.scene import scene
from handlers.search import mentioned

LIKELY = 6
ANY = frozenset({"choice", "text", "photos"})
CHOICE = frozenset({"choice", "photos"})


def start(turn: Turn, command: str, argument: str) -> Reply:
    """report; «report photos» and «report place» when one of these came first; «report CATEGORY»."""
    data: Data = {"photos": [photo.id for photo in turn.photos]}
    if argument == "place":
        data["place"] = report_place.shared(turn)
    if words := caption(turn):
        data["note"] = words
    paused = turn.paused.get("report")
    if paused and paused["step"] == "resume":  # left when asked whether to go on: the draft lies in that question
        paused, before = paused["d"]["paused"], paused["d"]["new"]
        data = {**before, **data, "photos": [*before["photos"], *data["photos"]]}
    if paused:
        return ask("resume", keep={"paused": paused, "new": data})
    if argument in turn.library.categories:
        return follow({**data, "category": argument}, turn)
    if len(turn.photos) > MOST_PHOTOS:
        raise Refused("report.too_many_photos", limit=MOST_PHOTOS, kept=0)
    if argument == "photos":
        return ask("intent", keep=data)
    return ask("category", keep=data)


def follow(data: Data, turn: Turn, *told: Say) -> Reply:
    """Ask for the next thing that is missing; when nothing is, show the summary."""
    category = turn.library.categories[data["category"]]
    if not data.get("photos_done") and not (data["photos"] and len(data["photos"]) >= category.photos_min):
        step = "photos"
    elif "place" not in data:
        step = "place"
    elif "near" not in data:
        found = [one.report.number for one in neighbours(turn, data)]
        return ask("near", *told, keep={**data, "near": found}) if found else follow({**data, "near": []}, turn, *told)
    elif report_questions.open_question(category, data) is not None:
        step = "question"
    elif "note" not in data:
        step = "note"
    else:
        step = "summary"
    return ask(step, *told, keep=data)


def neighbours(turn: Turn, data: Data) -> list[Neighbour]:
    """Open reports of others that may be the same as this draft."""
    place = report_card.position(data["place"])
    here = turn.library.shapes.community_at(place.lat, place.lon) if place else None
    area = here or mentioned(turn.library, data["place"]["label"]) or turn.resident.area
    return following.near(scene(turn), data["category"], place, report_card.address(turn, data["place"]), area)


def _ask_resume(turn: Turn) -> Say:
    category = turn.data["paused"].get("d", {}).get("category")
    name = (
        turn.library.categories[category].in_language(turn.language).name if category in turn.library.categories else ""
    )
    return say("report.resume", opt("continue"), opt("restart"), category=name)


def _take_resume(turn: Turn) -> Reply:
    paused, new = turn.data["paused"], turn.data["new"]
    if turn.choice == "restart":
        return ask("intent" if new["photos"] else "category", keep=new)
    data, told = dict(paused.get("d", {})), []
    kept = data.get("photos", [])
    if len(kept) + len(new["photos"]) > MOST_PHOTOS:
        told.append(say("report.too_many_photos", limit=MOST_PHOTOS, kept=len(kept)))
    else:
        data["photos"] = [*kept, *new["photos"]]
    if words := new.get("note"):
        data["note"] = noted(data, words)
    if "place" in new:
        data["place"] = new["place"]
        if paused["step"] == "place":
            return follow(data, turn, *told)
    return ask(paused["step"], *told, keep=data)


def _ask_intent(turn: Turn) -> Say:
    return say("report.intent", opt("report"), opt("question"), count=len(turn.data["photos"]))


def _take_intent(turn: Turn) -> Reply:
    if turn.photos:
        return with_photos(turn)
    if turn.choice is None:
        return _take_words(turn)
    if turn.choice == "question":
        if words := turn.data.get("note"):
            return _answer(words)
        return done(say("report.only_asking", Option("/quiz", "command.quiz"), Option("/menu", "command.menu")))
    return ask("category", keep=turn.data)


def _take_words(turn: Turn) -> Reply:
    """What somebody writes after a photo, instead of tapping: what it shows, or a question."""
    if key := _category_named(turn):
        return _file_under(key, turn)
    hits = turn.library.finder.find(turn.text)
    if hits and hits[0].score >= SURE:
        return _answer(turn.text)
    raise Refused("bot.choose")


def _answer(question: str) -> Reply:
    return Reply((say("report.first_answer"),), go=f"ask {question}")


def _ask_category(turn: Turn) -> Say:
    ordered = sorted(turn.library.categories.values(), key=lambda item: item.likely)
    shown = ordered if turn.data.get("more") else ordered[:LIKELY]
    options = [opt(item.id, label=f"{item.emoji} {item.in_language(turn.language).name}") for item in shown]
    if not turn.data.get("more"):
        options.append(opt("more"))
    return say("report.category", *options, photos=len(turn.data["photos"]))


def _take_category(turn: Turn) -> Reply:
    if turn.choice == "more":
        return again(keep={**turn.data, "more": True})
    key = turn.choice or _category_named(turn, for_certain=True)
    if key is None:
        raise Refused("report.no_category", text=turn.text[:20])
    return _file_under(key, turn)


def _file_under(key: str, turn: Turn) -> Reply:
    data = {name: value for name, value in turn.data.items() if name != "more"}
    category = turn.library.categories[key]
    urgent = category.in_language(turn.language).emergency
    return follow({**data, "category": key}, turn, *([say("report.danger", advice=urgent)] if urgent else []))


def _category_named(turn: Turn, *, for_certain: bool = False) -> str | None:
    """The category of which a name contains what was typed, or the reverse; of what else people call it the reverse
    only where it is ``for_certain`` that they name one, and don't ask about it."""
    text = turn.text.casefold()
    if len(text) < 2:
        return None
    for key, item in turn.library.categories.items():
        words = item.in_language(turn.language)
        name, *called = map(str.casefold, (words.name, *words.called))
        within = (name, *called) if for_certain else (name,)
        if any(text in other for other in (name, *called)) or any(other in text for other in within):
            return key
    return None


def _ask_note(turn: Turn) -> Say:
    return say("report.note", opt("no_note"))


def _take_note(turn: Turn) -> Reply:
    return follow({**turn.data, "note": noted(turn.data, turn.text)}, turn)


def _ask_summary(turn: Turn) -> Say:
    options = (opt("submit"), opt("submit_anonymous"), opt("change"), Option("/cancel", "command.cancel"))
    return report_card.summary(turn, options)


def _take_summary(turn: Turn) -> Reply:
    if turn.photos:
        return with_photos(turn)
    if turn.choice == "change":
        return ask("change", keep=turn.data)
    anonymous = turn.choice == "submit_anonymous" or (turn.choice == "submit" and turn.resident.anonymous)
    report = reports.submit(scene(turn), report_card.draft(turn, anonymous))
    category = turn.library.categories[report.category]
    words = category.in_language(turn.language)
    due = turn.moment(report.due_at)
    return done(
        say(
            "report.sent",
            Option("/reports", "command.reports"),
            Option("/quiz one", "option.try_one"),
            Option("/menu", "command.menu"),
            number=report.number,
            anonymous=anonymous,
            rule=words.rule,
            department=turn.library.city.department_name(report.department or "", turn.language),
            due=[due.month, due.day, f"{due:%H:%M}"],
            weekday=due.weekday(),
            today=due.date() == turn.today,
            citations=[turn.library.citation(source, turn.language) for source in category.source],
        )
    )


PARTS = ("category", "photos", "place", "answers", "note")


def _ask_change(turn: Turn) -> Say:
    return say("report.change", *(opt(f"change_{part}") for part in PARTS), opt("change_nothing"))


def _take_change(turn: Turn) -> Reply:
    data = dict(turn.data)
    part = (turn.choice or "").removeprefix("change_")
    if part == "photos":
        data = {**data, "photos": []}
        data.pop("photos_done", None)
    elif part == "category":
        kept: Data = {key: data[key] for key in ("photos", "photos_done", "place", "note") if key in data}
        return ask("category", keep=kept)
    else:
        data.pop(part, None)
        if part == "place":
            data.pop("near", None)
    return follow(data, turn)


conversation = Conversation(
    "report",
    frozenset({"report"}),
    start,
    {
        "resume": Step(_ask_resume, _take_resume),
        "intent": Step(_ask_intent, _take_intent, ANY),
        "category": Step(_ask_category, welcoming(_take_category), ANY),
        "photos": Step(ask_photos, lambda turn: take_photos(turn, follow), ANY),
        "place": Step(
            report_place.ask_place, welcoming(lambda turn: report_place.take_place(turn, follow)), ANY | {"place"}
        ),
        "near": Step(
            lambda turn: report_near.ask_near(turn, neighbours(turn, turn.data)),
            lambda turn: report_near.take_near(turn, follow, with_photos),
            CHOICE,
        ),
        "question": Step(
            report_questions.ask_question, welcoming(lambda turn: report_questions.take_question(turn, follow)), ANY
        ),
        "note": Step(_ask_note, welcoming(_take_note), ANY),
        "summary": Step(_ask_summary, _take_summary, CHOICE),
        "change": Step(_ask_change, _take_change),
    },
    resumes=True,
)
