"""A disk that is full or closed: what did not fit is undone whole, what was there stays, the words say what to do."""

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from db.database import Database, open_database, passing, utc_now
from db.disk import careless, obstacle
from db.sqlite import SqliteDatabase
from db.tx import Tx
from tests.db.test_units import note, noted

LONG = "x" * 3000  # a row that needs a page of its own


@pytest.fixture
async def nearly_full(sqlite_url: str) -> AsyncIterator[SqliteDatabase]:
    """A database that may grow by some twenty pages."""
    opened = cast("SqliteDatabase", await open_database(sqlite_url, utc_now))
    pages = opened._writer.raw.execute("PRAGMA page_count").fetchone()[0]
    opened._writer.raw.execute(f"PRAGMA max_page_count={pages + 20}")
    yield opened
    await opened.close()


def much(tx: Tx, first: str) -> None:
    """Two things that belong together, of which the second does not fit."""
    note(tx, first)
    with tx.savepoint():
        for number in range(100):
            note(tx, f"{first} {number} {LONG}")


async def test_what_does_not_fit_is_undone_whole_and_small_things_still_go_in(nearly_full: SqliteDatabase) -> None:
    await nearly_full.write(note, "before")
    results = await asyncio.gather(
        nearly_full.write(note, "beside"), nearly_full.write(much, "half"), return_exceptions=True
    )
    error = results[1]
    assert isinstance(error, Exception)
    assert passing(error)
    assert "no room left for /data: make some" in str(obstacle(error, Path("/data")))
    kept = await nearly_full.read(noted)
    assert [what for what in kept if what.startswith("half")] == []
    assert ("beside" in kept) == isinstance(results[0], str)
    await nearly_full.write(note, "after")
    assert {"before", "after"} <= set(await nearly_full.read(noted))


def test_the_words_tell_a_full_disk_from_a_closed_and_a_broken_one(tmp_path: Path) -> None:
    def words(error: BaseException) -> str:
        return obstacle(error, tmp_path) or ""

    assert f"no room left for {tmp_path}: " in words(OSError(errno.ENOSPC, "", str(tmp_path / "tmp1x" / "tmp2y")))
    assert "can't be written by the user" in words(OSError(errno.EROFS, ""))
    assert "does not work" in words(OSError(errno.EIO, "Input/output error"))
    assert words(OSError(errno.ECONNREFUSED, "")) == words(ValueError()) == ""


async def test_a_file_that_is_closed_for_writing_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "youli.db").mkdir()  # nobody, not even root, can write there
    with pytest.raises(sqlite3.OperationalError) as told:
        await open_database(f"sqlite:///{tmp_path / 'youli.db'}")
    assert "can't be written" in str(obstacle(told.value, tmp_path))
    await (await open_database(f"sqlite:///{tmp_path / 'another.db'}")).close()


async def test_a_postgresql_that_does_not_wait_for_its_disk_is_told(database: Database) -> None:
    told = await database.read(careless)  # the tests' own does not, to be quick
    sqlite = isinstance(database, SqliteDatabase)
    assert (told is None) == sqlite
    assert sqlite or "synchronous_commit" in str(told)
