"""One process owns a SQLite file: a lock beside it says which."""

import fcntl
import os
from pathlib import Path

from db.database import DatabaseInUse


def own(path: Path) -> int:
    """Take the file for this process; the descriptor holds it until closed. Raises DatabaseInUse."""
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(lock, 32).decode(errors="replace").strip()
            raise DatabaseInUse(
                f"{path} is in use by process {owner or '?'}. One process owns a SQLite file: stop that one, or use "
                "another YOULI_DATA_DIR, or PostgreSQL (YOULI_DATABASE_URL) for several processes."
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
    except BaseException:
        os.close(lock)
        raise
    return lock
