"""The postman: what leaves, how often, and what comes of it when it does not."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from actions import notices
from bot.channel import Away, Gone, Manners, NotNow, PhotoGone, Rejected, TryLater, Unsure
from bot.channels.telegram import MANNERS as TELEGRAM
from bot.channels.web.channel import Lookers, WebChannel
from bot.house import House
from bot.messages import Address, Option, Outgoing, Say
from bot.photos import Developed
from bot.postman import ATTEMPTS, LONGEST_WAIT, Postman, wait_before
from bot.rendering import from_json
from db import history, photos, talks, veils
from db.database import Database
from db.dead_letters import dead_letters
from db.photos import ALL
from db.tx import Tx
from tests.play import PATIENCE, Person, Time, picture, rows_of


@dataclass
class Wire:
    """The network's end of a channel: what left through it; ``answers`` are what happens to the next sends."""

    manners: Manners = TELEGRAM
    answers: list[Exception | Callable[[], Any]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, letter_id: int, talk_id: int, address: Address, words: Outgoing) -> None:
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            await answer()
        self.left.append((address.user, words.text))

    async def fetch(self, ref: str) -> Developed:
        raise PhotoGone(ref)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def postman(database: Database, house: House, wire: Wire, time: Time) -> Postman:
    return Postman(database, house, {"telegram": wire}, clock=lambda: time.now.timestamp())


async def somebody(person: Person, user: str = "somebody", channel: str = "telegram") -> Person:
    """Somebody who has spoken on a channel that can push."""
    there = Person(person.dispatch, person.database, user=user, channel=channel)
    await there.say("/start")
    return there


async def tell(person: Person, words: str, *options: Option, **how: Any) -> bool:
    """Write a letter to somebody."""
    found = await person.database.read(talks.find_talk, person.channel, person.user)
    assert found is not None
    said = Say("stats.day", {"start": words}, options)
    return await person.database.write(notices.tell, found[1], said, **how)


async def letter_rows(database: Database) -> list[dict[str, Any]]:
    return await rows_of(database, "letters")


async def test_who_wants_to_know_hears_of_each_letter_and_what_came_of_it(
    database: Database, house: House, wire: Wire, person: Person, time: Time
) -> None:
    there = await somebody(person)
    await tell(there, "news")
    heard: list[tuple[str, str]] = []
    postman = Postman(
        database,
        house,
        {"telegram": wire},
        clock=lambda: time.now.timestamp(),
        carried=lambda channel, number, outcome, seconds: heard.append((channel, outcome)),
    )
    wire.answers.append(TryLater("slowly"))
    await postman.round()
    time.passes(minutes=5)
    await postman.round()
    assert heard == [("telegram", "TryLater"), ("telegram", "delivered")]


async def test_a_letter_leaves_once_and_is_done(person: Person, postman: Postman, wire: Wire) -> None:
    there = await somebody(person)
    await tell(there, "您的上报受理了", deed="tip_delivered|dogs|dogs-leash")
    assert [await postman.round() for _ in range(3)] == [1, 0, 0]
    assert wire.left == [("somebody", "您的上报受理了")]
    (row,) = await letter_rows(person.database)
    assert (row["state"], row["attempts"], row["leased_by"], row["error"]) == ("sent", 1, None, None)
    lines = await rows_of(person.database, "journal")
    assert [(line["deed"], line["topic"], line["subject"]) for line in lines][-1] == (
        "tip_delivered",
        "dogs",
        "dogs-leash",
    )


async def test_it_is_told_in_the_language_of_the_moment_it_leaves(person: Person, postman: Postman, wire: Wire) -> None:
    there = await somebody(person)
    found = await person.database.read(talks.find_talk, "telegram", "somebody")
    assert found is not None
    await person.database.write(notices.tell, found[1], Say("tip.none"))
    await there.say("/language en")
    await postman.round()
    assert wire.left[0][1].startswith("Today")


async def test_letters_to_one_person_leave_in_order(person: Person, postman: Postman, wire: Wire, time: Time) -> None:
    there = await somebody(person)
    for number in range(4):
        await tell(there, f"{number}")
    wire.answers = [TryLater("the first one's first try", 10)]
    assert [await postman.round(), await postman.round()] == [1, 0]  # nothing overtakes what has to wait
    time.passes(seconds=10)
    while await postman.round():
        pass
    assert [words for _, words in wire.left] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("failure", [TryLater("busy"), RuntimeError("a mistake"), Unsure("no answer")])
async def test_what_did_not_leave_is_tried_again_later_and_later(
    person: Person, postman: Postman, wire: Wire, time: Time, failure: Exception
) -> None:
    await tell(await somebody(person), "news")
    wire.answers = [failure, failure]
    waits = []
    while not wire.left:
        start = time.now
        while not await postman.round():
            time.passes(seconds=0.5)
        waits.append((time.now - start).total_seconds())
    assert waits[0] == 0
    assert 1.5 <= waits[1] <= 2.5
    assert 3 <= waits[2] <= 5
    assert wire.left == [("somebody", "news")]


