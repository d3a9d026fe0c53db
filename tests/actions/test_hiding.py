"""Which cells are hidden is remembered by week: what the public sees is what it would be if all were counted anew."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from actions.hiding import Hiding
from actions.rolling import Roller
from actions.statistics import grounds, published
from bot.house import House
from civic.catalogue import PUBLIC
from civic.figures import Value
from civic.periods import parse_period
from content.library import Library
from content.statistics import Statistics
from db import hidden_cells
from db.database import Database
from db.residents import erase
from db.retention import clear
from db.tables import hidden_cells as table
from db.tables import reports
from db.tx import Tx
from tests.actions.test_statistics import Town

AREAS = ("hefeng", "guihuali", "songtao", "chayuan")
TODAY = date(2026, 11, 23)
FIRST = date(2026, 10, 5)  # a Monday: seven weeks, of which six are remembered
KEYS = ("quiz_answers", "points", "newcomers", "reports_received", "on_time_rate", "overall_score")
CHOSEN = [figure for figure in PUBLIC if figure.key in KEYS]


def happen(tx: Tx) -> None:
    """Some do much, some little; some weeks are quiet in some places."""
    dice, town = Random(7), Town(tx)
    for who in range(1001, 1041):
        town.resident(who, AREAS[who % 4], dice.choice(("web", "wechat")), f"{FIRST + timedelta(days=who % 40)}")
    for day in range(49):
        for who in range(1001, 1041):
            if dice.random() < (0.3 if who % 4 < 2 else 0.05):
                topic = dice.choice(("waste", "dogs"))
                line = (f"{FIRST + timedelta(days=day)}", who, "quiz_answer", AREAS[who % 4])
                town.deed(*line, topic=topic, right=dice.choice((0, 1)), points=1)
    for number in range(1, 60):
        created = datetime(2026, 10, 5, 3, tzinfo=UTC) + timedelta(days=dice.randrange(40))
        due, category = created + timedelta(days=3), dice.choice(("litter", "parking"))
        place = {"category": category, "area": dice.choice(AREAS)}
        town.report(number, dice.randrange(1001, 1041), "resolved", created=created, due=due, resolved=due, **place)
        town.move(number, "resolve", due, "resolved")


def answers(tx: Tx, library: Library, anew: bool) -> list[list[Value]]:
    """What the public is shown of some weeks of the city and of a place; ``anew``: nothing is remembered."""
    asked: list[tuple[str, dict[str, str]]] = [
        ("weeks-7", {}),
        ("2026-10-12..2026-11-08", {"area": "chayuan"}),
    ]
    undo = tx.connection.begin_nested()
    if anew:
        tx.execute(table.delete())
    found = [published(tx, library, parse_period(text, TODAY), **place, chosen=CHOSEN) for text, place in asked]
    undo.rollback()
    return found


async def test_what_is_remembered_equals_counting_anew_whatever_happens_later(
    database: Database, house: House, library: Library
) -> None:
    roller, hiding = Roller(database, ZoneInfo("Asia/Shanghai")), Hiding(database, house)

    async def same(kept: int) -> list[list[Value]]:
        """So many pieces' records are there, and the answers don't depend on them."""
        assert len(await database.read(lambda tx: tx.execute(table.select()).all())) == kept
        found = await database.write(answers, library, False)
        assert found == await database.write(answers, library, True)
        return found

    async def told(unit: Callable[[Tx], object], forgotten: int) -> None:
        """It is the same before the change is added up, after it, and when all is remembered again."""
        await database.write(unit)
        await same(12)
        await roller.run()
        await database.write(hidden_cells.refresh, grounds(library))
        await same(12 - forgotten)
        await hiding.run()
        await same(12)

    await database.write(happen)
    await roller.run()
    await same(0)
    await hiding.run()
    await told(many_late_lines, 12)
    await told(resolved_again, 2)
    await told(lambda tx: erase(tx, 1003, 3, "zh", f"{TODAY}"), 12)
    await database.write(cleared)
    await same(6)  # no report of these weeks has people any more
    await hiding.run()
    await same(12)
    await roller.rebuild()
    await same(12)
    await hiding.run()
    house.library = replace(library, city=library.city.model_copy(update={"statistics": Statistics(fairly=0.5)}))
    await hiding.run()
    rows = await database.read(lambda tx: tx.execute(table.select()).all())
    assert {row.stamp.split()[0] for row in rows} == {grounds(house.library)} != {grounds(library)}


def cleared(tx: Tx) -> None:
    """Their time is over."""
    for number, name in tx.execute(select(reports.c.id, reports.c.number)).all():
        clear(tx, number, name)


def many_late_lines(tx: Tx) -> None:
    """Written six weeks too late."""
    for who in range(1003, 1030, 4):
        day = f"{FIRST + timedelta(days=9)}"
        Town(tx).deed(day, who, "quiz_answer", "chayuan", topic="waste", right=1)


def resolved_again(tx: Tx) -> None:
    """An old report: its category and place are others now, and it is closed."""
    old = reports.c.created_day == tx.execute(select(func.min(reports.c.created_day))).scalar()
    tx.execute(update(reports).where(old).values(category="potholes", area="chayuan", status="closed"))
    for number in tx.execute(select(reports.c.id).where(old)).scalars().all():
        Town(tx).move(number, "close", datetime(2026, 10, 14, 3, tzinfo=UTC), "closed")
