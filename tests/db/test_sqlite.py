"""SQLite's own manner: one owner, one writer, one commit for many units."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from db.database import Database, DatabaseInUse, open_database, utc_now
from db.sqlite import SqliteDatabase
from db.tx import Tx
from tests.play import ROOT
from tests.db.test_units import note, noted

OWNER = """
import asyncio, sys
from db.database import open_database, DatabaseInUse
from tests.db.test_units import note
async def main():
    try:
        database = await open_database("sqlite:///" + sys.argv[1])
    except DatabaseInUse as refused:
        print(refused, flush=True)
        return
    print(await database.write(note, "kept"), flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def another_process(path: Path) -> "subprocess.Popen[str]":
    """A process that opens the file, writes «kept», says so, and holds on; or says why it may not."""
    command = [sys.executable, "-c", OWNER, str(path)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603


@pytest.fixture
def path(sqlite_tables: Path, tmp_path: Path) -> Path:
    """A file with all tables that nobody has open."""
    copy = tmp_path / "youli.db"
    copy.write_bytes(sqlite_tables.read_bytes())
    return copy


@pytest.fixture
async def opened(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await open_database(f"sqlite:///{path}", utc_now)
    yield cast("SqliteDatabase", database)
    await database.close()


async def hold(database: Database) -> tuple[threading.Event, "asyncio.Task[None]"]:
    """Make the writer wait inside a unit, so that others queue up behind it."""
    begun, go = threading.Event(), threading.Event()

    def unit(tx: Tx) -> None:
        begun.set()
        go.wait(5)

    async def write() -> None:
        await database.write(unit)

    task = asyncio.create_task(write())
    await asyncio.to_thread(begun.wait, 5)
    return go, task


async def test_what_waits_is_committed_together(opened: SqliteDatabase) -> None:
    statements: list[str] = []
    await opened._writer.run(opened._writer.raw.set_trace_callback, statements.append)
    go, held = await hold(opened)
    tasks = [asyncio.create_task(opened.write(note, f"{number}")) for number in range(50)]
    await asyncio.sleep(0.01)
    go.set()
    await asyncio.gather(held, *tasks)
    assert sum(statement.startswith("COMMIT") for statement in statements) == 2  # the one that held, all others
    assert len(await opened.read(noted)) == 50


async def test_a_commit_that_fails_is_told_to_everyone_in_it(opened: SqliteDatabase) -> None:
    def orphan(tx: Tx) -> None:
        tx.execute(text("PRAGMA defer_foreign_keys = ON"))  # then the rule is looked at when committing
        tx.execute(text("INSERT INTO exchanges (talk_id, key, at, answer) VALUES (404, 'm', 0, '[]')"))

    go, held = await hold(opened)
    tasks = [asyncio.create_task(opened.write(unit)) for unit in (lambda tx: note(tx, "a"), orphan)]
    tasks.append(asyncio.create_task(opened.write(lambda tx: note(tx, "b"))))
    await asyncio.sleep(0.01)
    go.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    await held
    assert [type(outcome) for outcome in outcomes] == [IntegrityError] * 3
    assert await opened.read(noted) == []
    assert await opened.write(note, "c") == "c"
    assert await opened.read(noted) == ["c"]


async def test_even_what_no_program_should_raise_reaches_its_caller(opened: SqliteDatabase) -> None:
    class Unheard(BaseException):
        """Not an Exception."""

    def stop(tx: Tx) -> None:
        note(tx, "a")
        raise Unheard

    outcomes = await asyncio.wait_for(
        asyncio.gather(opened.write(stop), opened.write(note, "b"), return_exceptions=True), 5
    )
    assert [type(outcome) for outcome in outcomes] == [Unheard, str]
    assert await opened.read(noted) == ["b"]


async def test_the_writer_commits_to_the_disk_and_keeps_the_rules(opened: SqliteDatabase) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys")
    found = await opened.write(lambda tx: [tx.execute(text(f"PRAGMA {name}")).scalar() for name in pragmas])
    assert found == ["wal", 2, 1]


async def test_a_second_owner_is_refused_with_the_way_out(opened: SqliteDatabase, path: Path) -> None:
    with pytest.raises(DatabaseInUse, match=rf"process {os.getpid()}\b.*YOULI_DATA_DIR.*PostgreSQL"):
        await open_database(f"sqlite:///{path}")
    assert await opened.write(note, "a") == "a"


async def test_another_process_is_refused_too(opened: SqliteDatabase, path: Path) -> None:
    process = another_process(path)
    said, _ = await asyncio.to_thread(process.communicate, timeout=20)
    assert f"in use by process {os.getpid()}" in said


async def test_when_its_owner_was_killed_the_file_is_free_and_nothing_is_lost(path: Path) -> None:
    process = another_process(path)
    assert process.stdout is not None
    with process:
        assert await asyncio.to_thread(process.stdout.readline) == "kept\n"
        with pytest.raises(DatabaseInUse, match=f"process {process.pid}"):
            await open_database(f"sqlite:///{path}")
        process.send_signal(signal.SIGKILL)
    database = await open_database(f"sqlite:///{path}")
    assert await database.read(noted) == ["kept"]
    await database.close()


async def test_closing_finishes_what_waits(opened: SqliteDatabase, path: Path) -> None:
    go, held = await hold(opened)
    late = [asyncio.create_task(opened.write(note, f"{number}")) for number in range(3)]
    await asyncio.sleep(0.01)
    go.set()
    await opened.close()
    await asyncio.gather(held, *late)
    with sqlite3.connect(path) as file:
        assert [row[0] for row in file.execute("SELECT what FROM ticks ORDER BY what")] == ["0", "1", "2"]
    file.close()


async def test_a_backup_is_whole_while_others_write(opened: SqliteDatabase, tmp_path: Path) -> None:
    await asyncio.gather(*(opened.write(note, f"{number:03}") for number in range(100)))
    copy = tmp_path / "copy.db"
    writing = asyncio.gather(*(opened.write(note, f"later {number}") for number in range(100)))
    await opened.backup(copy)
    await writing
    with sqlite3.connect(copy) as file:
        kept = {row[0] for row in file.execute("SELECT what FROM ticks")}
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()
    assert kept >= {f"{number:03}" for number in range(100)}


@pytest.mark.parametrize("url", ["mysql://x/y", "youli.db", ""])
async def test_a_strange_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///FILE or postgresql://"):
        await open_database(url)
