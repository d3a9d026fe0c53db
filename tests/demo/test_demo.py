"""A made-up history is lived through the doors of real people, says what it is, and goes without a trace."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actions import editions
from actions.rolling import Roller
from actions.statistics import behind, statistics
from actions.tidying import delete_files
from bot.dispatch import Dispatch
from bot.house import House
from bot.media import Media
from bot.photos import Darkroom
from civic.errors import Refused
from civic.periods import parse_period
from civic.staff import Staff
from db import demo
from db.database import Database, open_database
from demo.album import Album
from demo.city import MadeUpCity, Plan
from demo.days import Hands
from demo.script import read_script
from tests.conftest import _empty
from tests.play import KEYS, ROOT, Person, everything

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DAYS = 5
PLAN = Plan(seed=7, people=36, first=(NOW - timedelta(days=DAYS)).date(), now=NOW)
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def hands() -> Hands:
    return Hands(NOW)


@pytest.fixture
async def empty(database_url: str, hands: Hands) -> AsyncIterator[Database]:
    opened = await open_database(database_url, hands, keys=KEYS)
    if database_url.startswith("postgres"):
        await opened.write(_empty)
    yield opened
    await opened.close()


@pytest.fixture
async def fill(empty: Database, house: House, hands: Hands, tmp_path: Path) -> AsyncIterator[Any]:
    darkroom = Darkroom()
    media = Media.open("", tmp_path / "media")
    script = read_script(ROOT / "content")
    city = MadeUpCity(empty, house, media, Album(media, darkroom, tmp_path / "incoming"), script)

    async def live(plan: Plan = PLAN) -> list[int]:
        told: list[int] = []
        await city.fill(plan, hands, told.append)
        return told

    yield live
    darkroom.close()


async def test_a_made_up_city_lives_as_a_real_one_and_goes_without_a_trace(
    empty: Database, house: House, hands: Hands, fill: Any, tmp_path: Path
) -> None:
    before = await everything(empty)
    assert await fill() == list(range(1, DAYS + 2))
    rows = await everything(empty)
    _is_believable(rows)
    assert await empty.read(behind) == 0
    figures = {one.key: one for one in await empty.read(statistics, house.library, parse_period("last-30", NOW.date()))}
    assert figures["participants"].value == len(rows["residents"])
    assert figures["reports_received"].value == len(rows["reports"]) > 5
    found = await empty.read(demo.find)
    assert found is not None and (found.seed, found.people) == (7, 36)
    assert await empty.read(demo.real) == (0, 0)
    with pytest.raises(Refused, match=r"demo\.there"):
        await fill()

    hands.now += timedelta(hours=1)
    visitor = Person(Dispatch(empty, house), empty, "somebody-real")
    await visitor.say("/start")
    await visitor.say("/quiz one")
    assert await empty.read(demo.real) == (1, 0)
    yesterday = parse_period("2026-11-22", NOW.date())
    signed = await empty.read(editions.prepare, house.library, yesterday)
    await empty.write(editions.publish, house.library, Staff("Wang", "office"), yesterday, signed)
    await empty.write(demo.remove)
    await delete_files(empty, Media.open("", tmp_path / "media"))
    await Roller(empty, house.zone).rebuild()
    left = {name: held for name, held in (await everything(empty)).items() if held and name not in {"rollups", "marks"}}
    assert {name: len(held) for name, held in left.items()} == {
        **{name: len(held) for name, held in before.items() if held},
        "residents": 1,
        "talks": 1,
        "exchanges": 2,
        "journal": 1,
        "audit": 1,  # that the edition was signed
    }
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


def _is_believable(rows: Rows) -> None:
    """Everything happened within the days, in the order of time, on all channels, and nothing is about to leave."""
    start = (NOW - timedelta(days=DAYS + 1)).timestamp() * 1000
    for table, column in (("journal", "at"), ("report_moves", "at"), ("exchanges", "at"), ("letters", "created_at")):
        moments = [row[column] for row in rows[table]]
        assert moments and start < min(moments) and max(moments) <= NOW.timestamp() * 1000 + 3600_000, table
    assert {row["channel"] for row in rows["talks"]} == {"web", "wechat", "telegram"}
    assert all(row["reachable"] == (row["channel"] == "web") for row in rows["talks"])
    outside = [row for row in rows["letters"] if row["channel"] != "web" and row["state"] == "waiting"]
    assert outside == []
    deeds = {row["deed"] for row in rows["journal"]}
    assert {"visit", "tip_delivered", "tip_read", "quiz_answer", "report_sent", "report_accepted"} <= deeds
    moves = {row["move"] for row in rows["report_moves"]}
    assert {"receive", "accept", "assign", "start", "resolve"} <= moves
    kinds = {row["kind"] for row in rows["report_photos"]}
    assert kinds == {"before", "after"}
    assert {(row["veiled"], row["veil_at"]) for row in rows["photos"]} == {("all", None)}  # there is nobody on them
    assert all(row["login"].startswith("demo-") and row["password"] is None for row in rows["staff"])
    answered = [row["right"] for row in rows["answers"]]
    assert 0.4 < sum(answered) / len(answered) < 0.95


async def test_it_stays_away_from_real_data(empty: Database, house: House, hands: Hands, fill: Any) -> None:
    await Person(Dispatch(empty, house), empty, "somebody-real").say("/start")
    before = await everything(empty)
    with pytest.raises(Refused, match=r"demo\.real_data") as refused:
        await fill()
    assert refused.value.params == {"residents": 1, "reports": 0}
    assert await everything(empty) == before
