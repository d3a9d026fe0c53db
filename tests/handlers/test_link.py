"""One person on two channels."""

import re

from sqlalchemy import select

from db import letters, mutes
from db.reports import find_report
from db.tables import talks
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


async def test_who_parted_from_a_channel_keeps_all_and_is_somebody_new_there(person: Person) -> None:
    number = await send(person)
    await person.say("关联")
    shown = code(await person.tap("给我一个码"))
    there = await other(person)
    await there.say(f"/link {shown}")
    assert number in await there.say("我的上报")

    await person.say("解除关联")
    await person.tap("断开一个")
    assert [label for label in person.labels if "终端" in label] and len(person.labels) == 2
    assert "断开了" in await person.tap(person.labels[0])
    rows = await everything(person.database)
    assert [row["user"] for row in rows["talks"]] == [person.user]
    assert {row["talk_id"] for row in rows["exchanges"]} == {rows["talks"][0]["id"]}
    assert "unlinked" in {row["deed"] for row in rows["journal"]}

    assert number in await person.say("我的上报")
    await there.say("你好")
    assert number not in await there.say("我的上报")
    await person.say("关联")
    assert "断开一个" not in person.labels


async def test_news_that_waits_where_one_parts_from_comes_where_one_stays(person: Person) -> None:
    there = Person(person.dispatch, person.database, user="on-telegram", channel="telegram")
    number = await send(there)
    await there.say("关联")
    await person.say(f"/link {code(await there.tap('给我一个码'))}")
    await there.say("菜单")  # last heard there

    def news(tx: Tx) -> None:
        [talk] = [row for row in tx.execute(select(talks)).mappings() if row["channel"] == "telegram"]
        letters.add_letter(tx, talk["id"], "telegram", "{}", urgency=letters.NEWS)
        letters.add_letter(tx, talk["id"], "telegram", "{}", urgency=letters.REPLY)

    await person.database.write(news)
    await person.say("关联")
    await person.tap("断开一个")
    await person.tap(person.labels[0])
    rows = await everything(person.database)
    [letter] = [row for row in rows["letters"] if row["urgency"] == letters.NEWS and row["say"] == "{}"]
    assert (letter["talk_id"], letter["channel"]) == (rows["talks"][0]["id"], person.channel)
    assert len(rows["talks"]) == 1
    assert number in await person.say("我的上报")
