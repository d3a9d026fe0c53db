"""Say + language + manners → Outgoing: the words for one channel."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from bot.channel import Manners
from bot.messages import Button, Option, Outgoing, Say
from content.library import Library
from db.packing import pack, unpack

USUAL = ["", False, False, None, None, False]  # what few messages have, and which is stored where they have any of it
LETTERED = re.compile(r"(?:✓ )?[A-Z]\. ")


def render(say: Say, language: str, library: Library, serial: int, quizzes: bool = False) -> Outgoing:
    """The words of a Say. A step's options get the talk's serial, so that an old button is known as old. The right
    answer of a quiz question goes along only to a channel that has ``quizzes``."""
    texts = library.texts
    options = tuple([_button(option, language, library, serial) for option in say.options])
    images = tuple([(picture.path, texts.render(language, picture.key, **picture.params)) for picture in say.pictures])
    place_button = texts.render(language, "option.send_place") if say.asks_place else ""
    words = Outgoing(texts.render(language, say.key, **say.params), options, images, place_button, say.in_place)
    if quizzes and say.right is not None:
        return replace(words, right=say.right)
    return replace(words, several=True) if say.several else words


def _button(option: Option, language: str, library: Library, serial: int) -> Button:
    value = option.value if option.value[:1] == "/" else f"{serial}:{option.value}"
    if not option.key:
        return Button(value, option.label)
    if not option.params:  # nearly all
        return _fixed(value, option.key, language, library)
    return Button(value, library.texts.render(language, option.key, **option.params))


@lru_cache(8192)  # mostly commands, which many answers offer
def _fixed(value: str, key: str, language: str, library: Library) -> Button:
    return Button(value, library.texts.render(language, key))


def fit(words: Sequence[Outgoing], manners: Manners) -> tuple[Outgoing, ...]:
    """Make an answer fit a channel: merge messages where only few may be sent, number options where there are
    no buttons (through the whole answer, as they can be chosen), and where a channel splits, go on in further
    messages. Elsewhere cutting to length is the channel's own: only it knows how pages continue."""
    fitted = _merged(list(words) if manners.buttons else list(_numbered(words)), manners)
    return tuple(part for item in fitted for part in _split(item, manners)) if manners.splits else tuple(fitted)


def _merged(fitted: list[Outgoing], manners: Manners) -> list[Outgoing]:
    if len(fitted) <= manners.messages:
        return fitted
    head, rest = fitted[: manners.messages - 1], fitted[manners.messages - 1 :]
    merged = Outgoing(
        "\n\n".join(item.text for item in rest),
        tuple(option for item in rest for option in item.options),
        tuple(image for item in rest for image in item.images),
        rest[-1].place_button,
    )
    return [*head, merged]


def _numbered(words: Sequence[Outgoing]) -> Iterator[Outgoing]:
    number = 0
    for item in words:
        lines = [item.text]
        for option in item.options:
            number += 1
            lines.append(f"{numbered(number, option.label)}{option.label}")
        yield replace(item, text="\n".join(lines))


def numbered(number: int, label: str) -> str:
    """What stands before an option where there are no buttons: its number, unless it has a letter of its own («A.»).
    Either can be typed."""
    return "" if LETTERED.match(label) else f"{number}. "


def _split(item: Outgoing, manners: Manners) -> Iterator[Outgoing]:
    """One message as several that may each be sent: images apart when the text is too long to stand under them
    or needs buttons that an album can't have; long text in pieces, with the options under the last."""
    caption = manners.longest if manners.caption is None else manners.caption
    if item.images and (len(item.images) > 1 or item.place_button or length(item.text, manners) > caption):
        yield Outgoing("", images=item.images)
        item = replace(item, images=())
    *first, last = pieces(item.text, manners)
    if first:
        yield from (Outgoing(text) for text in first)
        item = replace(item, text=last)
    yield item


def pieces(text: str, manners: Manners) -> list[str]:
    """The text in pieces of at most ``manners.longest``, parted where a paragraph, a line, a sentence or a word
    ends, in this order of preference; in the middle of a word only when nothing else is left."""
    found = []
    while length(text, manners) > manners.longest:
        cut = _cut(text, manners)
        found.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*found, text]


_ENDS = ("\n\n", "\n", re.compile("[。！？；…]|[.!?;] "), " ")


def _cut(text: str, manners: Manners) -> int:
    """Where to part a text that is too long."""
    room = len(text[: manners.longest])
    while length(text[:room], manners) > manners.longest:
        room -= max(1, (length(text[:room], manners) - manners.longest) // 4)
    for end in _ENDS:
        if isinstance(end, str):
            at = text.rfind(end, room // 4, room)
        else:
            at = max((found.end() for found in end.finditer(text, room // 4, room)), default=-1)
        if at > 0:
            return at
    return room


def length(text: str, manners: Manners) -> int:
    """How long a text is, in the channel's own unit."""
    if manners.length_unit == "bytes":
        return len(text.encode())
    return len(text.encode("utf-16-le")) // 2 if manners.length_unit == "utf16" else len(text)


def to_json(words: Iterable[Outgoing]) -> str:
    """How an answer is stored."""
    return pack([_row(item) for item in words])


def _row(item: Outgoing) -> list[Any]:
    row: list[Any] = [item.text, [[o.value, o.label] for o in item.options], item.images]
    more = [item.place_button, item.in_place, item.clears, item.replaces, item.right, item.several]
    if more != USUAL:
        row += more
    return row


def from_json(stored: str) -> tuple[Outgoing, ...]:
    """A stored answer."""
    return tuple(
        Outgoing(
            text,
            tuple(Button(value, label) for value, label in options),
            tuple((path, alt) for path, alt in images),
            *rest,
        )
        for text, options, images, *rest in unpack(stored)
    )
