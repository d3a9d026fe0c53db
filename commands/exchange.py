"""``main.py content export`` and ``import``: the content as a workbook for people, as JSON lines for programs."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commands.library import loaded
from commands.terminal import Json, fail, read_settings

if TYPE_CHECKING:
    from content.intake import Fault, Intake
    from content.sheets import Problem

Kind = Literal["tip", "question", "answer"]
KINDS: tuple[Kind, ...] = ("tip", "question", "answer")
SHOWN = 60  # changes that are printed one by one


def export(
    path: Annotated[Path | None, typer.Argument(metavar="[FILE.xlsx]", help="The workbook to write.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only this kind.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Only these topics; can be given several times.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a workbook that is there already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line instead.")] = False,
) -> None:
    """Write tips, questions and answers into a workbook; or print them, one JSON object a line."""
    from content.export import lines, workbook

    kinds, topics = frozenset([kind] if kind else KINDS), frozenset(topic or ())
    if as_json == bool(path):
        fail("要么写文件名（导出工作簿），要么写 --json（打印 JSON），二选一", 2)
    library = loaded()
    for name in topics - library.topics.keys():
        fail(f"没有主题「{name}」，只有：{'、'.join(library.topics)}", 2)
    if path is None:
        for line in lines(library, kinds, topics):
            typer.echo(json.dumps(line, ensure_ascii=False))
        return
    if path.suffix.lower() != ".xlsx":
        fail(f"文件名要以 .xlsx 结尾：{path}", 2)
    if path.exists() and not force:
        fail(f"{path} 已经有了，没有动它。要换掉它，加 --force")
    try:
        rows = workbook(library, path, kinds, topics)
    except OSError as error:
        fail(f"写不进 {path}:{error.strerror}")
    typer.echo(f"{path}: {rows} 行。改好以后：main.py content import {path} --dry-run")


def bring(
    path: Annotated[
        Path, typer.Argument(metavar="FILE.xlsx", help="The workbook, as export wrote it and you left it.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    as_json: Json = False,
) -> None:
    """Take the changes of a workbook into the content files. If anything in it is wrong, nothing changes."""
    found = _taken(path, dry_run)
    wrong: list[Fault | Problem] = [*found.faults, *found.problems]
    if as_json:
        document = {
            "ok": found.right,
            "applied": found.right and not dry_run,
            "changes": [asdict(change) for change in found.changes],
            "problems": [asdict(one) for one in wrong],
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        raise typer.Exit(0 if found.right else 1)
    if wrong:
        fail("\n".join([*(f"✗ {one}" for one in wrong), f"{len(wrong)} 处不对，什么都没有改"]))
    for change in found.changes[:SHOWN]:
        typer.echo(f"· {change}")
    if len(found.changes) > SHOWN:
        typer.echo(f"… 还有 {len(found.changes) - SHOWN} 处")
    items = len({(change.file, change.item) for change in found.changes})
    done = "会改" if dry_run else "改了"
    typer.echo(f"{done} {items} 条、{len(found.changes)} 处，{len(found.texts)} 个文件" if items else "没有要改的")


def _taken(path: Path, dry_run: bool) -> "Intake":
    """What the workbook changes, written unless it is wrong or only looked at; or words why it can't be read. The
    workbook gets the new ids, so that it can be edited on."""
    from content.intake import Stale, apply, look
    from content.library import ContentError
    from content.workbook import Unreadable

    settings = read_settings()
    try:
        found = look(settings.content_dir, settings.city, datetime.now(settings.zone).date(), path)
        if found.right and found.texts and not dry_run:
            apply(settings.content_dir, found)
            _settled(path, found)
    except Unreadable as error:
        fail(f"{path}: {error}")
    except ContentError as error:
        fail("\n".join(["内容文件现在就有错，先改好再导入：", *(f"✗ {problem}" for problem in error.problems)]))
    except Stale as error:
        fail(f"{error} 刚刚被别人改了，什么都没有写。再运行一次就好")
    except OSError as error:
        fail(f"写不进内容文件夹：{error}")
    return found


def _settled(path: Path, found: "Intake") -> None:
    from content.workbook import settle

    try:
        settle(path, found.rows)
    except OSError as error:
        left = f"内容改好了；表格写不回去（{error.strerror}），要接着改请重新导出"
        typer.secho(left, fg=typer.colors.YELLOW, err=True)
