"""A migration that is killed half-way leaves nothing behind and is started again."""

import asyncio
import subprocess
from pathlib import Path

import asyncpg

from db.migrate import newest
from tests.system.server import MAIN, command, environment
from tests.system.towns import rows, town

TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"


async def test_a_migration_that_is_killed_half_way(postgres: str, tmp_path: Path) -> None:
    async with town(postgres) as url:
        settings = {"database_url": url, "data_dir": tmp_path}
        holder = await asyncpg.connect(url)
        await holder.execute("BEGIN; CREATE TABLE paces (taken int)")  # the migrations come up to here and wait
        migration = subprocess.Popen(  # noqa: ASYNC220, S603 - our own program
            [*MAIN, "migrate"], cwd=tmp_path, env=environment(**settings), stderr=subprocess.DEVNULL
        )
        watcher = await asyncpg.connect(url)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        async with asyncio.timeout(60):
            while not await watcher.fetchval(waiting):  # noqa: ASYNC110 - it is watched from outside
                await asyncio.sleep(0.05)
        migration.kill()
        migration.wait()
        await watcher.close()
        await holder.close()  # what it created is undone
        async with asyncio.timeout(60):
            while rows(url, TABLES) != [(0,)]:  # noqa: ASYNC110 - until PostgreSQL has noticed
                await asyncio.sleep(0.05)
        done = await asyncio.to_thread(command, "migrate", folder=tmp_path, settings=settings)
        assert f"brought from nothing to {newest()}" in done.well()
