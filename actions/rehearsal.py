"""A deed done and undone again in one transaction: what it would change, and what people would be told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.letters import say_from_json
from bot.messages import Say
from db import letters
from db.tx import Tx

T = TypeVar("T")
COLLEAGUES = "tasks."  # what is said to staff in chat


@dataclass(frozen=True)
class Told:
    """What somebody would read, where, and in which language."""

    say: Say
    channel: str
    language: str


class _Undone(Exception):
    pass


def rehearse(tx: Tx, deed: Callable[[], T]) -> tuple[T, list[Told]]:
    """What the deed returns and the letters it writes to residents; nothing stays. Raises what the deed raises."""
    outcome: list[tuple[T, list[Told]]] = []
    last = letters.last(tx)
    try:
        with tx.savepoint():
            result = deed()
            written = [Told(say_from_json(say), *to) for say, *to in letters.written_after(tx, last)]
            told = [one for one in written if not one.say.key.startswith(COLLEAGUES)]
            outcome.append((result, told))
            raise _Undone
    except _Undone:
        return outcome[0]
