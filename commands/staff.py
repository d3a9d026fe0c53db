"""``main.py staff``: the first door for a fresh city's first administrator, and the last one when all is locked."""

import json
from typing import Annotated

import typer

from commands.asking import ask
from commands.terminal import Json, table

staff = typer.Typer(help="Who may use the console: add, list, disable, reset, code, tokens.", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="What they type to sign in.")]


@staff.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The name that colleagues read.")],
    role: Annotated[
        str, typer.Option(help="administrator, office, dispatcher, lead, handler, grid, checker or viewer.")
    ],
    login: Annotated[str, typer.Option(help="What they type to sign in; the name, if left out.")] = "",
    department: Annotated[
        list[str], typer.Option(help="Only this department's reports; may be given several times.")
    ] = [],  # noqa: B006 - typer's way
    area: Annotated[list[str], typer.Option(help="Only this community's reports; may be given several times.")] = [],  # noqa: B006
) -> None:
    """Add somebody; prints the one-time link with which they choose a password."""
    found = ask("staff.add", name=name, login=login, role=role, departments=department, areas=area)
    typer.echo(f"{found['login']}: {found['role']}. Good once, for three days:\n{found['link']}")


@staff.command("list")
def list_staff(as_json: Json = False) -> None:
    """Everybody, with role, limits and state."""
    found = ask("staff.list")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif not found:
        typer.echo("Nobody yet. «main.py staff add NAME --role administrator» makes a link for the first one.")
    else:
        columns = ("login", "name", "role", "departments", "areas", "state")
        table([columns, *([_cell(row[name]) for name in columns] for row in found)], f"people: {len(found)}")


@staff.command("disable")
def disable(login: Login) -> None:
    """Sign somebody out everywhere and let them in no more. Their deeds stay on record."""
    found = ask("staff.disable", login=login)
    typer.echo(f"{found['login']}: disabled. In the console they can be enabled again.")


@staff.command("reset")
def reset(login: Login) -> None:
    """For a forgotten password or a lost phone: clears both, prints a new one-time link."""
    found = ask("staff.reset", login=login)
    typer.echo(f"{found['login']}: password and second factor are cleared. Good once, for three days:\n{found['link']}")


@staff.command("code")
def code(login: Login) -> None:
    """A one-time code with which they bind Telegram, WeChat or the web chat, to get and handle tasks there."""
    found = ask("staff.code", login=login)
    typer.echo(f"{found['login']}: in the chat say «/duty {found['code']}». Good once, for {found['minutes']} minutes.")


def _cell(value: str | list[str]) -> str:
    return ", ".join(value) if isinstance(value, list) else value


@staff.command("token")
def token(
    login: Login,
    name: Annotated[str, typer.Option(help="What it is for.")] = "program",
    days: Annotated[int, typer.Option(help="How long it is good.")] = 365,
) -> None:
    """A token with which a program reads what this person sees: /api/figures.json, /api/reports.json."""
    made = ask("staff.token", login=login, name=name, days=days)
    typer.echo(f"Shown this once. Send it as «Authorization: Bearer …»:\n{made}")


@staff.command("tokens")
def list_tokens(login: Login, as_json: Json = False) -> None:
    """Somebody's tokens: what for, until when, last used."""
    found = ask("staff.tokens", login=login)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        columns = ("id", "name", "until", "used")
        table([columns, *([_cell(row[name]) for name in columns] for row in found)], f"tokens: {len(found)}")


@staff.command("end-token")
def end_token(
    login: Login, token: Annotated[int | None, typer.Option(help="Its id; all of theirs, if left out.")] = None
) -> None:
    """End a token, or all of somebody's: programs with it read nothing from now on."""
    typer.echo(f"{ask('staff.end_token', login=login, token=token)} ended")
