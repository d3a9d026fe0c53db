"""The database as the rest of the house sees it: units go in, results come out, durable."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from db.disk import primary
from db.hearing import Heard
from db.sealing import NO_KEYS, Keyring
from db.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")
Clock = Callable[[], datetime]
Committed = Callable[[int, float], None]  # told the units and the seconds of each commit
HICCUP = 0.5  # seconds for which a disk may stand still without anybody being turned away
LASTING = frozenset({"22", "23", "42"})  # PostgreSQL: wrong data, broken constraints, a wrong statement or table


class Busy(Exception):
    """It would have to wait for too long: say «try again in a moment» and lose nothing."""


class DatabaseInUse(Exception):
    """Another process owns the SQLite file; its text says which and what to do."""


def passing(error: BaseException) -> bool:
    """Whether a unit failed for a reason that passes (the database is away, full, busy, a deadlock), and not because
    of what it was given."""
    if isinstance(error, DBAPIError):
        if isinstance(error.orig, sqlite3.Error):
            return passing(error.orig)
        code = getattr(error.orig, "sqlstate", None)
        if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
            return True
        return code is not None and code[:2] not in LASTING
    if isinstance(error, sqlite3.Error):
        return isinstance(error, sqlite3.OperationalError) and primary(error) != sqlite3.SQLITE_ERROR
    return isinstance(error, Busy | OSError)


def reason(error: BaseException) -> str:
    """What the database itself said, in one line."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


class Database(Protocol):
    """Where units run. A unit is a plain function ``unit(tx, …)``: no await, no network, well under a millisecond."""

    async def write(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit in a transaction of its own; when this returns, it is on disk. Raises ``Busy``."""

    async def turn(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like ``write``, for what a resident says: however many talk, the house's own work keeps its share."""

    def behind(self) -> float:
        """Seconds that a turn which comes now would wait before it begins, by how long the last ones took."""

    async def read(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit that only reads."""

    async def reshape(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like ``write``, for a unit that changes tables: references between rows are checked at its end only."""

    async def dump(self, path: Path) -> Mapping[str, int]:
        """Write the whole database, as it is at one moment, into a file while it is being used: a SQLite file, or
        what ``pg_dump`` writes. The rows of each table. Raises ``db.dumping.Failed`` or OSError."""

    def hearing(self, heard: Heard) -> AbstractAsyncContextManager[None]:
        """While the block lasts, ``heard`` is called with the number of each talk that a process wrote to on its own
        (``db.hearing.tell``), or that was said in elsewhere (``tell``), and then with the message's id. On SQLite
        there is only this process, and nothing is heard."""

    def tell(self, talk_id: int, key: str) -> None:
        """Let the other processes hear, soon, that this message was said in a talk. It costs the turn nothing, and
        may get lost."""

    async def scour(self) -> bool:
        """What was deleted is gone from the files, too: SQLite's log is written back and emptied. False when somebody
        reads just now: another time. PostgreSQL does the like by itself (autovacuum)."""

    async def close(self) -> None:
        """Finish what waits, then let go."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; None for any other."""
    scheme, _, rest = url.partition("://")
    return Path(rest.removeprefix("/")) if scheme == "sqlite" else None


async def open_database(
    url: str, clock: Clock = utc_now, committed: Committed | None = None, keys: Keyring = NO_KEYS
) -> Database:
    """Open ``sqlite:///path`` or ``postgresql://…``. Raises DatabaseInUse, or ValueError for any other scheme.

    The wall clock is this machine's for a SQLite file, and the database's for PostgreSQL (``db.timepiece``).
    ``committed`` hears of group commits, which only SQLite has. Without ``keys`` nothing that is sealed can be read or
    written.
    """
    if (file := sqlite_file(url)) is not None:
        from db.sqlite import open_sqlite

        return await open_sqlite(file, clock, committed, keys)
    scheme, _, rest = url.partition("://")
    if scheme in {"postgresql", "postgres", "postgresql+asyncpg"}:
        from db.postgres import open_postgres

        return await open_postgres(f"postgresql+asyncpg://{rest}", None if clock is utc_now else clock, keys)
    raise ValueError(f"YOULI_DATABASE_URL starts with {scheme!r}; it can be sqlite:///FILE or postgresql://…")
