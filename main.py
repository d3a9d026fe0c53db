"""Youli 有礼: the commands. Run «main.py --help», or simply «main.py run»."""

import asyncio
import json
import logging
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer
from pydantic import ValidationError

from settings import Settings

cli = typer.Typer(
    pretty_exceptions_enable=False,
    help="Youli 有礼, the chatbot of a civilised-city campaign.",
    no_args_is_help=True,
    add_completion=False,
)
reports = typer.Typer(help="The staff's door to reports: list, show, move, reply.", no_args_is_help=True)
cli.add_typer(reports, name="reports")
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
By = Annotated[str, typer.Option(help="Who you are; colleagues see it, the resident does not.")]


def fail(text: str, code: int = 1) -> NoReturn:
    """Say what is wrong and end."""
    typer.secho(text, fg=typer.colors.RED, err=True)
    raise typer.Exit(code)


def read_settings() -> Settings:
    """The settings, or one line for each that is wrong."""
    try:
        settings = Settings()
    except ValidationError as error:
        fail("\n".join(_wrong(item["loc"], item["msg"]) for item in error.errors()), 2)
    handler = logging.StreamHandler()
    handler.setFormatter(Line("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    for talkative in ("httpx", "alembic", "uvicorn.error"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    return settings


def _wrong(where: tuple[int | str, ...], words: str) -> str:
    """One line for one wrong setting; what concerns no single one names it itself."""
    words = words.removeprefix("Value error, ")
    return f"YOULI_{str(where[0]).upper()}: {words}" if where else words


class Line(logging.Formatter):
    """One line of the log: what happened, and the ids that go with it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        ids = "".join(f" {name}={value}" for name, value in vars(record).items() if name not in USUAL)
        return super().formatMessage(record) + ids


USUAL = {*vars(logging.makeLogRecord({})), "message", "asctime"}  # what every record has


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
        database = await open_database(settings.database)
        try:
            before, after = await database.write(bring)
        finally:
            await database.close()
        typer.echo(f"up to date: {after}" if before == after else f"brought from {before or 'nothing'} to {after}")

    _safely(lambda settings: do(settings))


@cli.command()
def check(as_json: Json = False) -> None:
    """Look at settings, content, database, channels; say what is wrong in words. Exit code 1 if anything is."""
    from checkup import checkup

    settings = read_settings()
    findings = asyncio.run(checkup(settings))
    if as_json:
        typer.echo(json.dumps([finding.__dict__ for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            mark, colour = {"ok": ("✓", "green"), "note": ("·", "yellow"), "wrong": ("✗", "red")}[finding.state]
            typer.secho(f"{mark} {finding.what}: {finding.words}", fg=colour)
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


@cli.command()
def stats(
    period: Annotated[
        str, typer.Option(help="today, last-7, last-30, 2026-W47, 2026-11, 2026-11-23, or A..B.")
    ] = "last-30",
    area: Annotated[str | None, typer.Option(help="A district or community of the city pack.")] = None,
    channel: Annotated[str | None, typer.Option(help="web, wechat, telegram, terminal.")] = None,
    language: Annotated[Literal["zh", "en"], typer.Option(help="The language of names and formulas.")] = "zh",
    as_json: Json = False,
) -> None:
    """Participation statistics, each with its numerator and denominator."""
    found = _ask("stats", period=period, area=area, channel=channel, language=language)
    if as_json:
        typer.echo(json.dumps(found["document"], ensure_ascii=False, indent=2))
    else:
        _table(found["table"], f"{found['document']['period']['from']} … {found['document']['period']['to']}")


@reports.command("list")
def list_reports(
    status: Annotated[list[str], typer.Option(help="Only these states; may be given several times.")] = [],  # noqa: B006 - typer's way
    category: Annotated[str | None, typer.Option(help="Only this category id.")] = None,
    area: Annotated[str | None, typer.Option(help="Only this community id.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is past its deadline.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """Reports, the most urgent first."""
    found = _ask("reports.list", status=status, category=category, area=area, overdue=overdue, limit=limit)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif not found:
        typer.echo("No reports match. «main.py reports list --help» shows the filters.")
    else:
        columns = ("number", "status", "priority", "category", "place", "department", "due")
        _table([columns, *([str(row[name] or "") for name in columns] for row in found)], f"{len(found)} reports")


@reports.command("show")
def show_report(number: str, as_json: Json = False) -> None:
    """One report with its history."""
    found = _ask("reports.show", number=number)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for name, value in found.items():
        if name != "history" and value not in (None, "", {}):
            typer.echo(f"{name:>12}  {value}")
    for entry in found["history"]:
        typer.echo(f"  {entry['at']}  {entry['move']:<10} {entry['by']:<10} → {entry['to']}  {entry['note']}")


@reports.command("move")
def move_report(
    number: str,
    move: Annotated[str, typer.Argument(help="accept, assign, start, ask, hold, resolve, close, reject, reopen.")],
    note: Annotated[str, typer.Option(help="Words for the resident; ask, hold, resolve and reject need them.")] = "",
    department: Annotated[str | None, typer.Option(help="Hand it to this department id.")] = None,
    by: By = "office",
) -> None:
    """Move a report on. The resident hears of it in chat."""
    found = _ask("reports.move", number=number, move=move, by=by, note=note, department=department)
    typer.echo(f"{found['number']}: {found['status']} · due {found['due']}")


@reports.command("reply")
def reply_to_report(number: str, text: str, by: By = "office") -> None:
    """Write to the resident about a report."""
    found = _ask("reports.reply", number=number, by=by, text=text)
    typer.echo(f"{found['number']}: the resident will read it")


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

    _with_desk(talk)


def _table(rows: list[Any], title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*[str(cell) for cell in rows[0]], title=title)
    for row in rows[1:]:
        table.add_row(*[str(cell) for cell in row])
    Console().print(table)


def _ask(task: str, **arguments: Any) -> Any:
    """Have a task done by the running server, or here when none runs."""
    answer: list[Any] = []

    async def once(do: Callable[..., Awaitable[Any]]) -> None:
        answer.append(await do(task, arguments))

    _with_desk(once)
    return answer[0]


def _with_desk(talk: Callable[[Callable[..., Awaitable[Any]]], Awaitable[None]]) -> None:
    from assembly import desk_path, open_house, read_library
    from civic.errors import Refused
    from web.desk import DeskCall

    async def reach(settings: Settings) -> None:
        call = await DeskCall.to(desk_path(settings))
        try:
            if call is not None:
                await talk(call.do)
                await call.close()
            else:
                async with open_house(settings, upgrade=True) as built:
                    await talk(built.desk.do)
        except Refused as refused:
            texts = read_library(settings).texts
            fail(texts.render(settings.language, refused.key, **refused.params))
        except (ConnectionError, RuntimeError) as error:
            fail(str(error))

    _safely(reach)


def _safely(do: Callable[[Settings], Awaitable[None]]) -> None:
    """Run; turn what can be expected to go wrong into one clear line."""
    from assembly import NotReady
    from bot.media import MediaUnavailable
    from content.library import ContentError
    from db.database import DatabaseInUse

    settings = read_settings()
    logging.getLogger().setLevel(logging.WARNING)
    try:
        asyncio.run(_awaited(do, settings))
    except (DatabaseInUse, NotReady, MediaUnavailable, ValueError) as error:
        fail(str(error))
    except ContentError as error:
        fail("The content is not right:\n" + "\n".join(str(problem) for problem in error.problems))
    except (OSError, sqlite3.DatabaseError) as error:
        fail(f"The database can't be opened: {error}")


async def _awaited(do: Callable[[Settings], Awaitable[None]], settings: Settings) -> None:
    await do(settings)


def _serve(settings: Settings, *, doors: bool, work: bool, upgrade: bool) -> None:
    from serving import PortTaken, serve_until_stopped

    try:
        serve_until_stopped(settings, doors=doors, work=work, upgrade=upgrade)
    except PortTaken:
        fail(f"Port {settings.port} is taken. Choose another: YOULI_PORT={settings.port + 1} make run", 3)
    except Exception as error:
        from assembly import NotReady
        from bot.media import MediaUnavailable
        from content.library import ContentError
        from db.database import DatabaseInUse

        if isinstance(error, ContentError):
            fail("The content is not right:\n" + "\n".join(str(problem) for problem in error.problems))
        if isinstance(error, DatabaseInUse | NotReady | MediaUnavailable | ValueError):
            fail(str(error))
        if isinstance(error, OSError):
            fail(f"Youli can't start: {error}")
        raise


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    cli()
