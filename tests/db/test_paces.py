"""How fast somebody may write, counted in the database."""

from db import paces
from db.database import Database
from tests.play import Time, rows_of


async def test_so_many_at_once_and_then_at_the_steady_rate(database: Database, time: Time) -> None:
    async def hit(who: str = "anna") -> int:
        return await database.write(paces.hit, who, 20, 10)

    assert [await hit() for _ in range(21)] == [0] * 20 + [500]
    assert await hit("bert") == 0
    time.passes(milliseconds=400)
    assert await hit() == 100  # what is refused costs nothing
    time.passes(milliseconds=100)
    assert [await hit(), await hit()] == [0, 500]
    time.passes(seconds=10)
    assert [await hit() for _ in range(21)] == [0] * 20 + [500]


async def test_whoever_pauses_is_forgotten(database: Database, time: Time) -> None:
    await database.write(paces.hit, "anna", 20, 10)
    time.passes(seconds=1)
    await database.write(paces.hit, "bert", 20, 10)
    await database.write(paces.forget)
    assert [row["key"] for row in await rows_of(database, "paces")] == ["bert"]
