"""SQLite's own manner: one owner, one writer, one commit for many units."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from db.database import DatabaseInUse, open_database, utc_now
from db.sqlite import BATCH, SqliteDatabase
from db.tx import Tx
from tests.db.test_units import note, noted
from tests.play import ROOT

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
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program


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


async def test_what_people_erased_stayed_in_the_files(opened: SqliteDatabase, path: Path) -> None:
    """SQLite leaves what was deleted where it lay, and its log keeps pages as they were."""
    words = "雪落在旧钟楼" * 400  # more than a page

    def change(tx: Tx, statement: str) -> None:
        tx.connection.execute(text(statement), {"words": words} if ":words" in statement else {})

    for number in range(1, 4):
        row = f"'x', 'a', 'b', {number}, 0, 'n', :words, '', '[]'"
        columns = "period, first_day, last_day, number, at, name, text, note, content"
        await opened.write(change, f"INSERT INTO editions ({columns}) VALUES ({row})")
    assert "旧钟楼".encode() in b"".join(file.read_bytes() for file in path.parent.glob("youli.db*"))
    await opened.write(change, "UPDATE editions SET text = 'short' WHERE id = 1")
    await opened.write(change, "DELETE FROM editions WHERE id > 1")
    talking = asyncio.gather(*(opened.write(note, f"while {number}") for number in range(20)))
    assert await opened.scour()
    await talking
    assert "旧钟楼".encode() not in b"".join(file.read_bytes() for file in path.parent.glob("youli.db*"))
    assert await opened.write(note, "and on it goes") == "and on it goes"


async def test_what_waits_is_committed_together(opened: SqliteDatabase) -> None:
    statements: list[str] = []
    await opened._writer.run(opened._writer.raw.set_trace_callback, statements.append)
    await asyncio.gather(*(opened.write(note, f"{number}") for number in range(50)))
    assert sum(statement.startswith("COMMIT") for statement in statements) == 1
    assert len(await opened.read(noted)) == 50


async def test_more_than_one_commit_can_hold_go_into_several(opened: SqliteDatabase) -> None:
    await asyncio.gather(*(opened.write(note, f"{number}") for number in range(3 * BATCH + 1)))
    assert len(await opened.read(noted)) == 3 * BATCH + 1


async def test_a_commit_that_fails_is_told_to_everyone_in_it(opened: SqliteDatabase) -> None:
    def orphan(tx: Tx) -> None:
        tx.execute(text("PRAGMA defer_foreign_keys = ON"))  # then the rule is looked at when committing
        tx.execute(text("INSERT INTO join_codes (code, resident_id, expires_at) VALUES ('m', 404, 0)"))

    outcomes = await asyncio.gather(
        opened.write(note, "a"), opened.write(orphan), opened.write(note, "b"), return_exceptions=True
    )
    assert all(isinstance(outcome, IntegrityError | sqlite3.IntegrityError) for outcome in outcomes)
    assert await opened.read(noted) == []
    assert await opened.write(note, "c") == "c"
    assert await opened.read(noted) == ["c"]


async def test_when_one_fails_the_others_are_run_again_and_leave_one_trace_each(opened: SqliteDatabase) -> None:
    def fails(tx: Tx) -> None:
        note(tx, "never")
        raise LookupError

    outcomes = await asyncio.gather(
        *(opened.write(fails) if number % 3 == 1 else opened.write(note, f"{number}") for number in range(9)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [str, LookupError, str] * 3
    assert await opened.read(noted) == ["0", "2", "3", "5", "6", "8"]


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
    late = [asyncio.create_task(opened.write(note, f"{number}")) for number in range(3)]
    await asyncio.sleep(0)
    await opened.close()
    await asyncio.gather(*late)
    with sqlite3.connect(path) as file:
        assert [row[0] for row in file.execute("SELECT what FROM ticks ORDER BY what")] == ["0", "1", "2"]
    file.close()


async def test_a_backup_is_whole_while_others_write(opened: SqliteDatabase, tmp_path: Path) -> None:
    await asyncio.gather(*(opened.write(note, f"{number:03}") for number in range(100)))
    copy = tmp_path / "copy.db"
    writing = asyncio.gather(*(opened.write(note, f"later {number}") for number in range(100)))
    assert (await opened.dump(copy))["ticks"] >= 100
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
