"""Staff with limits at every address of the console: what is not theirs is not there."""

import re
from typing import Any

import pytest
from starlette.routing import Route

from bot.messages import Place
from tests.actions.town import Town
from tests.play import everything
from tests.web.console.office import Office

PLACE, NOTE, PLATE = "雪落在旧钟楼下", "百花深处三弄", "浙A12345"
SECRETS = (PLACE, NOTE, PLATE, "31.77", "121.65")
OTHERS: dict[str, tuple[list[str], list[str]]] = {
    "handler": (["traffic-police"], []),
    "lead": (["street"], []),
    "grid": ([], ["matou"]),
    "viewer": (["street"], []),
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Doors are the same on each database."""
    return sqlite_url


async def secret_report(town: Town) -> str:
    """A report of a department and an area that none of the others has, with all that a report can hold."""
    answers = {"plate": PLATE, "place_kind": "road"}
    photo = await town.photo("evidence")
    where = {"place": Place(31.774567, 121.655432), "address": PLACE, "area": "hefeng"}
    report = await town.submit(category="parking", **where, answers=answers, note=NOTE, photos=(photo,))
    await town.move(report.number, "accept", "")
    await town.move(report.number, "assign", NOTE, department="urban")
    return report.number


@pytest.mark.parametrize("role", OTHERS)
async def test_nothing_of_what_lies_beyond_ones_limits_is_told_at_any_address(office: Office, role: str) -> None:
    number = await secret_report(await office.town())
    stranger = await office.desk(role, "wu", *OTHERS[role])
    looked = 0
    for route in office.app.routes:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()):
            continue
        path = re.sub(r"\{number[^}]*\}", number, route.path)
        path = re.sub(r"\{size[^}]*\}", "large", path)
        path = re.sub(r"\{\w+[^}]*\}", "1", path)
        for query in ("", "status=all", "q=旧钟楼&status=all", f"q={number}", "window=-90,-180,90,180&status=all"):
            answer = await stranger.client.get(f"{path}?{query}")
            found = [secret for secret in SECRETS if secret in answer.text]
            assert answer.status_code < 500 and found == [], (path, query, found)
            if "{number" in route.path or "{photo" in route.path:
                assert answer.status_code in {403, 404}, (path, query)
            looked += 1
    assert looked > 60
    before = await everything(office.database)
    for act in ("reply", "accept", "start", "original", "mute", "drop", "note", "return", "resolve", "hide"):
        form: dict[str, Any] = {"act": act, "note": "x", "version": "2", "photo": "1", "days": "7", "ground": ""}
        assert (await stranger.send(f"/reports/{number}", **form)).status_code in {403, 404}, act
        await stranger.send("/queue", report=f"{number}:2", move="start", sure="1", note="x")
    await stranger.send(f"/reports/{number}/photos/1", left="0", top="0", width="10", height="10")
    await stranger.send("/mutes", report=number)
    assert await everything(office.database) == before
