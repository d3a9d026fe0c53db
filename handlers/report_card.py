"""The summary before sending, and what of it becomes the report."""

from actions.reports import Draft
from bot.conversation import Turn
from bot.messages import Option, Picture, Place, Say
from content.items import Category
from handlers.search import mentioned


def draft(turn: Turn, anonymous: bool) -> Draft:
    """What the conversation gathered, as the action takes it."""
    data, place = turn.data, turn.data["place"]
    position = Place(place["lat"], place["lon"], place["label"], place["origin"]) if place["lat"] is not None else None
    return Draft(
        category=data["category"],
        place=position,
        address=address(place),
        origin=place["origin"],
        area=mentioned(turn.library, place["label"]) or turn.resident.area,
        photos=tuple(data["photos"]),
        answers={key: value for key, value in data.get("answers", {}).items() if value},
        note=data.get("note", ""),
        anonymous=anonymous,
    )


def address(place: dict[str, object]) -> str:
    """Words for a place; a position without words is told by its figures, rounded to about ten metres."""
    if place["label"]:
        return str(place["label"])
    return f"{place['lat']:.4f}, {place['lon']:.4f}"


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
    """Everything once more, with what is still missing as evidence."""
    data = turn.data
    category = turn.library.categories[data["category"]]
    words = category.in_language(turn.language)
    count = len(data["photos"])
    params = {
        "category": f"{category.emoji} {words.name}",
        "place": address(data["place"]),
        "count": count,
        "lines": answers_in_words(category, data.get("answers", {}), turn.language),
        "note": data.get("note", ""),
        "missing_photos": max(0, category.photos_min - count),
        "photo_hint": words.photo_hint,
        "no_position": data["place"]["lat"] is None,
    }
    pictures = tuple(Picture(f"/chat/photos/{photo}/small.jpg", "report.your_photo") for photo in data["photos"])
    return Say("report.summary", params, options, pictures)
