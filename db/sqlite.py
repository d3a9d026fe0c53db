"""SQLite: one writer that commits many units together, a few readers, one process that owns the file.

Group commit: the event loop runs whatever waits, one short unit after another, then the connection's thread
(aiosqlite's) commits them together with ``synchronous=FULL``, and only then are the callers woken. One fsync serves
many messages, and while it lasts the loop reads the next ones. Units do not run on the thread: sqlite3 lets go of the
interpreter at each statement, and two busy threads would hand it to and fro at each of them. Exactly one connection
writes and checkpoints, which also keeps clear of SQLite's WAL-reset bug (fixed in 3.51.3).
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from time import perf_counter
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiosqlite

from db.database import HICCUP, Clock, Committed
from db.dumping import look_through
from db.hearing import Heard
from db.line import Line, SqliteTx
from db.ownership import own
from db.sealing import NO_KEYS, Keyring
from db.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 256  # units in one commit; were it fewer in a flood, the loop would mostly see to those whom it turns away
MANY = 32  # turns in one commit that tell how long one takes when many wait
OWN = BATCH // 2  # of these the house's own work, while residents wait
READERS = 2


Waiting = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], "asyncio.Future[Any]"]  # unit, what it is given
Outcomes = list[tuple["asyncio.Future[Any]", Any, BaseException | None]]


class SqliteDatabase:
    """The embedded default. See the module's text for how it writes."""

    def __init__(
        self, writer: Line, readers: Sequence[Line], lock: int, clock: Clock, committed: Committed | None
    ) -> None:
        self._writer = writer
        self._committed = committed
        self._readers: asyncio.Queue[Line] = asyncio.Queue()
        for reader in readers:
            self._readers.put_nowait(reader)
        self._all = (writer, *readers)
        self._lock = lock
        self._clock = clock
        self._waiting: deque[Waiting] = deque()  # the house's own work
        self._turns: deque[Waiting] = deque()
        self._began = 0.0  # when the commit under way began
        self._cycle = 0.0  # seconds from one commit with many turns to the next, on average of the last ones
        self._draining: asyncio.Task[Any] | None = None
        self._closed = False
        self._loop = asyncio.get_running_loop()

    async def write(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._queue(self._waiting, unit, args, kwargs)

    async def turn(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._queue(self._turns, unit, args, kwargs)

    def behind(self) -> float:
        if self._draining is None:
            return 0.0
        room = BATCH - min(OWN, len(self._waiting))  # so many are let in however slow the loop is: else it collapses
        return len(self._turns) // room * self._cycle + max(0.0, perf_counter() - self._began - HICCUP)

    async def read(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        reader = await self._readers.get()
        try:
            return await reader.run(self._read, reader, lambda tx: unit(tx, *args, **kwargs))
        finally:
            self._readers.put_nowait(reader)

    async def reshape(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        while self._draining is not None:
            await self._draining
        done: asyncio.Future[T] = self._loop.create_future()
        self._draining = asyncio.create_task(self._commit_unchecked((unit, args, kwargs, done)))
        await self._draining
        return await done

    async def dump(self, path: Path) -> Mapping[str, int]:
        reader = await self._readers.get()
        try:
            async with aiosqlite.connect(path) as target:
                await reader.backup(target)
                await target.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        finally:
            self._readers.put_nowait(reader)
        return await asyncio.to_thread(look_through, path)

    async def scour(self) -> bool:
        while self._draining is not None:
            await self._draining
        self._draining = asyncio.create_task(self._between(self._emptied))
        return bool(await self._draining)

    def hearing(self, heard: Heard) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def tell(self, talk_id: int, key: str) -> None:
        pass

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        while self._draining is not None:
            await self._draining
        for line in self._all:
            await line.close()
        os.close(self._lock)

    def _queue(
        self, queue: deque[Waiting], unit: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> "asyncio.Future[T]":
        """Let a unit wait for the next commit. A caller that gives up cancels only its own waiting."""
        if self._closed:
            raise RuntimeError("the database is closed")
        done: asyncio.Future[T] = self._loop.create_future()
        queue.append((unit, args, kwargs, done))
        if self._draining is None:
            self._began = perf_counter()
            self._draining = asyncio.create_task(self._drain())
        return done

    def _next(self) -> list[Waiting]:
        """The units of the next commit."""
        own = min(OWN if self._turns else BATCH, len(self._waiting))
        turns = min(BATCH - own, len(self._turns))
        return [*(self._waiting.popleft() for _ in range(own)), *(self._turns.popleft() for _ in range(turns))]

    async def _between(self, work: Callable[[], bool]) -> bool:
        """Do something on the writer's thread while nobody writes."""
        self._began = perf_counter()
        try:
            return await self._writer.run(work)
        finally:
            self._go_on()

    def _go_on(self) -> None:
        self._draining = asyncio.create_task(self._drain()) if self._waiting or self._turns else None

    def _emptied(self) -> bool:
        raw = self._writer.raw
        raw.execute("PRAGMA busy_timeout=0")  # whoever reads goes on, and nobody who writes waits for them
        try:
            return bool(raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
        finally:
            raw.execute("PRAGMA busy_timeout=5000")

    def _read(self, reader: Line, unit: Callable[[Tx], T]) -> T:
        reader.raw.execute("BEGIN")
        try:
            return unit(SqliteTx(reader.core, reader.raw, self._clock(), hopeful=False))
        finally:
            reader.core.rollback()
            if reader.raw.in_transaction:
                reader.raw.execute("ROLLBACK")

    async def _drain(self) -> None:
        try:
            while self._turns or self._waiting:
                began, talking = perf_counter(), len(self._turns)
                batch = self._next()
                turns, self._began = talking - len(self._turns), began
                _wake(await self._commit(batch))
                if turns >= MANY:
                    self._cycle += (perf_counter() - began - self._cycle) / 4
        finally:
            self._draining = None

    async def _commit(self, batch: list[Waiting]) -> Outcomes:
        """Run a batch and commit it once. When the commit itself fails, every caller hears that.

        First all units run without savepoints, which few need: only when one raises (or something in one of them is
        to be undone) is the batch undone and run again, each unit in its own, so that the failing one undoes only
        itself.
        """
        start = perf_counter()
        try:
            outcomes = self._run(batch, apart=False)
            if outcomes is None:
                outcomes = self._run(batch, apart=True)
            assert outcomes is not None
            await self._writer.run(self._finish)
        except BaseException as error:
            self._undo()
            return [(done, None, error) for *_, done in batch]
        if self._committed is not None:
            self._committed(len(batch), perf_counter() - start)
        return outcomes

    async def _commit_unchecked(self, alone: Waiting) -> None:
        """One unit that rebuilds tables: rows may point nowhere in between, but not at the end."""
        unit, args, kwargs, done = alone

        def checked(tx: Tx) -> Any:
            result = unit(tx, *args, **kwargs)
            broken = self._writer.raw.execute("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise ValueError(f"{len(broken)} rows would refer to nothing, the first in {broken[0][0]}")
            return result

        self._began = perf_counter()
        self._writer.raw.execute("PRAGMA foreign_keys=OFF")
        try:
            _wake(await self._commit([(checked, (), {}, done)]))
        finally:
            self._writer.raw.execute("PRAGMA foreign_keys=ON")
            self._go_on()

    def _run(self, batch: list[Waiting], *, apart: bool) -> Outcomes | None:
        raw = self._writer.raw
        raw.execute("BEGIN IMMEDIATE")
        tx = SqliteTx(self._writer.core, raw, self._clock(), hopeful=not apart)
        outcomes: Outcomes = []
        for unit, args, kwargs, done in batch:
            if apart:
                raw.execute("SAVEPOINT unit")
            try:
                outcomes.append((done, unit(tx, *args, **kwargs), None))
            except BaseException as error:  # whatever it is: its caller waits to hear of it
                if not raw.in_transaction:  # no room left on disk: SQLite has undone the whole batch by itself
                    raise
                if not apart:
                    self._undo()
                    return None
                raw.execute("ROLLBACK TO unit")
                outcomes.append((done, None, error))
            if apart:
                raw.execute("RELEASE unit")
        return outcomes

    def _finish(self) -> None:
        """The one fsync, on the connection's thread: meanwhile the loop reads the next messages."""
        self._writer.core.commit()
        if self._writer.raw.in_transaction:
            self._writer.raw.execute("COMMIT")

    def _undo(self) -> None:
        self._writer.core.rollback()
        if self._writer.raw.in_transaction:
            self._writer.raw.execute("ROLLBACK")


def _wake(outcomes: Outcomes) -> None:
    for done, result, error in outcomes:
        if done.done():
            continue
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)


async def open_sqlite(
    path: Path, clock: Clock, committed: Committed | None = None, keys: Keyring = NO_KEYS
) -> SqliteDatabase:
    """Open (or create) the file and own it. Raises DatabaseInUse."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = own(path)
    lines: list[Line] = []
    try:
        # What is deleted or written over is gone from the file, too: people erase themselves, and old keys end.
        pragmas = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=2000", "secure_delete=ON")
        writer = await Line(path, pragmas, keys).open()
        lines.append(writer)
        for _ in range(READERS):
            reader = await Line(path, ("query_only=1", "wal_autocheckpoint=0"), keys).open()
            lines.append(reader)
    except BaseException:
        for line in lines:
            await line.close()
        os.close(lock)
        raise
    return SqliteDatabase(writer, lines[1:], lock, clock, committed)