async def test_the_channel_may_say_how_long_to_wait(person: Person, postman: Postman, wire: Wire, time: Time) -> None:
    await tell(await somebody(person), "news")
    wire.answers = [TryLater("too many requests", 120)]
    await postman.round()
    time.passes(seconds=119)
    assert await postman.round() == 0
    time.passes(seconds=1)
    assert await postman.round() == 1
    assert wire.left


async def test_news_waits_for_its_photo_to_be_veiled_but_not_for_ever(
    person: Person, postman: Postman, wire: Wire, time: Time
) -> None:
    def photo(tx: Tx, ref: str) -> int:
        found = photos.add_photo(tx, None, "console", ref, picture(ref).facts()).id
        veils.draw(tx, found, (), withheld=False)
        return found

    def veil(tx: Tx, photo_id: int) -> None:
        [bare] = [one for one in veils.due(tx, 2) if one.id == photo_id]
        veils.done(tx, bare, ALL, "large", "small")

    soon, never = [await person.database.write(photo, ref) for ref in ("soon", "never")]
    there, other = await somebody(person), await somebody(person, "other")
    await tell(there, f"/chat/photos/{soon}/public.jpg")
    await tell(other, f"/chat/photos/{never}/public.jpg")
    assert await postman.round() == 2
    assert wire.left == []
    await person.database.write(veil, soon)
    arrived: dict[str, int] = {}
    for second in range(1, 60):
        time.passes(seconds=1)
        await postman.round()
        for user, _ in wire.left:
            arrived.setdefault(user, second)
    assert arrived == {"somebody": 1, "other": 40}


def test_the_waits_grow_to_six_hours_and_differ() -> None:
    assert all(1.8 <= wait_before(1) <= 2.2 for _ in range(50))
    assert all(wait_before(attempt) <= LONGEST_WAIT * 1.1 for attempt in range(40))
    assert len({wait_before(8) for _ in range(20)}) > 10
    assert sum(min(LONGEST_WAIT, 2.0**attempt) for attempt in range(1, ATTEMPTS)) > 24 * 3600


async def test_in_the_end_it_is_given_up_and_shown(person: Person, postman: Postman, wire: Wire, time: Time) -> None:
    there = await somebody(person)
    await tell(there, "news")
    wire.answers = [TryLater("busy") for _ in range(ATTEMPTS)]
    for _ in range(ATTEMPTS):
        time.passes(hours=7)
        assert await postman.round() == 1
    ((_, channel, _, error),) = await person.database.read(dead_letters)
    assert (channel, error) == ("telegram", "gave up: busy")
    await tell(there, "more news")
    await postman.round()
    assert wire.left == [("somebody", "more news")]


async def test_what_the_channel_refuses_is_dead_and_the_next_one_leaves(
    person: Person, postman: Postman, wire: Wire
) -> None:
    there = await somebody(person)
    await tell(there, "refused")
    await tell(there, "fine")
    wire.answers = [Rejected("bad request")]
    assert [await postman.round(), await postman.round()] == [1, 1]
    assert wire.left == [("somebody", "fine")]
    assert [row["state"] for row in await letter_rows(person.database)] == ["dead", "sent"]


async def test_who_left_is_not_written_to_until_they_speak_again(
    person: Person, postman: Postman, wire: Wire, time: Time
) -> None:
    there = await somebody(person)
    await tell(there, "news")
    wire.answers = [Gone("blocked")]
    await postman.round()
    time.passes(days=1)
    assert await tell(there, "meanwhile")
    time.passes(days=7)
    assert await postman.round() == 0
    await there.say("我回来了")
    assert await tell(there, "welcome back")
    for _ in range(3):
        await postman.round()
    assert wire.left == [("somebody", "news"), ("somebody", "meanwhile"), ("somebody", "welcome back")]


async def test_what_was_written_to_who_left_ends_with_its_time(
    person: Person, postman: Postman, wire: Wire, time: Time
) -> None:
    there = await somebody(person)
    wire.answers = [Gone("blocked")]
    await tell(there, "news")
    await postman.round()
    await tell(there, "too late", lasts=5 * 24 * 3600)
    await tell(there, "older", collapse="report:R1")
    await tell(there, "newer", collapse="report:R1")
    time.passes(days=6)
    await there.say("我回来了")
    for _ in range(3):
        await postman.round()
    assert [words for _, words in wire.left] == ["news", "newer"]


async def test_who_does_not_come_back_has_no_dead_letter(
    person: Person, postman: Postman, wire: Wire, time: Time
) -> None:
    await tell(await somebody(person), "news")
    wire.answers = [Gone("blocked")]
    await postman.round()
    time.passes(days=60)
    assert await postman.round() == 0
    assert [row["state"] for row in await letter_rows(person.database)] == ["expired"]


async def test_what_may_not_leave_now_waits(person: Person, postman: Postman, wire: Wire, time: Time) -> None:
    await tell(await somebody(person), "news")
    wire.answers = [NotNow("window closed")]
    await postman.round()
    time.passes(hours=5)
    assert await postman.round() == 0
    time.passes(hours=2)
    await postman.round()
    assert wire.left == [("somebody", "news")]


