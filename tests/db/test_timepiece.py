"""Processes of one city whose machines' clocks differ, or jump."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from db import timepiece
from db.database import open_database
from db.tx import Tx

WRONG = timedelta(minutes=7)


class Ahead(datetime):
    """The clock of a machine that nobody keeps right."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime.now(UTC) + WRONG


def both(tx: Tx) -> tuple[datetime, datetime]:
    """The unit's time and the database's."""
    return tx.now, tx.connection.execute(text("SELECT clock_timestamp()")).scalar_one()


async def test_on_postgresql_all_processes_go_by_the_databases_clock(
    postgres_tables: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was a minute ahead took letters that another was just sending: its leases seemed to be over."""
    monkeypatch.setattr("db.database.datetime", Ahead)
    database = await open_database(postgres_tables)
    try:
        for _ in range(2):
            for ask in (database.write, database.read, database.turn):
                ours, theirs = await ask(both)
                assert ours.utcoffset() == timedelta(0)
                assert abs(ours - theirs) < WRONG / 7
    finally:
        await database.close()


async def test_it_is_looked_at_again_and_meanwhile_goes_on_by_itself(
    postgres_tables: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 1000.0
    monkeypatch.setattr(timepiece, "monotonic", lambda: passed)
    database = await open_database(postgres_tables)
    try:
        first, _ = await database.read(both)
        passed += timepiece.AGAIN / 2
        later, _ = await database.read(both)
        assert (later - first).total_seconds() == pytest.approx(timepiece.AGAIN / 2)
        passed += timepiece.AGAIN
        right, theirs = await database.read(both)
        assert abs(right - theirs) < WRONG / 7
    finally:
        await database.close()
