"""Photos of a draft: the step that asks for them, and those that come at any other step, with or without words."""

from collections.abc import Callable
from dataclasses import replace

from bot.conversation import Data, Reply, Take, Turn, again, opt, say
from bot.messages import Say
from civic.choices import clean
from civic.errors import Refused

MOST_PHOTOS = 9
LONGEST_NOTE = 1000

Follow = Callable[..., Reply]


def with_photos(turn: Turn) -> Reply:
    """A photo is welcome at every step: kept, counted, and the step's question asked again.

    What was written under it is kept as the note. Raises Refused when there are too many, or too many words.
    """
    data = dict(turn.data)
    category = turn.library.categories.get(data.get("category", ""))
    limit = category.photos_max if category else MOST_PHOTOS
    photos = [*data.get("photos", []), *(photo.id for photo in turn.photos)]
    if len(photos) > limit:
        raise Refused("report.too_many_photos", limit=limit, kept=len(data.get("photos", [])))
    if turn.text:
        data["note"] = noted(data, turn.text)
    told = say("report.photos_kept", count=len(photos), noted=bool(turn.text))
    return again(told, keep={**data, "photos": photos})


def noted(data: Data, words: str) -> str:
    """The draft's note with these words added. Raises Refused when it is too long."""
    note = "\n".join(filter(None, (data.get("note"), words)))
    if len(note) > LONGEST_NOTE:
        raise Refused("report.note_too_long", limit=LONGEST_NOTE)
    return note


def caption(turn: Turn) -> str:
    """The words that came with the first photo, as they may be kept."""
    return noted({}, clean(turn.message.text)) if turn.photos else ""


def welcoming(take: Take) -> Take:
    """A step that takes words takes photos, too: they are kept first, and words beside them are its answer."""

    def taken(turn: Turn) -> Reply:
        if not turn.photos:
            return take(turn)
        kept = with_photos(turn.having(text=""))
        if not turn.text:
            return kept
        try:
            reply = take(turn.having(data=kept.keep, photos=()))
        except Refused as refused:  # the words are no answer; the photos stay nonetheless
            return again(*kept.says, say(refused.key, **refused.params), keep=kept.keep)
        return replace(reply, says=(*kept.says, *reply.says))

    return taken


def ask_photos(turn: Turn) -> Say:
    """How many there are and should be, and what they ought to show."""
    category = turn.library.categories[turn.data["category"]]
    words = category.in_language(turn.language)
    count = len(turn.data["photos"])
    params = {
        "count": count,
        "wanted": category.photos_min,
        "limit": category.photos_max,
        "hint": words.photo_hint,
        "privacy": words.privacy_hint,
    }
    return Say("report.photos", params, (opt("enough" if count else "no_photo"),))


def take_photos(turn: Turn, follow: Follow) -> Reply:
    """Keep them and go on when there are enough, or when no more will come."""
    if turn.photos:
        kept = with_photos(turn)
        data = kept.keep or {}
        category = turn.library.categories[data["category"]]
        return follow(data, turn, *kept.says) if len(data["photos"]) >= category.photos_min else kept
    if turn.choice is None:
        raise Refused("report.photo_please")
    return follow({**turn.data, "photos_done": True}, turn)
