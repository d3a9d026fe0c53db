"""``main.py keys``: what seals plates, positions, words and second factors in the database."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import typer

from commands.asking import with_desk

keys = typer.Typer(help="The keys that seal fields in the database: new, rotate.", no_args_is_help=True)
TOLD = 10_000  # rows between two signs of life


@keys.command("new")
def new() -> None:
    """Print a key for YOULI_FIELD_KEYS. Nothing is changed."""
    typer.echo(secrets.token_urlsafe(32))


@keys.command("rotate")
def rotate() -> None:
    """Seal with the newest key what older ones sealed. Stopped half-way, it goes on where it was."""
    with_desk(_rotate)


async def _rotate(do: Callable[..., Awaitable[Any]]) -> None:
    found = await do("keys.tables", {})
    total = 0
    for table in found["tables"]:
        after, rows = 0, 0
        while (page := await do("keys.page", {"table": table, "after": after})) is not None:
            if (rows + page["rows"]) // TOLD > rows // TOLD:
                typer.echo(f"{table}: {rows + page['rows']} rows looked at")
            after, rows, total = page["last"], rows + page["rows"], total + page["sealed"]
        typer.echo(f"{table}: done, {rows} rows")
    typer.echo(f"{total} rows sealed anew; all is sealed with {found['newest']}. Keys behind it can go.")
