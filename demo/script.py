"""What the made-up people say and how departments are: content/demo.toml."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from content.items import Record

Words = Annotated[tuple[str, ...], Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class Post(Record):
    """Somebody who works for the whole city."""

    login: str = Field(pattern=r"^demo-[a-z-]+$")
    name: str
    role: str


class Manner(Record):
    """How a department works: ``pace`` is the part of the time it usually takes (1: it is done when it is due),
    ``care`` how likely people are content, ``wrong`` how often it gets what is not its own. ``name`` works there."""

    name: str
    pace: float = Field(gt=0)
    care: Share
    wrong: Share


class Script(Record):
    """The words, by what they are for."""

    streets: Words
    spots: Words
    address: str
    plates: Words
    floors: Words
    things: Words
    hours: Words
    notes: Mapping[str, Words]
    words: Mapping[str, Words]
    staff: tuple[Post, ...]
    departments: Mapping[str, Manner]


def read_script(content: Path) -> Script:
    """The script. Raises ValueError (what is wrong with the file) and OSError."""
    return Script.model_validate(tomllib.loads((content / "demo.toml").read_text(encoding="utf-8")))
