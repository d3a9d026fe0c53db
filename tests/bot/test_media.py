"""The media store: what was put is there, survives, and comes back; what is wrong says so in two words."""

import asyncio
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from bot.media import Media, MediaMissing, MediaUnavailable


def key_of(content: bytes) -> str:
    name = sha256(content).hexdigest()
    return f"sealed/{name[:2]}/{name}.jpg"


KEY = key_of(b"a photo")


@pytest.fixture(params=["folder", "memory"])
def media(request: pytest.FixtureRequest, tmp_path: Path) -> Media:
    return Media.open("", tmp_path / "media") if request.param == "folder" else Media(MemoryStore(), None)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def read(media: Media, key: str) -> bytes:
    return b"".join([piece async for piece in await media.stream(key)])


async def test_what_was_put_comes_back(media: Media) -> None:
    assert not await media.exists(KEY)
    await media.put(KEY, b"a photo")
    assert await media.exists(KEY)
    assert await media.get(KEY) == await read(media, KEY) == b"a photo"


async def test_all_keys_are_told(media: Media) -> None:
    assert [key async for key in media.keys()] == []  # noqa: SIM118 - no mapping
    for key in (KEY, "public/ab/small.jpg"):
        await media.put(key, b"a photo")
    assert sorted([key async for key in media.keys()]) == ["public/ab/small.jpg", KEY]  # noqa: SIM118 - no mapping


async def test_a_large_file_is_put_from_disk(media: Media, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(content := os.urandom(6_000_000))
    await media.put(key_of(content), source)
    assert await read(media, key_of(content)) == content


async def test_a_large_file_is_streamed_in_small_pieces(tmp_path: Path) -> None:
    media = Media.open("", tmp_path)
    await media.put(KEY, bytes(3_000_000))
    assert max([len(piece) async for piece in await media.stream(KEY)]) < 1_000_000


async def test_putting_again_is_fine_and_stores_one(media: Media) -> None:
    await asyncio.gather(*(media.put(KEY, b"a photo") for _ in range(8)))
    await media.put(KEY, b"a photo")
    assert await media.get(KEY) == b"a photo"


async def test_what_a_power_cut_left_is_written_anew(tmp_path: Path) -> None:
    media = Media.open("", tmp_path)
    await media.put(KEY, b"a photo")
    (tmp_path / KEY).write_bytes(b"")
    await media.put(KEY, b"a photo")
    assert await media.get(KEY) == b"a photo"


async def test_what_another_store_gives_instead_is_no_photo() -> None:
    elsewhere = MemoryStore()
    media = Media(elsewhere, None)
    await media.put(KEY, b"a photo")
    elsewhere.put(KEY, b"role and token of the machine")
    with pytest.raises(MediaUnavailable):
        await media.get(KEY)
    with pytest.raises(MediaUnavailable):
        await media.stream(KEY)


async def test_a_deleted_file_is_gone_and_may_be_deleted_again(media: Media) -> None:
    await media.put(KEY, b"a photo")
    await media.delete(KEY)
    await media.delete(KEY)
    assert not await media.exists(KEY)


async def test_the_same_files_after_a_restart(tmp_path: Path) -> None:
    await Media.open("", tmp_path).put(KEY, b"a photo")
    assert await Media.open("", tmp_path).get(KEY) == b"a photo"


async def test_missing(media: Media) -> None:
    with pytest.raises(MediaMissing):
        await media.get(KEY)
    with pytest.raises(MediaMissing):
        await media.stream(KEY)


BAD_KEYS = [
    "",
    "photo.jpg",
    "/etc/passwd.jpg",
    "../up.jpg",
    "sealed/../../up.jpg",
    "sealed/./a.jpg",
    "sealed//a.jpg",
    "sealed/.hidden",
    "sealed/a",
    "sealed/a.jpg/",
    "sealed/a.jpg\n",
    "sealed/a.jpg\0",
    "sealed\\a.jpg",
    "sealed/%2e%2e/a.jpg",
    "SEALED/A.JPG",
    "sealed/照片.jpg",
    f"sealed/{'a' * 300}.jpg",
]


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_a_key_that_is_none_leads_nowhere(media: Media, key: str) -> None:
    with pytest.raises(ValueError, match="media key"):
        await media.put(key, b"a photo")
    with pytest.raises(ValueError, match="media key"):
        await media.delete(key)
    with pytest.raises(MediaMissing):
        await media.get(key)
    with pytest.raises(MediaMissing):
        await media.stream(key)
    assert not await media.exists(key)


async def test_put_syncs_the_file_and_every_folder_that_leads_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = Media.open("", tmp_path)
    synced: set[int] = set()
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    await media.put(KEY, b"a photo")
    names = [KEY, str(Path(KEY).parent), "sealed", "."]
    assert synced == {(tmp_path / name).stat().st_ino for name in names}

    synced.clear()
    await media.delete(KEY)
    assert (tmp_path / KEY).parent.stat().st_ino in synced


@contextmanager
def nearly_full_disk() -> Iterator[None]:
    """No file may grow beyond 100 kB: the kernel refuses the write, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    media = Media.open("", tmp_path)
    with nearly_full_disk(), pytest.raises(MediaUnavailable):
        await media.put(KEY, bytes(200_000))
    assert files(tmp_path) == []
    await media.put(KEY, bytes(200_000))
    assert await media.exists(KEY)


async def test_a_folder_in_the_way_is_said(tmp_path: Path) -> None:
    media = Media.open("", tmp_path)
    (tmp_path / "sealed").write_bytes(b"a file where a folder should be")
    with pytest.raises(MediaUnavailable):
        await media.put(KEY, b"a photo")
    with pytest.raises(MediaUnavailable):
        Media.open("", tmp_path / "sealed")


async def test_storage_that_does_not_answer_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "up")
    media = Media.open("s3://bucket/youli", tmp_path / "unused")
    with pytest.raises(MediaUnavailable):
        await media.put(KEY, b"a photo")
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize("url", ["http://example.org/x", "file:///etc", "bucket", "ftp://x/y"])
def test_an_unknown_url_is_refused_with_the_way_out(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="s3://bucket/prefix"):
        Media.open(url, tmp_path)
