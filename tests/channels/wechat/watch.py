"""Seconds that pass only while the disk keeps everybody waiting: nothing depends on how busy the machine is."""

import asyncio
import heapq
import itertools
import math
from typing import Any

TURNS = 50  # of the event loop; whoever does not wait for anything is done by then


class Watch:
    """The clock of WeChat's platform, of our door and of a slow disk."""

    def __init__(self) -> None:
        self.now = 0.0
        self._slow = asyncio.Event()
        self._alarms: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = itertools.count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until so many of these seconds have passed."""
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._alarms, (self.now + seconds, next(self._number), alarm))
        await alarm

    async def work(self, seconds: float) -> None:
        """The same for a disk: as long as it works, time passes."""
        self._slow.set()
        try:
            await self.sleep(seconds)
        finally:
            self._slow.clear()

    async def within(self, task: "asyncio.Future[Any]", seconds: float = math.inf) -> bool:
        """Let time pass until the task is done, or so many seconds are over."""
        end = self.now + seconds
        while not task.done():
            slow = asyncio.ensure_future(self._slow.wait())
            await asyncio.wait({task, slow}, return_when=asyncio.FIRST_COMPLETED)
            slow.cancel()
            await settled()
            if not task.done() and self._slow.is_set() and not await self._moves_on(end):
                return False
        return True

    async def _moves_on(self, end: float) -> bool:
        """To the next alarm, or to the end; whether it came before that."""
        at, _, alarm = self._alarms[0]
        if at > end:
            self.now = end
            return False
        heapq.heappop(self._alarms)
        self.now = at
        if not alarm.done():  # nobody waits for it any more
            alarm.set_result(None)
        await settled()
        return True


async def settled() -> None:
    """Whoever can go on without the disk has done so."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
