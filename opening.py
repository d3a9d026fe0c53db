"""What has to be open before anything else: the content, and the database with its tables."""

import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url

from content.library import Library, load
from db import sending, wechat_account
from db.database import Clock, Committed, Database, open_database, passing, reason, utc_now
from db.disk import obstacle
from db.migrate import current, migrate, newest, revisions
from db.moving import unfinished
from db.resealing import strange
from keyfile import LONG_ENOUGH, long_enough
from settings import Settings

log = logging.getLogger("youli")


class NotReady(Exception):
    """The house can't open; the text says why and what to do."""


def read_library(settings: Settings) -> Library:
    """The content that is served. Raises ContentError."""
    return load(settings.content_dir, settings.city).served()


def desk_path(settings: Settings) -> Path:
    """The local socket."""
    return settings.data_dir.absolute() / "youli.sock"


@asynccontextmanager
async def open_store(
    settings: Settings, *, upgrade: bool, clock: Clock = utc_now, committed: Committed | None = None
) -> AsyncIterator[Database]:
    """The database alone; with ``upgrade`` its tables are brought up to date. Raises NotReady, DatabaseInUse."""
    look_at_key(settings)
    async with AsyncExitStack() as stack:
        try:
            database = await open_database(settings.database, clock, committed, settings.keyring())
            stack.push_async_callback(database.close)
            await _tables(database, upgrade)
            await look_at_seals(database)
            if settings.database.startswith("sqlite"):  # ours alone: nobody else is carrying anything
                await database.write(sending.let_go)
                await database.write(wechat_account.leave_turns)
        except Exception as error:
            if not passing(error) and not isinstance(error, sqlite3.DatabaseError):
                raise
            raise NotReady(f"the database can't be opened {closed(settings, error)}") from error
        yield database


def closed(settings: Settings, error: BaseException) -> str:
    """By which setting a database was looked for, why it can't be opened, and what to do."""
    setting = "YOULI_DATABASE_URL" if settings.database_url else f"YOULI_DATA_DIR={settings.data_dir}"
    why = obstacle(error, settings.data_dir) or reason(error)
    if settings.database_url and isinstance(error, OSError):
        address = make_url(settings.database_url)
        where = f"at {address.host}:{address.port or 5432}" if address.host else "there"
        why += f"; does PostgreSQL run {where}, and does it let this machine in?"
    return f"({setting}): {why}"


def look_at_key(settings: Settings) -> None:
    """Raises NotReady where the secret key is none to start with."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = settings.secret()
    except OSError as error:
        why = obstacle(error, settings.data_dir) or error.strerror
        raise NotReady(f"YOULI_DATA_DIR={settings.data_dir} can't be used: {why}") from None
    if not long_enough(secret.decode(errors="replace")):  # cut off, emptied, or written by hand
        raise NotReady(
            f"secret.key in {settings.data_dir} is cut off or made by hand: {LONG_ENOUGH}."
            " Put it back from a backup, docs/operating.md"
        )


async def look_at_seals(database: Database) -> None:
    """Raises NotReady where the database holds what none of our keys opens."""
    if (name := await database.read(strange)) is not None:
        raise NotReady(
            f"the database holds values sealed with the key {name}, which is none of ours: set YOULI_FIELD_KEYS"
            " (or YOULI_SECRET_KEY, or secret.key in the data directory) as it was, docs/operating.md"
        )


def look_at_tables(found: str | None) -> None:
    """Raises NotReady where the tables are at a revision that is not known here."""
    if found is not None and found not in revisions():
        raise NotReady(
            f"the tables are at revision {found}, which this Youli does not know: a newer one made them. Run that one,"
            " or bring back a backup from before it"
        )


async def _tables(database: Database, upgrade: bool) -> None:
    if await database.read(unfinished):
        raise NotReady("this database is a copy that is not complete: run «main.py move-database» again, to its end")
    found = await database.read(current)
    look_at_tables(found)
    if upgrade:
        before, after = await database.reshape(migrate)
        if before != after:
            log.info("tables brought up to date", extra={"from": before, "to": after})
        return
    if found != newest():
        raise NotReady(
            f"the tables are at revision {found or 'none'}, this Youli needs {newest()}: run «main.py migrate» first"
        )
