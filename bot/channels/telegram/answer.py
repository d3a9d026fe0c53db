"""The answer to an update, within the unit of its turn: in the webhook's own response, or as a letter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.channels.telegram import MANNERS
from bot.channels.telegram.render import Call, message, quiz
from bot.house import House
from bot.messages import Outgoing
from bot.rendering import fit, to_json
from civic.people import Resident
from db import letters, updates
from db.letters import REPLY
from db.moments import to_ms
from db.talks import Talk
from db.tx import Tx

LASTS = 24 * 3600 * 1000  # ms after which an answer is of no use any more


class Seen(Exception):
    """Another process has handled this update: the unit is undone."""


@dataclass
class Answering:
    """The habits of this channel (see bot.dispatch), made anew for each message.

    ``numbers`` are its updates, several for an album, which waited (``held``). ``responds``: the answer may leave in
    the webhook's response, and does where one call suffices and no earlier answer is on its way; it is then in
    ``call``. Every other answer is a letter of the same unit.
    """

    house: House
    bot: int
    chat: str
    numbers: Sequence[int]
    held: bool = False
    responds: bool = False
    under: str | None = None  # the message whose button was tapped
    call: Call | None = None
    serial: int = 0

    @property
    def once(self) -> str:
        """The name of the answer's letter: however often the update comes, there is one."""
        return f"telegram:{self.bot}:{self.numbers[0]}"

    def instead(self, tx: Tx, talk: Talk, resident: Resident) -> tuple[Outgoing, ...] | None:
        """Every answer comes from a conversation; that its update was handled, the exchange tells. Raises Seen."""
        if self.held and not updates.settle(tx, self.bot, list(self.numbers)):
            raise Seen
        self.serial = talk.serial
        return None

    def finish(self, tx: Tx, talk: Talk, resident: Resident, words: list[Outgoing]) -> tuple[Outgoing, ...]:
        """The answer as it leaves: with a keyboard taken away, in the place of the message that was tapped."""
        same = talk.step is not None and (talk.conversation, talk.step) == talk.stored[:2]
        clears = self._clears(talk, words, same)
        in_place = len(words) == 1 and (words[0].in_place or (same and talk.serial != self.serial))
        answer = fit([replace(item, in_place=False) if item.in_place else item for item in words], MANNERS)
        first = answer[0]
        if clears and (first.options or first.images):  # one message can't take a keyboard away and offer buttons
            noted = self.house.library.texts.render(resident.language, "telegram.noted")
            answer = (Outgoing(noted, clears=True), *answer)
        elif clears:
            answer = (replace(first, clears=True), *answer[1:])
        elif in_place and len(answer) == 1 and not (first.images or first.place_button or quiz(first)):
            answer = (replace(first, replaces=self.under),)
        self.leave(tx, talk.id, answer, talk.mail or tx.posted)
        return answer

    def _clears(self, talk: Talk, words: Sequence[Outgoing], same: bool) -> bool:
        """Whether the keyboard that offers to send a position has served. It stays as long as the question does."""
        asked, asks = talk.asks, any(item.place_button for item in words)
        talk.asks = "place" if asks or (asked and same) else ""
        return bool(asked) and not talk.asks

    def leave(self, tx: Tx, talk_id: int, answer: tuple[Outgoing, ...], mail: bool = True) -> None:
        """See to it that the answer leaves. ``mail``: letters wait, perhaps an earlier answer."""
        first = answer[0]
        alone = len(answer) == 1 and not (first.images or first.replaces or quiz(first))
        if self.responds and alone and not (mail and letters.replies_wait(tx, talk_id)):
            self.call = message(self.chat, first, self.house.library.citing.leads)
            return
        expires_at = to_ms(tx.now) + LASTS
        letters.add_letter(
            tx, talk_id, "telegram", to_json(answer), urgency=REPLY, once=self.once, expires_at=expires_at
        )

    def repeat(self, tx: Tx, talk_id: int, answer: tuple[Outgoing, ...]) -> None:
        """The update came again. An answer that is a letter leaves anyway; one that was in a response did not
        arrive."""
        if not letters.written(tx, self.once):
            self.leave(tx, talk_id, answer)
