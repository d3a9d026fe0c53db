"""Forgetting: what has served goes, what is needed stays, and each unit looks at no more than a page."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from db import forgetting, letters, upkeep
from db.database import Database
from db.tables import exchanges, marks, residents, talks
from db.tables import letters as letter_rows
from db.tx import Tx
from tests.play import Time

DAY = 24 * 3600 * 1000


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of ten."""
    for module in (forgetting, upkeep):
        monkeypatch.setattr(module, "PAGE", 10)


def people(tx: Tx) -> None:
    """One resident, with a web talk (1) and a WeChat talk (2)."""
    about = {"language": "zh", "points_on": 1, "anonymous": 0, "joined_at": 0, "joined_day": "2026-01-01"}
    tx.execute(residents.insert().values(id=1, **about))
    for number, channel in ((1, "web"), (2, "wechat")):
        tx.execute(talks.insert().values(id=number, channel=channel, user="u", resident_id=1, seen_at=0))


def said(tx: Tx, talk: int, days: Sequence[float]) -> None:
    """Something was said so many days ago, in the order given."""
    for day in days:
        at = int(tx.ms - day * DAY)
        tx.execute(exchanges.insert().values(talk_id=talk, key=f"{talk} {day}", at=at, said="", answer="[]"))


def left(tx: Tx) -> list[str]:
    return list(tx.execute(select(exchanges.c.key).order_by(exchanges.c.id)).scalars())


async def test_transcripts_go_by_channel_and_age_and_each_row_is_looked_at_once(database: Database, time: Time) -> None:
    await database.write(people)
    await database.write(said, 1, [200, 190, *range(100, 60, -1)])
    await database.write(said, 2, [50, 40, 2.5])
    await database.write(said, 1, [2])
    await database.write(said, 2, [1.5])
    await database.write(said, 1, [1])
    while await database.write(upkeep.forget_exchanges):
        pass
    web = [f"1 {day}" for day in range(100, 60, -1)]
    assert await database.read(left) == [*web, "2 2.5", "1 2", "2 1.5", "1 1"]
    [line] = await database.read(lambda tx: tx.execute(select(marks.c.line)).scalars().all())
    time.passes(days=1)
    assert await database.write(upkeep.forget_exchanges)  # the web's two months are not gone through again: one page
    assert not await database.write(upkeep.forget_exchanges)
    assert await database.read(left) == [*web, "1 2", "2 1.5", "1 1"]
    assert await database.read(lambda tx: list(tx.execute(select(marks.c.line)).scalars())) > [line]


@pytest.mark.parametrize(
    ("days", "kept"),
    [
        ([-4000, 10, 9, -4001, 8], []),  # ahead for a while: nothing is held up, and these are as old as what follows
        ([10, -4000, 2, 1], [-4000, 2, 1]),
        ([-4000, 2], [-4000, 2]),
        ([10, 2, 4000, 1], [2, 4000, 1]),  # behind for a while: it waits for what was said before it
        ([2, 4000, 10, 1], [2, 4000, 10, 1]),
    ],
)
async def test_a_clock_that_was_set_wrong_for_a_while_changes_no_order(
    database: Database, days: list[int], kept: list[int]
) -> None:
    await database.write(people)
    await database.write(said, 2, days)
    while await database.write(upkeep.forget_exchanges):
        pass
    assert await database.read(left) == [f"2 {day}" for day in kept]


async def test_finished_letters_go_answers_soon_news_later_and_then_the_others(database: Database) -> None:
    def write(tx: Tx) -> None:
        people(tx)
        for day in (40, 20, 10, 5, 2):
            for state in (letters.SENT, letters.WAITING, letters.DEAD):
                for urgency in (letters.REPLY, letters.NEWS, letters.BROADCAST):
                    at = tx.ms - day * DAY
                    about = {"talk_id": 2, "channel": "wechat", "say": "{}", "due_at": at, "created_at": at}
                    tx.execute(letter_rows.insert().values(state=state, urgency=urgency, attempts=0, **about))

    def kept(tx: Tx) -> set[tuple[int, int]]:
        rows = tx.execute(select(letter_rows).where(letter_rows.c.state == letters.SENT)).mappings()
        return {((tx.ms - row["created_at"]) // DAY, row["urgency"]) for row in rows}

    await database.write(write)
    after: int | None = 0
    pages = 0
    while after is not None:
        after = await database.write(upkeep.forget_letters, after)
        pages += 1
    assert await database.read(kept) == {(20, 0), (10, 0), (5, 0), (2, -1), (2, 0), (2, 1)}
    assert await database.read(lambda tx: len(tx.execute(select(letter_rows)).all())) == 24 + 6
    assert pages == 5  # 45 rows by ten; the last five are too young
