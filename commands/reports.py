"""``main.py reports``: the staff's door until the console stands."""

import json
from typing import Annotated

import typer

from commands.asking import ask
from commands.terminal import Json, table

reports = typer.Typer(help="The staff's door to reports: list, show, move, reply.", no_args_is_help=True)
By = Annotated[str, typer.Option(help="Who you are; colleagues see it, the resident does not.")]


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
    found = ask("reports.list", status=status, category=category, area=area, overdue=overdue, limit=limit)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif not found:
        typer.echo("No reports match. «main.py reports list --help» shows the filters.")
    else:
        columns = ("number", "status", "priority", "category", "place", "department", "due")
        table([columns, *([str(row[name] or "") for name in columns] for row in found)], f"{len(found)} reports")


@reports.command("show")
def show_report(number: str, as_json: Json = False) -> None:
    """One report with its history."""
    found = ask("reports.show", number=number)
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
    found = ask("reports.move", number=number, move=move, by=by, note=note, department=department)
    typer.echo(f"{found['number']}: {found['status']} · due {found['due']}")


@reports.command("reply")
def reply_to_report(number: str, text: str, by: By = "office") -> None:
    """Write to the resident about a report."""
    found = ask("reports.reply", number=number, by=by, text=text)
    typer.echo(f"{found['number']}: the resident will read it")
