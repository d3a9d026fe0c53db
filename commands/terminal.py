"""What all commands share at the terminal: settings, one clear line for what is wrong, tables, the log's form."""

import json
import logging
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from traceback import format_tb
from typing import Annotated, Any, NoReturn

import typer
from dotenv.parser import parse_stream  # comes with pydantic-settings
from pydantic import ValidationError

from settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def fail(text: str, code: int = 1) -> NoReturn:
    """Say what is wrong and end."""
    typer.secho(text, fg=typer.colors.RED, err=True)
    raise typer.Exit(code)


def read_settings() -> Settings:
    """The settings, or one line for each that is wrong."""
    if unread := misread():
        fail("\n".join(unread), 2)
    try:
        settings = Settings()
    except ValidationError as error:
        fail("\n".join(_wrong(item["loc"], item["msg"]) for item in error.errors()), 2)
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLine() if settings.log_format == "json" else Line())
    level: int = getattr(logging, settings.log_level.upper())
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler])
    logging.getLogger("youli").setLevel(level)  # libraries tell of addresses with tokens, and of what they carry
    return settings


def misread() -> list[str]:
    """What can't be read in .env, one line each: it would quietly set nothing."""
    try:
        lines = parse_stream(StringIO(Path(".env").read_text("utf-8-sig")))
        return [
            f".env, line {one.original.line}: write NAME=value, with every quote closed" for one in lines if one.error
        ]
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        return [".env is not written in UTF-8: save it so"]
    except OSError as error:
        return [f".env can't be read: {error.strerror}"]


def _wrong(where: tuple[int | str, ...], words: str) -> str:
    """One line for one wrong setting; what concerns no single one names it itself."""
    words = words.removeprefix("Value error, ")
    return f"YOULI_{str(where[0]).upper()}: {words}" if where else words


class Line(logging.Formatter):
    """One line of the log: what happened, and the ids that go with it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return super().formatMessage(record) + "".join(f" {name}={value}" for name, value in ids(record).items())

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """The kind of error and the way to it, not its message: databases quote there what people wrote."""
        lines, error = [], ei[1]
        while error is not None:
            lines += [f"{type(error).__module__}.{type(error).__qualname__}\n", *format_tb(error.__traceback__)]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "".join(lines).rstrip()


class JsonLine(Line):
    """The same as JSON: ``at`` (UTC), ``level``, ``logger``, ``event``, the ids, and ``error`` where there was one."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "logger": record.name, "event": record.getMessage()} | ids(record)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def ids(record: logging.LogRecord) -> dict[str, Any]:
    """What goes with an event: the names given in ``extra``."""
    return {name: value for name, value in vars(record).items() if name not in USUAL}


USUAL = {*vars(logging.makeLogRecord({})), "message", "asctime"}  # what every record has


def table(rows: list[Any], title: str) -> None:
    """Print rows under their heading, the first of them."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Column, Table

    # In 80 columns, too, nothing is cut off: what does not fit goes on below.
    shown = Table(
        *(Column(str(cell), overflow="fold") for cell in rows[0]), title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    for row in rows[1:]:
        shown.add_row(*["—" if cell is None else str(cell) for cell in row])
    Console().print(shown)
