"""A Say on its way: how it is written into the outbox and read from it."""

import json

from bot.messages import Option, Picture, Say


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
