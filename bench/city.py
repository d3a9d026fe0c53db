"""A city of strangers on Telegram, who all of a sudden want a daily tip."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from bench.servers import ROOT

FIRST = 1_000_000  # below their chats are those of the few who talk


def settle(data: Path, people: int) -> None:
    """Make the tables and so many residents, one in ten of them English, before any server runs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YOULI_")}
    command = (sys.executable, str(ROOT / "main.py"), "migrate")
    subprocess.run(command, env=environment | {"YOULI_DATA_DIR": str(data)}, check=True, stdout=subprocess.DEVNULL)
    residents = ((n, "en" if n % 10 == 0 else "zh") for n in range(1, people + 1))
    talks = ((n, str(FIRST + n), n) for n in range(1, people + 1))
    with closing(sqlite3.connect(data / "youli.db")) as database, database:
        database.executemany(
            "INSERT INTO residents (id, language, points_on, anonymous, joined_at, joined_day)"
            " VALUES (?, ?, 1, 0, 0, '2026-01-01')",
            residents,
        )
        database.executemany(
            "INSERT INTO talks (id, channel, user, resident_id, data, paused, options, serial, read_id, reachable,"
            " seen_at) VALUES (?, 'telegram', ?, ?, '{}', '{}', '[]', 0, 0, 1, 0)",
            talks,
        )


def subscribe(data: Path, hour: int) -> None:
    """All of them want their tip at this hour, and it is as if nobody had looked yet who wants one. The server runs
    and has nothing to do meanwhile."""
    with closing(sqlite3.connect(data / "youli.db")) as database, database:
        database.execute(
            "UPDATE residents SET tip_hour = ? WHERE id IN (SELECT resident_id FROM talks WHERE seen_at = 0)", (hour,)
        )
        database.execute("DELETE FROM ticks WHERE what = 'tips'")
