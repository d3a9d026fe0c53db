"""The drill: a city is backed up while people talk, its machine is lost, and it goes on somewhere else."""

import asyncio
import json
import tarfile
from pathlib import Path

import pytest

from tests.system.conftest import Commands, Starter
from tests.system.server import Server
from tests.system.towns import rows, town
from tests.system.visitor import Visitor, browser, jpeg, new_id

ENDED, MISUSED = 1, 2


async def lived_in(server: Server) -> tuple[str, str, str, str]:
    """Somebody reports with a photo and asks; the report's number, their cookie, the id of a message, its answer."""
    async with browser(server.url) as client:
        visitor = Visitor(client)
        number = await visitor.report(jpeg(5))
        asked = new_id()
        await visitor.post(id=asked, text="遛狗要拴绳吗")
        return number, visitor.cookie, asked, visitor.words


async def goes_on(server: Server, cookie: str, asked: str, told: str) -> str:
    """The same person gets the same answer again, their photo is there, and they can go on; the next number."""
    async with browser(server.url) as client:
        client.cookies.set("youli", cookie)
        visitor = Visitor(client)
        await visitor.post(id=asked, text="遛狗要拴绳吗")
        assert visitor.words == told
        assert (await client.get("/chat/photos/1/large.jpg")).status_code == 200
        return await visitor.report(jpeg(6))


async def test_a_sqlite_city_is_backed_up_while_it_runs_and_lives_again_elsewhere(
    starter: Starter, do: Commands, tmp_path: Path
) -> None:
    key = tmp_path / "away.txt"
    made = await asyncio.to_thread(do, "backup-key", str(key))
    server = starter(backup_recipient=made.well().splitlines()[0].partition("=")[2], rate_limit="off")
    await asyncio.to_thread(server.start)
    number, *person = await lived_in(server)

    async def chatter() -> None:
        async with browser(server.url) as client:
            for word in ("菜单", "答题", "A", "贴士") * 5:
                await Visitor(client).post(text=word)

    talking = asyncio.create_task(chatter())
    said = await asyncio.to_thread(do, "backup", **server.settings)
    await talking
    path, _, told = said.well().partition(": ")
    assert "3 media files" in told and "looked through" in told
    assert path.endswith(".tar.gz.age") and Path(path).stat().st_mode & 0o077 == 0
    assert list((server.data / "backups").glob(".making*")) == []
    server.stop()

    other = starter(rate_limit="off")
    restored = await asyncio.to_thread(do, "restore", path, "--key", str(key), **other.settings)
    assert "restored as of" in restored.well()
    again = await asyncio.to_thread(do, "restore", path, "--key", str(key), **other.settings)
    again.refused(ENDED, "youli.db is there already")
    assert (other.data / "secret.key").read_bytes() == (server.data / "secret.key").read_bytes()
    assert [path.name for path in other.data.glob("youli.*")] == ["youli.db"]
    deeds = "SELECT name, act, subject, origin FROM audit WHERE act LIKE 'backup.%' ORDER BY id"
    assert other.rows(deeds) == [("terminal", "backup.restored", Path(path).name, "terminal")]
    await asyncio.to_thread(other.start)
    assert await goes_on(other, *person) > number
    other.stop()


