"""One backup a day, whoever comes first; one that failed is tried again; old ones go."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backup.keeper import Keeper, Plan, newest
from bot.media import Media
from db.audit import lines
from db.database import Database
from tests.play import Time


@pytest.fixture
def plan(database_url: str, tmp_path: Path, postgres_tools: None) -> Plan:
    zone = ZoneInfo("Asia/Shanghai")
    return Plan(tmp_path / "backups", database_url, zone, tmp_path / "secret.key", hour=13, days=2, weeks=0)


async def test_one_a_day_is_made_after_its_hour_and_tried_again_when_it_failed(
    database: Database, plan: Plan, time: Time, tmp_path: Path
) -> None:
    media = Media.open("", tmp_path / "media")
    await media.put("sealed/ab/abc.jpg", b"a photo")
    keepers = [Keeper(plan, database, media), Keeper(plan, database, media)]

    async def look() -> list[str]:
        found = [await keeper.look() for keeper in keepers]
        return [media_ for made in found if made for media_ in made.manifest.media]

    assert await look() == []  # it is noon
    plan.folder.write_text("in the way")
    time.passes(hours=2)
    with pytest.raises(FileExistsError):
        await keepers[0].look()
    plan.folder.unlink()
    assert await look() == []  # somebody tried this hour
    time.passes(hours=3)
    assert await look() == ["sealed/ab/abc.jpg"]  # one of them
    assert newest(plan.folder) is not None
    time.passes(hours=3)
    assert await look() == []
    for _ in range(2):
        time.passes(days=1)
        assert len(await look()) == 1
    days = sorted(path.name[6:14] for path in plan.folder.glob("youli-*"))
    assert days == ["20261124", "20261125"]
    assert newest(plan.folder) == time.now
    noted = [(line.act, line.subject, line.origin, line.detail) for line in await database.read(lines, limit=9)]
    assert [(act, origin) for act, _, origin, _ in noted] == [("backup.made", "clock")] * 3
    assert noted[0][1] == max(path.name for path in plan.folder.glob("youli-*")) and "1 photos" in noted[0][3]
