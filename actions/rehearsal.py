"""A deed done and undone again in one transaction: what it would change, and what people would be told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.letters import say_from_json
from bot.messages import Say
from db import letters
from db.tx import Tx

T = TypeVar("T")


@dataclass(frozen=True)
class Told:
    """What somebody would read, where, and in which language."""

    say: Say
    channel: str
    language: str


class _Undone(Exception):
    pass


def rehearse(tx: Tx, deed: Callable[[], T]) -> tuple[T, list[Told]]:
    """What the deed returns and the letters it writes; nothing of it stays. Raises what the deed raises."""
    outcome: list[tuple[T, list[Told]]] = []
    last = letters.last(tx)
    try:
        with tx.savepoint():
            result = deed()
            told = [Told(say_from_json(say), *to) for say, *to in letters.written_after(tx, last)]
            outcome.append((result, told))
            raise _Undone
    except _Undone:
        return outcome[0]
