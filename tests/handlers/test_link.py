"""One person on two channels."""

import re

from db import mutes
from db.reports import find_report
from db.tx import Tx
from tests.handlers.test_my_reports import send
from tests.play import Person, Time, everything


async def other(person: Person) -> Person:
    """The same person in the terminal, whom nobody knows there yet."""
    return Person(person.dispatch, person.database, user="the-other-side", channel="terminal")


def code(words: str) -> str:
    """The code that was shown."""
    found = re.search(r"/link (\w{4} \w{4})", words)
    assert found, words
    return found[1]


async def test_reports_and_points_are_one_after_linking(person: Person) -> None:
    await person.say("/tip")
    await person.say("关联")
    shown = code(await person.tap("给我一个码"))
    there = await other(person)
    await there.say("/tip")
    await there.say("/tip another")
    assert "关联好了" in await there.say(f"/link {shown}")
    assert "3 分" in await there.say("积分") or "2 分" in there.words
    assert await person.say("积分") == there.words.split("\n1. ")[0]


async def test_a_code_works_once_and_not_for_long(person: Person, time: Time) -> None:
    await person.say("关联")
    shown = code(await person.tap("给我一个码"))
    there = await other(person)
    time.passes(minutes=16)
    assert "过时" in await there.say(f"/link {shown}")
    await person.say("关联")
    shown = code(await person.tap("给我一个码"))
    await there.say(f"/link {shown}")
    third = Person(person.dispatch, person.database, user="a-stranger")
    assert "过时" in await third.say(f"/link {shown}")


async def test_who_was_muted_reported_again_by_linking_with_somebody_new(person: Person, time: Time) -> None:
    number = await send(person)

    def mute(tx: Tx) -> None:
        report = find_report(tx, number)
        assert report is not None
        mutes.put(tx, report, tx.ms + 7 * 24 * 3_600_000, "同一件报了三十次", None, "Li")

    await person.database.write(mute)
    third = Person(person.dispatch, person.database, user="third", channel="telegram")
    for new in (await other(person), third):
        await new.say("你好")
        await new.say("关联")
        await person.say(f"/link {code(await new.tap('给我一个码'))}")
        rows = await everything(person.database)
        [kept] = rows["mutes"]
        known = {row["user"]: row["resident_id"] for row in rows["talks"]}
        assert known[person.user] == known[new.user] == kept["resident_id"]


async def test_one_cannot_link_with_oneself(person: Person) -> None:
    await person.say("关联")
    shown = code(await person.tap("给我一个码"))
    assert "不对" in await person.say(f"/link {shown}")
