"""Delivery to the web chat: into the transcript, and at once to whoever is looking."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bot.channel import PhotoGone
from bot.channels.web import MANNERS
from bot.messages import Address, Outgoing
from bot.photos import Developed
from bot.rendering import to_json
from db import history, talks
from db.database import Database
from db.hearing import tell
from db.tx import Tx


class Window:
    """An open stream of a talk. Messages whose id begins with ``own`` were said in it, and are not told it; without
    one it is told no turns at all, only what is pushed."""

    __slots__ = ("news", "own")

    def __init__(self, own: str) -> None:
        self.own = own
        self.news = asyncio.Event()


class Lookers:
    """Who is looking at which talk in this process; ``most`` may do so at once."""

    def __init__(self, most: int = 3000) -> None:
        self._most = most
        self._windows: defaultdict[int, set[Window]] = defaultdict(set)
        self.closed = False

    @contextmanager
    def watching(self, talk_id: int, own: str = "") -> Iterator[Window]:
        """A window while the block lasts. Its ``news``: look into the transcript, or end when ``closed``."""
        window = Window(own)
        if self.closed:
            window.news.set()
        self._windows[talk_id].add(window)
        try:
            yield window
        finally:
            self._windows[talk_id].discard(window)
            if not self._windows[talk_id]:
                del self._windows[talk_id]

    def wake(self, talk_id: int, key: str = "") -> None:
        """Something was written to a talk: whoever looks is to look again, except where this message was said."""
        for window in self._windows.get(talk_id, ()):
            if not (key and key.startswith(window.own)):
                window.news.set()

    def close(self) -> None:
        """Let every open stream end: the server stops."""
        self.closed = True
        for windows in self._windows.values():
            for window in windows:
                window.news.set()

    def full(self) -> bool:
        """Whether nobody more may look: their page asks now and then."""
        return self.count() >= self._most

    def count(self) -> int:
        """Open streams."""
        return sum(len(windows) for windows in self._windows.values())


class WebChannel:
    """The channel of residents in a browser."""

    manners = MANNERS

    def __init__(self, database: Database, lookers: Lookers) -> None:
        self._database = database
        self.lookers = lookers

    async def send(self, letter_id: int, talk_id: int, address: Address, words: Outgoing) -> None:
        """Write into the transcript (once, however often it is tried) and show."""
        await self._database.write(_deliver, letter_id, talk_id, words)
        self.lookers.wake(talk_id)

    async def fetch(self, ref: str) -> Developed:
        """Browsers send their photos along: there is nothing to fetch."""
        raise PhotoGone(ref)


def _deliver(tx: Tx, letter_id: int, talk_id: int, words: Outgoing) -> None:
    talks.lock(tx, talk_id)  # a turn under way comes first: the transcript is read in the order of its ids
    key = f"letter:{letter_id}"
    if history.known_exchange(tx, talk_id, key) is None:
        history.record_exchange(tx, talk_id, key, None, to_json([words]))
        tell(tx, talk_id)
