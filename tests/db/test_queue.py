"""The queue of staff: filters, words, order, pages, and how far somebody sees."""

import itertools
from typing import Any

import pytest

from db import queue, report_words
from db.database import Database
from db.queue import Sight, Wanted
from db.reports import add_report
from db.tx import Tx
from tests.play import Time

EVERYTHING = Sight()
HOUR = 3_600_000
KEYS = itertools.count()


def sent(tx: Tx, place: str, note: str = "", due: int = 1, **values: Any) -> str:
    """A report that is due in so many hours; its number."""
    row: dict[str, Any] = {
        "key": str(next(KEYS)),
        "resident_id": None,
        "channel": "web",
        "source": None,
        "category": "litter",
        "area": "hefeng",
        "lat": None,
        "lon": None,
        "place": place,
        "place_origin": "typed",
        "note": note,
        "answers": {},
        "anonymous": 0,
        "status": "received",
        "department": "urban",
        "priority": "normal",
        "created_at": tx.ms,
        "created_day": "2026-11-23",
        "due_at": tx.ms + due * HOUR,
        "due_day": "2026-11-23",
    }
    return add_report(tx, row | values).number


@pytest.fixture
async def town(database: Database) -> Database:
    """Seven reports, the most urgent last."""

    def fill(tx: Tx) -> None:
        sent(tx, "文昌路 12 号门口", "垃圾堆了三天", due=7)
        sent(tx, "文昌路 80 号", "井盖坏了", due=6, category="road", priority="high")
        sent(tx, "荷花巷口", "100%_都是垃圾", due=5, department="street")
        sent(tx, "荷花巷底", "Ｗｅｔ Floor", due=4, area="songtao", status="assigned")
        sent(tx, "码头", "", due=3, status="closed", closed_at=1)
        sent(tx, "码头东", "", due=-2, status="in_progress")
        sent(tx, "码头西", "", due=-3, status="need_info", department="street")

    await database.write(fill)
    return database


async def places(database: Database, sight: Sight = EVERYTHING, **wanted: Any) -> list[str]:
    """Where the reports are that match, in order."""
    rows = await database.read(queue.page, sight, Wanted(**wanted), 50)
    assert await database.read(queue.count, sight, Wanted(**wanted)) == len(rows)
    return [row.place for row in rows]


async def test_filters_find_what_they_say(town: Database) -> None:
    assert await places(town, statuses=("received",)) == ["荷花巷口", "文昌路 80 号", "文昌路 12 号门口"]
    assert await places(town, statuses=("closed", "assigned")) == ["码头", "荷花巷底"]
    assert await places(town, departments=("street",)) == ["码头西", "荷花巷口"]
    assert await places(town, areas=("songtao",)) == ["荷花巷底"]
    assert await places(town, category="road", priority="high") == ["文昌路 80 号"]
    assert await places(town, late=True) == ["码头西", "码头东"]
    assert (await places(town, order="newest"))[:2] == ["码头西", "码头东"]
    assert (await places(town, order="oldest"))[:2] == ["文昌路 12 号门口", "文昌路 80 号"]


async def test_words_are_found_in_number_place_and_note(town: Database) -> None:
    assert await places(town, words=("垃圾",)) == ["荷花巷口", "文昌路 12 号门口"]
    assert await places(town, words=("垃圾", "文昌")) == ["文昌路 12 号门口"]
    assert await places(town, words=("261123-4",)) == ["荷花巷底"]
    assert await places(town, words=("wet floor",)) == ["荷花巷底"]
    assert await places(town, words=("100%_",)) == ["荷花巷口"]
    assert await places(town, words=("%",)) == ["荷花巷口"]
    assert await places(town, words=("'; DROP TABLE reports; --",)) == []


async def test_words_that_were_taken_back_are_not_found(town: Database) -> None:
    await town.write(report_words.put, 1, "261123-1", "文昌路 12 号门口")
    assert await places(town, words=("垃圾",)) == ["荷花巷口"]
    assert await places(town, words=("文昌路 12",)) == ["文昌路 12 号门口"]


async def test_nobody_sees_beyond_their_limits(town: Database) -> None:
    street = Sight(departments=frozenset({"street"}))
    assert await places(town, street) == ["码头西", "荷花巷口"]
    assert await places(town, street, departments=("urban",)) == []
    grid = Sight(areas=frozenset({"songtao"}))
    assert await places(town, grid) == ["荷花巷底"]
    numbers = ["261123-1", "261123-3", "261123-7", "nothing"]
    assert [row.place for row in await town.read(queue.numbered, street, numbers)] == ["荷花巷口", "码头西"]
    assert set(await town.read(queue.tally, street, 0, 0)) == {"received", "need_info"}


@pytest.mark.parametrize("order", queue.ORDERS)
async def test_pages_follow_one_another_without_gap_or_repetition(town: Database, order: str) -> None:
    await town.write(lambda tx: [sent(tx, f"同时 {count}", due=4) for count in range(5)])
    whole = [row.number for row in await town.read(queue.page, EVERYTHING, Wanted(order=order), 50)]
    found: list[str] = []
    after = None
    while rows := await town.read(queue.page, EVERYTHING, Wanted(order=order), 5, after):
        found += [row.number for row in rows]
        after = queue.key(rows[-1])
    assert found == whole and len(found) == 12


async def test_what_waits_is_counted(town: Database, time: Time) -> None:
    now = int(time.now.timestamp() * 1000)
    tally = await town.read(queue.tally, EVERYTHING, now, now + 5 * HOUR)
    assert tally == {"received": (3, 0, 0), "assigned": (1, 0, 1), "in_progress": (1, 1, 0), "need_info": (1, 1, 0)}
    assert await town.read(queue.burden, now) == {"urban": (4, 1), "street": (2, 1)}
    assert await town.read(queue.count, EVERYTHING, Wanted(), 3) == 4  # no further than asked for
