"""Youli 有礼: the commands. Run «main.py --help», or simply «main.py run»."""

# ruff: noqa: E402 - the collector is told first

import gc

# What is imported and read stays: a collector that looks at it again and again takes a tenth of a command's time.
gc.set_threshold(100_000)

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.asking import safely, with_desk
from commands.backups import backup, backup_key, restore
from commands.bulletins import bulletin
from commands.content import content
from commands.demo import demo
from commands.export import export
from commands.keys import keys
from commands.moving import move_database
from commands.posters import poster
from commands.reports import reports
from commands.shown import settings as shown
from commands.staff import staff
from commands.stats import stats
from commands.terminal import Json, fail, read_settings
from commands.wechat import wechat
from settings import Settings

cli = typer.Typer(
    pretty_exceptions_enable=False,
    help="Youli 有礼, the chatbot of a civilised-city campaign.",
    no_args_is_help=True,
    add_completion=False,
)
cli.add_typer(reports, name="reports")
cli.add_typer(staff, name="staff")
cli.add_typer(stats, name="stats")
cli.add_typer(content, name="content")
cli.add_typer(keys, name="keys")
cli.add_typer(wechat, name="wechat")


@cli.command()
def run() -> None:
    """Everything in one process: web chat, channels, postman, clock. What a town needs."""
    _serve(read_settings(), doors=True, work=True, upgrade=True)


@cli.command()
def serve() -> None:
    """Only the doors: web chat, webhooks, pages. On SQLite this includes the work, since one process owns the file."""
    settings = read_settings()
    _serve(
        settings,
        doors=True,
        work=settings.database.startswith("sqlite"),
        upgrade=settings.database.startswith("sqlite"),
    )


@cli.command()
def work() -> None:
    """Only the background: postman, photo collector, clock. Needs PostgreSQL beside «serve» processes."""
    settings = read_settings()
    if settings.database.startswith("sqlite"):
        fail("«work» runs beside «serve», which needs PostgreSQL (YOULI_DATABASE_URL). On SQLite use «main.py run».", 2)
    _serve(settings, doors=False, work=True, upgrade=False)


@cli.command()
def migrate() -> None:
    """Bring the database up to date. Safe to repeat."""
    from db.database import open_database
    from db.migrate import migrate as bring

    async def do(settings: Settings) -> None:
        database = await open_database(settings.database, keys=settings.keyring())
        try:
            before, after = await database.reshape(bring)
        finally:
            await database.close()
        typer.echo(f"up to date: {after}" if before == after else f"brought from {before or 'nothing'} to {after}")

    safely(lambda settings: do(settings))


@cli.command()
def check(as_json: Json = False) -> None:
    """Look at settings, content, database, channels; say what is wrong in words. Exit code 1 if anything is."""
    from checkup import checkup

    settings = read_settings()
    findings = asyncio.run(checkup(settings))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            mark, colour = {"ok": ("✓", "green"), "note": ("·", "yellow"), "wrong": ("✗", "red")}[finding.state]
            typer.secho(f"{mark} {finding.what}: {finding.words}", fg=colour)
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


@cli.command()
def chat(user: Annotated[str, typer.Option(help="Who you are in this conversation.")] = "me") -> None:
    """Talk to the bot in the terminal. Ctrl-D ends."""

    async def talk(do: Callable[..., Awaitable[Any]]) -> None:
        line = "/start"
        while True:
            for text in await do("chat", {"user": user, "text": line}):
                typer.secho(text + "\n", fg=typer.colors.GREEN)
            try:
                line = await asyncio.to_thread(input, "> ")
            except (EOFError, KeyboardInterrupt):
                return

    with_desk(talk)


def _serve(settings: Settings, *, doors: bool, work: bool, upgrade: bool) -> None:
    from serving import PortTaken, serve_until_stopped

    try:
        serve_until_stopped(settings, doors=doors, work=work, upgrade=upgrade)
    except PortTaken:
        fail(f"Port {settings.port} is taken. Choose another: YOULI_PORT={settings.port + 1} make run", 3)
    except Exception as error:
        from bot.media import MediaUnavailable
        from content.library import ContentError
        from db.database import DatabaseInUse
        from opening import NotReady

        if isinstance(error, ContentError):
            fail("The content is not right:\n" + "\n".join(str(problem) for problem in error.problems))
        if isinstance(error, DatabaseInUse | NotReady | MediaUnavailable | ValueError):
            fail(str(error))
        if isinstance(error, OSError):
            fail(f"Youli can't start: {error}")
        raise


cli.command("settings")(shown)
cli.command()(demo)
cli.command()(poster)
cli.command()(bulletin)
cli.command()(export)
cli.command("move-database")(move_database)
cli.command()(backup)
cli.command("backup-key")(backup_key)
cli.command()(restore)

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    cli()
