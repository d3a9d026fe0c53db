"""``main.py backup``, ``backup-key`` and ``restore``."""

from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.asking import safely
from commands.terminal import fail
from settings import Settings


def backup(
    to: Annotated[Path | None, typer.Option(help="The folder it goes to, instead of YOULI_BACKUP_DIR.")] = None,
    without_media: Annotated[bool, typer.Option("--without-media", help="Leave photos out.")] = False,
) -> None:
    """Everything in one file, while the house works; looked through before it counts."""
    arguments = {"folder": str(to.absolute()) if to else "", "media": not without_media}
    safely(lambda settings: _backup(settings, arguments))


def backup_key(path: Annotated[Path, typer.Argument(help="The new file for the secret key.")]) -> None:
    """Make a pair of keys for encrypted backups. The secret one belongs anywhere but on this machine."""
    from pyrage.x25519 import Identity

    pair = Identity.generate()
    try:
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            file.write(f"# public key: {pair.to_public()}\n{pair}\n")
    except FileExistsError:
        fail(f"{path} is there already: nothing was changed")
    except OSError as error:
        fail(f"{path}: {error.strerror}")
    typer.echo(f"YOULI_BACKUP_RECIPIENT={pair.to_public()}")
    typer.echo(f"Carry {path} away from this machine: without it no encrypted backup can be read.")


def restore(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    key: Annotated[Path | None, typer.Option(help="The file with the secret key, for an encrypted one.")] = None,
) -> None:
    """Bring a backup back to where nothing is yet (YOULI_DATA_DIR, YOULI_DATABASE_URL, YOULI_MEDIA_URL)."""
    safely(lambda settings: _restore(settings, path, key))


async def _backup(settings: Settings, arguments: dict[str, Any]) -> None:
    from arrangements import backup_keeper
    from bot.media import Media
    from civic.errors import Refused
    from db.database import open_database, sqlite_file
    from opening import desk_path, read_library
    from web.desk import DeskCall

    file = sqlite_file(settings.database)
    if file is not None and not file.exists():
        fail(f"There is no {file}: nothing to back up.")
    call = await DeskCall.to(desk_path(settings))
    try:
        if call is not None:
            async with aclosing(call):
                made = await call.do("backup", arguments)
        else:
            database = await open_database(settings.database, keys=settings.keyring())
            try:
                media = Media.open(settings.media_url, settings.data_dir / "media", settings.media_hosts)
                made = await backup_keeper(settings, database, media).task(**arguments)
            finally:
                await database.close()
    except Refused as refused:
        fail(read_library(settings).texts.render(settings.language, refused.key, **refused.params))
    except (ConnectionError, RuntimeError) as error:
        fail(str(error))
    size = f"{made['bytes'] / 1e6:.1f} MB, {made['rows']} rows, {made['media']} media files"
    typer.echo(f"{made['path']}: {size}; looked through")


async def _restore(settings: Settings, path: Path, key: Path | None) -> None:
    from backup.archive import Locked, identities
    from backup.restoring import Occupied
    from backup.restoring import restore as bring
    from bot.media import Media
    from db.dumping import Damaged, Failed

    for named in (path, *([key] if key else [])):
        if not named.is_file():
            fail(f"There is no file {named}.")
    try:
        keys = identities(key) if key else []
        media = Media.open(settings.media_url, settings.data_dir / "media", settings.media_hosts)
        done = await bring(path, settings.data_dir.absolute(), settings.database, media, keys)
    except Occupied as error:
        fail(f"Nothing was restored: {error}. A restore overwrites nothing.")
    except (Damaged, Failed, Locked) as error:
        fail(f"{path}: {error}")
    rows = sum(done.rows.values())
    typer.echo(f"restored as of {done.made_at}: {rows} rows, {len(done.media)} media files. Start it: main.py run")
