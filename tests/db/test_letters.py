"""The outbox: who may carry which letter when."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from db import letters, sending, wechat
from db.database import Database
from db.dead_letters import dead_letters
from db.letters import BROADCAST, NEWS, REPLY, Letter
from db.tables import letters as table
from db.talks import open_talk
from tests.play import Time


@pytest.fixture
async def talk(database: Database) -> int:
    """A talk that can be written to."""
    return await new_talk(database, "somebody")


async def new_talk(database: Database, user: str, channel: str = "telegram") -> int:
    return await database.write(lambda tx: open_talk(tx, channel, user, "zh", "2026-11-23")[0].id)


async def put(database: Database, talk: int, say: str, channel: str = "telegram", **how: Any) -> bool:
    return await database.write(letters.add_letter, talk, channel, say, **how)


async def take(
    database: Database, *, owner: str = "me", urgencies: tuple[int, ...] = (REPLY, NEWS, BROADCAST), limit: int = 99
) -> list[Letter]:
    def unit(tx: Any) -> list[Letter]:
        letters.expire(tx)
        return sending.lease(tx, owner, "telegram", urgencies, 60, limit)

    return await database.write(unit)


async def states(database: Database) -> dict[str, str]:
    rows = await database.read(lambda tx: tx.execute(select(table.c.say, table.c.state)).all())
    return {row[0]: row[1] for row in rows}


def said(found: list[Letter]) -> list[str]:
    return [letter.say for letter in found]


async def test_the_oldest_letter_of_each_talk_goes_first_and_alone(database: Database, talk: int) -> None:
    other = await new_talk(database, "other")
    for text, to in (("a1", talk), ("a2", talk), ("b1", other), ("a3", talk)):
        await put(database, to, text)
    first = await take(database)
    assert said(first) == ["a1", "b1"]
    assert await take(database) == []
    await database.write(sending.sent, first[0].id)
    assert said(await take(database)) == ["a2"]


async def test_ones_own_affairs_go_before_what_everybody_gets(database: Database, talk: int) -> None:
    await put(database, talk, "tip", urgency=BROADCAST)
    await put(database, talk, "news", urgency=NEWS)
    await put(database, talk, "reply", urgency=REPLY)
    order = []
    for _ in range(3):
        (letter,) = await take(database)
        order.append(letter.say)
        await database.write(sending.sent, letter.id)
    assert order == ["reply", "news", "tip"]


async def test_among_many_people_the_most_urgent_are_taken_first(database: Database) -> None:
    for number in range(6):
        talk = await new_talk(database, f"person-{number}")
        await put(database, talk, f"{number}", urgency=BROADCAST if number % 2 else NEWS)
    assert said(await take(database, limit=4)) == ["0", "2", "4", "1"]
    assert said(await take(database, limit=4)) == ["3", "5"]


async def test_a_postman_takes_only_what_is_asked_for(database: Database, talk: int) -> None:
    await put(database, await new_talk(database, "there", "wechat"), "elsewhere", channel="wechat")
    await put(database, talk, "tip", urgency=BROADCAST)
    assert await take(database, urgencies=(REPLY, NEWS)) == []
    assert said(await take(database, urgencies=(BROADCAST,))) == ["tip"]


async def test_when_its_postman_died_a_letter_is_due_again(database: Database, talk: int, time: Time) -> None:
    await put(database, talk, "a")
    (first,) = await take(database)
    time.passes(seconds=59)
    assert await take(database) == []
    time.passes(seconds=2)
    (again,) = await take(database, owner="another")
    assert (again.id, first.attempts, again.attempts) == (first.id, 1, 2)


async def test_who_owns_the_file_alone_takes_over_at_once(database: Database, talk: int) -> None:
    await put(database, talk, "a")
    other = await new_talk(database, "other")
    await put(database, other, "rode on an answer")
    await take(database, owner="killed", limit=1)
    await database.write(wechat.ride, (await take(database, owner="x"))[0].id, 20.0)
    await database.write(sending.let_go)
    assert said(await take(database)) == ["a"]  # whether the other arrived is still to be seen


async def test_after_a_failure_it_waits_and_what_is_behind_it_waits_too(
    database: Database, talk: int, time: Time
) -> None:
    await put(database, talk, "a")
    await put(database, talk, "b")
    (letter,) = await take(database)
    await database.write(sending.retry, letter.id, 30.0, "kind of failure")
    time.passes(seconds=29)
    assert await take(database) == []
    time.passes(seconds=2)
    assert said(await take(database)) == ["a"]


async def test_what_was_not_its_fault_is_not_counted(database: Database, talk: int) -> None:
    await put(database, talk, "a")
    (letter,) = await take(database)
    await database.write(lambda tx: sending.retry(tx, letter.id, 0.0, "away", counted=False))
    assert (await take(database))[0].attempts == 1


async def test_a_letter_is_over_when_its_time_is(database: Database, talk: int, time: Time) -> None:
    await put(database, talk, "monday's tip", expires_at=int(time.now.timestamp() * 1000) + 3_600_000)
    await put(database, talk, "news")
    time.passes(hours=1)
    assert said(await take(database)) == ["news"]
    assert await states(database) == {"monday's tip": "expired", "news": "waiting"}


async def test_a_letter_in_somebodys_hands_is_not_over(database: Database, talk: int, time: Time) -> None:
    await put(database, talk, "tip", expires_at=int(time.now.timestamp() * 1000) + 1000)
    (letter,) = await take(database)
    time.passes(seconds=10)
    assert await take(database) == []
    assert await states(database) == {"tip": "waiting"}
    await database.write(sending.sent, letter.id)
    assert await states(database) == {"tip": "sent"}


async def test_a_newer_state_replaces_an_older_one_that_waits(database: Database, talk: int) -> None:
    other = await new_talk(database, "other")
    await put(database, talk, "accepted", collapse="report:1")
    await put(database, talk, "of another report", collapse="report:2")
    await put(database, other, "of another person", collapse="report:1")
    await put(database, talk, "resolved", collapse="report:1")
    assert await states(database) == {
        "accepted": "replaced",
        "of another report": "waiting",
        "of another person": "waiting",
        "resolved": "waiting",
    }


async def test_what_is_on_its_way_is_not_replaced(database: Database, talk: int) -> None:
    await put(database, talk, "accepted", collapse="report:1")
    (letter,) = await take(database)
    await put(database, talk, "resolved", collapse="report:1")
    assert await states(database) == {"accepted": "waiting", "resolved": "waiting"}
    await database.write(sending.sent, letter.id)
    assert said(await take(database)) == ["resolved"]


async def test_what_may_be_written_once_is_written_once(database: Database, talk: int) -> None:
    written = [await put(database, talk, f"{n}", once="tip:2026-11-23:1", collapse="tip") for n in range(3)]
    assert written == [True, False, False]
    assert await states(database) == {"0": "waiting"}  # not replaced by one that was never written
    at_once = await asyncio.gather(*(put(database, talk, "x", once="tip:2026-11-24:1") for _ in range(5)))
    assert sorted(at_once) == [False] * 4 + [True]


async def test_a_dead_letter_is_shown_and_lets_the_next_one_pass(database: Database, talk: int) -> None:
    await put(database, talk, "a")
    await put(database, talk, "b")
    (letter,) = await take(database)
    await database.write(sending.bury, letter.id, "rejected: " + "x" * 300)
    ((number, channel, _, error),) = await database.read(dead_letters)
    assert (number, channel) == (letter.id, "telegram")
    assert error.startswith("rejected: x")
    assert len(error) == 200
    assert said(await take(database)) == ["b"]
    assert await database.read(letters.counts) == {"dead": 1, "waiting": 1}


async def test_two_postmen_never_take_the_same_letter(database: Database) -> None:
    for number in range(30):
        await put(database, await new_talk(database, f"person-{number}"), f"{number}")
    taken = await asyncio.gather(*(take(database, owner=f"{n}", limit=8) for n in range(6)))
    texts = [letter.say for found in taken for letter in found]
    texts += said(await take(database))
    assert sorted(texts, key=int) == [f"{number}" for number in range(30)]


async def test_what_waits_for_the_person_to_speak(database: Database, talk: int, time: Time) -> None:
    soon = int(time.now.timestamp() * 1000) + 1000
    await put(database, talk, "tip", urgency=BROADCAST)
    await put(database, talk, "over", expires_at=soon)
    await put(database, talk, "news")
    await put(database, talk, "more")
    time.passes(seconds=5)
    assert said(await database.read(letters.pending, talk)) == ["news", "more", "tip"]
