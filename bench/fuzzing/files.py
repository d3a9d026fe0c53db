"""Files that come from outside: a resident's photo, an editor's TOML, map and workbook, a backup."""

import io
import tarfile
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

from PIL import Image

from backup.archive import MANIFEST, Locked, unpack
from bench.fuzzing import Found, Target
from bench.fuzzing.seeds import CONTENT, PARTS, SMALL
from bot.exif import read as read_exif
from bot.media import MediaUnavailable
from bot.picture import examine
from civic.errors import Refused
from civic.geo import in_range
from content.forms import forms
from content.library import load
from content.shapes import read_shapes
from content.sheets import ContentError, Shelf
from content.workbook import Unreadable, read
from db.dumping import Damaged


def picture(folder: Path) -> Target:
    """A file that is said to be a photo."""
    path = folder / "photo"

    def target(raw: bytes) -> None:
        path.write_bytes(raw)
        with suppress(Refused, MediaUnavailable):
            examine(path)

    return target


def exif(_: Path) -> Target:
    """What a photo's EXIF says: read from a picture that is none but for it."""
    image = Image.new("RGB", (1, 1))

    def target(raw: bytes) -> None:
        seen = image.copy()
        seen.info["exif"] = b"Exif\0\0" + raw
        found = read_exif(seen)
        if found.place and not in_range(*found.place):
            raise Found("a place that is not on earth")

    return target


def archive(_: Path) -> Target:
    """A backup that somebody changed: a plain tar of what is given, and the manifest it gives."""

    def target(raw: bytes) -> None:
        with tempfile.TemporaryDirectory() as around:
            folder = Path(around) / "inside"
            folder.mkdir()
            packed = Path(around) / "a.tar.gz"
            if raw[:2] == b"\x1f\x8b":
                packed.write_bytes(raw)
            else:
                _pack(packed, raw)
            with suppress(Damaged, Locked):
                unpack(packed, folder)
            if {path.name for path in Path(around).iterdir()} != {"inside", "a.tar.gz"}:
                raise Found("a file beside the folder")

    return target


def _pack(packed: Path, raw: bytes) -> None:
    """An archive with one file and a manifest; the first line names the file, or is a whole tar's beginning."""
    name, _, rest = raw.partition(b"\n")
    with tarfile.open(packed, "w:gz", compresslevel=0) as tar:
        try:
            for title, content in ((name.decode("utf-8", "replace"), b"x"), (MANIFEST, rest)):
                entry = tarfile.TarInfo(title)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        except ValueError:
            return


def content(_: Path) -> Target:
    """An editor's TOML: one file of a small library, which the first byte chooses."""

    def target(raw: bytes) -> None:
        name = CONTENT[(raw or b"\0")[0] % len(CONTENT)]
        with suppress(ContentError):
            load(SMALL, "town", drafted={name: raw[1:].decode("utf-8", "replace")})

    return target


def areas(folder: Path) -> Target:
    """The outlines of communities, GeoJSON."""

    def target(raw: bytes) -> None:
        (folder / "areas.geojson").write_bytes(raw)
        read_shapes(Shelf(folder), ".", {"a"})

    return target


def workbook(folder: Path) -> Target:
    """A workbook that editors send back, or one of its parts, which the first byte chooses."""
    path, library = folder / "a.xlsx", load(SMALL, "town")

    def target(raw: bytes) -> None:
        if raw[:2] == b"PK":
            path.write_bytes(raw)
        else:
            chosen = list(PARTS)[(raw or b"\0")[0] % len(PARTS)]
            with zipfile.ZipFile(path, "w") as book:
                for name, part in PARTS.items():
                    book.writestr(name, raw[1:] if name == chosen else part)
        with suppress(Unreadable):
            list(read(path, forms(library)))

    return target
