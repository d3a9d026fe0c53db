"""/metrics, and the files of deploy/ that read it."""

import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from bot.channels.web.channel import Lookers
from db.database import Database
from db.wechat_account import begin_mass
from tests.system.visitor import Visitor
from web.metrics import Metrics

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = re.compile(r"\b(?:youli|process)_[a-z_]+")


async def _shown(client: httpx.AsyncClient) -> dict[str, float]:
    """Samples by name and labels."""
    text = (await client.get("/metrics")).text
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_turn_is_counted_with_its_commit(visitor: Visitor, client: httpx.AsyncClient) -> None:
    await visitor.say("菜单")
    before = await _shown(client)
    await visitor.say("贴士")
    after = await _shown(client)
    assert after["youli_turn_seconds_count[web]"] == before["youli_turn_seconds_count[web]"] + 1
    assert after["youli_commit_units_sum[sqlite]"] > before["youli_commit_units_sum[sqlite]"]
    assert after["youli_commit_units_bucket[sqlite][+Inf]"] == after["youli_commit_seconds_count[sqlite]"]
    assert after["youli_letters_overdue_seconds[web]"] < 60
    assert after["process_resident_memory_bytes"] > 1e7
    assert after["youli_data_free_bytes"] > 0


async def test_of_mass_messages_it_was_only_told_how_many_were_used(database: Database, tmp_path: Path) -> None:
    app = Starlette(routes=Metrics(Lookers(9), tmp_path, ZoneInfo("Asia/Shanghai"), 4).routes(database, ()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://youli.example") as client:
        assert (await _shown(client))["youli_quota_left[wechat_mass_month]"] == 4
        for mark in ("tip:2026-11-02", "tip:2026-11-09"):
            assert await database.write(begin_mass, mark, 0, 4)
        assert (await _shown(client))["youli_quota_left[wechat_mass_month]"] == 2


def _expressions() -> list[str]:
    board = json.loads((DEPLOY / "grafana" / "youli.json").read_text("utf-8"))
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    return asked + [rule["expr"] for group in rules["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("expression", _expressions())
def test_dashboard_and_alerts_are_right_promql(expression: str) -> None:
    promql_parser.parse(expression)


async def test_dashboard_and_alerts_ask_for_what_there_is(visitor: Visitor, client: httpx.AsyncClient) -> None:
    await visitor.say("菜单")
    text = (await client.get("/metrics")).text
    offered = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    offered |= {f"{name}_{part}" for name in offered for part in ("bucket", "sum", "count")}
    asked = {name for expression in _expressions() for name in NAME.findall(expression)}
    assert asked and asked - offered == set()


def test_each_alert_says_what_to_do() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"] and rule["annotations"]["runbook"]
