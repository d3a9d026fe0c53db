"""Somebody who talks to the bot: message by message through the engine, as from any channel."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.dispatch import handle
from bot.house import House
from bot.messages import Address, Exchange, Incoming
from db import talks
from db.talks import Talk
from db.tx import Tx

PAUSE = timedelta(seconds=17)  # between two messages


class Talker:
    """One person at one address. ``tx`` is the moment of their next message; each message takes a little time."""

    def __init__(self, house: House, channel: str, user: str, language: str) -> None:
        self._house, self._language = house, language
        self.address = Address(channel, user)
        self._sent = 0
        self._talk: Talk | None = None  # as it stood after the last message
        self.tx: Tx

    def send(self, **message: Any) -> Exchange:
        """Send any message."""
        self._sent += 1
        incoming = Incoming(self.address, f"demo-{self._sent}", language=self._language, **message)
        exchange, self._talk = handle(self.tx, self._house, incoming), None
        self.tx = self.tx.at(self.tx.now + PAUSE)
        return exchange

    def tap(self, *choices: str) -> bool:
        """Tap the first of these options that is offered: a command, or a choice of the open step."""
        offered = [value for value, _ in self.talk().options]
        for choice in choices:
            found = next((one for one in offered if choice in {one, one.partition(":")[2]}), None)
            if found is not None:
                self.send(choice=found)
                return True
        return False

    def talk(self) -> Talk:
        """Where they stand."""
        if self._talk is None:
            day = self.tx.local(self._house.zone).date().isoformat()
            self._talk, _ = talks.open_talk(self.tx, self.address.channel, self.address.user, self._language, day)
        return self._talk

    @property
    def data(self) -> dict[str, Any]:
        """What the open step knows."""
        return dict(self.talk().data.get("d", {}))

    @property
    def step(self) -> tuple[str | None, str | None]:
        """The open conversation and its step."""
        talk = self.talk()
        return talk.conversation, talk.step

    def resident(self) -> int:
        """Who they are to the city."""
        found = talks.find_talk(self.tx, self.address.channel, self.address.user)
        assert found is not None
        return found[1]


def offered(exchange: Exchange, beginning: str) -> Sequence[str]:
    """The commands that an answer offers and that begin so."""
    return [button.value for item in exchange.answer for button in item.options if button.value.startswith(beginning)]
