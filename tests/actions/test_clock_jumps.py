"""A machine's clock that is set wrong for a while: nothing is doubled, answers stay, life goes on."""

from pathlib import Path

import pytest

from actions.clock import Clock
from bot.house import House
from bot.media import Media
from db import history, upkeep
from db.database import Database
from tests.play import Person, Time, everything, rows_of


@pytest.mark.parametrize("days", [-100, -1, 1, 100])
async def test_a_jump_and_back_doubles_nothing_and_holds_nothing_up(
    person: Person, database: Database, house: House, time: Time, tmp_path: Path, days: int
) -> None:
    clock = Clock(database, house, Media.open("", tmp_path / "media"))
    await person.say("/daily")
    await person.say("12:00")
    await clock.tick()
    answer = await person.send(id="before", text="菜单")
    time.passes(days=days)
    during = await person.send(id="during", text="贴士")
    await clock.tick()
    assert await person.send(id="before", text="菜单") == answer
    time.passes(days=-days, hours=1)
    await clock.tick()
    assert await person.send(id="before", text="菜单") == answer
    assert await person.send(id="during", text="贴士") == during
    assert "没" not in await person.say("答题")
    await clock.tick()

    rows = await everything(database)
    keys = [row["key"] for row in rows["exchanges"]]
    assert len(keys) == len(set(keys))
    marks = [row["once"] for row in rows["letters"] if row["once"]]
    assert len(marks) == len(set(marks))
    today = [mark for mark in marks if mark.startswith("tip:2026-11-23")]
    assert len(today) <= 1
    # People are counted as a set: a day that comes twice counts them once, though it has two lines.
    assert {row["resident_id"] for row in rows["journal"] if row["deed"] == "visit"} == {1}


@pytest.mark.parametrize("days", [-400, 400])
async def test_what_a_wrong_clock_has_dated_is_forgotten_in_its_turn(person: Person, time: Time, days: int) -> None:
    """Forgotten before its time, it would cut off what was said before it from the history, and from erasing."""
    await person.say("菜单")
    time.passes(days=days)
    await person.say("贴士")
    time.passes(days=-days)
    await person.say("积分")
    while await person.database.write(upkeep.forget_exchanges):
        pass
    rows = await everything(person.database)
    said = await person.database.read(history.transcript, rows["talks"][0]["id"])
    assert len(said) == 3
    time.passes(days=upkeep.TRANSCRIPT_DAYS + 1)
    await person.say("菜单")
    while await person.database.write(upkeep.forget_exchanges):
        pass
    assert len(await rows_of(person.database, "exchanges")) == 1
