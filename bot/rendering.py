"""Say + language + manners → Outgoing: the words for one channel."""

import json
from collections.abc import Iterable, Sequence

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
    no buttons. Cutting to length is the channel's own: only it knows how pages continue."""
    fitted = [item if manners.buttons else _numbered(item) for item in words]
    if len(fitted) <= manners.messages:
        return tuple(fitted)
    head, rest = fitted[: manners.messages - 1], fitted[manners.messages - 1 :]
    merged = Outgoing(
        "\n\n".join(item.text for item in rest),
        rest[-1].options,
        tuple(image for item in rest for image in item.images),
    )
    return (*head, merged)


def _numbered(item: Outgoing) -> Outgoing:
    if not item.options:
        return item
    lines = "\n".join(f"{number}. {option.label}" for number, option in enumerate(item.options, start=1))
    return Outgoing(f"{item.text}\n{lines}", item.options, item.images)


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
