"""Somebody asks for every period, place and district that the public is offered, and subtracts one from another."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from actions.hiding import Hiding
from actions.rolling import Roller
from actions.statistics import drawn, published
from bot.house import House
from civic.catalogue import PUBLIC
from civic.figures import SMALL, Value
from civic.periods import Period
from content.library import Library
from db.database import Database
from db.tables import hidden_cells, journal, marks, rollup_spans, rollups, talks
from db.tables import residents as people
from db.tx import Tx
from tests.actions.test_statistics import Town

AREAS = ("hefeng", "guihuali", "songtao", "chayuan")
DISTRICTS = {"tinghe": AREAS[:2], "wangshan": AREAS[2:]}
FIRST, DAYS = date(2026, 11, 2), 21  # three weeks, Monday to Sunday
TODAY = date(2026, 12, 1)
FIGURE = drawn([figure for figure in PUBLIC if figure.key == "quiz_answers"], {"quiz_answers": ("area",)})
Count = Callable[[Tx, Period, str | None], Value]
moments = st.integers(0, DAYS - 1)
seeds = st.tuples(st.integers(0, 2**32), st.sampled_from((0.05, 0.15, 0.3)))  # how likely somebody answers on a day
spans = st.lists(st.tuples(moments, moments).map(lambda two: (min(two), max(two))), min_size=3, max_size=8)


@pytest.fixture
def count(library: Library) -> Count:
    """The one figure as the public sees it."""
    return lambda tx, period, area: published(tx, library, period, area=area, chosen=FIGURE)[0]


def happen(tx: Tx, given: list[tuple[int, int]]) -> None:
    """Resident n lives in area n modulo 4; each answers on a day."""
    for table in (hidden_cells, rollups, rollup_spans, marks, journal, talks, people):
        tx.execute(table.delete())
    town = Town(tx)
    for who in range(32):
        town.resident(who + 1, AREAS[who % 4])
    for day, who in given:
        town.deed(f"{FIRST + timedelta(days=day)}", who + 1, "quiz_answer", AREAS[who % 4], topic="waste", right=1)


def offered(more: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Every day, every run of weeks, the month, and some spans of days."""
    yield from ((day, day) for day in range(DAYS))
    yield from ((7 * first, 7 * last + 6) for first in range(3) for last in range(first, 3))
    yield from more


def row(first: int, last: int, areas: tuple[str, ...]) -> np.ndarray:
    """What a number is the sum of: each day in each area is one unknown."""
    found = np.zeros((DAYS, len(AREAS)))
    found[first : last + 1, [AREAS.index(area) for area in areas]] = 1
    return found.ravel()


def told(tx: Tx, count: Count, asked: list[tuple[int, int]]) -> list[np.ndarray]:
    """All that is shown, as sums of unknowns."""
    rows = []
    for first, last in asked:
        period = Period("", FIRST + timedelta(days=first), FIRST + timedelta(days=last), TODAY)
        whole = count(tx, period, None)
        rows.append(row(first, last, AREAS))
        shown = {cell.key: cell for cell in (whole.by or {}).get("area", ())}
        known = AREAS if "area" in (whole.by or {}) else ()
        # Of a place that is not in the table one is told that there is nothing.
        rows += [row(first, last, (area,)) for area in known if area not in shown or not shown[area].hidden]
        for place, areas in {**{area: (area,) for area in AREAS}, **DISTRICTS}.items():
            if not count(tx, period, place).hidden:
                rows.append(row(first, last, areas))
    return rows


@settings(max_examples=8, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(seed=seeds, more=spans)
async def test_nothing_is_found_by_subtracting_that_is_too_small_to_be_shown(
    database: Database, house: House, count: Count, seed: tuple[int, float], more: list[tuple[int, int]]
) -> None:
    dice = Random(seed[0])
    given = [(day, who) for day in range(DAYS) for who in range(32) if dice.random() < seed[1]]
    await database.write(happen, given)
    await Roller(database, ZoneInfo("Asia/Shanghai")).run()  # as the clock does, and asking is quick from then on
    await Hiding(database, house).run()
    rows = await database.read(told, count, list(offered(more)))
    _, sizes, basis = np.linalg.svd(np.array(rows), full_matrices=False)
    basis = basis[sizes > 1e-9]
    for first in range(DAYS):
        for last in range(first, DAYS):
            for area in AREAS:
                wanted = row(first, last, (area,))
                found = np.allclose(basis.T @ (basis @ wanted), wanted, atol=1e-7)  # a sum of what was told
                crowd = {who for day, who in given if first <= day <= last and AREAS[who % 4] == area}
                assert not found or not 0 < len(crowd) < SMALL, (first, last, area)
