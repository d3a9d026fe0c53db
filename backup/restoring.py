"""Putting an archive where nothing is yet."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pyrage.x25519 import Identity

from backup.archive import MEDIA, SECRET, Manifest, in_place, unpack
from bot.media import Media
from db.audit import add_line
from db.database import open_database, sqlite_file
from db.dumping import Damaged, count_postgres, look_through, read_postgres
from db.migrate import revisions


class Occupied(Exception):
    """Something is there already, and a restore overwrites nothing; the text says what."""


async def restore(path: Path, data: Path, url: str, media: Media, keys: Sequence[Identity]) -> Manifest:
    """Everything of an archive back: photos first, the database last, so that what was interrupted can be repeated.

    Raises Occupied before anything is changed; Damaged, Locked, ``db.dumping.Failed``, MediaUnavailable, OSError.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = sqlite_file(url)
    if file is not None and file.exists():
        raise Occupied(f"{file} is there already")
    if file is None and (rows := await _rows(url)):
        raise Occupied(f"the database is not empty: it has {len(rows)} tables")
    with tempfile.TemporaryDirectory(dir=data, prefix=".restoring-") as name:
        folder = Path(name)
        manifest = await asyncio.to_thread(unpack, path, folder, keys)
        database, secret = folder / manifest.database, folder / SECRET
        await _fits(manifest, database, file)
        if secret.exists() and (data / SECRET).exists() and (data / SECRET).read_bytes() != secret.read_bytes():
            raise Occupied(f"{data / SECRET} is another key than the one in the backup")
        for key in manifest.media:
            await media.put(key, folder / MEDIA / key)
        if secret.exists():
            in_place(secret, data / SECRET)
        if file is not None:
            await _note(f"sqlite:///{database}", path, manifest)
            file.parent.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(in_place, database, file)
        else:
            await read_postgres(database, url)
            if await _rows(url) != manifest.rows:
                raise Damaged("the tables have not as many rows as they had: don't use this database")
            await _note(url, path, manifest)
    return manifest


async def _fits(manifest: Manifest, database: Path, file: Path | None) -> None:
    """Raises Damaged for a database that is not whole, Occupied for one that has no place here."""
    if manifest.kind == "sqlite" and file is None:
        raise Occupied(
            "this backup is of a SQLite city: restore it with an empty YOULI_DATABASE_URL, then main.py move-database"
        )
    if manifest.kind != "sqlite" and file is not None:
        raise Occupied("this backup is of a PostgreSQL: set YOULI_DATABASE_URL to an empty one")
    if manifest.revision not in revisions():
        raise Occupied(f"its tables are at {manifest.revision}, which this Youli does not know: use the newer one")
    if file is not None and await asyncio.to_thread(look_through, database) != manifest.rows:
        raise Damaged("its tables have not as many rows as they had")


async def _note(url: str, path: Path, manifest: Manifest) -> None:
    """That the city was restored stands in its audit log, if its tables are new enough to have one."""
    if "audit" not in manifest.rows:
        return
    database = await open_database(url)
    try:
        told = f"{manifest.extent}, as of {manifest.made_at}"
        await database.write(add_line, None, "terminal", "backup.restored", path.name, told, "terminal")
    finally:
        await database.close()


async def _rows(url: str) -> dict[str, int]:
    database = await open_database(url)
    try:
        return await database.read(lambda tx: dict(count_postgres(tx.connection)))
    finally:
        await database.close()
