"""The one file: a tar with the database, the photos, the key that signs, and at its end the manifest that says what
must be in it. It can be encrypted with age (age-encryption.org), to whoever holds the key."""

import gzip
import json
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pyrage
from pyrage.x25519 import Identity, Recipient

from db.dumping import Damaged

FORMAT = 1
MANIFEST, SECRET, MEDIA = "manifest.json", "secret.key", "media/"
DATABASES = {"sqlite": "youli.db", "postgresql": "youli.dump"}  # by the kind of database
# What may lie in an archive; a photo's key is one or two folders and a name.
_BELONGS = re.compile(rf"manifest\.json|secret\.key|youli\.(?:db|dump)|{MEDIA}[A-Za-z0-9._/-]{{1,180}}")
AGE = b"age-encryption.org/"
STEP = 1024 * 1024


class Locked(Exception):
    """It is encrypted, and the key that was given is none or not the one."""


@dataclass(frozen=True)
class Manifest:
    """What an archive holds: when it was made, of what kind of database at which revision, how many rows in each
    table, and size and SHA-256 of each file."""

    made_at: str  # ISO 8601, UTC
    kind: str
    revision: str | None
    rows: Mapping[str, int]
    files: Mapping[str, Sequence[int | str]]
    format: int = FORMAT

    @property
    def database(self) -> str:
        """The database's name in the archive."""
        return DATABASES[self.kind]

    @property
    def media(self) -> list[str]:
        """Keys of the media files."""
        return [name.removeprefix(MEDIA) for name in self.files if name.startswith(MEDIA)]

    @property
    def extent(self) -> str:
        """How much it is, for the audit log."""
        return f"{sum(self.rows.values())} rows, {len(self.media)} photos"


class Writer:
    """Fills a new archive; every method works on the disk and belongs on a thread."""

    def __init__(self, path: Path) -> None:
        self._tar = tarfile.open(path, "w:gz", compresslevel=1)  # noqa: SIM115 - closed by close()
        self._files: dict[str, Sequence[int | str]] = {}

    def add(self, name: str, content: bytes | Path) -> None:
        """One more file."""
        if isinstance(content, bytes):
            self._files[name] = len(content), sha256(content).hexdigest()
            self._put(name, len(content), BytesIO(content))
        else:
            with content.open("rb") as file:
                size, digest = content.stat().st_size, file_digest(file, "sha256").hexdigest()
                self._files[name] = size, digest
                file.seek(0)
                self._put(name, size, file)

    def close(self, made_at: str, kind: str, revision: str | None, rows: Mapping[str, int]) -> Manifest:
        """Write the manifest; the archive is complete."""
        manifest = Manifest(made_at, kind, revision, rows, self._files)
        written = json.dumps(asdict(manifest), ensure_ascii=False).encode()
        self._put(MANIFEST, len(written), BytesIO(written))
        self._tar.close()
        return manifest

    def abandon(self) -> None:
        """Let go of a file that will not be complete."""
        self._tar.close()

    def _put(self, name: str, size: int, file: IO[bytes]) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        self._tar.addfile(entry, file)


def lock(plain: Path, locked: Path, recipient: str) -> Identity:
    """Encrypt to the recipient, and to a key made for this once with which the result is looked through."""
    once = Identity.generate()
    with plain.open("rb") as source, locked.open("wb") as target:
        pyrage.encrypt_io(source, target, [Recipient.from_str(recipient), once.to_public()])
    return once


def identities(path: Path) -> list[Identity]:
    """The keys of a file as age-keygen (or ``main.py backup-key``) writes it. Raises Locked when there is none."""
    lines = path.read_text("utf-8").splitlines()
    try:
        found = [Identity.from_str(line.strip()) for line in lines if line.startswith("AGE-SECRET-KEY-")]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise Locked(f"{path} holds no key: it has a line AGE-SECRET-KEY-…")
    return found


def unpack(path: Path, folder: Path, keys: Sequence[Identity] = (), *, media: bool = True) -> Manifest:
    """Take everything out into a folder, each file compared with the manifest; without ``media`` photos are compared
    and not kept. Raises Damaged, or Locked."""
    with path.open("rb") as file:
        encrypted = file.read(len(AGE)) == AGE
    plain = _unlocked(path, folder / "plain.tar", keys) if encrypted else path
    try:
        with tarfile.open(plain, "r:gz") as tar:
            seen = {entry.name: _take(tar, entry, folder, media) for entry in tar}
    except (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, ValueError, OverflowError) as error:
        raise Damaged(f"it is no backup, or a broken one: {error}") from None
    if encrypted:
        plain.unlink()
    try:
        read = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise Damaged("it has no end: it was not written completely") from None
    manifest = _manifest(read)
    seen.pop(MANIFEST)
    for name in sorted(seen.keys() ^ manifest.files.keys()):
        raise Damaged(f"{name} is {'too much' if name in seen else 'missing'} in it")
    for name, found in seen.items():
        if list(found) != list(manifest.files[name]):
            raise Damaged(f"{name} is not as it was written")
    return manifest


def _manifest(read: Any) -> Manifest:
    """What a manifest's JSON says. Raises Damaged."""
    if not isinstance(read, dict) or read.get("format") != FORMAT or read.get("kind") not in list(DATABASES):
        raise Damaged("it was made by another version, which this one does not know")
    try:
        manifest = Manifest(**read)
        whole = all(isinstance(size, int) and isinstance(mark, str) for size, mark in manifest.files.values())
        if whole and isinstance(manifest.rows, dict) and manifest.database in manifest.files:
            return manifest
    except (TypeError, ValueError, AttributeError):
        pass
    raise Damaged("its manifest is none")


def _take(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path, media: bool) -> tuple[int, str]:
    """Size and SHA-256 of an entry, which lies in the folder afterwards."""
    source = tar.extractfile(entry) if entry.isfile() else None
    path = folder / entry.name
    if source is None or not _BELONGS.fullmatch(entry.name) or ".." in path.parts:
        raise Damaged(f"{entry.name[:100]!r} does not belong into a backup")
    kept = media or not entry.name.startswith(MEDIA)
    size, digest = 0, sha256()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        target = (path if kept else Path(os.devnull)).open("wb")
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise Damaged(f"{entry.name[:100]!r} is a file and a folder in it") from None
    with source, target:
        while piece := source.read(STEP):
            size += len(piece)
            digest.update(piece)
            target.write(piece)
    return size, digest.hexdigest()


def _unlocked(path: Path, plain: Path, keys: Sequence[Identity]) -> Path:
    if not keys:
        raise Locked("it is encrypted: --key names the file with the key")
    try:
        with path.open("rb") as source, plain.open("wb") as target:
            pyrage.decrypt_io(source, target, keys)
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise Locked("it is encrypted to another key") from None
        raise Damaged(f"it can't be decrypted: {error}") from None
    except OSError as error:
        if error.errno:
            raise
        raise Damaged(f"it can't be decrypted: {error}") from None
    return plain


def in_place(path: Path, target: Path) -> None:
    """Give a file its final name, durably. On another disk it is copied first."""
    if path.stat().st_dev != target.parent.stat().st_dev:
        beside = target.with_name(f".{target.name}.part")
        shutil.copyfile(path, beside)
        path = beside
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    path.chmod(0o600)
    path.replace(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