async def test_a_postgresql_city_comes_back_with_its_numbers(
    starter: Starter, do: Commands, postgres: str, postgres_tools: None, tmp_path: Path
) -> None:
    async with town(postgres) as url, town(postgres) as spare:
        keys = [str(tmp_path / name) for name in ("ours.txt", "strange.txt")]
        ours, _ = [do("backup-key", key).well().splitlines()[0].partition("=")[2] for key in keys]
        server = starter(database_url=url, rate_limit="off", backup_recipient=ours)
        await asyncio.to_thread(server.start)
        number, *person = await lived_in(server)
        path = (await asyncio.to_thread(do, "backup", "--to", str(tmp_path), **server.settings)).well().split(": ")[0]
        good = (path, "--key", keys[0])
        full = await asyncio.to_thread(do, "restore", *good, **server.settings)
        full.refused(ENDED, "the database is not empty")
        server.stop()

        other = starter(rate_limit="off")
        (await asyncio.to_thread(do, "restore", *good, **other.settings)).refused(ENDED, "backup is of a PostgreSQL")
        other.settings["database_url"] = spare
        cut = tmp_path / "cut.tar.gz.age"
        cut.write_bytes(Path(path).read_bytes()[:-3000])
        for *asked, words in (
            (path, "it is encrypted: --key"),
            (path, "--key", keys[1], "another key"),
            (str(cut), "--key", keys[0], "can't be decrypted"),
        ):
            (await asyncio.to_thread(do, "restore", *asked, **other.settings)).refused(ENDED, words)
        assert "restored" in (await asyncio.to_thread(do, "restore", *good, **other.settings)).well()
        count = "SELECT count(*) FROM exchanges"
        assert rows(spare, count) == rows(url, count)
        assert rows(spare, "SELECT act, subject FROM audit") == [("backup.restored", Path(path).name)]
        await asyncio.to_thread(other.start)
        assert await goes_on(other, *person) > number
        other.stop()


def test_an_encrypted_backup_opens_to_its_key_alone_and_only_when_it_is_whole(do: Commands, tmp_path: Path) -> None:
    keys = [tmp_path / "ours.txt", tmp_path / "strange.txt"]
    ours, _ = [do("backup-key", str(key)).well().splitlines()[0].partition("=")[2] for key in keys]
    do("backup-key", str(keys[0])).refused(ENDED, "nothing was changed")
    do("chat", stdin="/quiz one\n").well()
    path = Path(do("backup", backup_recipient=ours).well().partition(": ")[0])
    assert path.read_bytes().startswith(b"age-encryption.org/")
    other = {"data_dir": tmp_path / "other"}
    do("restore", str(path), **other).refused(ENDED, "it is encrypted: --key")
    do("restore", str(path), "--key", str(keys[1]), **other).refused(ENDED, "another key")
    do("restore", str(path), "--key", str(path.parent / ".lock"), **other).refused(ENDED, "AGE-SECRET-KEY")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    do("restore", str(path), "--key", str(keys[0]), **other).refused(ENDED, "can't be decrypted")
    assert not (tmp_path / "other" / "youli.db").exists()


def test_without_the_tools_of_postgresql_it_says_what_to_install(
    do: Commands, postgres_tables: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    do("backup", database_url=postgres_tables).refused(ENDED, "pg_dump is not there: install")


def test_what_is_no_backup_is_refused_and_nothing_is_changed(do: Commands, tmp_path: Path) -> None:
    do("backup").refused(ENDED, "nothing to back up")
    do("restore", "nowhere").refused(ENDED, "There is no file nowhere")
    do("chat", stdin="/quiz one\n").well()
    path = Path(do("backup", "--without-media").well().partition(": ")[0])
    other = tmp_path / "other"
    cut, empty, strange = tmp_path / "cut", tmp_path / "empty", tmp_path / "strange"
    cut.write_bytes(path.read_bytes()[:-2000])
    empty.touch()
    with tarfile.open(path) as source, tarfile.open(strange, "w:gz") as target:
        for entry in source:
            content = source.extractfile(entry)
            assert content is not None
            if entry.name == "secret.key":
                entry.name = "../secret.key"
            target.addfile(entry, content)
    for file, words in ((cut, "broken"), (empty, "no backup"), (strange, "does not belong")):
        do("restore", str(file), data_dir=other).refused(ENDED, words)
        assert [left.name for left in other.rglob("*")] == ["media"]
    newer = do("restore", str(path), data_dir=other, database_url="postgresql://n@127.0.0.1:1/y")
    newer.refused(ENDED, "can't be opened")
    assert "restored" in do("restore", str(path), data_dir=other).well()
    assert json.loads(do("stats", "--json", data_dir=other).well())["figures"]
    do("backup", backup_recipient="age1short").refused(MISUSED, "main.py backup-key")
    do("backup", "--to", "/dev/null").refused(ENDED, "没有备份成")
