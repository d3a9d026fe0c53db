"""Editors change files while a server runs: good edits are taken over, bad ones are told and change nothing."""

import asyncio
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.play import PATIENCE
from tests.system.conftest import Commands, Starter
from tests.system.readings import copied
from tests.system.server import Server
from tests.system.towns import town
from tests.system.visitor import Visitor, browser


def until(happened: Callable[[], bool], server: Server) -> None:
    """Wait for it; the server looks at the files every few seconds."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, server.log
        time.sleep(0.05)


def replace(path: Path, old: str, new: str) -> None:
    """Edit a file the way editors' programs do: a new one in the old one's place."""
    text = path.read_text("utf-8")
    assert old in text
    beside = path.with_name(f"{path.name}~")
    beside.write_text(text.replace(old, new, 1), encoding="utf-8")
    beside.replace(path)


async def test_a_good_edit_is_served_and_a_bad_one_never_takes_the_server_down(
    starter: Starter, tmp_path: Path
) -> None:
    content = copied(tmp_path / "content")
    server = starter(content_dir=content)
    server.start()
    answers, tips = content / "answers" / "dogs.toml", content / "tips" / "dogs.toml"
    async with browser(server.url) as client:
        await client.get("/chat")
        visitor = Visitor(client)

        async def answer() -> str:
            assert (await client.get("/healthz")).status_code == 200
            await visitor.post(text="/ask dogs-a-leash")
            return "\n".join(message["text"] for message in visitor.last)

        def told(words: str) -> Callable[[], bool]:
            """Whether the log says it once more than now."""
            before = server.log.count(words)
            return lambda: server.log.count(words) > before

        assert "戴犬牌、系犬绳是全国的义务" in await answer()
        (content / "tips" / ".#dogs.toml").symlink_to("editor@desk.1234:1")  # as Emacs marks an open file
        taken = told("content taken over")
        replace(answers, "戴犬牌、系犬绳是全国的义务", "出门戴犬牌、系犬绳，是全国的义务")
        until(taken, server)
        assert "出门戴犬牌、系犬绳，是全国的义务" in await answer()

        line = tips.read_text("utf-8").partition("[[tip]]")[0].count("\n") + 2
        refused = told(f"tips/dogs.toml · 第 {line} 行")
        replace(tips, 'id = "dogs-leash"', 'id = "dogs-leash')
        replace(answers, "出门戴犬牌、系犬绳，是全国的义务", "写了一半")
        until(refused, server)
        assert "出门戴犬牌、系犬绳，是全国的义务" in await answer()

        refused = told("sources.toml · 文件")
        shutil.move(content / "sources.toml", tmp_path / "sources.toml")  # worse: a file is gone
        until(refused, server)
        assert "出门戴犬牌、系犬绳，是全国的义务" in await answer()

        taken = told("content taken over")
        replace(answers, "写了一半", "戴犬牌、系犬绳，不分城市")
        replace(tips, 'id = "dogs-leash', 'id = "dogs-leash"')
        shutil.move(tmp_path / "sources.toml", content / "sources.toml")
        until(taken, server)
        assert "戴犬牌、系犬绳，不分城市" in await answer()
    server.stop()


async def test_edits_were_taken_over_by_the_background_and_not_by_the_doors_beside_it(
    starter: Starter, postgres: str, do: Commands, tmp_path: Path
) -> None:
    content = copied(tmp_path / "content")
    async with town(postgres) as url:
        (await asyncio.to_thread(do, "migrate", database_url=url)).well()
        door = starter(role="serve", content_dir=content, database_url=url)
        await asyncio.to_thread(door.start)
        replace(content / "answers" / "dogs.toml", "戴犬牌、系犬绳是全国的义务", "出门戴犬牌、系犬绳，是全国的义务")
        until(lambda: "content taken over" in door.log, door)
        async with browser(door.url) as client:
            visitor = Visitor(client)
            await visitor.post(text="/ask dogs-a-leash")
            assert "出门戴犬牌" in visitor.last[0]["text"]
        door.stop()
