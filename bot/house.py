"""What every turn needs and no turn changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.channel import Manners
from bot.conversation import Conversation
from bot.links import Links
from content.library import Library


@dataclass
class House:
    """Content, city's time zone, conversations, channels' manners. ``library`` is replaced when editors change
    a file. ``made_up``: what is remembered here is a demo, and all who read it are told."""

    library: Library = field(repr=False)  # a thousand things
    zone: ZoneInfo
    links: Links
    language: str
    conversations: Sequence[Conversation]
    manners: Mapping[str, Manners]
    made_up: bool = False

    def conversation_for(self, command: str) -> Conversation | None:
        """The conversation that a command opens."""
        return self._by_command.get(command)

    def named(self, name: str | None) -> Conversation | None:
        """A conversation by name."""
        return self._by_name.get(name)

    @cached_property
    def _by_command(self) -> Mapping[str, Conversation]:
        return {command: found for found in reversed(self.conversations) for command in found.opens}

    @cached_property
    def _by_name(self) -> Mapping[str | None, Conversation]:
        return {found.name: found for found in self.conversations}
