"""A real disk that fills up under a city: people are told to write again, nothing acknowledged is lost, and with room
everything goes on by itself."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assembly import open_house
from settings import Settings
from tests.system.conftest import Commands, Starter
from tests.system.server import free_port
from tests.system.visitor import Visitor, browser, jpeg, new_id

ENDED = 1


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0  # noqa: S603, S607 - fixed words


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)):
        pytest.skip("may not mount a disk here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S603, S607 - fixed words


def fill(path: Path) -> None:
    """Take all the room that is left."""
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


async def test_a_full_disk_is_told_to_people_and_operators_and_loses_nothing(
    starter: Starter, do: Commands, disk: Path
) -> None:
    server = starter(data_dir=disk / "data", backup_dir=disk / "data", rate_limit="off")
    server.data = disk / "data"
    await asyncio.to_thread(server.start)
    async with browser(server.url) as client:
        visitor = Visitor(client)
        number = await visitor.report(jpeg(1))
        fill(disk / "filler")
        refused: dict[str, str] = {}
        kept: list[str] = []
        for word in ["菜单", "答题", "贴士"] * 40:  # the log has some room of its own
            message = new_id()
            response = await visitor.post(id=message, text=word)
            if response.status_code == 200:
                kept.append(message)
                continue
            assert response.status_code == 503, response.text
            assert response.headers["retry-after"] == "30"
            assert "记不下" in response.json()["error"]["text"]
            refused[message] = word
            if len(refused) > 5:
                break
        assert len(refused) > 5
        assert (await visitor.upload(jpeg(2))).status_code == 503
        assert (await client.get("/healthz")).status_code == 200
        assert (await visitor.history())["messages"]
        found = await asyncio.to_thread(do, "check", **server.settings)
        assert f"✗ disk: there is no room left for {disk}" in found.out
        full = await asyncio.to_thread(do, "backup", **server.settings)
        full.refused(ENDED, "没有备份成")

        (disk / "filler").unlink()
        for message, word in refused.items():
            assert (await visitor.post(id=message, text=word)).status_code == 200
        assert await visitor.report(jpeg(3)) > number
    server.stop()
    rows = server.rows(
        "SELECT key FROM exchanges WHERE key IN (" + ",".join("?" * len([*kept, *refused])) + ")", *kept, *refused
    )
    assert sorted(row[0] for row in rows) == sorted([*kept, *refused])
    assert server.rows("PRAGMA integrity_check") == [("ok",)]

    assert mount("-o", "remount,ro", str(disk))
    closed = await asyncio.to_thread(do, "run", **server.settings)
    closed.refused(ENDED, f"(YOULI_DATA_DIR={server.data}): {server.data / 'youli.lock'} can't be written")
    anew = await asyncio.to_thread(do, "run", **{**server.settings, "data_dir": disk})
    anew.refused(ENDED, f"YOULI_DATA_DIR={disk} can't be used: {disk} can't be written by the user")
    found = await asyncio.to_thread(do, "check", **server.settings)
    assert found.out.count("can't be written") == 2  # database and disk


async def test_photos_wait_while_their_store_is_away_and_words_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_REGION": "us-east-1"}
    for name, value in (secrets | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}).items():
        monkeypatch.setenv(name, value)
    settings = Settings(data_dir=tmp_path, port=1, media_url="s3://town/media")
    async with open_house(settings, upgrade=True) as built:
        transport = httpx.ASGITransport(app=built.site)
        async with httpx.AsyncClient(transport=transport, base_url="http://town") as client:
            visitor = Visitor(client)
            assert await visitor.say("菜单")
            refused = await visitor.upload(jpeg(1))
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
            assert await visitor.say("贴士")
    assert list((tmp_path / "incoming").iterdir()) == []
