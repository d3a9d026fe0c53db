"""``main.py content``: the editors' commands."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from commands.asking import ask
from commands.exchange import bring, export
from commands.library import loaded
from commands.preview import preview
from commands.terminal import Json, fail, read_settings, table
from commands.why import why

content = typer.Typer(
    help="For editors: check, write, preview, export and import the content; what is due, what is missing.",
    no_args_is_help=True,
)
city = typer.Typer(help="City packs.", no_args_is_help=True)
content.add_typer(city, name="city")
content.command("export")(export)
content.command("import")(bring)
content.command()(preview)
content.command()(why)


@content.command()
def check(
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count, too.")] = False, as_json: Json = False
) -> None:
    """Look at all content files; one line for each problem: file · item (line): reason.

    ✗ is an error: the content is not served. · is a warning: a draft to be finished, a source due for review.
    Exit code 1 with errors (with --strict also with warnings), else 0.
    """
    from checkup import inventory
    from content.due import due as look
    from content.library import ContentError, load

    settings = read_settings()
    today = datetime.now(settings.zone).date()
    errors: list[Any] = []
    warnings: list[Any] = []
    holds = ""
    try:
        library = load(settings.content_dir, settings.city, today)
    except ContentError as error:
        errors = list(error.problems)
    else:
        warnings, holds = [*library.notes, *look(library, today)], inventory(library)
    good = not errors and not (strict and warnings)
    if as_json:
        rows = [
            {"level": level, **asdict(problem)}
            for level, found in (("error", errors), ("warning", warnings))
            for problem in found
        ]
        typer.echo(json.dumps({"ok": good, "holds": holds, "problems": rows}, ensure_ascii=False, indent=2))
    else:
        for problem in warnings:
            typer.secho(f"· {problem}", fg=typer.colors.YELLOW)
        for problem in errors:
            typer.secho(f"✗ {problem}", fg=typer.colors.RED, err=True)
        if not errors:
            typer.secho(f"✓ {holds}", fg=typer.colors.GREEN)
    if not good:
        raise typer.Exit(1)


@content.command()
def due(as_json: Json = False) -> None:
    """What to look at again: sources due for review, repealed rules that are cited, what has no English."""
    from content.due import due as look

    found = look(loaded(), datetime.now(read_settings().zone).date())
    if as_json:
        typer.echo(json.dumps([asdict(problem) for problem in found], ensure_ascii=False, indent=2))
        return
    for problem in found:
        typer.echo(f"· {problem}")
    typer.echo(f"{len(found)} to look at" if found else "✓ nothing is due")


@content.command()
def new(
    kind: Annotated[Literal["tip", "question", "answer"], typer.Argument(help="What to write.")],
    topic: Annotated[str, typer.Argument(help="The topic's id, like dogs: content/topics.toml lists them.")],
    label: Annotated[str, typer.Option("--id", help="Its id; without one the next free one is taken.")] = "",
) -> None:
    """Put the draft of a new tip, question or answer into its topic's file, with what to write where."""
    from content.newitem import NotBegun, begin

    settings = read_settings()
    today = datetime.now(settings.zone).date()
    try:
        label, name = begin(settings.content_dir, loaded(), kind, topic, today, label)
    except NotBegun as error:
        fail(str(error))
    except OSError as error:
        fail(f"写不进去:{error}")
    typer.echo(
        f"{name} 末尾有了一条草稿 {label}。接着：\n"
        "  1. 打开这个文件,把空着的填上,每一项后面写着该填什么\n"
        f"  2. main.py content check 看还差什么；main.py content preview {label} 看居民会看到什么\n"
        "  3. 写好了,删掉 draft 那一行,它就会用上"
    )


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
