"""Delivery to the web chat: into the transcript, and at once to whoever is looking."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bot.channel import PhotoGone
from bot.channels.web import MANNERS
from bot.messages import Address, Exchange, Outgoing
from bot.photos import Developed
from bot.rendering import to_json
from db import history, talks
from db.database import Database
from db.hearing import tell
from db.moments import from_ms
from db.tx import Tx

FULL = 100  # notices that a slow browser may leave waiting; it fetches the rest from the transcript


class Lookers:
    """Who is looking at which talk in this process; ``most`` may do so at once."""

    def __init__(self, most: int = 3000) -> None:
        self._most = most
        self._queues: defaultdict[int, set[asyncio.Queue[Exchange | None]]] = defaultdict(set)
        self.closed = False

    @contextmanager
    def watching(self, talk_id: int) -> Iterator["asyncio.Queue[Exchange | None]"]:
        """A queue of what is pushed to a talk while the block lasts; None: look into the transcript, or end when
        ``closed``."""
        queue: asyncio.Queue[Exchange | None] = asyncio.Queue(FULL)
        if self.closed:
            queue.put_nowait(None)
        self._queues[talk_id].add(queue)
        try:
            yield queue
        finally:
            self._queues[talk_id].discard(queue)
            if not self._queues[talk_id]:
                del self._queues[talk_id]

    def show(self, exchange: Exchange) -> None:
        """Push to whoever looks; a full queue is left alone, its browser fetches later."""
        for queue in self._queues.get(exchange.talk_id, ()):
            if not queue.full():
                queue.put_nowait(exchange)

    def wake(self, talk_id: int) -> None:
        """Another process wrote to a talk: whoever looks here is to look again."""
        for queue in self._queues.get(talk_id, ()):
            if not queue.full():
                queue.put_nowait(None)

    def close(self) -> None:
        """Let every open stream end: the server stops."""
        self.closed = True
        for queues in self._queues.values():
            for queue in queues:
                if queue.full():
                    queue.get_nowait()
                queue.put_nowait(None)

    def full(self) -> bool:
        """Whether nobody more may look: their page asks now and then."""
        return self.count() >= self._most

    def count(self) -> int:
        """Open streams."""
        return sum(len(queues) for queues in self._queues.values())


class WebChannel:
    """The channel of residents in a browser."""

    manners = MANNERS

    def __init__(self, database: Database, lookers: Lookers) -> None:
        self._database = database
        self.lookers = lookers

    async def send(self, letter_id: int, talk_id: int, address: Address, words: Outgoing) -> None:
        """Write into the transcript (once, however often it is tried) and show."""
        self.lookers.show(await self._database.write(_deliver, letter_id, talk_id, words))

    async def fetch(self, ref: str) -> Developed:
        """Browsers send their photos along: there is nothing to fetch."""
        raise PhotoGone(ref)


def _deliver(tx: Tx, letter_id: int, talk_id: int, words: Outgoing) -> Exchange:
    talks.lock(tx, talk_id)  # a turn under way comes first: the transcript is read in the order of its ids
    key = f"letter:{letter_id}"
    known = history.known_exchange(tx, talk_id, key)
    if known is not None:
        return Exchange(known[0], talk_id, from_ms(known[1]), (words,), repeated=True)
    number = history.record_exchange(tx, talk_id, key, None, to_json([words]))
    tell(tx, talk_id)
    return Exchange(number, talk_id, tx.now, (words,))
