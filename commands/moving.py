"""``main.py move-database``: a city that outgrew its SQLite file goes on with PostgreSQL."""

from typing import TYPE_CHECKING, Annotated

import typer

from commands.asking import safely
from commands.terminal import fail
from settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Table

    from db.database import Database
    from db.moving import Key, Stand, Sum

TOLD = 100_000  # rows between two signs of life


def move_database(
    to: Annotated[str, typer.Option(help="postgresql://user@host/name; the password may come from PGPASSWORD.")],
    anew: Annotated[bool, typer.Option("--anew", help="Throw an unfinished copy away and begin again.")] = False,
) -> None:
    """Copy a SQLite city to an empty PostgreSQL and compare both. Killed half-way, it goes on where it was."""
    safely(lambda settings: _move(settings, to, anew))


async def _move(settings: Settings, to: str, anew: bool) -> None:
    from db.database import open_database, sqlite_file
    from db.moving import Occupied, clear

    file = sqlite_file(settings.database)
    if file is None:
        fail("This city is on PostgreSQL already (YOULI_DATABASE_URL). What moves is a SQLite file.", 2)
    if not to.startswith(("postgresql://", "postgres://", "postgresql+asyncpg://")):
        fail("--to: it can be postgresql://user@host/name", 2)
    if not file.exists():
        fail(f"There is no {file}: nothing to move. YOULI_DATA_DIR or YOULI_DATABASE_URL says where it is.")
    source = await open_database(settings.database, keys=settings.keyring())
    try:
        target = await open_database(to, keys=settings.keyring())
        try:
            if anew:
                await target.write(clear)
            rows = await _copy(source, target)
        finally:
            await target.close()
    except Occupied as error:
        fail(f"The database at --to {error}: nothing was changed. Name an empty one, or --anew for a copy of ours.")
    finally:
        await source.close()
    typer.echo(
        f"moved: {rows} rows, the same on both sides. Set YOULI_DATABASE_URL to the address of --to and start. "
        f"{file} is as it was: keep it until you have seen the new one work. Photos stay where they are."
    )


async def _copy(source: "Database", target: "Database") -> int:
    """Everything from one to the other, compared; how many rows."""
    from db.migrate import current, migrate, newest
    from db.moving import TABLES, begin, finish, go_on_counting, look, mark, numbers

    if (found := await source.read(current)) != newest():
        fail(f"The SQLite city's tables are at {found or 'nothing yet'}, needed {newest()}: run main.py migrate first.")
    city = await source.read(mark)
    await target.write(look, city)
    await target.reshape(migrate)
    stands = await target.write(begin, city)
    for table in TABLES:
        await _copy_table(source, target, table, stands[table.name])
    await target.write(go_on_counting, await source.read(numbers))
    typer.echo("comparing both sides")
    sums = [(table.name, await _sum(source, table), await _sum(target, table)) for table in TABLES]
    if differ := [f"{name} ({here.rows} rows here, {there.rows} there)" for name, here, there in sums if here != there]:
        fail(
            f"The two sides differ in {', '.join(differ)}. Something was written to one of them since the copy began: "
            "run it again with --anew. Nothing serves from the copy meanwhile."
        )
    await target.write(finish)
    return sum(here.rows for _, here, _ in sums)


async def _copy_table(source: "Database", target: "Database", table: "Table", stand: "Stand") -> None:
    from sqlalchemy.exc import DBAPIError

    from db.moving import key, read, unfit, write

    last, rows = stand
    if rows:
        typer.echo(f"{table.name}: {rows} rows are there already")
    while page := await source.read(read, table, last):
        try:
            await target.write(write, table, page)
        except DBAPIError:
            if words := unfit(table, page):
                fail(f"PostgreSQL can't hold everything that is here: {words}. What was copied so far is kept.")
            raise
        last, before, rows = key(table, page[-1]), rows, rows + len(page)
        if before // TOLD < rows // TOLD:
            typer.echo(f"{table.name}: {rows} rows")
    typer.echo(f"{table.name}: {rows} rows, done")


async def _sum(database: "Database", table: "Table") -> "Sum":
    from db.moving import Sum, added, key, read

    last: Key | None = None
    whole = Sum(0, 0)
    while page := await database.read(read, table, last):
        whole, last = added(whole, page), key(table, page[-1])
    return whole
