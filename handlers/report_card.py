"""The summary before sending, and what of it becomes the report."""

from typing import Any

from actions import parking
from actions.reports import Draft
from bot.conversation import Turn
from bot.messages import Option, Picture, Place, Say
from content.category import Ask, Category
from handlers.scene import scene
from handlers.search import mentioned

BETWEEN = "–"  # as civic.spans writes it


def draft(turn: Turn, anonymous: bool) -> Draft:
    """What the conversation gathered, as the action takes it."""
    data, place = turn.data, turn.data["place"]
    return Draft(
        category=data["category"],
        place=position(place),
        address=address(turn, place),
        origin=place["origin"],
        area=mentioned(turn.library, place["label"]) or turn.resident.area,
        photos=tuple(data["photos"]),
        answers={key: value for key, value in data.get("answers", {}).items() if value},
        note=data.get("note", ""),
        anonymous=anonymous,
    )


def position(place: dict[str, Any]) -> Place | None:
    """Where it is on the map, if that is known."""
    return Place(place["lat"], place["lon"], place["label"], place["origin"]) if place["lat"] is not None else None


def address(turn: Turn, place: dict[str, Any]) -> str:
    """Words for a place. A position without words is told by the community that it lies in, or where none is drawn by
    its figures, rounded to about ten metres."""
    if place["label"]:
        return str(place["label"])
    community = turn.library.shapes.community_at(place["lat"], place["lon"])
    if community is None:
        return f"{place['lat']:.4f}, {place['lon']:.4f}"
    area = turn.library.city.communities[community].in_language(turn.language)
    return turn.library.texts.render(turn.language, "report.place_about", area=area)


def answers_in_words(category: Category, answers: dict[str, str], language: str) -> list[tuple[str, str]]:
    """Question and answer, as people read them."""
    lines = []
    for question in category.questions:
        given = answers.get(question.id)
        if given:
            option = next((item for item in question.options if item.id == given), None)
            lines.append((question.in_language(language).prompt, option.in_language(language) if option else given))
    return lines


def summary(turn: Turn, options: tuple[Option, ...]) -> Say:
    """Everything once more, with what is still missing as evidence and what was reported of the same vehicle."""
    data = turn.data
    category = turn.library.categories[data["category"]]
    words = category.in_language(turn.language)
    count = len(data["photos"])
    answers = data.get("answers", {})
    params: dict[str, Any] = {
        "category": f"{category.emoji} {words.name}",
        "place": address(turn, data["place"]),
        "count": count,
        "lines": answers_in_words(category, answers, turn.language),
        "note": data.get("note", ""),
        "missing_photos": max(0, category.photos_min - count),
        "photo_hint": words.photo_hint,
        "no_position": data["place"]["lat"] is None,
        "one_moment": any(_one_moment(ask, answers) for ask in category.questions),
        "same": "",
        "times": 0,
    }
    plate = answers.get(category.plate_ask or "")
    if plate:
        before = parking.before(scene(turn), plate, position(data["place"]), address(turn, data["place"]))
        params["times"] = before.times if before.often else 0
        if before.same is not None:
            params["same"] = before.same.number
            options = (Option(f"/reports add {before.same.number}", "report.add_to"), *options)
    pictures = tuple(Picture(f"/chat/photos/{photo}/small.jpg", "report.your_photo") for photo in data["photos"])
    return Say("report.summary", params, options, pictures)


def _one_moment(ask: Ask, answers: dict[str, str]) -> bool:
    """Whether it was asked from when to when, and only one time is known."""
    return ask.kind == "span" and bool(answers.get(ask.id)) and BETWEEN not in answers[ask.id]
