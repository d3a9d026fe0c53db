"""Staff at work on Telegram: the code, the task with photo and map link, every move, and no more than their rights."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.media import Media
from civic.staff import HANDLER, VIEWER
from tests.channels.telegram.conftest import Town
from tests.fakes.telegram import photo
from tests.handlers.test_tasks import City
from tests.play import Person, everything, picture, rows_of

LI, WANG = 601, 602


async def reported(person: Person, folder: Path) -> str:
    """A report with a position and a photo that lies in our store; its number."""
    shown, out = picture("the heap"), io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(out, "JPEG")
    facts: Any = shown.facts()
    for key in ("large_key", "small_key"):
        await Media.open("", folder).put(facts[key], out.getvalue())
    await person.photo(shown)
    await person.tap("上报问题")
    await person.tap("垃圾")
    await person.place(30.27, 120.15, "文昌路 12 号")
    while "还要补一句吗" not in person.words:
        await person.tap(person.labels[0])
    await person.say("三天没人清了")
    await person.tap("提交")
    return str((await rows_of(person.database, "reports"))[-1]["number"])


@pytest.fixture
async def city(person: Person) -> City:
    """A city with a resident in the web chat."""
    await person.say("/start")
    return City(person)


async def bound(town: Town, city: City, user: int, name: str, role: str, **within: Any) -> Any:
    """Somebody of the staff, in a private chat on Telegram."""
    colleague = await city.employ(name, role, **within)
    await town.says(user, "/start")
    assert "绑定好了" in (await town.says(user, f"/duty {await city.code(colleague)}")).text
    return colleague


async def test_a_task_from_notice_to_solved(town: Town, city: City, tmp_path: Path) -> None:
    li = await bound(town, city, LI, "Li", HANDLER, departments={"urban"})
    number = await reported(city.resident, tmp_path / "media")
    await city.move(number, "assign")
    await town.carry()
    *_, shown = town.fake.chat(LI)
    assert f"新任务 {number}" in shown.text and "文昌路 12 号" in shown.text
    assert re.search(r"地图：https://\S*120\.15,30\.27", shown.text)
    assert any(one.photos for one in town.fake.chat(LI)[-2:])
    task = await town.taps(LI, "打开")
    assert "居民说：三天没人清了" in task.text and "我来办" in [label for label, _ in task.buttons]
    await town.taps(LI, "我来办")
    assert (await city.report(number)).person_id == li.id
    await town.taps(LI, "开始处理")
    assert "先拍一张" in (await town.taps(LI, "处理好了")).text
    assert "要有一张处理后的照片" in (await town.says(LI, "清走了")).text
    assert "再写一句" in (await town.says(LI, photo=photo("after"))).text
    assert "记下了" in (await town.says(LI, "清走了，路面也冲过")).text
    assert (await city.report(number)).status == "resolved"
    rows = await everything(town.database)
    assert [(row["move"], row["actor_name"]) for row in rows["report_moves"]][-2:] == [
        ("start", "Li"),
        ("resolve", "Li"),
    ]
    assert [row["origin"] for row in rows["audit"] if row["act"] == "report.resolve"] == ["telegram"]
    assert [row["kind"] for row in rows["report_photos"]] == ["before", "after"]
    assert any("清走了，路面也冲过" in row["say"] for row in rows["letters"])  # what the resident reads


async def test_a_photo_with_words_solves_at_once(town: Town, city: City, tmp_path: Path) -> None:
    await bound(town, city, LI, "Li", HANDLER, departments={"urban"})
    number = await reported(city.resident, tmp_path / "media")
    await city.move(number, "assign")
    await town.says(LI, f"/tasks {number}")
    await town.taps(LI, "处理好了")
    assert "记下了" in (await town.says(LI, photo=photo("after"), caption="清走了")).text
    assert (await city.report(number)).status == "resolved"


async def test_asked_and_given_back_with_the_reason(town: Town, city: City, tmp_path: Path) -> None:
    await bound(town, city, LI, "Li", HANDLER, departments={"urban"})
    number = await reported(city.resident, tmp_path / "media")
    await city.move(number, "assign")
    await town.says(LI, f"/tasks {number}")
    await town.taps(LI, "问居民一句")
    assert "问过了" in (await town.says(LI, "是哪一栋？")).text
    assert (await city.report(number)).status == "need_info"
    await city.resident.say(f"/reports add {number}")
    await city.resident.say("三号楼")
    await town.carry()
    assert any("又要您办" in one.text for one in town.fake.chat(LI)[-2:])
    await town.says(LI, f"/tasks {number}")
    await town.taps(LI, "退回")
    assert "退回给派单的同事" in (await town.says(LI, "归街道管")).text
    assert (await city.report(number)).status == "returned"
    assert "归街道管" not in await city.resident.say(f"/reports {number}")


async def test_no_more_than_their_rights(town: Town, city: City, tmp_path: Path) -> None:
    number = await reported(city.resident, tmp_path / "media")
    await city.move(number, "assign")
    assert "还没有绑定" in (await town.says(LI, "/tasks")).text  # a resident
    await bound(town, city, LI, "Li", HANDLER, departments={"traffic-police"})
    await bound(town, city, WANG, "Wang", VIEWER)
    assert "不归您看" in (await town.says(LI, f"/tasks {number}")).text
    for move in ("take", "start"):
        assert "不归您看" in (await town.says(LI, f"/tasks do {move} {number} 2")).text
        assert "不能做这件事" in (await town.says(WANG, f"/tasks do {move} {number} 2")).text
    for move in ("resolve", "return", "ask"):
        await town.says(WANG, f"/tasks do {move} {number} 2")
        assert "不能做这件事" in (await town.says(WANG, photo=photo(move), caption="一句话")).text
        await town.says(WANG, "/cancel")
    assert (await city.report(number)).status == "assigned"
    assert all(number not in one.text or "新任务" not in one.text for one in town.fake.chat(LI))


async def test_a_button_that_is_out_of_date_changes_nothing(town: Town, city: City, tmp_path: Path) -> None:
    await bound(town, city, LI, "Li", HANDLER, departments={"urban"})
    number = await reported(city.resident, tmp_path / "media")
    await city.move(number, "assign")
    await town.says(LI, f"/tasks {number}")
    await city.move(number, "start")
    assert "刚被别人改过" in (await town.taps(LI, "开始处理")).text
    assert "解除了绑定" in (await town.says(LI, "/duty off")).text
    assert "还没有绑定" in (await town.says(LI, f"/tasks {number}")).text
