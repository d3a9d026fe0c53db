"""``python -m bench stats --ingest``: what keeping the sums costs those who talk.

The residents of 300 communities talk to the engine and its real database, as in ``python -m bench``, but without
sockets: all that is measured is a turn and its commit. Sums are kept by a job of the clock, every twenty seconds; so a
round is as many turns as come in that time, and then, in every other round, the job adds up what they wrote. The rounds
alternate in one run; processor time is told, PostgreSQL's included, since the job and the turns share a process.
"""

import asyncio
import itertools
import os
import statistics
import uuid
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import func, select, text

from actions.clock import EVERY
from actions.rolling import Roller
from assembly import Built, open_house
from bench.costs import Cost, costs
from bench.residents import DIALOGUE
from bot.messages import Address, Incoming
from db import marks
from db.rollups import JOURNAL
from db.tables import journal, report_moves
from db.tx import Tx
from settings import Settings

PEOPLE, AREAS, AT_ONCE = 10_000, 300, 64
RATES = (50, 250, 1000)  # turns a second: a round are those of EVERY seconds
ROUNDS = 5  # of each kind
LIMIT = 15  # percent: as promised


Said = Callable[[int], tuple[int, str]]  # the number of a turn → which resident, and what they say


class Talk:
    """Residents who say the next thing of the dialogue, one after the other, some at once."""

    def __init__(self, built: Built) -> None:
        self._dispatch, self._turns = built.dispatch, itertools.count()

    async def greet(self) -> None:
        """Each is met for the first time."""
        await self._go(PEOPLE, lambda turn: (turn, "你好"))
        self._turns = itertools.count()

    async def go(self, many: int) -> None:
        """So many turns more."""
        await self._go(many, lambda turn: (turn % PEOPLE, DIALOGUE[(turn // PEOPLE + turn) % len(DIALOGUE)]))

    async def _go(self, many: int, said: Said) -> None:
        left = itertools.islice(self._turns, many)

        async def somebody() -> None:
            for turn in left:
                resident, words = said(turn)
                await self._dispatch.handle(Incoming(Address("web", f"r{resident}"), uuid.uuid4().hex, text=words))

        await asyncio.gather(*(somebody() for _ in range(AT_ONCE)))


def spread(tx: Tx) -> None:
    """Everybody lives in a community."""
    tx.execute(text(f"UPDATE residents SET area = 'c' || (id * 7919 % {AREAS})"))


def skip(tx: Tx) -> None:
    """As if there were no sums: what was written is taken for added up."""
    for name, table in ((JOURNAL, journal), ("moves", report_moves)):
        seen, end = marks.mark(tx, name), marks.reach(tx, table).line
        marks.advance(tx, name, seen, marks.Mark(end, seen.version))


def written(tx: Tx) -> int:
    """Lines of the journal."""
    return int(tx.execute(select(func.count()).select_from(journal)).scalar_one())


async def measure(kind: str, url: str, folder: Path) -> None:
    """Measure and tell, for each rate."""
    given = {"YOULI_DATA_DIR": str(folder), "YOULI_DATABASE_URL": url, "YOULI_RATE_LIMIT": "off"}
    with patch.dict(os.environ, given):
        settings = Settings()
    async with open_house(settings, upgrade=True) as built:
        talk, roller = Talk(built), Roller(built.database, settings.zone)
        await talk.greet()
        await built.database.write(spread)
        await talk.go(PEOPLE)
        await roller.run()
        cost = await costs(built.database, kind)
        for rate in RATES:
            await compare(built, talk, roller, cost, round(rate * EVERY), rate)


async def compare(built: Built, talk: Talk, roller: Roller, cost: Cost, many: int, rate: int) -> None:
    """Rounds with and without the job, in turns; medians."""
    took: dict[bool, list[float]] = {False: [], True: []}
    added = []
    before = await built.database.read(written)
    for number in range(2 * ROUNDS):
        kept = bool(number % 2)
        spent = cost()
        await talk.go(many)
        talked = cost()
        if kept:
            await roller.run()
            added.append((cost() - talked) / many * 1e6)
        took[kept].append((cost() - spent) / many * 1e6)
        if not kept:
            await built.database.write(skip)
    lines = (await built.database.read(written) - before) / many / ROUNDS / 2
    without, whole, job = (statistics.median(some) for some in (took[False], took[True], added))
    slowed = job / (whole - job) * 100
    verdict = "reached" if slowed < LIMIT else "MISSED"
    print(f"  {verdict:8} {rate:>5} turns/s: the job slows them by {slowed:.1f} %, < {LIMIT} %", flush=True)
    print(
        f"           {without:.0f} µs a turn without sums, {whole:.0f} with; the job takes {job:.1f} of them"
        f" ({lines:.2f} lines a turn)",
        flush=True,
    )
