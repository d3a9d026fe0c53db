"""Notices written into the transcript of the web chat."""

import asyncio

import asyncpg

from bot.channels.web.channel import Lookers, WebChannel
from bot.messages import Address, Outgoing
from db.database import open_database
from db.history import record_exchange, transcript
from db.talks import open_talk


async def test_on_postgresql_a_notice_overtook_the_turn_that_was_under_way(postgres_tables: str) -> None:
    """While a turn holds the talk, a notice waits for it: the transcript is read in the order of its ids."""
    database, beside = await open_database(postgres_tables), await asyncpg.connect(postgres_tables)
    try:
        talk = (await database.write(lambda tx: open_talk(tx, "web", "overtaken", "zh", "2026-11-28")))[0]
        turn = beside.transaction()
        await turn.start()
        await beside.execute("SELECT id FROM talks WHERE id = $1 FOR NO KEY UPDATE", talk.id)
        sending = asyncio.create_task(
            WebChannel(database, Lookers()).send(1, talk.id, Address("web", "overtaken"), Outgoing("news"))
        )
        async with asyncio.timeout(20):
            while not await beside.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not sending.done()
        said = "INSERT INTO exchanges (talk_id, key, at, said, answer) VALUES ($1, 'm1', 1, '{}', '[]') RETURNING id"
        number = await beside.fetchval(said, talk.id)
        await beside.execute("UPDATE talks SET last_id = $1 WHERE id = $2", number, talk.id)
        await turn.commit()
        await sending
        assert [row.key for row in await database.read(transcript, talk.id)] == ["m1", "letter:1"]
    finally:
        await beside.close()
        await database.close()


async def test_a_notice_that_is_delivered_twice_is_shown_once(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    try:
        talk = (await database.write(lambda tx: open_talk(tx, "web", "somebody", "zh", "2026-11-28")))[0]
        await database.write(record_exchange, talk.id, "m1", "{}", "[]")
        channel = WebChannel(database, Lookers())
        for _ in range(2):
            await channel.send(7, talk.id, Address("web", "somebody"), Outgoing("news"))
        assert [row.key for row in await database.read(transcript, talk.id)] == ["m1", "letter:7"]
    finally:
        await database.close()
