"""The whole database as one file, and back: a copy of the SQLite file, or what ``pg_dump`` writes."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, Connection, inspect, make_url
from sqlalchemy import text as sql

Rows = Mapping[str, int]  # table → how many rows
COUNTED = "SELECT count(*) FROM "


class Failed(Exception):
    """A database could not be written out or read in; the text says why and what to do."""


class Damaged(Exception):
    """What should be a database is none, or is not whole."""


def count_postgres(connection: Connection) -> Rows:
    """Rows of each table."""
    quoted = connection.dialect.identifier_preparer.quote_identifier
    names = sorted(inspect(connection).get_table_names())
    return {name: connection.execute(sql(COUNTED + quoted(name))).scalar_one() for name in names}


def look_through(path: Path) -> Rows:
    """Rows of each table of a SQLite file that is whole. Raises Damaged."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            if (found := file.execute("PRAGMA integrity_check(1)").fetchone()) != ("ok",):
                raise Damaged(f"SQLite finds it broken: {found[0]}")
            if broken := file.execute("PRAGMA foreign_key_check").fetchone():
                raise Damaged(f"rows of {broken[0]} refer to nothing")
            tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            names = [row[0] for row in file.execute(tables)]
            return {name: file.execute(f'{COUNTED}"{name}"').fetchone()[0] for name in names}
    except sqlite3.DatabaseError as error:
        raise Damaged(f"it is no SQLite file, or a broken one: {error}") from None


async def write_postgres(url: URL, path: Path, snapshot: str) -> None:
    """``pg_dump`` as of a moment that somebody holds open. Raises Failed."""
    async with _conninfo(url) as target:
        await _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}",
                   f"--file={path}", f"--dbname={target}")  # fmt: skip


async def read_through(path: Path) -> None:
    """Have ``pg_restore`` read a dump from end to end. Raises Failed."""
    await _run("pg_restore", f"--file={os.devnull}", str(path))


async def read_postgres(path: Path, url: str) -> None:
    """Fill an empty database from a dump, all or nothing. Raises Failed."""
    async with _conninfo(make_url(url)) as target:
        await _run("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
                   f"--dbname={target}", str(path))  # fmt: skip


@asynccontextmanager
async def _conninfo(url: URL) -> AsyncIterator[str]:
    """The address as libpq takes it. The password is in a file that goes: arguments can be seen by everybody."""
    query = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    if "ssl" in query:  # asyncpg's name for it
        query["sslmode"] = query.pop("ssl")
    known = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database, **query}
    with TemporaryDirectory() as folder:
        if url.password:
            passfile = Path(folder) / "pass"
            passfile.touch(0o600)
            passfile.write_text("*:*:*:*:" + str(url.password).replace("\\", "\\\\").replace(":", "\\:"), "utf-8")
            known["passfile"] = str(passfile)
        yield " ".join(f"{name}={_quoted(str(value))}" for name, value in known.items() if value)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


async def _run(program: str, *arguments: str) -> None:
    try:
        process = await asyncio.create_subprocess_exec(
            program, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except FileNotFoundError:
        raise Failed(
            f"{program} is not there: install PostgreSQL's client programs, as new as the server or newer"
        ) from None
    try:
        _, told = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise Failed(f"{program}: {' '.join(told.decode(errors='replace').split())[:500]}")
