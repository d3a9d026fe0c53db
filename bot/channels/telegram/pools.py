"""Connections to the Bot API, in sets of few: for every call httpcore looks through a whole set, twice."""

from collections.abc import Callable
from typing import Any

from telegram.request import BaseRequest, HTTPXRequest

SIZE = 32  # connections of a set


class Pools(BaseRequest):
    """python-telegram-bot's HTTP over as many sets as are needed: each call goes to the first that has a connection to
    spare. With hundreds in one set a call costs twice the processor, most of it for asking whether the others are still
    open; to close those beyond some number instead would open a new one for nearly every call while many are under way.
    """

    def __init__(self, make: Callable[[int], HTTPXRequest]) -> None:
        """``make`` opens a set of so many connections."""
        self._make = make
        self._first = make(SIZE)
        self._busy = {self._first: 0}  # set → calls under way

    @property
    def read_timeout(self) -> float | None:
        """Of each set, in seconds."""
        return self._first.read_timeout

    async def initialize(self) -> None:
        """Open what was shut down."""
        await self._first.initialize()

    async def shutdown(self) -> None:
        """Let go of all connections."""
        for pool in self._busy:
            await pool.shutdown()

    async def do_request(self, *asked: Any, **how: Any) -> tuple[int, bytes]:
        """As the library's own."""
        pool = next((one for one, busy in self._busy.items() if busy < SIZE), None) or self._make(SIZE)
        self._busy[pool] = self._busy.get(pool, 0) + 1
        try:
            return await pool.do_request(*asked, **how)
        finally:
            self._busy[pool] -= 1
            if sum(self._busy.values()) <= SIZE // 2:
                await self._let_go()

    async def _let_go(self) -> None:
        """Sets that were needed for a moment go when there is room in the first for long."""
        for pool in [one for one, busy in self._busy.items() if not busy and one is not self._first]:
            del self._busy[pool]
            await pool.shutdown()
