"""Archives that somebody made up or changed: each is refused in words, and nothing lands beside the folder."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from backup.archive import unpack
from db.dumping import Damaged

WHOLE: dict[str, Any] = {
    "made_at": "2026-11-01T00:00:00Z",
    "kind": "sqlite",
    "revision": "0001",
    "rows": {},
    "files": {"youli.db": [1, hashlib.sha256(b"x").hexdigest()]},
    "format": 1,
}


def archive(folder: Path, *entries: tuple[str, bytes]) -> Path:
    path = folder / "a.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


def refused(path: Path, words: str) -> None:
    inside = path.parent / "inside"
    inside.mkdir()
    with pytest.raises(Damaged, match=words):
        unpack(path, inside)
    assert {one.name for one in path.parent.iterdir()} == {path.name, "inside"}


def test_what_these_tests_change_is_a_whole_archive(tmp_path: Path) -> None:
    path = archive(tmp_path, ("youli.db", b"x"), ("manifest.json", json.dumps(WHOLE).encode()))
    assert unpack(path, tmp_path).files == WHOLE["files"]


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (b"[" * 100_000, "it has no end"),
        (b"\xff", "it has no end"),
        (b"[]", "another version"),
        (b"null", "another version"),
        (json.dumps(WHOLE | {"kind": ["sqlite"]}), "another version"),
        (json.dumps(WHOLE | {"format": 2}), "another version"),
        (json.dumps(WHOLE | {"more": 1}), "its manifest is none"),
        (json.dumps({key: value for key, value in WHOLE.items() if key != "rows"}), "its manifest is none"),
        (json.dumps(WHOLE | {"rows": []}), "its manifest is none"),
        (json.dumps(WHOLE | {"files": []}), "its manifest is none"),
        (json.dumps(WHOLE | {"files": {"youli.db": 1}}), "its manifest is none"),
        (json.dumps(WHOLE | {"files": {"youli.db": ["1", 1]}}), "its manifest is none"),
        (json.dumps(WHOLE | {"files": {}}), "its manifest is none"),
    ],
)
def test_a_manifest_that_is_none_ended_in_a_traceback(manifest: bytes | str, words: str, tmp_path: Path) -> None:
    content = manifest if isinstance(manifest, bytes) else manifest.encode()
    refused(archive(tmp_path, ("youli.db", b"x"), ("manifest.json", content)), words)


@pytest.mark.parametrize("name", ["../b", "media/../../b", "/b", "media/\0", "b", "media/" + "a" * 300, "media/图", ""])
def test_a_name_that_no_backup_gives_is_refused_before_it_is_written(name: str, tmp_path: Path) -> None:
    refused(archive(tmp_path, (name, b"x")), "does not belong")


def test_a_file_that_is_also_a_folder_ended_in_a_traceback(tmp_path: Path) -> None:
    refused(archive(tmp_path, ("media/a", b"x"), ("media/a/b", b"x")), "a file and a folder")


def test_a_folder_that_is_also_a_file_ended_in_a_traceback(tmp_path: Path) -> None:
    refused(archive(tmp_path, ("media/a/b", b"x"), ("media/a", b"x")), "a file and a folder")


def test_a_head_of_numbers_that_are_none_ended_in_a_traceback(tmp_path: Path) -> None:
    """The size of an entry as base-256 beyond all bounds, its checksum right."""
    head = bytearray(tarfile.TarInfo("youli.db").tobuf())
    head[124:136] = b"\x80" + b"\xff" * 11
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head[:512])
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(bytes(head) + bytes(1024)))
    refused(path, "no backup, or a broken one")
