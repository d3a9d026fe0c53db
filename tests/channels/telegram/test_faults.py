"""What may go wrong between us and a chat: every letter arrives once and in order, or as the rule says."""

import asyncio
import json
import logging

import pytest
from sqlalchemy import select, update

from bot.channels.telegram.api import ANSWER
from bot.dispatch import Dispatch
from db import reach, sending
from db.dead_letters import dead_letters
from db.letters import BROADCAST, NEWS
from db.tables import letters as outbox
from db.tx import Tx
from tests.channels.telegram.conftest import Town
from tests.channels.telegram.post import advice, known, states, write
from tests.play import PATIENCE, Person

ANNA = 701


async def test_one_persons_429_does_not_stop_the_others(town: Town) -> None:
    await known(town, ANNA, 702)
    town.fake.trouble("sendMessage", 429, "Too Many Requests: retry after 60", retry_after=60)
    await town.database.write(write, ANNA, "x")
    await town.carry()
    await town.database.write(write, 702, "y")
    await town.carry()
    assert (advice(town, ANNA), advice(town, 702)) == ([], ["y"])
    response = await town.fake.deliver(town.client, town.fake.says(ANNA, "菜单"))
    assert response.content == b""  # spared in the webhook's response as well
    await town.waits(seconds=61)
    assert advice(town, ANNA) == ["x"] and len(town.fake.chat(ANNA)) == 3


async def test_news_whose_arrival_is_unknown_comes_again_twice_at_most(town: Town) -> None:
    await known(town, ANNA)
    town.wire.mute = ["sendMessage"]
    await town.database.write(write, ANNA, "x")
    await town.carry()
    await town.waits(seconds=5)
    assert advice(town, ANNA) == ["x", "x"]  # better doubled than missing
    town.wire.mute = ["sendMessage"] * 10
    await town.database.write(write, ANNA, "y")
    for _ in range(60):
        await town.waits(seconds=10)
    assert advice(town, ANNA).count("y") == 3
    assert await town.database.read(states) == [("sent", 2), ("unsure", 3)]


async def test_while_telegram_keeps_one_waiting_everybody_else_is_answered(town: Town, dispatch: Dispatch) -> None:
    await known(town, ANNA, 702)
    waiting, answered = asyncio.Event(), asyncio.Event()

    async def slow(method: str) -> None:
        town.wire.before = None  # only the first call
        waiting.set()
        await answered.wait()

    town.wire.before = slow
    await town.database.write(write, ANNA, "x")
    carried = asyncio.create_task(town.postman.round())
    async with asyncio.timeout(PATIENCE):
        await waiting.wait()
        await town.database.write(write, 702, "y")
        await town.postman.round()
        assert advice(town, 702) == ["y"]
        assert (await town.fake.deliver(town.client, town.fake.says(702, "菜单"))).status_code == 200
        assert await Person(dispatch, town.database).say("菜单")  # in the web chat
        assert advice(town, ANNA) == []
        answered.set()
        await carried
    await town.carry()
    assert advice(town, ANNA) == ["x"]


@pytest.mark.parametrize("urgency", [NEWS, BROADCAST])
async def test_an_answer_that_drips_without_end_is_one_whose_arrival_is_unknown(
    town: Town, monkeypatch: pytest.MonkeyPatch, urgency: int
) -> None:
    """Time-outs count from byte to byte: the letter's lease ran out meanwhile, and another postman sent it, too."""
    await known(town, ANNA)
    monkeypatch.setattr("bot.channels.telegram.api.OVER", 0.2 - ANSWER)
    town.wire.endless = ["sendMessage"]
    await town.database.write(write, ANNA, "x", urgency)
    await town.carry()
    await town.waits(seconds=5)
    assert advice(town, ANNA) == (["x", "x"] if urgency == NEWS else ["x"])  # as any whose arrival is unknown
    assert await town.database.read(states) == [("sent", 2) if urgency == NEWS else ("unsure", 1)]


async def test_a_broadcast_whose_arrival_is_unknown_does_not_come_again(town: Town) -> None:
    await known(town, ANNA)
    town.wire.mute = ["sendMessage"]
    await town.database.write(write, ANNA, "x", BROADCAST)
    for _ in range(10):
        await town.waits(seconds=60)
    assert advice(town, ANNA) == ["x"]
    assert await town.database.read(states) == [("unsure", 1)]


async def test_a_broadcast_that_did_not_leave_comes_later(town: Town) -> None:
    await known(town, ANNA)
    await town.database.write(write, ANNA, "x", BROADCAST)
    with town.wire.cut():
        await town.carry()
    town.fake.trouble("sendMessage", 429, "Too Many Requests: retry after 3", retry_after=3)
    await town.waits(seconds=2)
    await town.waits(seconds=5)
    assert advice(town, ANNA) == ["x"]


