"""Processor time: ours, and that of a database server that works for us."""

import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from db.database import Database

Cost = Callable[[], float]


async def costs(database: Database, kind: str) -> Cost:
    """What tells the processor seconds spent so far: ours, and those of PostgreSQL's processes that work for us."""
    if kind == "sqlite":
        return time.process_time
    theirs = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    pids = await database.read(lambda tx: [*tx.execute(text("SELECT pg_backend_pid()")).scalars()])
    pids += await database.read(lambda tx: [*tx.execute(theirs).scalars()])
    # proc(5), schedstat: the first number are nanoseconds on a processor.
    files = [Path(f"/proc/{pid}/schedstat") for pid in pids]
    return lambda: time.process_time() + sum(int(file.read_text().split()[0]) for file in files) / 1e9
