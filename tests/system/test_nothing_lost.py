"""Processes are killed, again and again, while people talk: what was acknowledged is there once, nothing twice."""

import asyncio
import random
from pathlib import Path

from bench.faults import FAULTS, Round, Told
from tests.system.nursery import born
from tests.system.towns import rows, town


async def played(folder: Path, url: str = "") -> Told:
    seed = random.randrange(10**6)
    told = await Round(folder, seed, url, pause=0.2, begin=born).play()
    print(f"seed {seed}: {told.faults}")  # noqa: T201 - shown when it fails
    return told


def check(told: Told) -> None:
    assert told.wrong == []
    assert len(told.faults) == FAULTS
    assert told.repeated >= 1 and told.reports >= 1  # something was cut off, and there was something to lose


async def test_what_was_acknowledged_survives_sigkill_and_is_never_doubled(tmp_path: Path) -> None:
    check(await played(tmp_path / "city"))


async def test_the_same_with_several_processes_and_a_database_that_crashes(tmp_path: Path, postgres: str) -> None:
    async with town(postgres) as url:
        # The tests' server does not wait for its log otherwise, and a crash would take acknowledged work along.
        name = url.partition("?")[0].rpartition("/")[2]
        await asyncio.to_thread(rows, url, f"ALTER DATABASE {name} SET synchronous_commit = on")
        check(await played(tmp_path / "city", url))
