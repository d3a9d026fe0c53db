"""What an operator reads of `main.py check` where something is wrong with the house: what it is, and what to do."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from checkup import checkup
from opening import NotReady, open_store
from settings import Settings
from tests.play import ROOT


def untouched(folder: Path) -> None:
    """Nothing is spoiled there."""


def newer(folder: Path) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "youli.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
        database.commit()


def damaged(folder: Path) -> None:
    folder.mkdir()
    (folder / "youli.db").write_text("no database, though as long as the head of one " * 9)


def a_file(folder: Path) -> None:
    folder.write_text("")


def cut_off(folder: Path) -> None:
    folder.mkdir()
    (folder / "secret.key").write_text("4f1c")


FAULTS: dict[str, tuple[Callable[[Path], None], dict[str, Any], str, str]] = {
    "a newer Youli was here": (newer, {}, "database", "9999, which this Youli does not know: a newer one made them"),
    "a damaged file": (damaged, {}, "database", "bring back the last backup (main.py restore)"),
    "a file instead of a folder": (a_file, {}, "disk", "is no folder: name another"),
    "a secret key that was cut off": (cut_off, {}, "database", "Put it back from a backup"),
    "PostgreSQL away": (
        untouched,
        {"database_url": "postgresql://youli:secret@127.0.0.1:1/youli"},
        "database",
        "does PostgreSQL run at 127.0.0.1:1, and",
    ),
    "half a pair of keys": (untouched, {"media_url": "s3://bucket/youli"}, "photos", "Missing SecretAccessKey"),
    "no folder for backups": (
        untouched,
        {"backup_dir": "/proc/none", "backup_hour": "3"},
        "backup",
        "YOULI_BACKUP_DIR",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
async def test_what_is_wrong_is_told_with_what_to_do(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    spoil, given, what, told = FAULTS[case]
    spoil(tmp_path / "data")
    town: dict[str, Any] = {"content_dir": ROOT / "tests" / "content" / "small", "city": "town", "port": 1}
    settings = Settings(data_dir=tmp_path / "data", **town, **given)
    wrong = {found.what: found.words for found in await checkup(settings) if found.state == "wrong"}
    assert told in wrong[what]
    assert "secret@" not in str(wrong)


async def test_a_database_of_a_newer_youli_ended_in_a_traceback(tmp_path: Path) -> None:
    newer(tmp_path / "data")
    with pytest.raises(NotReady, match="newer one made them"):
        async with open_store(Settings(data_dir=tmp_path / "data"), upgrade=True):
            pass
