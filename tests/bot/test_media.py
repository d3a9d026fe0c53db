"""The media store: what was put is there, survives, and comes back; what is wrong says so in two words."""

import asyncio
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from obstore.store import MemoryStore
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

import bot.media
from bot.media import Media, MediaMissing, MediaUnavailable
from bot.media_probe import probe
from tests.fakes.s3 import FakeS3
from tests.fakes.served import served


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


def answering(answer: Callable[[Request], Response]) -> Starlette:
    async def serve(request: Request) -> Response:
        return answer(request)

    return Starlette(routes=[Route("/{path:path}", serve, methods=["GET", "HEAD", "PUT", "POST", "DELETE"])])


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (403, "SignatureDoesNotMatch", "refuses us (SignatureDoesNotMatch); look at AWS_ACCESS_KEY_ID"),
        (401, "InvalidToken", "refuses us (InvalidToken)"),
        (404, "NoSuchBucket", "no such bucket; look at YOULI_MEDIA_URL"),
        (400, "AuthorizationHeaderMalformed", "answers AuthorizationHeaderMalformed; look at AWS_REGION"),
        (301, "", "answers redirect; look at AWS_REGION and AWS_ENDPOINT_URL"),
        (503, "SlowDown", "answers SlowDown"),
        (0, "", "does not answer; look at AWS_ENDPOINT_URL"),
    ],
)
async def test_check_says_why_a_store_takes_no_photos(
    status: int, code: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = answering(lambda _: Response(f"<Error><Code>{code}</Code></Error>" if code else "", status))
    monkeypatch.setitem(bot.media._RETRIES, "max_retries", 0)
    with served(refused) as address:
        endpoint = address if status else "http://127.0.0.1:1"
        given = {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "y", "ENDPOINT_URL": endpoint}
        for name, value in given.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        state, words = await probe(Media.open("s3://bucket/youli", tmp_path, ["127.0.0.1"]))
    assert state == "wrong"
    assert told in words


async def test_check_says_that_a_store_was_given_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(bot.media._RETRIES, "max_retries", 0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    told = await probe(Media.open("s3://bucket/youli", tmp_path, ["127.0.0.1"]))
    assert told[0] == "wrong" and "there are no keys; look at AWS_ACCESS_KEY_ID" in told[1]


async def test_check_puts_reads_and_deletes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FakeS3()
    with served(store.app) as address:
        for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "y", "ENDPOINT_URL": address}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        media = Media.open("s3://bucket/youli", tmp_path, ["127.0.0.1"])
        assert (await probe(media))[0] == "ok"
    assert (store.puts, store.objects) == (1, {})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_store_that_sent_us_elsewhere_had_the_session_token_carried_there(
    status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens: list[str | None] = []

    def elsewhere(request: Request) -> Response:
        tokens.append(request.headers.get("x-amz-security-token"))
        return Response(b"a photo", headers={"etag": '"x"', "last-modified": "Mon, 23 Nov 2026 04:00:00 GMT"})

    with served(answering(elsewhere)) as other:
        there = other.replace("127.0.0.1", "localhost")
        with served(answering(lambda request: RedirectResponse(f"{there}{request.url.path}", status))) as address:
            given = {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "y", "SESSION_TOKEN": "z", "ENDPOINT_URL": address}
            for name, value in given.items():
                monkeypatch.setenv(f"AWS_{name}", value)
            monkeypatch.setitem(bot.media._RETRIES, "max_retries", 0)
            media = Media.open("s3://bucket/youli", tmp_path, ["127.0.0.1"])
            put, listed = media.put(KEY, b"a photo"), anext(media.keys())
            for attempt in (media.exists(KEY), media.get(KEY), put, media.delete(KEY), listed):
                with pytest.raises(MediaUnavailable):
                    await attempt
            assert tokens == []
            await Media.open("s3://bucket/youli", tmp_path).get(KEY)  # the library alone goes there
            assert tokens == ["z"]
