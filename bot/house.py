"""What every turn needs and no turn changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bot.channel import Manners
from bot.conversation import Conversation
from bot.links import Links
from content.library import Library


@dataclass
class House:
    """Content, city's time zone, conversations, channels' manners. ``library`` is replaced when editors change
    a file."""

    library: Library = field(repr=False)  # a thousand things
    zone: ZoneInfo
    links: Links
    language: str
    conversations: Sequence[Conversation]
    manners: Mapping[str, Manners]

    def conversation_for(self, command: str) -> Conversation | None:
        """The conversation that a command opens."""
        return next((found for found in self.conversations if command in found.opens), None)

    def named(self, name: str | None) -> Conversation | None:
        """A conversation by name."""
        return next((found for found in self.conversations if found.name == name), None)