async def test_a_channel_that_is_away_is_left_alone_and_no_letter_is_counted(
    person: Person, postman: Postman, wire: Wire, time: Time
) -> None:
    for number in range(3):
        await tell(await somebody(person, f"person-{number}"), "news")
    wire.answers = [Away("no connection")] * 3
    await postman.round()
    assert await postman.round() == 0
    time.passes(seconds=60)
    await postman.round()
    assert len(wire.left) == 3
    assert {row["attempts"] for row in await letter_rows(person.database)} == {1}


async def test_two_postmen_carry_each_letter_once(person: Person, house: House, wire: Wire, database: Database) -> None:
    for number in range(20):
        await tell(await somebody(person, f"person-{number}"), f"news {number}")
    postmen = [Postman(database, house, {"telegram": wire}) for _ in range(3)]
    for _ in range(5):
        await asyncio.gather(*(postman.round() for postman in postmen))
    assert sorted(user for user, _ in wire.left) == sorted(f"person-{number}" for number in range(20))


async def test_when_a_postman_dies_another_takes_over(
    person: Person, house: House, wire: Wire, database: Database, time: Time
) -> None:
    await tell(await somebody(person), "news")
    sending = asyncio.Event()

    async def forever() -> None:
        sending.set()
        await asyncio.sleep(3600)

    wire.answers = [forever]
    dying = asyncio.create_task(Postman(database, house, {"telegram": wire}).round())
    await asyncio.wait_for(sending.wait(), PATIENCE)
    survivor = Postman(database, house, {"telegram": wire})
    assert await survivor.round() == 0
    time.passes(seconds=61)
    assert await survivor.round() == 1
    assert wire.left == [("somebody", "news")]
    dying.cancel()


async def test_a_letter_to_somebody_who_erased_themselves_is_dropped(
    person: Person, postman: Postman, wire: Wire
) -> None:
    there = await somebody(person)
    await tell(there, "news")
    await there.say("/erase")
    await there.tap("确定删除")
    assert await postman.round() == 0
    assert wire.left == []


async def test_a_letter_without_words_harms_no_other(person: Person, postman: Postman, wire: Wire) -> None:
    first, second = await somebody(person, "first"), await somebody(person, "second")
    found = await person.database.read(talks.find_talk, "telegram", "first")
    assert found is not None
    await person.database.write(notices.tell, found[1], Say("no.such.key"))
    await tell(second, "news")
    await postman.round()
    assert wire.left == [("second", "news")]
    assert first.words


async def test_it_carries_until_it_is_stopped_and_finishes_what_it_holds(
    person: Person, postman: Postman, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.postman.IDLE", 0.02)
    there = await somebody(person)
    running = asyncio.create_task(postman.run())
    await tell(there, "news")
    begun = asyncio.Event()

    async def slow() -> None:
        begun.set()
        await asyncio.sleep(0.05)

    wire.answers = [slow]
    await asyncio.wait_for(begun.wait(), PATIENCE)
    postman.stop()
    await asyncio.wait_for(running, PATIENCE)
    assert wire.left == [("somebody", "news")]
    assert [row["state"] for row in await letter_rows(person.database)] == ["sent"]


# The web chat, whose transcript is its mailbox


async def test_in_the_web_chat_it_appears_once_however_often_it_is_tried(
    person: Person, house: House, database: Database
) -> None:
    await person.say("/start")
    channel = WebChannel(database, Lookers())
    found = await database.read(talks.find_talk, "web", person.user)
    assert found is not None
    with channel.lookers.watching(found[0]) as window:
        for _ in range(3):
            await channel.send(7, found[0], Address("web", person.user), Outgoing("news"))
        assert window.news.is_set()
    rows = [row for row in await rows_of(database, "exchanges") if row["key"] == "letter:7"]
    assert len(rows) == 1
    assert rows[0]["said"] is None


async def test_in_the_web_chat_a_letter_is_shown_to_whoever_looks_and_counted_as_unread(
    person: Person, house: House, database: Database
) -> None:
    await person.say("/start")
    found = await database.read(talks.find_talk, "web", person.user)
    assert found is not None
    channel = WebChannel(database, Lookers())
    await tell(person, "news", Option("/tip", "command.tip"))
    with channel.lookers.watching(found[0]) as window:
        await Postman(database, house, {"web": channel}).round()
        assert window.news.is_set()
    (row,) = await database.read(history.transcript, found[0], limit=1)
    (shown,) = from_json(row.answer)
    assert shown.text == "news"
    assert await database.read(history.unread, found[0]) == 1
    await database.write(history.mark_read, found[0], row.id)
    assert await database.read(history.unread, found[0]) == 0
    await person.send(choice=shown.options[0].value)  # its button works
    assert "今天就做" in person.words


async def test_channels_that_cannot_push_are_not_carried_to(person: Person, house: House, database: Database) -> None:
    there = await somebody(person, channel="terminal")
    await tell(there, "news")
    silent = Wire(Manners("terminal", pushes=False, buttons=False, longest=4000))
    assert await Postman(database, house, {"terminal": silent}).round() == 0
    assert silent.left == []
