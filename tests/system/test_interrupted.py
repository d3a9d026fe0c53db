"""A migration that is killed half-way leaves nothing behind and is started again."""

import asyncio
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg

from bench.upgrades import City
from db.migrate import FOLDER, newest
from tests.play import PATIENCE, ROOT
from tests.system.nursery import born
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


# «main.py migrate» with other files of migrations
MIGRATE = """
import sys
from pathlib import Path
from db import migrate
migrate.FOLDER = Path(sys.argv.pop())
from main import cli
cli(["migrate"])
"""
# What is added to one of them: all that it does is done and not committed.
DYING = """

_all = upgrade


def upgrade():
    import os, signal
    _all()
    os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_killed_at_the_end_of_any_step_an_old_city_comes_to_the_same_tables_and_rows(tmp_path: Path) -> None:
    city = City(tmp_path / "city", "0005", begin=born)
    await city.found(rows=200)
    copy = await city.copy()
    for step in ("0006", "0018", newest()):
        folder = tmp_path / step
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (file,) = (folder / "versions").glob(f"{step}*.py")
        file.write_text(file.read_text("utf-8") + DYING, "utf-8")
        words = [sys.executable, "-c", MIGRATE, str(folder)]
        settings = environment(data_dir=copy.folder) | {"PYTHONPATH": str(ROOT)}
        killed = subprocess.run(words, cwd=tmp_path, env=settings, check=False)  # noqa: ASYNC221, S603
        assert killed.returncode == -signal.SIGKILL
    assert (await city.finished(copy)).wrong == []


async def test_on_postgresql_it_comes_to_the_same_killed_at_any_moment(tmp_path: Path, postgres: str) -> None:
    city = City(tmp_path / "city", "0005", postgres, born)
    await city.found(rows=200)
    assert (await city.upgraded(random.Random(1), kills=1)).wrong == []
    both = await city.copy()
    at_once = [both.start(), both.start()]  # two machines that are both told to
    assert [await asyncio.to_thread(one.wait, PATIENCE) for one in at_once] == [0, 0], both.log
    assert (await city.finished(both)).wrong == []
