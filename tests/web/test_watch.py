"""What every process looks up again while it runs."""

from datetime import date

from bot.house import House
from db import demo
from db.database import Database
from web.watch import DemoMark

DAY = date(2026, 11, 23)


async def test_processes_that_were_running_never_heard_that_a_demo_was_made_or_removed(
    house: House, database: Database
) -> None:
    mark = DemoMark(house, database)
    await mark.look()
    assert not house.made_up
    await database.write(demo.begin, 1, 10, DAY, DAY)
    await mark.look()
    assert house.made_up
    await database.write(demo.remove)
    await mark.look()
    assert not house.made_up
    await database.write(demo.begin, 1, 10, DAY, DAY)
    await mark.look()
    await database.write(lambda tx: demo.demo.drop(tx.connection))
    await mark.look()  # it can't be looked up
    assert house.made_up
    await database.write(lambda tx: demo.demo.create(tx.connection))
