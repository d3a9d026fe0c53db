"""``main.py reports``: the staff's door until the console stands."""

import json
from typing import Annotated

import typer

from civic.reports import MOVES
from commands.asking import ask
from commands.terminal import Json, table

reports = typer.Typer(
    help="The staff's door to reports: list, show, move, reply, supervise, reminders, returns, duplicates, mute.",
    no_args_is_help=True,
)

By = Annotated[str, typer.Option(help="Who you are; colleagues see it, the resident does not.")]


@reports.command("list")
def list_reports(
    status: Annotated[list[str], typer.Option(help="Only these states; may be given several times.")] = [],  # noqa: B006 - typer's way
    category: Annotated[str | None, typer.Option(help="Only this category id.")] = None,
    area: Annotated[str | None, typer.Option(help="Only this community id.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is past its deadline.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    by: By = "office",
    as_json: Json = False,
) -> None:
    """Reports, the most urgent first. That you looked stands in the audit log."""
    found = ask("reports.list", status=status, category=category, area=area, overdue=overdue, limit=limit, by=by)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif not found:
        typer.echo("No reports match. «main.py reports list --help» shows the filters.")
    else:
        columns = ["number", "status", "priority", "category", "place", "department", "due"]
        columns += ["supervision"] if overdue else []
        table([columns, *([str(row[name] or "") for name in columns] for row in found)], f"reports: {len(found)}")


@reports.command("show")
def show_report(number: str, by: By = "office", as_json: Json = False) -> None:
    """One report with its history. That you opened it stands in the audit log."""
    found = ask("reports.show", number=number, by=by)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for name, value in found.items():
        if name not in {"history", "supervisions"} and value not in (None, "", {}, [], False, 0):
            typer.echo(f"{name:>12}  {value}")
    for paper in found["supervisions"]:
        typer.echo(f"supervision ({paper['outcome'] or 'draft'}): {paper['words']}")
        if paper["answer"]:
            typer.echo(f"     answer: {paper['answer']}")
    for entry in found["history"]:
        words = " · ".join(filter(None, (entry["note"], entry["target"])))
        typer.echo(f"  {entry['at']}  {entry['move']:<10} {entry['by']:<10} → {entry['to']}  {words}")


@reports.command("move")
def move_report(
    number: str,
    move: Annotated[str, typer.Argument(help=f"One of: {', '.join(MOVES)}.")],
    note: Annotated[str, typer.Option(help="Words for the resident, or among colleagues; many moves need them.")] = "",
    department: Annotated[str | None, typer.Option(help="accept, assign: to this department id.")] = None,
    person: Annotated[str, typer.Option(help="assign: to this login.")] = "",
    target: Annotated[str, typer.Option(help="merge: into this number. refer: to this hotline.")] = "",
    until: Annotated[str, typer.Option(help="extend, hold and what asks for them: the day, 2026-11-23.")] = "",
    ground: Annotated[str, typer.Option(help="reject, return: the id of a ground in content/grounds.toml.")] = "",
    no_photo: Annotated[str, typer.Option(help="resolve: why there is no photo taken after the work.")] = "",
    by: By = "office",
) -> None:
    """Move a report on. The resident hears of it in chat."""
    more = {"person": person, "target": target, "until": until, "ground": ground, "no_photo": no_photo}
    found = ask("reports.move", number=number, move=move, by=by, note=note, department=department, **more)
    typer.echo(f"{found['number']}: {found['status']} · due {found['due']}")
    for warning in found["warnings"]:
        typer.echo(f"look at the photos again: {warning.replace('_', ' ')}")


@reports.command("reply")
def reply_to_report(number: str, text: str, by: By = "office") -> None:
    """Write to the resident about a report."""
    found = ask("reports.reply", number=number, by=by, text=text)
    typer.echo(f"{found['number']}: the resident will read it")


@reports.command("supervise")
def supervise(
    number: str,
    words: Annotated[str, typer.Option(help="Instead of the draft's.")] = "",
    drop: Annotated[bool, typer.Option("--drop", help="No supervision after all.")] = False,
    by: By = "office",
) -> None:
    """Sign the supervision (督办) that was drafted for a late report; the department reads it."""
    found = ask("reports.supervise", number=number, by=by, words=words, drop=drop)
    typer.echo(f"{number}: {found['supervisions'][0]['outcome']}\n{found['supervisions'][0]['words']}")


@reports.command("reminders")
def reminders(
    login: str,
    read: Annotated[bool, typer.Option("--read", help="Mark them as read.")] = False,
    as_json: Json = False,
) -> None:
    """What somebody of the staff is to know and has not read."""
    found = ask("reports.reminders", login=login, read=read)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        columns = ("at", "kind", "number")
        table([columns, *([row[name] for name in columns] for row in found)], f"unread: {len(found)}")


@reports.command("returns")
def returns(as_json: Json = False) -> None:
    """How often reports went to the wrong department: who had them, whom they named."""
    found = ask("reports.returns")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        columns = ("from", "to", "times")
        table([columns, *([str(row[name] or "") for name in columns] for row in found)], f"pairs: {len(found)}")


@reports.command("duplicates")
def duplicates(number: str, as_json: Json = False) -> None:
    """Open reports that may be about the same thing; «move NUMBER merge --target OTHER» merges them."""
    found = ask("reports.duplicates", number=number)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        columns = ("number", "score", "metres", "hours", "bits", "category", "place", "status")
        table([columns, *([row[name] for name in columns] for row in found)], f"candidates: {len(found)}")


@reports.command("mute")
def mute(
    number: str,
    days: Annotated[int, typer.Option(min=0, max=365, help="For so many days; 0: they can send reports again.")],
    reason: Annotated[str, typer.Option(help="What the resident reads.")] = "",
    by: By = "office",
) -> None:
    """Keep the resident of a report from sending any for some days. They are told why and until when."""
    found = ask("reports.mute", number=number, by=by, days=days, reason=reason)
    typer.echo(f"until {found['until']}" if found["until"] else "they can send reports again")
