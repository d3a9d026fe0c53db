"""Outgoing → calls of the Bot API, as their JSON; no network here."""

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.channels.telegram import LARGEST_BUTTON, QUIZ
from bot.messages import Button, Outgoing
from bot.routing import mark

ROW = 26  # columns of text that the buttons of one row may have: a Chinese character takes two
IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Call:
    """A method of the Bot API and its fields."""

    method: str
    fields: dict[str, Any]


def message(chat: str, words: Outgoing, leads: Sequence[str] = ()) -> Call:
    """One message of words; in the place of another where they replace one. ``leads``: see ``text``."""
    fields: dict[str, Any] = {"chat_id": int(chat), **text(words.text, leads)}
    if "://" in words.text:  # for a preview Telegram would visit the page: our links may be meant for one person
        fields["link_preview_options"] = {"is_disabled": True}
    keyboard = markup(words)
    if keyboard is not None:
        fields["reply_markup"] = keyboard
    if words.replaces is not None:
        return Call("editMessageText", fields | {"message_id": int(words.replaces)})
    return Call("sendMessage", fields)


def quiz(words: Outgoing) -> bool:
    """Whether this leaves as a native quiz: a question with one right answer and nothing else, within its limits."""
    return (
        words.right is not None
        and not (words.images or words.place_button or words.replaces)
        and utf16(words.text) <= QUIZ.question
        and 2 <= len(words.options) <= QUIZ.options
        and all(utf16(option.label) <= QUIZ.option for option in words.options)
    )


def poll(chat: str, words: Outgoing) -> Call:
    """A quiz that tells us who answered; without its own explanation, since ours follows with its source."""
    fields: dict[str, Any] = {
        "chat_id": int(chat),
        "question": words.text,
        "options": [{"text": option.label} for option in words.options],
        "type": "quiz",
        "correct_option_ids": [words.right],
        "is_anonymous": False,
    }
    if words.clears:
        fields["reply_markup"] = {"remove_keyboard": True}
    return Call("sendPoll", fields)


def utf16(text: str) -> int:
    """How long Telegram finds a text."""
    return len(text.encode("utf-16-le")) // 2


def text(words: str, leads: Sequence[str] = ()) -> dict[str, Any]:
    """The text with its sources, the lines that begin with one of the ``leads``, set apart. HTML: only three characters
    need escaping (protocols A6)."""
    escaped = html.escape(words, quote=False) if words.strip() else "…"
    if any(lead in words for lead in leads):
        escaped = _sources(tuple(leads)).sub(r"<blockquote>\g<0></blockquote>", escaped)
    return {"text": escaped, "parse_mode": "HTML"}


@lru_cache(4)
def _sources(leads: tuple[str, ...]) -> re.Pattern[str]:
    line = f"(?:{'|'.join(re.escape(html.escape(lead, quote=False)) for lead in leads)}).*"
    return re.compile(rf"^{line}(?:\n{line})*", re.MULTILINE)


def plain(call: Call, words: Outgoing) -> Call:
    """The same without any marking, for the case that Telegram does not understand ours."""
    name = "caption" if "caption" in call.fields else "text"
    return Call(
        call.method, {key: value for key, value in call.fields.items() if key != "parse_mode"} | {name: words.text}
    )


def photo(chat: str, words: Outgoing, source: Any, leads: Sequence[str] = ()) -> Call:
    """One image with the words under it. ``source``: a file's id at Telegram, or a file to upload."""
    fields: dict[str, Any] = {"chat_id": int(chat), "photo": source}
    if words.text:
        caption = text(words.text, leads)
        fields |= {"caption": caption["text"], "parse_mode": "HTML"}
    keyboard = markup(words)
    if keyboard is not None:
        fields["reply_markup"] = keyboard
    return Call("sendPhoto", fields)


def album(chat: str, sources: Sequence[Any]) -> Call:
    """Two to ten images. Files to upload travel beside the list, which names them."""
    media, files = [], {}
    for number, source in enumerate(sources):
        if isinstance(source, str):
            media.append({"type": "photo", "media": source})
        else:
            media.append({"type": "photo", "media": f"attach://p{number}"})
            files[f"p{number}"] = source
    return Call("sendMediaGroup", {"chat_id": int(chat), "media": json.dumps(media), **files})


def markup(words: Outgoing) -> dict[str, Any] | None:
    """Buttons under the message; or, where a position is asked for, a keyboard, whose buttons send their label."""
    if words.place_button:
        rows = [[{"text": words.place_button, "request_location": True}]]
        rows += [[{"text": button.label} for button in row] for row in _rows(words.options)]
        return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}
    if words.options:
        buttons = [
            [{"text": button.label, "callback_data": mark(button.value, LARGEST_BUTTON)} for button in row]
            for row in _rows(words.options)
        ]
        return {"inline_keyboard": buttons}
    return {"remove_keyboard": True} if words.clears else None


def _rows(options: Iterable[Button]) -> list[list[Button]]:
    """Short labels share a row, long ones have their own."""
    rows: list[list[Button]] = []
    room = 0
    for option in options:
        width = columns(option.label) + 2
        if not rows or width > room or len(rows[-1]) == IN_A_ROW:
            rows.append([])
            room = ROW
        rows[-1].append(option)
        room -= width
    return rows


@lru_cache(4096)
def columns(label: str) -> int:
    """How wide a label is: wide characters count twice."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in label)
