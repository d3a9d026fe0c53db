"""Say + language + manners → Outgoing: the words for one channel."""

import json
from collections.abc import Iterable, Iterator, Sequence

from bot.channel import Manners
from bot.messages import Button, Outgoing, Say
from content.library import Library

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def render(say: Say, language: str, library: Library, serial: int) -> Outgoing:
    """The words of a Say. A step's options get the talk's serial, so that an old button is known as old."""
    texts = library.texts
    options = tuple(
        Button(
            option.value if option.value.startswith("/") else f"{serial}:{option.value}",
            texts.render(language, option.key, **option.params) if option.key else option.label,
        )
        for option in say.options
    )
    images = tuple((picture.path, texts.render(language, picture.key, **picture.params)) for picture in say.pictures)
    return Outgoing(texts.render(language, say.key, **say.params), options, images)


def fit(words: Sequence[Outgoing], manners: Manners) -> tuple[Outgoing, ...]:
    """Make an answer fit a channel: merge messages where only few may be sent, number options where there are
    no buttons (through the whole answer, as they can be chosen). Cutting to length is the channel's own: only it
    knows how pages continue."""
    fitted = list(words) if manners.buttons else list(_numbered(words))
    if len(fitted) <= manners.messages:
        return tuple(fitted)
    head, rest = fitted[: manners.messages - 1], fitted[manners.messages - 1 :]
    merged = Outgoing(
        "\n\n".join(item.text for item in rest),
        tuple(option for item in rest for option in item.options),
        tuple(image for item in rest for image in item.images),
    )
    return (*head, merged)


def _numbered(words: Sequence[Outgoing]) -> Iterator[Outgoing]:
    number = 0
    for item in words:
        lines = [item.text]
        for option in item.options:
            number += 1
            lines.append(f"{number}. {option.label}")
        yield Outgoing("\n".join(lines), item.options, item.images)


def length(text: str, manners: Manners) -> int:
    """How long a text is, in the channel's own unit."""
    if manners.length_unit == "bytes":
        return len(text.encode())
    return len(text.encode("utf-16-le")) // 2 if manners.length_unit == "utf16" else len(text)


def to_json(words: Iterable[Outgoing]) -> str:
    """How an answer is stored."""
    return _dumps([[item.text, [[o.value, o.label] for o in item.options], item.images] for item in words])


def from_json(stored: str) -> tuple[Outgoing, ...]:
    """A stored answer."""
    return tuple(
        Outgoing(
            text,
            tuple(Button(value, label) for value, label in options),
            tuple((path, alt) for path, alt in images),
        )
        for text, options, images in json.loads(stored)
    )
