"""Units: what both databases promise alike. (Only SQLite's own manner of keeping it is in test_sqlite.py.)"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from db import postgres
from db.database import Busy, Database, open_database
from db.tables import ticks
from db.tx import Tx
from tests.play import KEYS, Time


def note(tx: Tx, what: str) -> str:
    """Leave a mark; the same one twice breaks a rule of the database."""
    tx.execute(ticks.insert().values(what=what, at="-", done_at=0))
    return what


def noted(tx: Tx) -> list[str]:
    """The marks that were left."""
    return list(tx.execute(select(ticks.c.what).order_by(ticks.c.what)).scalars())


def note_and_fail(tx: Tx, what: str) -> None:
    note(tx, what)
    raise LookupError(what)


async def test_a_unit_gives_its_result_and_knows_the_time(database: Database, time: Time) -> None:
    assert await database.write(note, "a") == "a"
    assert await database.read(noted) == ["a"]
    time.passes(days=1)
    assert await database.write(lambda tx: tx.now) == await database.read(lambda tx: tx.now) == time.now


async def test_what_was_acknowledged_is_there_after_a_restart(
    database: Database, database_url: str, time: Time
) -> None:
    await asyncio.gather(*(database.write(note, f"{number:02}") for number in range(40)))
    await database.close()
    again = await open_database(database_url, time, keys=KEYS)
    try:
        assert await again.read(noted) == [f"{number:02}" for number in range(40)]
    finally:
        await again.close()


async def test_a_failing_unit_undoes_only_itself(database: Database) -> None:
    await database.write(note, "there already")
    outcomes = await asyncio.gather(
        database.write(note, "a"),
        database.write(note_and_fail, "b"),
        database.write(note, "c"),
        database.write(note, "there already"),
        database.write(note, "d"),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [str, LookupError, str, IntegrityError, str]
    assert await database.read(noted) == ["a", "c", "d", "there already"]


async def test_a_savepoint_undoes_what_is_inside_and_the_unit_goes_on(database: Database) -> None:
    def unit(tx: Tx) -> None:
        note(tx, "before")
        with pytest.raises(LookupError), tx.savepoint():
            note_and_fail(tx, "inside")
        with tx.savepoint():
            note(tx, "kept")
        note(tx, "after")

    await database.write(unit)
    assert await database.read(noted) == ["after", "before", "kept"]


async def test_what_one_unit_undoes_leaves_those_committed_with_it_as_they_are(database: Database) -> None:
    def unit(tx: Tx) -> str:
        note(tx, "mine")
        with pytest.raises(LookupError), tx.savepoint():
            note_and_fail(tx, "undone")
        with pytest.raises(LookupError), tx.savepoint():
            raise LookupError  # nothing was changed: nothing is to be undone
        return note(tx, "mine, too")

    results = await asyncio.gather(database.write(note, "a"), database.write(unit), database.write(note, "b"))
    assert list(results) == ["a", "mine, too", "b"]
    assert await database.read(noted) == ["a", "b", "mine", "mine, too"]


async def test_savepoints_lie_in_one_another(database: Database) -> None:
    def unit(tx: Tx) -> None:
        with tx.savepoint():
            note(tx, "outer")
            with pytest.raises(LookupError), tx.savepoint():
                note_and_fail(tx, "inner")
            note(tx, "outer again")
        with pytest.raises(LookupError), tx.savepoint():
            outer(tx)

    def outer(tx: Tx) -> None:
        with tx.savepoint():
            note(tx, "lost with the outer one")
        raise LookupError

    await database.write(unit)
    assert await database.read(noted) == ["outer", "outer again"]


async def test_a_broken_rule_inside_a_savepoint_spoils_nothing_else(database: Database) -> None:
    def unit(tx: Tx) -> list[str]:
        note(tx, "a")
        with pytest.raises(IntegrityError), tx.savepoint():
            note(tx, "a")
        note(tx, "b")
        return noted(tx)

    assert await database.write(unit) == ["a", "b"]


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        await database.read(note, "a")
    assert await database.read(noted) == []
    assert await database.write(note, "b") == "b"


async def test_no_update_is_lost_between_many_writers(database: Database) -> None:
    await database.write(note, "counter")

    def count(tx: Tx) -> None:
        tx.execute(update(ticks).values(done_at=ticks.c.done_at + 1))

    await asyncio.gather(*(database.write(count) for _ in range(60)))
    assert await database.read(lambda tx: tx.execute(select(ticks.c.done_at)).scalar_one()) == 60


async def test_a_caller_that_gives_up_harms_nobody_else(database: Database) -> None:
    async def write(what: str) -> str:
        return await database.write(note, what)

    tasks = [asyncio.create_task(write(f"{number}")) for number in range(8)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(outcomes.pop(3), asyncio.CancelledError)
    assert outcomes == ["0", "1", "2", "4", "5", "6", "7"]
    assert set(await database.read(noted)) >= {"0", "1", "2", "4", "5", "6", "7"}
    assert await database.write(note, "later") == "later"


# SQLite has one connection that writes, and everybody gets their turn.
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_who_waits_too_long_for_a_connection_is_told_so_and_nothing_is_lost(
    database: Database, database_url: str, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "CONNECTIONS", 3)
    monkeypatch.setattr(postgres, "PATIENCE", 0.05)
    await database.close()
    database = await open_database(database_url, time, keys=KEYS)

    def slow(tx: Tx, what: str) -> None:
        note(tx, what)
        tx.execute(text("SELECT pg_sleep(0.2)"))

    try:
        writes = (database.write(slow, f"{number}") for number in range(8))
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
        kept = [f"{number}" for number, outcome in enumerate(outcomes) if outcome is None]
        assert 3 <= len(kept) < 8
        assert all(isinstance(outcome, Busy) for outcome in outcomes if outcome is not None)
        assert await database.read(noted) == kept
        assert await database.write(note, "later") == "later"
    finally:
        await database.close()


async def test_a_step_of_somebody_who_gave_up_was_run_again(postgres_tables: str, time: Time) -> None:
    database = await open_database(postgres_tables, time, keys=KEYS)
    begun = asyncio.Event()
    runs = 0

    def slow(tx: Tx) -> None:
        nonlocal runs
        with tx.savepoint():
            runs += 1
            begun.set()
            tx.execute(text("SELECT pg_sleep(0.3)"))

    try:
        writing = asyncio.create_task(database.write(slow))
        await begun.wait()
        await asyncio.sleep(0.05)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert runs == 1
    finally:
        await database.close()


async def test_what_comes_after_the_end_is_refused_at_once(database: Database) -> None:
    await database.close()
    await database.close()
    with pytest.raises(Exception, match=r"closed|dispose"):
        await asyncio.wait_for(database.write(note, "late"), 2)


@pytest.mark.parametrize("fails", [False, True])
async def test_hot_statements_and_core_see_the_same(database: Database, fails: bool) -> None:
    from db.history import known_exchange, record_exchange
    from db.residents import tick, ticked
    from db.talks import find_talk, open_talk

    def unit(tx: Tx) -> int:
        talk, _ = open_talk(tx, "web", "somebody", "zh", "2026-11-23")
        tick(tx, "core", "now")
        record_exchange(tx, talk.id, "m1", "said", "[]")
        assert known_exchange(tx, talk.id, "m1") is not None
        assert ticked(tx, "core", "now")
        if fails:
            raise LookupError
        return talk.id

    outcome = await asyncio.gather(database.write(unit), return_exceptions=True)
    stays: Callable[[Tx], Any] = lambda tx: tx.execute(select(func.count()).select_from(ticks)).scalar_one()  # noqa: E731
    assert isinstance(outcome[0], LookupError) == fails
    assert await database.read(stays) == (0 if fails else 1)
    assert (await database.read(find_talk, "web", "somebody") is None) == fails
