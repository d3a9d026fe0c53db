"""Hearing that somebody is in danger: then the answer is a number to call, and no report is opened."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from content.items import Localised, Record
from content.sheets import Shelf

_GAP = r"[^，。,.!?！？；;\n]{0,%d}"


class EmergencyWords(Record):
    """``words`` are phrases; "…" in one stands for a few other characters of the same clause, "=" before one says
    that it must be all of the message."""

    name: str
    words: tuple[str, ...] = Field(min_length=1)
    advice: str


class Emergency(Localised[EmergencyWords]):
    """A kind of danger and the number to call: fire brigade, ambulance, police or traffic police."""

    id: str
    number: Literal["119", "120", "110", "122"]


class Listening(Record):
    """The lists that keep the alarm from ringing for nothing.

    ``harmless`` phrases are struck out first («灭火器», "fire lane"). A text with an ``asking`` phrase
    («怎么预防») asks about rules and is no call for help, unless an ``urgent`` one stands beside it. ``traditional``
    are pairs of characters: the first is heard as the second.
    """

    harmless: tuple[str, ...] = ()
    asking: tuple[str, ...] = ()
    urgent: tuple[str, ...] = ()
    traditional: tuple[Annotated[str, Field(min_length=2, max_length=2)], ...] = ()


@dataclass(frozen=True)
class Alarm:
    """All emergencies, ready to listen. Where two fit, the one that stands first in the file wins."""

    emergencies: tuple[Emergency, ...]
    patterns: tuple[re.Pattern[str], ...]
    harmless: re.Pattern[str]
    asking: re.Pattern[str]
    urgent: re.Pattern[str]
    traditional: Mapping[int, str]

    @classmethod
    def of(cls, emergencies: Sequence[Emergency], listening: Listening) -> "Alarm":
        return cls(
            tuple(emergencies),
            tuple(_phrases((*one.zh.words, *one.en.words)) for one in emergencies),
            _phrases(listening.harmless),
            _phrases(listening.asking),
            _phrases(listening.urgent),
            {ord(pair[0]): pair[1] for pair in listening.traditional},
        )

    def hear(self, text: str) -> Emergency | None:
        """The emergency that a message tells of, or None."""
        told = self.harmless.sub("·", _plain(text).translate(self.traditional))
        for emergency, pattern in zip(self.emergencies, self.patterns, strict=True):
            if pattern.search(told):
                calm = self.asking.search(told) and not self.urgent.search(told)
                return None if calm else emergency
        return None


def read_alarm(shelf: Shelf) -> Alarm:
    """The alarm of a shelf's emergencies.toml; problems are kept by the shelf."""
    sheet = shelf.sheet("emergencies.toml", ("harmless", "asking", "urgent", "traditional", "emergency"))
    emergencies = shelf.unique(shelf.entries(sheet, "emergency", Emergency))
    lists = {key: value for key, value in sheet.data.items() if key in Listening.model_fields}
    return Alarm.of(tuple(emergencies.values()), shelf.item(sheet, Listening, lists) or Listening())


def _plain(text: str) -> str:
    """Lower case, one width, and no blanks inside Chinese: people write «着 火 了» too."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"(?<![a-z0-9.,!?;])\s+|\s+(?![a-z0-9])", "", " ".join(text.split()))


def _phrases(phrases: Sequence[str]) -> re.Pattern[str]:
    """One pattern for all. Latin phrases match whole words, Chinese ones anywhere; no phrases: never."""
    patterns = []
    for phrase in sorted(phrases, key=len, reverse=True):
        alone = phrase.startswith("=")
        parts = [re.escape(_plain(part)) for part in phrase.removeprefix("=").split("…")]
        if alone:
            patterns.append(rf"^\W*{''.join(parts)}\W*$")
        elif phrase.replace("…", "").isascii():
            patterns.append(rf"\b{(_GAP % 30).join(parts)}\b")
        else:
            patterns.append((_GAP % 8).join(parts))
    return re.compile("|".join(patterns) or r"(?!)")
