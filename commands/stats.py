"""``main.py stats``: the figures, and adding them up anew."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import typer

from commands.asking import ask, with_desk
from commands.terminal import Json, table

stats = typer.Typer(help="Participation statistics, each with its numerator and denominator.")
Period = Annotated[
    str, typer.Option(help="today, last-7, last-30, 2026-W47, 2026-11, 2026-Q4, 2026-11-23, a campaign, or A..B.")
]
Area = Annotated[str | None, typer.Option(help="A district or community of the city pack.")]
Channel = Annotated[str | None, typer.Option(help="web, wechat, telegram, terminal.")]
Language = Annotated[Literal["zh", "en"], typer.Option(help="The language of names and formulas.")]
LOOKS = 0.2  # seconds between two looks at the progress
# What is added up, one after the other (actions.rolling.PHASES).
ADDED = {"moves": "moves of reports", "lines": "lines of the journal", "spans": "weeks and months"}


@stats.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    period: Period = "last-30",
    area: Area = None,
    channel: Channel = None,
    figure: Annotated[
        str | None, typer.Option(help="One figure with its breakdowns: «arrivals» for posters. --json has the keys.")
    ] = None,
    language: Language = "zh",
    compare: Annotated[
        bool, typer.Option("--compare", help="--json: beside the period before and a year ago.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Participation statistics, each with its numerator and denominator."""
    if context.invoked_subcommand is not None:
        return
    found = ask("stats", period=period, area=area, channel=channel, language=language, figure=figure, compare=compare)
    if as_json:
        typer.echo(json.dumps(found["document"], ensure_ascii=False, indent=2))
    else:
        table(found["table"], f"{found['document']['period']['from']} … {found['document']['period']['to']}")


@stats.command()
def rows(
    figure: Annotated[str, typer.Argument(help="The key of a figure about reports: closing_rate.")],
    part: Annotated[Literal["numerator", "denominator"], typer.Option()] = "denominator",
    period: Period = "last-30",
    area: Area = None,
    channel: Channel = None,
    by: Annotated[str, typer.Option(help="Only one cell of a breakdown: category, area, department, day …")] = "",
    key: Annotated[str, typer.Option(help="Which cell: its id.")] = "",
    language: Language = "zh",
    as_json: Json = False,
) -> None:
    """The reports behind a figure, one by one, the newest first."""
    place = {"area": area, "channel": channel, "by": by, "key": key}
    found = ask("stats.rows", figure=figure, part=part, period=period, language=language, **place)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    columns = ["number", "status", "category", "area", "department", "due"]
    lines = [columns, *([str(row[name] or "") for name in columns] for row in found["reports"])]
    table(lines, f"{found['counted']} reports · {found['formula']}")


@stats.command()
def rank(
    figure: Annotated[str, typer.Argument(help="The key of a figure: closing_rate, participation_rate …")],
    of: Annotated[Literal["area", "district", "department"], typer.Option(help="What is ranked.")] = "area",
    period: Period = "last-30",
    language: Language = "zh",
    as_json: Json = False,
) -> None:
    """Communities, districts or departments in the order of a figure, among their peers."""
    found = ask("stats.rank", figure=figure, of=of, period=period, language=language)
    document = found["document"]
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    table(found["table"], f"{document['label']} · {document['how']}")
    for one in (gain for group in document["groups"] for gain in group["gains"]):
        typer.echo(one["words"])


@stats.command()
def publish(
    period: Annotated[str, typer.Option(help="One that is over: 2026-10, 2026-W47, 2026-Q3, a campaign, or A..B.")],
    note: Annotated[str, typer.Option(help="What a later edition of the same days corrects.")] = "",
    text: Annotated[str, typer.Option(help="The office's own words about the period.")] = "",
    by: Annotated[str, typer.Option(help="Who signs; everybody will read the name.")] = "",
    language: Language = "zh",
    as_json: Json = False,
) -> None:
    """Freeze the figures of a period as an edition. It never changes; a correction is another edition."""
    found = ask("stats.publish", period=period, note=note, text=text, by=by, language=language)
    if as_json:
        typer.echo(json.dumps(found["edition"], ensure_ascii=False, indent=2))
    else:
        table(
            found["table"], f"{found['edition']['period']} · edition {found['edition']['number']} · {found['address']}"
        )


@stats.command()
def editions(as_json: Json = False) -> None:
    """What was published, the newest first."""
    found = ask("stats.editions")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    columns = ["id", "period", "number", "published", "name", "note"]
    table([columns, *([str(row[name]) for name in columns] for row in found)], f"{len(found)} editions")


def _done(now: dict[str, Any], phase: str) -> bool:
    """Whether this phase is over: one behind it has begun."""
    phases = list(ADDED)
    return any(now["phases"][later][1] for later in phases[phases.index(phase) + 1 :])


@stats.command()
def rebuild() -> None:
    """Add up the whole journal anew. The figures come out the same; meanwhile they are behind."""

    async def watch(do: Callable[..., Awaitable[Any]]) -> None:
        await do("stats.rebuild", {})
        now = await do("stats.progress", {})
        for phase, label in ADDED.items():
            with typer.progressbar(length=1, label=label) as bar:
                while not (now["over"] or _done(now, phase)):
                    done, whole = now["phases"][phase]
                    if whole:
                        bar.length = whole
                        bar.update(done - bar.pos)
                    await asyncio.sleep(LOOKS)
                    now = await do("stats.progress", {})
                bar.length = max(1, now["phases"][phase][1])
                bar.update(bar.length - bar.pos)
        typer.echo(f"{now['phases']['lines'][0]} lines")

    with_desk(watch)
