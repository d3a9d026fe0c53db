"""Migrations: their sum is the tables, on both databases; what fails leaves nothing behind."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from db import history
from db import migrate as module
from db.database import Database, open_database
from db.migrate import current, migrate, newest
from db.tables import metadata
from db.tx import Tx
from tests.db.test_units import note, noted


@pytest.fixture(params=["sqlite", "postgres"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        opened = await open_database(f"sqlite:///{tmp_path / 'new.db'}")
        yield opened
        await opened.close()
        return
    url: str = request.getfixturevalue("postgres")
    server = await asyncpg.connect(url)
    await server.execute("DROP DATABASE IF EXISTS migrations")
    await server.execute("CREATE DATABASE migrations")
    base, mark, query = url.partition("?")
    opened = await open_database(f"{base.rpartition('/')[0]}/migrations{mark}{query}")
    yield opened
    await opened.close()
    await server.execute("DROP DATABASE migrations")
    await server.close()


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations to which more can be added."""
    folder = tmp_path / "migrations"
    shutil.copytree(module.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "FOLDER", folder)
    return folder / "versions"


def add_step(steps: Path, upgrade: str) -> None:
    """One more migration, after the newest."""
    (steps / "9999_one_more.py").write_text(
        f'"""one more"""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f'revision = "9999"\ndown_revision = "{newest()}"\n\n\ndef upgrade() -> None:\n'
        + "".join(f"    {line}\n" for line in upgrade.splitlines()),
        encoding="utf-8",
    )


@contextmanager
def before_step(steps: Path, revision: str) -> Iterator[None]:
    """As if this step and those after it were not written yet."""
    later = [path for path in steps.glob("0*.py") if path.name >= revision]
    for path in later:
        path.rename(path.with_suffix(".later"))
    yield
    for path in later:
        path.with_suffix(".later").rename(path)


def tables(tx: Tx) -> set[str]:
    return set(inspect(tx.connection).get_table_names())


def differences(tx: Tx) -> list[Any]:
    """What Alembic would change to make the database like db.tables."""
    context = MigrationContext.configure(
        tx.connection, opts={"compare_type": True, "compare_server_default": False, "render_as_batch": True}
    )
    return list(compare_metadata(context, metadata))


async def test_the_sum_of_the_migrations_is_the_tables(empty: Database) -> None:
    assert await empty.reshape(migrate) == (None, newest())
    assert await empty.read(differences) == []
    assert await empty.read(tables) == {*metadata.tables, "alembic_version"}


async def test_migrating_again_changes_nothing(empty: Database) -> None:
    assert await empty.read(current) is None
    await empty.reshape(migrate)
    assert await empty.reshape(migrate) == (newest(), newest())
    assert await empty.read(current) == newest()


async def test_a_migrated_database_works(empty: Database) -> None:
    await empty.reshape(migrate)
    await empty.write(note, "a")
    assert await empty.read(noted) == ["a"]


async def test_a_migration_goes_on_from_where_the_database_is(empty: Database, steps: Path) -> None:
    before = newest()
    await empty.reshape(migrate)
    await empty.write(note, "kept")
    add_step(steps, 'op.add_column("ticks", sa.Column("more", sa.Text()))')
    assert await empty.reshape(migrate) == (before, "9999")
    assert await empty.read(noted) == ["kept"]
    columns = await empty.read(lambda tx: [column["name"] for column in inspect(tx.connection).get_columns("ticks")])
    assert "more" in columns


async def test_a_migration_that_fails_leaves_nothing_behind(empty: Database, steps: Path) -> None:
    before = newest()
    await empty.reshape(migrate)
    await empty.write(note, "kept")
    add_step(
        steps,
        'op.create_table("half_done", sa.Column("id", sa.Integer(), primary_key=True))\n'
        "op.execute(\"UPDATE ticks SET what = 'changed'\")\n"
        'op.execute("SELECT no_such_thing FROM nowhere")',
    )
    with pytest.raises(Exception, match="nowhere"):
        await empty.reshape(migrate)
    assert await empty.read(current) == before
    assert "half_done" not in await empty.read(tables)
    assert await empty.read(noted) == ["kept"]
    await empty.write(note, "and it goes on")


async def test_when_the_first_migration_fails_the_database_is_as_empty_as_before(empty: Database, steps: Path) -> None:
    add_step(steps, 'raise RuntimeError("no more room")')
    with pytest.raises(RuntimeError, match="no more room"):
        await empty.reshape(migrate)
    assert await empty.read(tables) == set()
    (steps / "9999_one_more.py").unlink()
    await empty.reshape(migrate)
    assert await empty.read(differences) == []


