"""Published figures stay as they were signed; what was wrong is corrected by another edition."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from actions import editions
from civic.errors import Refused
from civic.figures import Value
from civic.periods import Period, parse_period
from civic.staff import Staff
from content.library import Library
from db.audit import lines
from db.database import Database
from db.editions import Edition
from db.tables import editions as table
from db.tx import Tx
from tests.actions.test_statistics import HEFENG, TODAY, Town, figures, people_and_learning

WEEK = parse_period("2026-W47", TODAY)
OFFICE = Staff("Wang Min", "office", origin="192.0.2.1")


async def prepared(database: Database, library: Library, period: Period = WEEK) -> list[Value]:
    return await database.read(editions.prepare, library, period)


async def publish(database: Database, library: Library, by: Staff = OFFICE, **words: Any) -> Edition:
    values = await prepared(database, library)

    def unit(tx: Tx) -> Edition:
        return editions.publish(tx, library, by, WEEK, values, **words)

    return await database.write(unit)


def one_more(tx: Tx) -> None:
    Town(tx).deed("2026-11-20", 1, "quiz_answer", HEFENG, topic="dogs", right=1)


async def test_an_edition_stays_as_it_was_signed(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    made = await publish(database, library, text="  A good week. ")
    signed = await prepared(database, library)
    await database.write(one_more)
    found = await database.read(editions.find, made.id, TODAY)
    assert list(found.values) == [replace(value, by=value.by or None) for value in signed]
    assert (await figures(database, library, WEEK))["quiz_answers"].value == 6  # now
    assert next(value.value for value in found.values if value.key == "quiz_answers") == 5
    assert (found.edition.name, found.edition.text, found.edition.number) == ("Wang Min", "A good week.", 1)
    assert (found.period.key, found.period.start, found.period.end) == ("2026-W47", WEEK.start, WEEK.end)
    assert "÷" in found.words["zh"]["accuracy"]["formula"]
    [line] = await database.read(lines)
    assert (line.name, line.act, line.subject, line.detail) == (
        "Wang Min",
        "stats.published",
        "edition 1",
        "2026-W47 #1",
    )


async def test_a_correction_is_another_edition_with_a_note(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    first = await publish(database, library)
    with pytest.raises(Refused, match=r"edition\.same"):
        await publish(database, library, note="nothing changed")
    await database.write(one_more)
    with pytest.raises(Refused, match=r"edition\.needs_note"):
        await publish(database, library)
    second = await publish(database, library, note="A late answer")
    assert (second.number, second.note) == (2, "A late answer")
    assert [one.id for one in (await database.read(editions.find, first.id, TODAY)).later] == [second.id]


@pytest.mark.parametrize(
    ("words", "by", "why"),
    [
        ({}, Staff("Li", "lead", 3), "staff.may_not"),
        ({}, Staff("Li", "viewer", 3), "staff.may_not"),
        ({"text": "x" * 4001}, OFFICE, "edition.too_long"),
        ({"note": "x" * 4001}, OFFICE, "edition.too_long"),
    ],
)
async def test_what_is_refused_leaves_nothing(
    database: Database, library: Library, words: dict[str, str], by: Staff, why: str
) -> None:
    with pytest.raises(Refused) as refused:
        await publish(database, library, by, **words)
    assert refused.value.key == why

    def left(tx: Tx) -> Any:
        return tx.execute(select(func.count()).select_from(table)).scalar()

    assert await database.read(left) == 0


@pytest.mark.parametrize("text", ["today", "2026-11", "2026-W48", "2027-01", "2026-11-01..2026-11-23"])
async def test_only_a_period_that_is_over_is_published(database: Database, library: Library, text: str) -> None:
    with pytest.raises(Refused, match=r"edition\.not_over"):
        await prepared(database, library, parse_period(text, TODAY))


async def test_an_edition_that_is_none_is_refused(database: Database, library: Library) -> None:
    with pytest.raises(Refused, match=r"edition\.unknown"):
        await database.read(editions.find, 5, TODAY)
