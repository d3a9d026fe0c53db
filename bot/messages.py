"""What travels: incoming messages, what is meant (Say) and the words for one channel (Outgoing)."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from types import MappingProxyType

from bot.photos import Developed
from civic.records import record

NOTHING: Mapping[str, object] = MappingProxyType({})


@record(frozen=True, slots=True)
class Address:
    """Where somebody talks to us: the channel's name and their name there."""

    channel: str
    user: str


@record(frozen=True, slots=True)
class Photo:
    """A photo that came in: already developed, or still at its channel under ``ref``."""

    ref: str
    developed: Developed | None = None

    def facts(self) -> dict[str, object] | None:
        """What the database keeps of a developed photo, by column."""
        photo = self.developed
        if photo is None:
            return None
        lat, lon = photo.place or (None, None)
        return {
            "sha256": photo.sha256,
            "mime": photo.mime,
            "bytes": photo.bytes,
            "width": photo.width,
            "height": photo.height,
            "taken_at": photo.taken_at.isoformat() if photo.taken_at else None,
            "lat": lat,
            "lon": lon,
            "phash": photo.phash,
            "sealed_key": photo.sealed_key,
            "large_key": photo.large_key,
            "small_key": photo.small_key,
        }


@record(frozen=True, slots=True)
class Place:
    """A position in WGS-84 degrees; ``origin`` says where it comes from (browser, photo, wechat, typed)."""

    lat: float
    lon: float
    label: str = ""
    origin: str = "browser"


@record(frozen=True, slots=True)
class Incoming:
    """One message of one person. ``id`` is the channel's own and is handled once."""

    address: Address
    id: str
    text: str = ""
    command: tuple[str, str] | None = None  # name and argument, where the channel knows it is a command
    choice: str | None = None  # the value of a button
    photos: tuple[Photo, ...] = ()
    place: Place | None = None
    language: str | None = None  # what the channel knows of the person's language
    unsupported: str | None = None  # a kind of message that this channel cannot use: voice, video …
    under: str | None = None  # the message whose button was tapped, where its words can be replaced


@record(frozen=True, slots=True)
class Option:
    """Something to choose. Its label is a key of content/texts, or already words (from a content item).

    A value that starts with «/» is a command and works whenever it is tapped; any other belongs to the
    step that offered it.
    """

    value: str
    key: str = ""
    label: str = ""
    params: Mapping[str, object] = field(default_factory=lambda: NOTHING)


@record(frozen=True, slots=True)
class Picture:
    """A picture to show: a path on our own site, and the key of its description."""

    path: str
    key: str
    params: Mapping[str, object] = field(default_factory=lambda: NOTHING)


@record(frozen=True, slots=True)
class Say:
    """Meaning, not words: a key of content/texts with its parameters, what can be chosen, pictures.

    ``asks_place``: a position would answer it, and a channel may offer a button that sends one. ``in_place``: after
    a tap it may take the place of the message it was tapped in: the next page of a list, the next list to pick from.
    ``right``: this is a quiz question, and which of its options is right; only channels with polls of their own see it.
    ``several``: two or more of its lettered options are right, and their letters together answer it («A、C»).
    """

    key: str
    params: Mapping[str, object] = field(default_factory=lambda: NOTHING)
    options: tuple[Option, ...] = ()
    pictures: tuple[Picture, ...] = ()
    asks_place: bool = False
    in_place: bool = False
    right: int | None = None
    several: bool = False


@record(frozen=True, slots=True)
class Button:
    """An option as a channel gets it."""

    value: str
    label: str


@record(frozen=True, slots=True)
class Outgoing:
    """Words for one channel. ``images`` are pairs of path and description.

    ``place_button`` is the label of a button that sends one's position, where a channel has one. ``in_place``,
    ``right`` and ``several`` are as in Say. What a channel that edits makes of them: ``clears`` takes such a button
    away again, ``replaces`` names the message whose place these words take.
    """

    text: str
    options: tuple[Button, ...] = ()
    images: tuple[tuple[str, str], ...] = ()
    place_button: str = ""
    in_place: bool = False
    clears: bool = False
    replaces: str | None = None
    right: int | None = None
    several: bool = False


@record(frozen=True, slots=True)
class Exchange:
    """One turn as it was stored: what to answer, now and whenever the same message comes again."""

    id: int
    talk_id: int
    at: datetime
    answer: tuple[Outgoing, ...]
    language: str = "zh"  # the resident's, after this turn
    repeated: bool = False