async def test_a_table_that_others_refer_to_can_be_changed_and_keeps_its_rows(empty: Database, steps: Path) -> None:
    """SQLite can't alter a column: the table is copied, while rows of other tables refer to it."""
    await empty.reshape(migrate)

    def resident_who_talks(tx: Tx) -> None:
        from db.history import record_exchange
        from db.talks import open_talk

        talk, _ = open_talk(tx, "web", "somebody", "zh", "2026-11-23")
        record_exchange(tx, talk.id, "m1", "said", "[]")

    await empty.write(resident_who_talks)
    add_step(
        steps,
        'with op.batch_alter_table("residents") as batch:\n'
        '    batch.alter_column("language", existing_type=sa.String(8), type_=sa.String(16), existing_nullable=False)',
    )
    await empty.reshape(migrate)
    count = text(
        "SELECT count(*) FROM exchanges JOIN talks ON talks.id = talk_id JOIN residents r ON r.id = resident_id"
    )
    assert await empty.read(lambda tx: tx.execute(count).scalar_one()) == 1
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await empty.write(lambda tx: tx.execute(text("DELETE FROM residents")))


async def test_what_was_said_before_is_found_from_each_talks_end(empty: Database, steps: Path) -> None:
    with before_step(steps, "0036"):
        await empty.reshape(migrate)
    resident = {"id": 1, "language": "zh", "joined_at": 1, "joined_day": "2026-11-23", "points_on": 1, "anonymous": 0}
    talk = {"channel": "web", "resident_id": 1, "serial": 0, "read_id": 2, "reachable": 1, "seen_at": 1}
    talk |= {"data": "{}", "paused": "{}", "options": "[]"}
    words: list[dict[str, Any]] = [
        {"id": number, "talk_id": number % 2 + 1, "key": f"m{number}", "at": number, "said": None, "answer": "[]"}
        for number in range(1, 8)
    ]

    def before(tx: Tx) -> None:
        for table, row in [
            ("residents", resident),
            *(("talks", talk | {"id": number, "user": f"user {number}"}) for number in (1, 2, 3)),
            *(("exchanges", one) for one in words),
        ]:
            names = ", ".join(f'"{name}"' for name in row)
            tx.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)

    await empty.write(before)
    await empty.reshape(migrate)
    assert await empty.read(differences) == []

    def told(tx: Tx, /, talk_id: int, **page: int) -> list[int]:
        return [one.id for one in history.transcript(tx, talk_id, **page)]

    for number, ids in {1: [2, 4, 6], 2: [1, 3, 5, 7], 3: []}.items():
        assert await empty.read(told, number) == ids
    assert await empty.read(told, 2, limit=2) == [5, 7]
    assert await empty.read(told, 2, before=5, limit=1) == [3]
    assert await empty.read(told, 2, before=6) == []  # another talk's
    assert await empty.read(told, 2, after=1, limit=2) == [3, 5]
    assert await empty.read(history.unread, 1) == 2

    def forgotten(tx: Tx) -> None:
        tx.execute(text("DELETE FROM exchanges WHERE id = 3"))

    await empty.write(forgotten)
    assert await empty.read(told, 2) == [5, 7]


async def test_what_residents_said_before_is_the_answer_to_the_last_round(empty: Database, steps: Path) -> None:
    with before_step(steps, "0018"):
        await empty.reshape(migrate)
    fixed = {"channel": "web", "category": "litter", "place": "x", "place_origin": "typed", "note": "", "answers": "{}"}
    fixed |= {"created_day": "2026-11-01", "due_day": "2026-11-03", "priority": "normal"}
    numbers = {"anonymous": 0, "created_at": 1, "due_at": 2, "version": 1, "resolved_at": 3, "rounds": 1}

    def before(tx: Tx) -> None:
        said: list[dict[str, Any]] = [{"solved": 1, "closed_at": 4}, {"solved": 0, "rounds": 2}, {"solved": None}]
        for number, more in enumerate(said, 1):
            row = {**fixed, **numbers, "id": number, "number": f"n{number}", "status": "resolved", **more}
            names = ", ".join(row)
            tx.execute(text(f"INSERT INTO reports ({names}) VALUES (:{names.replace(', ', ', :')})"), row)
        move = "2, 5, '2026-11-05', 'reopen', 'resident', 'accepted', ''"
        tx.execute(text(f"INSERT INTO report_moves (report_id, at, day, move, actor, to_status, note) VALUES ({move})"))

    await empty.write(before)
    await empty.reshape(migrate)
    rows = text("SELECT report_id, round, asked_at, answered_at, first_solved, solved FROM surveys ORDER BY report_id")
    found = await empty.read(lambda tx: [tuple(row) for row in tx.execute(rows)])
    assert found == [(1, 1, 3, 4, 1, 1), (2, 2, 3, 0, 0, 0), (3, 1, 3, None, None, None)]
    reopens = text("SELECT reopens FROM reports ORDER BY id")
    assert await empty.read(lambda tx: list(tx.execute(reopens).scalars())) == [0, 1, 0]


def test_the_newest_is_the_end_of_the_line() -> None:
    names = {path.stem for path in (module.FOLDER / "versions").glob("*.py")}
    assert any(name.startswith(newest()) for name in names)
    assert newest() == max(name.partition("_")[0] for name in names)
