"""Adding up the journal and the moves of reports in the background, and anew when somebody asks for it."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Table

from db import marks, report_sets, rolling
from db.database import Database
from db.report_sets import MOVES
from db.rollups import JOURNAL
from db.tables import journal, report_moves
from db.tx import Tx

log = logging.getLogger("youli.rolling")
PAGE = 500  # lines in one unit: some five milliseconds
PART = 400  # sums of a week or month in one unit
SCOPES = 30  # read together
LATENESS = timedelta(hours=1)  # so long after its end a week or month is added up: nobody is writing into it any more
PATIENCE = 100  # looks, a twentieth of a second apart, at whether those who were writing have ended
# What is told on the way: what is added up (PHASES), how many of them are done, of how many.
Told = Callable[[str, int, int], None]
PHASES = REPORTS, LINES, SPANS = ("moves", "lines", "spans")  # moves of reports, lines, weeks and months


def _quietly(phase: str, done: int, whole: int) -> None:
    """Nobody watches."""


class Roller:
    """Keeps what the figures read current. Any number of processes may try: a page is taken in once."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database, self._zone = database, zone
        self._looked: date | None = None  # the day for which weeks and months were looked through

    async def run(self, size: int = PAGE, told: Told = _quietly) -> None:
        """Take in all moves and lines that are complete, then the weeks and months that are over."""
        await self._moves(size, told)
        await self._lines(size, told)

    async def rebuild(self, size: int = 100 * PAGE, told: Told = _quietly) -> None:
        """Throw away what was added up and make it again. Stopped half-way, whoever runs next goes on from there."""
        for empty in (report_sets.empty, rolling.empty):
            await self._database.write(empty)
        self._looked = None
        await self.run(size, told)

    async def _moves(self, size: int, told: Told) -> None:
        end = await self._settled(report_moves)
        seen = await self._database.read(marks.mark, MOVES)
        while end is not None and seen.line < end:
            page = await self._database.read(report_sets.read_page, seen, end, size)
            taken = await self._database.write(report_sets.take_page, page)
            if taken is None:
                return  # somebody else is at it
            seen = taken
            told(REPORTS, seen.line, end)

    async def _lines(self, size: int, told: Told) -> None:
        end = await self._settled(journal)
        today, seen = await self._database.read(self._today), await self._database.read(marks.mark, JOURNAL)
        while end is not None and seen.line < end:
            page = await self._database.read(rolling.read_page, seen, end, size)
            taken = await self._database.write(rolling.take_page, page, today)
            if taken is None:
                return  # somebody else is at it
            if taken.version != seen.version:
                self._looked = None
            seen = taken
            told(LINES, seen.line, end)
        if end is not None and self._looked != today:
            await self._close(today, told)
            self._looked = today

    async def _settled(self, table: Table) -> int | None:
        """The last row before which none can come any more; None when somebody writes for seconds."""
        found = await self._database.read(marks.reach, table)
        for _ in range(PATIENCE):
            if not found.writers or not found.writers & await self._database.read(marks.writing, table):
                return found.line
            await asyncio.sleep(0.05)
        log.info("rows are being written for long; they are added up next time", extra={"table": table.name})
        return None

    async def _close(self, today: date, told: Told) -> None:
        spans = await self._database.read(rolling.unbuilt, today)
        for done, (level, first) in enumerate(spans):
            told(SPANS, done, len(spans))
            while not await self._sum_up(level, first):
                pass  # sums were corrected meanwhile: read them again
            told(SPANS, done + 1, len(spans))

    async def _sum_up(self, level: str, first: date) -> bool:
        """A week or month, some scopes at a time; False when it has to be done again."""
        seen = await self._database.read(marks.mark, JOURNAL)
        scopes = await self._database.read(rolling.scopes)
        for begin in range(0, len(scopes), SCOPES):
            some = scopes[begin : begin + SCOPES]
            sums = list((await self._database.read(rolling.read_span, level, first, some)).items())
            for at in range(0, len(sums), PART):
                if not await self._database.write(rolling.take_span, seen, dict(sums[at : at + PART])):
                    return False
        return await self._database.write(rolling.take_span, seen, {}, (level, first))

    def _today(self, tx: Tx) -> date:
        return (tx.local(self._zone) - LATENESS).date()
