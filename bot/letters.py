"""What a letter holds: a Say, rendered when it leaves, or an answer's words, which are settled already."""

import json

from bot.channel import Manners
from bot.messages import Option, Outgoing, Picture, Say
from bot.rendering import fit, from_json, render
from content.library import Library


def say_to_json(say: Say) -> str:
    """What is meant, as the outbox keeps it. Parameters must be JSON values."""
    return json.dumps(
        {
            "key": say.key,
            "params": dict(say.params),
            "options": [[o.value, o.key, o.label, dict(o.params)] for o in say.options],
            "pictures": [[p.path, p.key, dict(p.params)] for p in say.pictures],
        },
        ensure_ascii=False,
    )


def say_from_json(stored: str) -> Say:
    """A Say from the outbox."""
    raw = json.loads(stored)
    return Say(
        raw["key"],
        raw["params"],
        tuple(Option(value, key, label, params) for value, key, label, params in raw["options"]),
        tuple(Picture(path, key, params) for path, key, params in raw["pictures"]),
    )


def settled(stored: str) -> bool:
    """Whether a letter holds words that are settled already."""
    return stored.startswith("[")


def words_of(stored: str, language: str, library: Library, manners: Manners) -> tuple[Outgoing, ...]:
    """A letter's messages, in order. Raises what rendering raises for a text that is no more."""
    if settled(stored):
        return from_json(stored)
    return fit([render(say_from_json(stored), language, library, 0)], manners)
