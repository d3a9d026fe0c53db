"""Remembering which cells of each piece the public is not told (civic.pieces), so that a view of many is quick."""

from datetime import date

from actions.rolling import LATENESS
from actions.statistics import drawn, grounds, statistics
from bot.house import House
from civic.catalogue import PUBLIC
from civic.figures import SERIES, publish
from civic.periods import Period
from civic.pieces import MOST, hidden, latest
from content.library import Library
from db import hidden_cells
from db.database import Database
from db.hidden_cells import Found, Kind
from db.tx import Tx

KEPT = 2 * MOST  # pieces: those of a longest period and of the one before it


class Hiding:
    """Any number of processes may try: what is remembered is always true of the sums it was found by."""

    def __init__(self, database: Database, house: House) -> None:
        self._database, self._house = database, house

    async def run(self) -> None:
        """Forget what changed, and remember what can be."""
        library = self._house.library
        here = grounds(library)
        if await self._database.read(hidden_cells.behind, here):
            await self._database.write(hidden_cells.refresh, here)
        for piece, kind in await self._database.read(self._lacking, library):
            found = await self._database.read(find, library, piece, kind)
            if not await self._database.write(hidden_cells.keep, found, here):
                return  # something changed meanwhile; next time

    def _lacking(self, tx: Tx, library: Library) -> list[tuple[Period, Kind]]:
        today: date = (tx.local(self._house.zone) - LATENESS).date()
        return hidden_cells.lacking(tx, latest(KEPT, today, library.city.statistics.apart, library.city.campaign_days))


def find(tx: Tx, library: Library, piece: Period, kind: Kind) -> Found:
    """What a piece does not tell of the figures of a kind. A unit that only reads."""
    stamps, looked = hidden_cells.stamps(tx, grounds(library)), hidden_cells.looked(tx)
    apart = {figure.key: [name for name in figure.by if name not in SERIES] for figure in PUBLIC}
    chosen = [one for one in drawn(PUBLIC, apart) if one.by and hidden_cells.kind(one) == kind]
    return Found(piece, kind, stamps, looked, hidden(publish(statistics(tx, library, piece, chosen=chosen))))
