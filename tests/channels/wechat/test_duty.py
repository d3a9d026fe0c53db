"""Staff at work in WeChat: the code, the task with photo and map link, moves by a tap, no more than their rights."""

import re
from typing import Any

import pytest

from bot.collector import Collector
from civic.staff import HANDLER, VIEWER
from tests.channels.telegram.test_duty import reported
from tests.channels.wechat.conftest import ANNE, BO, Town
from tests.channels.wechat.platform import Shown
from tests.channels.wechat.test_pictures import URL, jpeg
from tests.handlers.test_tasks import City
from tests.play import Person, everything


@pytest.fixture
async def city(person: Person) -> City:
    """A city with a resident in the web chat."""
    await person.say("/start")
    return City(person)


async def bound(town: Town, city: City, user: str, name: str, role: str, **within: Any) -> Any:
    """Somebody of the staff, who follows the account."""
    colleague = await city.employ(name, role, **within)
    await town.platform.event(user, "subscribe")
    assert "绑定好了" in (await town.platform.say(user, f"/duty {await city.code(colleague)}")).plain
    return colleague


async def photographed(town: Town, user: str) -> Shown:
    """They send a photo."""
    town.api.pictures[URL] = jpeg()
    return await town.platform.deliver(user, "image", PicUrl=URL, MediaId="m")


async def test_a_task_from_notice_to_solved(town: Town, city: City) -> None:
    li = await bound(town, city, ANNE, "Li", HANDLER, departments={"urban"})
    number = await reported(city.resident, town.folder / "media")
    await city.move(number, "assign")
    while await town.postman.round():
        pass
    got = town.api.people[ANNE].got
    assert {item["msgtype"] for item in got} == {"text", "image"}
    notice = next(item["text"]["content"] for item in got if item["msgtype"] == "text")
    assert f"新任务 {number}" in notice and re.search(r"https://\S*120\.15,30\.27", notice)
    task = await town.platform.tap(ANNE, Shown(notice), "打开")
    assert "居民说：三天没人清了" in task.plain and "我来办" in task.labels
    task = await town.platform.tap(ANNE, task, "我来办")
    assert (await city.report(number)).person_id == li.id
    task = await town.platform.tap(ANNE, task, "开始处理")
    assert "先拍一张" in (await town.platform.tap(ANNE, task, "处理好了")).plain
    assert "要有一张处理后的照片" in (await town.platform.say(ANNE, "清走了")).plain
    assert "再写一句" in (await photographed(town, ANNE)).plain
    assert "记下了" in (await town.platform.say(ANNE, "清走了，路面也冲过")).plain
    assert (await city.report(number)).status == "resolved"
    await Collector(town.database, {"wechat": town.channel}).round()
    rows = await everything(town.database)
    assert [(row["kind"]) for row in rows["report_photos"]] == ["before", "after"]
    assert all(row["state"] == "ready" for row in rows["photos"])
    assert [row["origin"] for row in rows["audit"] if row["act"] == "report.resolve"] == ["wechat"]


async def test_asked_and_given_back_with_the_reason(town: Town, city: City) -> None:
    await bound(town, city, ANNE, "Li", HANDLER, departments={"urban"})
    number = await reported(city.resident, town.folder / "media")
    await city.move(number, "assign")
    await town.platform.tap(ANNE, await town.platform.say(ANNE, f"/tasks {number}"), "问居民一句")
    assert "问过了" in (await town.platform.say(ANNE, "是哪一栋？")).plain
    assert (await city.report(number)).status == "need_info"
    await city.resident.say(f"/reports add {number}")
    await city.resident.say("三号楼")
    await town.platform.tap(ANNE, await town.platform.say(ANNE, f"/tasks {number}"), "退回")
    assert "退回给派单的同事" in (await town.platform.say(ANNE, "归街道管")).plain
    assert (await city.report(number)).status == "returned"


async def test_no_more_than_their_rights(town: Town, city: City) -> None:
    number = await reported(city.resident, town.folder / "media")
    await city.move(number, "assign")
    assert "还没有绑定" in (await town.platform.say(ANNE, "/tasks")).plain  # a resident
    await bound(town, city, ANNE, "Li", HANDLER, departments={"traffic-police"})
    await bound(town, city, BO, "Wang", VIEWER)
    assert "不归您看" in (await town.platform.say(ANNE, f"/tasks {number}")).plain
    for move in ("take", "start"):
        assert "不归您看" in (await town.platform.say(ANNE, f"/tasks do {move} {number} 2")).plain
        assert "不能做这件事" in (await town.platform.say(BO, f"/tasks do {move} {number} 2")).plain
    for move in ("return", "ask", "resolve"):
        await town.platform.say(BO, f"/tasks do {move} {number} 2")
        await photographed(town, BO)
        assert "不能做这件事" in (await town.platform.say(BO, "一句话")).plain
        await town.platform.say(BO, "取消")
    assert (await city.report(number)).status == "assigned"


@pytest.mark.parametrize("kind", ["unverified"])
async def test_an_account_that_can_not_write_first_tells_with_the_next_answer(town: Town, city: City) -> None:
    await bound(town, city, ANNE, "Li", HANDLER, departments={"urban"})
    number = await reported(city.resident, town.folder / "media")
    await city.move(number, "assign")
    while await town.postman.round():
        pass
    assert town.api.people[ANNE].got == []
    assert number in (await town.platform.say(ANNE, "任务")).plain
