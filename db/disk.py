"""What keeps us from writing to disk, in words for those who run the house."""

import errno
import os
import sqlite3
from pathlib import Path

from sqlalchemy import text

from db.tx import Tx

FULL = (
    "there is no room left for {path}: make some. Until then people are asked to write again later; what was "
    "acknowledged is kept"
)
CLOSED = (
    "{path} can't be written by the user that Youli runs as (number {user}): let them own it, or mount its disk for "
    "writing"
)
BROKEN = "the disk of {path} does not work ({error}): the system's own log says more"
NO_FOLDER = "{path} is there and is no folder: name another, or put it out of the way"
DAMAGED = (
    "{path} holds a database that is damaged ({error}): keep it aside and bring back the last backup (main.py restore)"
)
OF_SYSTEM = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EACCES: CLOSED,
    errno.EPERM: CLOSED,
    errno.EROFS: CLOSED,
    errno.EIO: BROKEN,
    errno.EEXIST: NO_FOLDER,
    errno.ENOTDIR: NO_FOLDER,
}
OF_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: CLOSED,
    sqlite3.SQLITE_CANTOPEN: CLOSED,
    sqlite3.SQLITE_IOERR: BROKEN,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
}


def obstacle(error: BaseException, path: Path) -> str | None:
    """Why ``path`` can't be written and what to do; None when the error says nothing of a disk. Named is what is there:
    not the file of passing name that could not be made, but the folder it was to be made in."""
    error = getattr(error, "orig", None) or error  # SQLAlchemy wraps what sqlite3 raises
    if isinstance(error, OSError):
        words, path = OF_SYSTEM.get(error.errno or 0), Path(error.filename or path)
        while not os.path.exists(path) and path != path.parent:  # noqa: PTH110 - Path's own fails where one may not look
            path = path.parent
    elif isinstance(error, sqlite3.Error):
        words = OF_SQLITE.get(primary(error))
    else:
        return None
    return words and words.format(path=path, user=os.geteuid(), error=error)


def primary(error: sqlite3.Error) -> int:
    """SQLite's code of an error, without the part that says where in SQLite it arose; 0 when it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def careless(tx: Tx) -> str | None:
    """Which settings of a PostgreSQL let it acknowledge what a crash takes along; None when it waits for the disk, as
    SQLite always does."""
    if tx.alone:
        return None
    names = [name for name in ("fsync", "synchronous_commit", "full_page_writes") if _off(tx, name)]
    if not names:
        return None
    return f"{', '.join(names)} off in PostgreSQL: what was acknowledged is lost when it crashes. Switch them on"


def _off(tx: Tx, name: str) -> bool:
    return bool(tx.connection.execute(text(f"SHOW {name}")).scalar_one() == "off")
