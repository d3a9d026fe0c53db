"""Youli 有礼: the commands. Run «main.py --help», or simply «main.py run»."""

import asyncio
import json
import logging
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from traceback import format_tb
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer
from pydantic import ValidationError

from settings import Settings

if TYPE_CHECKING:
    from web.codes import Doors

cli = typer.Typer(
    pretty_exceptions_enable=False,
    help="Youli 有礼, the chatbot of a civilised-city campaign.",
    no_args_is_help=True,
    add_completion=False,
)
reports = typer.Typer(help="The staff's door to reports: list, show, move, reply.", no_args_is_help=True)
cli.add_typer(reports, name="reports")
wechat = typer.Typer(help="The WeChat Official Account: its menu.", no_args_is_help=True)
cli.add_typer(wechat, name="wechat")
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

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """The kind of error and the way to it, not its message: databases quote there what people wrote."""
        lines, error = [], ei[1]
        while error is not None:
            lines += [f"{type(error).__module__}.{type(error).__qualname__}\n", *format_tb(error.__traceback__)]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "".join(lines).rstrip()


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
            before, after = await database.reshape(bring)
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
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
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
    figure: Annotated[
        str | None, typer.Option(help="One figure with its breakdowns: «arrivals» for posters. --json has the keys.")
    ] = None,
    language: Annotated[Literal["zh", "en"], typer.Option(help="The language of names and formulas.")] = "zh",
    as_json: Json = False,
) -> None:
    """Participation statistics, each with its numerator and denominator."""
    found = _ask("stats", period=period, area=area, channel=channel, language=language, figure=figure)
    if as_json:
        typer.echo(json.dumps(found["document"], ensure_ascii=False, indent=2))
    else:
        _table(found["table"], f"{found['document']['period']['from']} … {found['document']['period']['to']}")


@cli.command()
def poster(
    area: Annotated[str | None, typer.Option(help="A community or district, by id or name.")] = None,
    campaign: Annotated[str | None, typer.Option(help="A campaign's id: letters, digits, - and _.")] = None,
    title: Annotated[str, typer.Option(help="The campaign's name, as printed.")] = "",
    everywhere: Annotated[bool, typer.Option("--all", help="One sheet for each community.")] = False,
    png: Annotated[bool, typer.Option("--png", help="A picture as well, to show in chats and on screens.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--to", help="Where to; posters in the data directory if left out.")
    ] = None,
    telegram_name: Annotated[
        str | None, typer.Option(help="The Telegram bot's name, instead of asking for it.")
    ] = None,
    wechat_qr: Annotated[
        Path | None, typer.Option(help="A picture of the WeChat account's own code.", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Printable A4 sheets with codes for the web chat, Telegram and WeChat; who comes is counted by sheet."""
    from assembly import read_library
    from civic.errors import Refused
    from web.poster import KINDS, draw, orders

    async def make(settings: Settings) -> None:
        library = read_library(settings)

        def words(key: str, **params: object) -> str:
            return library.texts.render(settings.language, key, **params)

        try:
            wanted = orders(library.city, area, campaign, title, everywhere)
            target = folder or settings.data_dir / "posters"
            async with aclosing(await _doors(settings, telegram_name, wechat_qr)) as doors:
                if doors.wechat is None and settings.wechat_token.get_secret_value():
                    typer.secho(words("poster.wechat_left_out"), fg=typer.colors.YELLOW, err=True)
                target.mkdir(parents=True, exist_ok=True)
                with typer.progressbar(wanted, label=words("poster.making")) as watched:
                    for order in watched:
                        codes = await doors.codes(order.payload)
                        for kind in KINDS[: 1 + png]:
                            (target / f"{order.payload}.{kind}").write_bytes(draw(library, order, codes, kind))
        except Refused as refused:
            fail(words(refused.key, **refused.params))
        typer.echo(words("poster.made", n=len(wanted), folder=target))

    _safely(make)


async def _doors(settings: Settings, telegram_name: str | None, wechat_qr: Path | None) -> "Doors":
    """Where a poster's codes lead: every channel that is configured, and what the operator gave."""
    from bot.channels.wechat import CODE, PROFILES
    from bot.channels.wechat.api import Api
    from civic.errors import Refused
    from web import codes
    from web.poster import picture

    if not settings.base_url:
        raise Refused("poster.no_address")
    token = settings.telegram_token.get_secret_value()
    telegram = codes.checked_name(telegram_name) if telegram_name else ""
    if token and not telegram:
        telegram = await codes.telegram_name(token, settings.telegram_api_base, settings.data_dir / "telegram-name")
    if wechat_qr is not None:
        return codes.Doors(settings.public_url, telegram, picture(wechat_qr.read_bytes()))
    secret = settings.wechat_app_secret.get_secret_value()
    if settings.wechat_app_id and secret and CODE in PROFILES[settings.wechat_profile].rights:
        return codes.Doors(settings.public_url, telegram, Api(settings.wechat_api_base, settings.wechat_app_id, secret))
    return codes.Doors(settings.public_url, telegram)


@wechat.command("menu")
def wechat_menu(
    publish: Annotated[bool, typer.Option("--publish", help="Make it the account's menu.")] = False,
    language: Annotated[str, typer.Option(help="zh or en; the city's language if left out.")] = "",
) -> None:
    """Show and check content/wechat_menu.toml; with --publish, make it the account's menu."""
    from assembly import wechat_account
    from bot.channel import TryLater
    from bot.channels.wechat import menu as menus
    from bot.channels.wechat.api import Api, Refusal
    from bot.channels.wechat.probe import WAYS_OUT
    from bot.engine import COMMANDS
    from handlers import CONVERSATIONS

    async def do(settings: Settings) -> None:
        commands = COMMANDS.union(*(conversation.opens for conversation in CONVERSATIONS))
        base, spoken = settings.public_url, language or settings.language
        menu = menus.as_sent(menus.read_menu(settings.content_dir, commands, base), spoken, base)
        for button in menu["button"]:
            for item in (button, *button.get("sub_button", ())):
                does = item.get("key") or item.get("url") or ""
                typer.echo(f"{'  ' if item is not button else ''}{item['name']}{'  → ' if does else ''}{does}")
        if not publish:
            typer.echo("\nIt is right. «main.py wechat menu --publish» makes it the account's menu.")
            return
        account = wechat_account(settings)
        if not (account.app_id and account.app_secret):
            fail("Publishing needs YOULI_WECHAT_APP_ID and YOULI_WECHAT_APP_SECRET.", 2)
        api = Api(account.api_base, account.app_id, account.app_secret)
        try:
            await menus.publish(api, menu)
        except Refusal as refusal:
            fail(WAYS_OUT.get(refusal.code, f"WeChat refuses the menu: {refusal} (48001: no right; see docs/wechat.md)"))
        except TryLater as error:
            fail(f"WeChat can't be reached at {account.api_base}: {error}")
        finally:
            await api.close()
        typer.echo("\nPublished. People see it within five minutes, or at once when they open the chat anew.")

    _safely(do)


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
                async with aclosing(call):
                    await talk(call.do)
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
