"""A city moves from SQLite to PostgreSQL: whole, compared, after a kill from where it was."""

import asyncio
import json
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from tests.system.conftest import Commands, Starter
from tests.system.server import MAIN, Server, environment
from tests.system.towns import rows, town
from tests.system.visitor import Visitor, browser, jpeg, new_id

ENDED, MISUSED = 1, 2


@pytest.fixture
async def postgres_town(postgres: str) -> AsyncIterator[str]:
    """An empty PostgreSQL database."""
    async with town(postgres) as url:
        yield url


def crowded(data: Path) -> None:
    """More transcripts than go over in one page."""
    line = (
        "INSERT INTO exchanges (talk_id, key, at, said, answer) "
        "SELECT id, ?, 1790000000000 + ?, '你好', '[]' FROM talks"
    )
    with closing(sqlite3.connect(data / "youli.db")) as connection, connection:
        connection.executemany(line, [(f"old-{number}", number) for number in range(4500)])
        connection.execute("DELETE FROM exchanges WHERE key = 'old-4499'")  # its number is not given out again


async def killed_half_way(url: str, server: Server) -> None:
    """Move until two pages of transcripts and all before them are there, then SIGKILL."""
    server.command("migrate", database_url=url).well()
    holder = await asyncpg.connect(url)
    await holder.execute("BEGIN; LOCK TABLE report_moves IN SHARE MODE")
    # While «report_moves» is held, the copy comes up to it and no further.
    move = subprocess.Popen(  # noqa: ASYNC220, S603 - our own program
        [*MAIN, "move-database", "--to", url], env=environment(**server.settings), stdout=subprocess.PIPE, text=True
    )
    watcher = await asyncpg.connect(url)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'report_moves'::regclass"
    async with asyncio.timeout(60):
        while not await watcher.fetchval(waiting):  # noqa: ASYNC110 - it is watched from outside
            await asyncio.sleep(0.05)
    move.kill()
    move.communicate()
    await watcher.close()
    await holder.close()


async def test_a_city_moves_is_killed_goes_on_and_is_served_with_the_same_answers(
    starter: Starter, do: Commands, postgres_town: str
) -> None:
    url = postgres_town
    server = await asyncio.to_thread(starter(rate_limit="off").start)
    async with browser(server.url) as client:
        visitor = Visitor(client)
        await visitor.say("答题")
        number = await visitor.report(jpeg(3), note="味道很大")  # sealed in the database
        asked = new_id()
        await visitor.post(id=asked, text="遛狗要拴绳吗")
        told, cookie = visitor.words, visitor.cookie
        data = {"data_dir": server.data}
        (await asyncio.to_thread(do, "move-database", "--to", url, **data)).refused(
            ENDED, "One process owns a SQLite file"
        )
    server.stop()
    crowded(server.data)
    before = json.loads((await asyncio.to_thread(do, "stats", "--json", "--period", "today", **data)).well())
    kept = dict(server.counts())

    await killed_half_way(url, server)
    assert rows(url, "SELECT count(*) FROM exchanges") == [(kept["exchanges"],)]
    assert rows(url, "SELECT count(*) FROM report_moves") == [(0,)]
    there = {**data, "database_url": url}
    (await asyncio.to_thread(do, "stats", **there)).refused(ENDED, "a copy that is not complete")
    moved = (await asyncio.to_thread(do, "move-database", "--to", url, **data)).well()
    assert f"exchanges: {kept['exchanges']} rows are there already" in moved
    assert "the same on both sides" in moved and "YOULI_DATABASE_URL" in moved
    (await asyncio.to_thread(do, "move-database", "--to", url, **data)).refused(ENDED, "is not empty")
    assert dict(server.counts()) == kept

    after = json.loads((await asyncio.to_thread(do, "stats", "--json", "--period", "today", **there)).well())
    assert after["figures"] == before["figures"]
    shown = await asyncio.to_thread(do, "reports", "show", number, "--json", **there)
    assert json.loads(shown.well())["note"] == "味道很大"
    server.settings["database_url"] = url
    await asyncio.to_thread(server.start)
    async with browser(server.url) as client:
        client.cookies.set("youli", cookie)
        visitor = Visitor(client)
        await visitor.post(id=asked, text="遛狗要拴绳吗")
        assert visitor.words == told
        assert [(key,) for key in [asked]] == rows(url, "SELECT key FROM exchanges WHERE key = $1", asked)
        photo = rows(url, "SELECT id FROM photos")[0][0]
        assert (await client.get(f"/chat/photos/{photo}/small.jpg")).status_code == 200
        assert await visitor.report(jpeg(4)) > number
    [[last]] = rows(url, "SELECT id FROM exchanges WHERE key = 'old-4498'")
    assert rows(url, "SELECT min(id) FROM exchanges WHERE id > $1", last)[0][0] == last + 2
    server.stop()


def test_what_cannot_be_moved_is_told_and_nothing_is_changed(do: Commands, postgres_town: str, tmp_path: Path) -> None:
    url = postgres_town
    do("move-database", "--to", url).refused(ENDED, "nothing to move")
    do("chat", stdin="/quiz one\n").well()
    do("move-database", "--to", "mysql://x/y").refused(MISUSED, "postgresql://")
    do("move-database", "--to", url, database_url=url).refused(MISUSED, "on PostgreSQL already")
    do("move-database", "--to", "postgresql://n@127.0.0.1:1/y").refused(ENDED, "can't be opened")
    do("move-database", "--to", f"{url.partition('/town')[0]}/nowhere?{url.partition('?')[2]}").refused(
        ENDED, "nowhere"
    )
    with closing(sqlite3.connect(tmp_path / "data" / "youli.db")) as connection, connection:
        connection.execute("UPDATE talks SET user = ? || char(0)", ("me",))
    do("move-database", "--to", url).refused(ENDED, "talks.user has a zero character, in the row (1,)")
    with closing(sqlite3.connect(tmp_path / "data" / "youli.db")) as connection, connection:
        connection.execute("UPDATE talks SET user = 'me'")
        connection.execute("UPDATE residents SET language = 'en'")  # somebody wrote since the copy began
    do("move-database", "--to", url).refused(ENDED, "residents (1 rows here, 1 there)")
    other = shutil.move(tmp_path / "data", tmp_path / "other")
    do("chat").well()
    do("move-database", "--to", url).refused(ENDED, "another city")
    assert "moved" in do("move-database", "--to", url, "--anew", data_dir=other).well()
    assert "✓ database" in do("check", data_dir=other, database_url=url).out
