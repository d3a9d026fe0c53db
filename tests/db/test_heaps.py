"""Heaps on the map: from near by exact position, from afar by squares of 100 metres, and nothing is lost between."""

import random
from typing import Any

from civic.discretion import about, middle, square
from db.database import Database
from db.heaps import Window, heaps
from db.queue import Sight, Wanted
from db.tables import reports
from db.tx import Tx
from tests.play import rows_of

CITY = Window(30.1, 119.9, 30.5, 120.4)
ROW: dict[str, Any] = {"channel": "web", "place": "", "place_origin": "typed", "note": "", "answers": "{}"}
ROW |= {"anonymous": 0, "priority": "normal", "created_day": "2026-11-23", "due_day": "2026-11-25", "created_at": 0}


def fill(tx: Tx) -> None:
    """Reports all over the city; every third is closed, every fifth late."""
    dice = random.Random(5)
    for number in range(1, 301):
        lat, lon = 30.3 + dice.gauss(0, 0.03), 120.15 + dice.gauss(0, 0.03)
        row = ROW | {"id": number, "number": f"26-{number}", "lat": lat, "lon": lon, "square": square(lat, lon)}
        row |= {"area": dice.choice(["hefeng", "matou"]), "category": dice.choice(["litter", "noise"])}
        row |= {
            "department": dice.choice(["urban", "street"]),
            "due_at": tx.ms + (-1 if number % 5 == 0 else 1) * 10**6,
        }
        row |= {"status": "assigned"} if number % 3 else {"status": "closed", "closed_at": 0}
        tx.execute(reports.insert().values(row))


async def test_every_report_is_in_one_heap_from_near_and_from_afar_and_so_are_the_late_ones(database: Database) -> None:
    await database.write(fill)
    rows = await rows_of(database, "reports")
    seen = {
        "all": (Sight(), Wanted(), rows),
        "open": (Sight(), Wanted(statuses=("assigned",)), [row for row in rows if row["closed_at"] is None]),
        "of an area": (Sight(areas=frozenset({"matou"})), Wanted(), [row for row in rows if row["area"] == "matou"]),
        "noise": (Sight(), Wanted(category="noise"), [row for row in rows if row["category"] == "noise"]),
    }
    now = await database.read(lambda tx: tx.ms)
    for name, (sight, wanted, expected) in seen.items():
        late = [row for row in expected if row["closed_at"] is None and row["due_at"] < now]
        for cells in (28, 140, 1000, 5000):
            found = await database.read(heaps, sight, wanted, CITY, cells)
            assert sum(heap.count for heap in found) == len(expected), (name, cells)
            assert sum(heap.late for heap in found) == len(late), (name, cells)
            assert [heap.count for heap in found] == sorted((heap.count for heap in found), reverse=True)
            by_number = {row["number"]: row for row in expected}
            for heap in found:
                assert (heap.number is None) == (heap.count > 1)
                if heap.number:
                    alone = by_number[heap.number]
                    assert abs(alone["lat"] - heap.lat) < 0.0006 and abs(alone["lon"] - heap.lon) < 0.0006


async def test_a_window_shows_what_is_in_it(database: Database) -> None:
    await database.write(fill)
    rows = await rows_of(database, "reports")
    for window, cells in ((Window(30.28, 120.12, 30.32, 120.18), 5000.0), (Window(30.25, 120.1, 30.35, 120.2), 140.0)):
        rise = [row for row in rows if window.south <= row["lat"] <= window.north]
        inside = [row for row in rise if window.west <= row["lon"] <= window.east]
        found = await database.read(heaps, Sight(), Wanted(), window, cells)
        counted = sum(heap.count for heap in found)
        assert counted == len(inside) if cells == 5000 else len(inside) <= counted + 3 <= len(inside) * 1.2


def test_a_square_is_the_rounded_position() -> None:
    for lat, lon in ((30.27, 120.15), (-33.8688, -70.6693), (0.0004, -0.0004), (89.9996, 179.9996), (-90, -180)):
        north, east = middle(square(lat, lon))
        assert (round(north, 3), round(east, 3)) == about(lat, lon)