async def test_after_a_crash_only_what_was_on_its_way_is_in_doubt(town: Town) -> None:
    await known(town, ANNA, 702)
    for user in (ANNA, 702):
        await town.database.write(write, user, "x", BROADCAST)

    def crash(tx: Tx) -> None:
        first, _ = sending.lease(tx, "a postman who died", "telegram", (BROADCAST,), 60, 10)
        assert sending.begin(tx, first.id, "a postman who died")

    await town.database.write(crash)
    await town.carry()
    assert advice(town, ANNA) == advice(town, 702) == []  # they are his for a minute
    await town.waits(seconds=61)
    assert (advice(town, ANNA), advice(town, 702)) == ([], ["x"])
    assert [state for state, _ in await town.database.read(states)] == ["unsure", "sent"]


async def test_a_letter_whose_lease_was_lost_while_waiting_is_not_sent_twice(town: Town) -> None:
    await known(town, ANNA)
    await town.database.write(write, ANNA, "x", BROADCAST)

    def lost(tx: Tx) -> tuple[bool, bool]:
        (letter,) = sending.lease(tx, "one", "telegram", (BROADCAST,), 0, 10)
        sending.lease(tx, "two", "telegram", (BROADCAST,), 60, 10)
        return sending.begin(tx, letter.id, "one"), sending.begin(tx, letter.id, "two")

    assert await town.database.write(lost) == (False, True)


async def test_of_several_messages_only_those_that_did_not_leave_come_again(town: Town) -> None:
    await town.fake.deliver(town.client, town.fake.says(ANNA, "你好"))
    arrived = 0

    async def second_fails(method: str) -> None:
        nonlocal arrived
        arrived += method == "sendMessage"
        town.wire.gateway = False
        if arrived == 2:
            town.fake.trouble("sendMessage", 502, "Bad Gateway")

    town.wire.before = second_fails
    await town.carry()
    assert [one.text for one in town.fake.chat(ANNA)] == [
        town.words("welcome.hello", city=town.house.library.city.zh.name)
    ]
    await town.waits(seconds=5)
    assert [one.text for one in town.fake.chat(ANNA)][1:] == [town.words("welcome.district")]


async def test_words_that_telegram_can_not_read_leave_without_marking(town: Town) -> None:
    await known(town, ANNA)
    town.fake.trouble("sendMessage", 400, "Bad Request: can't parse entities: Unexpected end tag")
    await town.database.write(write, ANNA, "a < b")
    await town.carry()
    assert advice(town, ANNA) == ["a < b"]
    assert "parse_mode" not in town.fake.calls[-1][1]


async def test_a_letter_that_telegram_refuses_is_shown_to_the_operator(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await known(town, ANNA)
    town.fake.trouble("sendMessage", 400, "Bad Request: BUTTON_URL_INVALID")
    await town.database.write(write, ANNA, "geheim")
    await town.carry()
    ((_, channel, _, error),) = await town.database.read(dead_letters)
    assert (channel, error) == ("telegram", "rejected: Button_url_invalid")
    assert "geheim" not in caplog.text


@pytest.mark.parametrize("description", ["Bad Request: chat not found", "Forbidden: user is deactivated"])
async def test_somebody_who_is_gone_gets_no_more_letters(town: Town, description: str) -> None:
    await known(town, ANNA)
    town.fake.trouble("sendMessage", 403 if "Forbidden" in description else 400, description)
    await town.database.write(write, ANNA, "x")
    await town.carry()
    found = await town.database.read(reach.latest_talk, 1)
    assert found is not None and found[2] is False


async def test_own_affairs_come_before_broadcasts(town: Town) -> None:
    await known(town, ANNA)
    await town.database.write(write, ANNA, "tip", BROADCAST)
    await town.database.write(write, ANNA, "news", NEWS)
    await town.carry()
    assert advice(town, ANNA) == ["news", "tip"]


async def test_a_letter_whose_time_is_over_is_not_sent(town: Town) -> None:
    await known(town, ANNA)
    await town.database.write(write, ANNA, "x", BROADCAST)
    await town.database.write(lambda tx: tx.execute(update(outbox).values(expires_at=1)).rowcount)
    await town.carry()
    assert advice(town, ANNA) == [] and (await town.database.read(states))[0][0] == "expired"


async def test_the_outbox_keeps_an_answers_words_as_they_were(town: Town) -> None:
    with town.wire.cut():
        await town.hears(town.fake.says(ANNA, "你好"))
    (stored,) = await town.database.read(lambda tx: list(tx.execute(select(outbox.c.say)).scalars()))
    assert json.loads(stored)[1][0] == town.words("welcome.district")


async def test_an_update_that_would_wait_too_long_is_left_to_telegram_and_handled_once_when_it_comes_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = town.fake.says(ANNA, "菜单")
    with monkeypatch.context() as crowded:
        crowded.setattr(town.database, "behind", lambda: 1.1)
        refused = await town.hears(update)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert town.fake.chat(ANNA) == []
    assert (await town.hears(update)).status_code == 200
    assert [len(town.fake.chat(ANNA)), town.fake.last(ANNA).text] == [1, town.fake.chat(ANNA)[0].text]
