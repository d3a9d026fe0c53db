"""``main.py content``: the editors' commands."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.asking import ask
from commands.terminal import Json, fail, read_settings, table

if TYPE_CHECKING:
    from content.library import Library

content = typer.Typer(help="For editors: check the content, what is due, what is missing.", no_args_is_help=True)
city = typer.Typer(help="City packs.", no_args_is_help=True)
content.add_typer(city, name="city")


def _loaded() -> "Library":
    """The content, or a line for each problem, and exit code 1."""
    from content.library import ContentError, load

    settings = read_settings()
    try:
        return load(settings.content_dir, settings.city, datetime.now(settings.zone).date())
    except ContentError as error:
        fail("\n".join(f"✗ {problem}" for problem in error.problems))


@content.command()
def check() -> None:
    """Look at all content files; one line for each problem: file · item (line): reason."""
    from checkup import inventory

    typer.secho(f"✓ {inventory(_loaded())}", fg=typer.colors.GREEN)


@content.command()
def due() -> None:
    """What to look at again: sources due for review, repealed rules that are cited, what has no English."""
    from content.due import due as look

    today = datetime.now(read_settings().zone).date()
    found = look(_loaded(), today)
    for problem in found:
        typer.echo(f"· {problem}")
    typer.echo(f"{len(found)} to look at" if found else "✓ nothing is due")


@content.command()
def unanswered(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many lines.")] = 50, as_json: Json = False
) -> None:
    """What residents asked in vain, most often first; what can be answered by now is left out."""
    found = ask("content.unanswered", limit=limit)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif not found:
        typer.echo("Nothing was asked in vain.")
    else:
        columns = ("words", "count", "last_day")
        rows = ([str(row[name]) for name in columns] for row in found)
        table([columns, *rows], "asked in vain: add a way to ask it in content/answers/, or a word in synonyms.toml")


@city.command("new")
def new_city(
    name: Annotated[str, typer.Argument(help="The folder's name: pinyin in small letters, like hangzhou.")],
    zh: Annotated[str, typer.Option(help="The city's name in Chinese.")] = "",
    en: Annotated[str, typer.Option(help="The city's name in English.")] = "",
) -> None:
    """Make a pack for a new city from the template."""
    from content.newcity import NotFounded, found_city

    try:
        folder = found_city(Path(read_settings().content_dir), name, zh, en)
    except NotFounded as error:
        fail(str(error))
    typer.echo(
        f"{folder} 好了。接着改四个文件：\n"
        "  city.toml         市名、口号、办公时间、电话、接办步骤\n"
        "  areas.toml        区和社区\n"
        "  departments.toml  承办部门，哪类上报归谁\n"
        "  rules.toml        本市自己的规定：罚多少、几点到几点\n"
        f"然后设 YOULI_CITY={name}，运行 main.py content check。"
    )
