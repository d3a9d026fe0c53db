"""Made-up time. Processes say when they want to act and what they have to show; what falls into some hours is one
transaction, each act at its own moment."""

import heapq
import itertools
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.messages import Photo
from db import demo
from db.database import Database
from db.tx import Tx
from demo.album import Album
from demo.drawing import Sight


@dataclass(frozen=True, slots=True)
class Wish:
    """To act at a moment (UTC), with photos of these sights."""

    at: datetime
    sights: Sequence[Sight] = ()


@dataclass(frozen=True, slots=True)
class Chance:
    """Now: the transaction at the moment that was wished for (or a little later), and the photos."""

    tx: Tx
    photos: tuple[Photo, ...] = ()


Process = Generator[Wish, Chance, None]


class Hands:
    """The clock on the wall of the made-up city; it stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Days:
    """Runs processes in the order of their wishes."""

    def __init__(self, database: Database, hands: Hands, album: Album) -> None:
        self._database, self._hands, self._album = database, hands, album
        self._waiting: list[tuple[datetime, int, Process, Wish]] = []
        self._turns = itertools.count()
        self._failed: BaseException | None = None

    def start(self, process: Process) -> None:
        """Let a process tell its first wish."""
        self._wait(process, next(process, None))

    async def until(self, end: datetime) -> None:
        """Everything that is wished for before this moment; the clock stands there afterwards."""
        due = [wish for at, _, _, wish in self._waiting if at < end and wish.sights]
        photos = await self._album.develop([sight for wish in due for sight in wish.sights])
        begin, self._hands.now = self._hands.now, end
        await self._database.write(self._act, begin, end, photos)

    def _act(self, tx: Tx, begin: datetime, end: datetime, photos: dict[Sight, Photo]) -> None:
        """The unit. What went wrong in it can't be tried again: processes have moved on."""
        if self._failed is not None:
            raise self._failed
        later: list[tuple[Process, Wish]] = []
        try:
            while self._waiting and self._waiting[0][0] < end:
                _, _, process, wish = heapq.heappop(self._waiting)
                if any(sight not in photos for sight in wish.sights):
                    later.append((process, wish))  # a wish of just now: its photos are not developed yet
                    continue
                shown = tuple(photos[sight] for sight in wish.sights)
                try:
                    following = process.send(Chance(tx.at(max(wish.at, begin)), shown))
                except StopIteration:
                    continue
                self._wait(process, following)
            for process, wish in later:
                self._wait(process, wish)
            demo.extend(tx)
        except BaseException as error:
            self._failed = error
            raise

    def _wait(self, process: Process, wish: Wish | None) -> None:
        if wish is not None:
            heapq.heappush(self._waiting, (wish.at, next(self._turns), process, wish))
