"""``main.py content``: the editors' commands."""

import json
from dataclasses import asdict
from datetime import date, datetime
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
def sources(
    every: Annotated[bool, typer.Option("--all", help="Also those that nothing cites.")] = False, as_json: Json = False
) -> None:
    """The register of sources: version, dates, what replaced it, how often it is cited, when to look at it again."""
    from content.register import register

    found = [one for one in register(loaded()) if every or one.cited_by]
    if as_json:
        rows = [
            one.instrument.model_dump(mode="json")
            | {"cited_by": one.cited_by, "verified_on": _day(one.verified_on), "review_by": _day(one.review_by)}
            for one in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    head = ("代号", "名称", "版本", "施行", "失效", "改引", "引用", "最早核对", "最先到期")
    lines = [
        (
            one.instrument.code,
            one.instrument.name,
            one.instrument.version,
            _day(one.instrument.effective_from) or "",
            _day(one.instrument.ended) or "",
            one.instrument.replaced_by or "",
            len(one.cited_by),
            _day(one.verified_on) or "",
            _day(one.review_by) or "",
        )
        for one in found
    ]
    table([head, *lines], f"{len(found)} 部")


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


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
        fail(f"写不进去：{error}")
    typer.echo(
        f"{name} 末尾有了一条草稿 {label}。接着：\n"
        "  1. 打开这个文件，把空着的填上，每一项后面写着该填什么\n"
        f"  2. main.py content check 看还差什么；main.py content preview {label} 看居民会看到什么\n"
        "  3. 写好了，删掉 draft 那一行，它就会用上"
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


@city.command("gaps")
def gaps(as_json: Json = False) -> None:
    """What the city's pack does not say yet: on these residents are told to ask 12345."""
    library = loaded()
    open_yet = [matter for key, matter in library.matters.items() if key not in library.city.rules]
    if as_json:
        found = [{"key": matter.key, "zh": matter.zh, "en": matter.en} for matter in open_yet]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for topic in library.topics.values():
        missing = [matter for matter in open_yet if matter.key.startswith(f"{topic.id}.")]
        if missing:
            typer.secho(topic.zh.name, bold=True)
            typer.echo("\n".join(f"  {matter.key:22} {matter.zh}" for matter in missing))
    name = f"cities/{library.city.id}/rules.toml"
    known = len(library.matters) - len(open_yet)
    counted = f"{name}: 登记了 {known} 件，还有 {len(open_yet)} 件"
    typer.echo(f"{counted}。没登记的，居民会听到「以本市规定为准，请打 12345」")


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
        f"然后设 YOULI_CITY={name}，运行 main.py content check；main.py content city gaps 看还有哪些规定没登记。"
    )
