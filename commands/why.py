"""``main.py content why``: why an area has its tip of a day, rule by rule with weights and numbers."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from commands.asking import ask
from commands.terminal import Json, table

RULES: Mapping[str, str] = {
    "occasion": "专为这一天写的",
    "near": "专为前后几天的日子写的",
    "day": "今天的主题",
    "week": "这一周的主题",
    "season": "时节的主题",
    "reports": "上报变多（倍）",
    "planned": "轮到它",
    "variety": "前六天来过（次）",
}
SPANS: Mapping[str, str] = {"day": "当天", "week": "一周", "season": "时节", "near": "前后几天"}


def why(
    day: Annotated[str, typer.Argument(metavar="DATE", help="Like 2026-12-02.")],
    area: Annotated[str, typer.Argument(help="A community of the city pack, by id or name; none: the city.")] = "",
    as_json: Json = False,
) -> None:
    """Explain the tip of a day: what the calendar says, what the area reported, and every rule with its points."""
    found = ask("content.why", day=day, area=area)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    typer.secho(f"{day} · {found['area'] or '全市'} · {found['tip'] or '没有合适的贴士'}", bold=True)
    days = [f"{one['name']}({SPANS[one['span']]})" for one in found["observances"]]
    typer.echo(f"日历：{'、'.join(days) or '平常的一天'}{' · 肃穆日：只用肃穆的贴士' if found['solemn'] else ''}")
    if found["area"]:
        told = [f"{one['topic']} {one['recent']}（前两周 {one['before']}）{_times(one)}" for one in found["reports"]]
        typer.echo(f"上报（到前天为止的两周，按主题）：{'；'.join(told) or '没有'}")
        typer.echo("决定：" + ("前一天定的，不再变" if found["decided"] else "随全市" if found["tip"] else "没有"))
    rows = [
        (f"{one['points']:g}", one["tip"], one["title"], one["topic"], ";".join(map(_reason, one["reasons"])) or "—")
        for one in found["candidates"]
    ]
    table([("分", "贴士", "标题", "主题", "为什么：规则 权重×数=分"), *rows], "候选，第一条就是当天的")
    if found["others"]:
        typer.echo(f"以前看过这一条的人，收到：{'、'.join(found['others'])}")


def _times(rise: Mapping[str, Any]) -> str:
    return f"，{rise['times']:g} 倍" if rise["times"] else ""


def _reason(reason: Mapping[str, Any]) -> str:
    return f"{RULES[reason['rule']]} {reason['weight']}×{reason['number']:g}={reason['points']:g}"
