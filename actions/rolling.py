"""Adding up the journal in the background, page by page, and anew when somebody asks for it."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from db import rolling, rollups
from db.database import Database
from db.rolling import Reach
from db.tx import Tx

log = logging.getLogger("youli.rolling")
PAGE = 500  # lines in one unit: some five milliseconds
PART = 400  # sums of a week or month in one unit
LATENESS = timedelta(hours=1)  # so long after its end a week or month is added up: nobody is writing into it any more
PATIENCE = 100  # looks, a twentieth of a second apart, at whether those who were writing have ended
Told = Callable[[int, int], None]  # (done, of all): lines


class Roller:
    """Keeps the rollups current. Any number of processes may try: a page is taken in once."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database, self._zone = database, zone
        self._looked: date | None = None  # the day for which weeks and months were looked through

    async def run(self, size: int = PAGE, told: Told = lambda done, whole: None) -> None:
        """Take in all lines that are complete, then the weeks and months that are over."""
        end = await self._settled()
        if end is None:
            log.info("lines are being written for long; they are added up next time")
            return
        today, seen = await self._database.read(self._today), await self._database.read(rollups.mark)
        while seen.line < end:
            page = await self._database.read(rolling.read_page, seen, end, size)
            taken = await self._database.write(rolling.take_page, page, today)
            if taken is None:
                return  # somebody else is at it
            if taken.version != seen.version:
                self._looked = None
            seen = taken
            told(seen.line, end)
        if self._looked != today:
            await self._close(today)
            self._looked = today

    async def rebuild(self, size: int = 20 * PAGE, told: Told = lambda done, whole: None) -> None:
        """Throw the sums away and make them again from the journal."""
        await self._database.write(rolling.empty)
        self._looked = None
        await self.run(size, told)

    async def _settled(self) -> int | None:
        """The last line before which none can come any more; None when somebody writes for seconds."""
        found: Reach = await self._database.read(rolling.reach)
        for _ in range(PATIENCE):
            if not found.writers or not found.writers & await self._database.read(rolling.writing):
                return found.line
            await asyncio.sleep(0.05)
        return None

    async def _close(self, today: date) -> None:
        for level, first in await self._database.read(rolling.unbuilt, today):
            while not await self._sum_up(level, first):
                pass  # sums were corrected meanwhile: read them again

    async def _sum_up(self, level: str, first: date) -> bool:
        """A week or month, scope by scope; False when it has to be done again."""
        seen = await self._database.read(rollups.mark)
        for scope in await self._database.read(rolling.scopes):
            sums = list((await self._database.read(rolling.read_span, level, first, scope)).items())
            for at in range(0, len(sums), PART):
                if not await self._database.write(rolling.take_span, seen, dict(sums[at : at + PART])):
                    return False
        return await self._database.write(rolling.take_span, seen, {}, (level, first))

    def _today(self, tx: Tx) -> date:
        return (tx.local(self._zone) - LATENESS).date()
