"""Staff in chat: bound by a code, told of tasks, working on them with the rights they have elsewhere."""

from dataclasses import replace
from typing import Any

import pytest

from actions import duty, people, reports
from actions.people import Post
from actions.rehearsal import rehearse
from civic.errors import Refused
from civic.staff import ADMINISTRATOR, CHECKER, DISPATCHER, GRID, HANDLER, VIEWER, Staff
from db.reports import find_report
from db.staff import Colleague
from db.tx import Tx
from tests.handlers.test_my_reports import send
from tests.play import Person, Time, everything, picture, rows_of

MACHINE = Staff("terminal", ADMINISTRATOR)


class City:
    """Residents and staff who all talk to one engine."""

    def __init__(self, person: Person) -> None:
        self.resident, self.database, self.house = person, person.database, person.dispatch.house

    async def employ(
        self, name: str, role: str, departments: set[str] | None = None, areas: set[str] | None = None
    ) -> Colleague:
        post = Post(name, role, frozenset(departments or ()), frozenset(areas or ()))
        library = self.house.library
        return (await self.database.write(people.add, library, MACHINE, name.lower(), post, "zh"))[0]

    async def code(self, colleague: Colleague) -> str:
        return await self.database.write(duty.code, MACHINE, colleague.id)

    async def chat(self, colleague: Colleague, channel: str = "web") -> Person:
        """Their chat, bound."""
        phone = Person(self.resident.dispatch, self.database, user=colleague.name, channel=channel)
        await phone.say("/start")
        assert "绑定好了" in await phone.say(f"/duty {await self.code(colleague)}")
        return phone

    async def move(self, number: str, name: str, **given: Any) -> None:
        house = self.house
        await self.database.write(
            lambda tx: reports.move(tx, house.library, house.zone, number, name, MACHINE, "一句话", **given)
        )

    async def told(self, phone: Person) -> list[str]:
        """What waits to be delivered to a chat: the keys."""
        rows = await everything(self.database, "talks", "letters")
        talk = next(row["id"] for row in rows["talks"] if row["user"] == phone.user)
        waiting = [row for row in rows["letters"] if row["talk_id"] == talk and row["state"] == "waiting"]
        return [row["say"].partition('"key": "')[2].partition('"')[0] for row in waiting]

    async def report(self, number: str) -> Any:
        return await self.database.read(find_report, number)


@pytest.fixture
async def city(person: Person) -> City:
    """A city whose resident has said hello."""
    await person.say("/start")
    return City(person)


async def test_a_task_comes_to_the_chat_and_is_solved_in_a_few_taps(city: City) -> None:
    li = await city.employ("Li", HANDLER, {"urban"})
    phone = await city.chat(li)
    number = await send(city.resident)
    await city.move(number, "assign")
    assert await city.told(phone) == ["tasks.news_assigned"]
    words = await phone.say("任务")
    assert number in words and "文昌路 12 号门口" in words
    await phone.tap(number)
    assert {"我来办", "开始处理", "处理好了", "退回，不归我们", "问居民一句"} <= set(phone.labels)
    assert [image for item in phone.last for image in item.images]
    assert "归您办了" in await phone.tap("我来办")
    assert "我来办" not in phone.labels
    assert "开始处理" in await phone.tap("开始处理")
    assert "先拍一张" in await phone.tap("处理好了")
    assert "再写一句" in await phone.photo(picture("after"))
    assert "记下了" in await phone.say("垃圾清走了")
    solved = await city.report(number)
    assert (solved.status, solved.person_id) == ("resolved", li.id)
    lines = [(row["act"], row["name"], row["origin"]) for row in await rows_of(city.database, "audit")]
    assert ("report.resolve", "Li", "web") in lines


async def test_what_is_resolved_without_a_photo_is_refused_and_nothing_is_lost(city: City) -> None:
    phone = await city.chat(await city.employ("Li", HANDLER, {"urban"}))
    number = await send(city.resident)
    await city.move(number, "accept")
    await phone.say(f"/tasks {number}")
    await phone.tap("处理好了")
    assert "要有一张处理后的照片" in await phone.say("清走了")
    await phone.photo(picture("after"))
    assert "记下了" in await phone.say("清走了")


async def test_only_with_a_good_code_and_only_once(city: City, time: Time) -> None:
    li = await city.employ("Li", HANDLER, {"urban"})
    code = await city.code(li)
    phone = Person(city.resident.dispatch, city.database, user="phone")
    assert "还没有绑定" in await phone.say("/tasks")
    assert "码不对" in await phone.say("/duty ABCDEFGH")
    time.passes(minutes=16)
    assert "码不对" in await phone.say(f"/duty {code}")
    code = await city.code(li)
    await phone.say("/duty")
    assert "绑定好了，Li（经办人）" in await phone.say(f"{code[:4]} {code[4:].lower()}")
    other = Person(city.resident.dispatch, city.database, user="other")
    assert "码不对" in await other.say(f"/duty {code}")
    assert "解除了绑定" in await phone.say("/duty off")
    assert "还没有绑定" in await phone.say("/tasks")


async def test_a_code_is_for_oneself_or_for_those_one_appoints(city: City) -> None:
    li, wang = await city.employ("Li", HANDLER, {"urban"}), await city.employ("Wang", VIEWER)
    acting = Staff("Li", HANDLER, li.id)
    assert await city.database.write(duty.code, acting, li.id)
    with pytest.raises(Refused, match=r"staff\.may_not"):
        await city.database.write(duty.code, acting, wang.id)
    with pytest.raises(Refused, match=r"staff\.unknown"):
        await city.database.write(duty.code, MACHINE, 999)


async def test_rights_are_those_of_the_console(city: City) -> None:
    li = await city.employ("Li", HANDLER, {"traffic-police"})
    number = await send(city.resident)
    await city.move(number, "accept")
    phone = await city.chat(li)
    assert "没有要您办的" in await phone.say("/tasks")
    assert "不归您看" in await phone.say(f"/tasks {number}")
    assert "不归您看" in await phone.say(f"/tasks do start {number} 1")
    viewer = await city.chat(await city.employ("Wang", VIEWER))
    await viewer.say(f"/tasks {number}")
    assert viewer.labels == ["任务", "菜单"]
    assert "不能做这件事" in await viewer.say(f"/tasks do start {number} 1")
    assert (await city.report(number)).status == "accepted"


async def test_who_was_disabled_can_do_nothing_here_any_more(city: City) -> None:
    li = await city.employ("Li", HANDLER, {"urban"})
    phone = await city.chat(li)
    number = await send(city.resident)
    await city.database.write(people.disable, MACHINE, li.id)
    await city.move(number, "assign")
    assert await city.told(phone) == []
    assert "还没有绑定" in await phone.say("/tasks")


async def test_a_lost_phone_went_on_working_on_tasks_after_a_reset(city: City) -> None:
    li = await city.employ("Li", HANDLER, {"urban"})
    phone, code = await city.chat(li), await city.code(li)
    await city.database.write(people.reset, MACHINE, li.id)
    assert "还没有绑定" in await phone.say("/tasks")
    assert "码不对" in await phone.say(f"/duty {code}")


async def test_two_at_once_the_later_one_is_told(city: City) -> None:
    phone = await city.chat(await city.employ("Li", HANDLER, {"urban"}))
    number = await send(city.resident)
    await city.move(number, "accept")
    await phone.say(f"/tasks {number}")
    await city.move(number, "start")
    assert "刚被别人改过" in await phone.tap("开始处理")


async def test_what_another_has_taken_is_not_theirs(city: City) -> None:
    first = await city.chat(await city.employ("Li", HANDLER, {"urban"}))
    second = await city.chat(await city.employ("Wang", HANDLER, {"urban"}))
    number = await send(city.resident)
    await city.move(number, "accept")
    await first.say(f"/tasks {number}")
    await first.tap("我来办")
    assert "没有要您办的" in await second.say("/tasks")
    await second.say(f"/tasks {number}")
    assert "我来办" not in second.labels
    await city.move(number, "start")
    await city.move(number, "ask")
    await city.resident.say(f"/reports add {number}")
    await city.resident.say("三号楼")
    assert "tasks.news_back" in await city.told(first)
    assert "tasks.news_back" not in await city.told(second)


async def test_what_is_not_solved_comes_back_with_the_residents_new_photo(city: City) -> None:
    phone = await city.chat(await city.employ("Li", HANDLER, {"urban"}))
    number = await send(city.resident)
    await city.move(number, "assign")
    await city.move(number, "resolve", no_photo="没带相机")
    await city.resident.say(f"/reports unsolved {number}")
    await city.resident.photo(picture("still there"))
    letters = [row["say"] for row in await rows_of(city.database, "letters") if "tasks.news_back" in row["say"]]
    assert len(letters) == 1 and "/chat/photos/2/small.jpg" in letters[0]
    assert await city.told(phone) == ["tasks.news_back"]


async def test_the_wrong_department_gives_it_back_with_words_for_colleagues(city: City) -> None:
    phone = await city.chat(await city.employ("Li", HANDLER, {"urban"}))
    number = await send(city.resident)
    await city.move(number, "accept")
    await phone.say(f"/tasks {number}")
    await phone.tap("退回")
    assert "退回给派单的同事" in await phone.say("归街道管")
    assert (await city.report(number)).status == "returned"
    assert "归街道管" not in await city.resident.say(f"/reports {number}")


async def test_a_dispatcher_sorts_in_chat_and_chooses_the_reason_of_a_rejection(city: City) -> None:
    phone = await city.chat(await city.employ("Li", DISPATCHER))
    taken, wrong = await send(city.resident), await send(city.resident)
    await phone.say(f"/tasks {taken}")
    assert "受理了" in await phone.tap("受理")
    await phone.say(f"/tasks {wrong}")
    assert "为什么不受理" in await phone.tap("不受理")
    assert "现场没有这个问题" in phone.labels and "号牌看不清" not in phone.labels  # of another category
    assert "理由已经告诉居民" in await phone.tap("现场没有这个问题")
    assert [(await city.report(number)).status for number in (taken, wrong)] == ["accepted", "rejected"]
    line = (await rows_of(city.database, "report_moves"))[-1]
    assert (line["move"], line["target"]) == ("reject", "not_there") and "按您说的地方去看过" in line["note"]


async def test_a_grid_worker_hears_of_their_area_and_a_checker_checks(city: City) -> None:
    grid = await city.chat(await city.employ("Zhao", GRID, areas={"wenchanglu"}))
    elsewhere = await city.chat(await city.employ("Qian", GRID, areas={"hefeng"}))
    checker = await city.chat(await city.employ("Sun", CHECKER))
    number = await send(city.resident)
    every = city.house.library.city.handling.model_copy(update={"check_share": 1.0})
    town = city.house.library.city.model_copy(update={"handling": every})
    city.house.library = replace(city.house.library, city=town)
    await city.move(number, "assign")
    assert await city.told(grid) == ["tasks.news_assigned"]
    assert await city.told(elsewhere) == []
    await city.move(number, "resolve", no_photo="没带相机")
    assert number in await checker.say("/tasks")
    await checker.tap(number)
    assert checker.labels[:2] == ["核查通过", "没办好，退回重办"]
    await checker.tap("没办好")
    assert "退回重办了" in await checker.say("墙角还有一袋")
    assert await city.told(grid) == ["tasks.news_back"]


async def test_what_staff_are_told_is_no_news_to_the_resident_in_a_rehearsal(city: City) -> None:
    await city.chat(await city.employ("Li", HANDLER, {"urban"}))
    number = await send(city.resident)
    house = city.house

    def unit(tx: Tx) -> list[str]:
        told = rehearse(tx, lambda: reports.move(tx, house.library, house.zone, number, "assign", MACHINE, ""))[1]
        return [one.say.key for one in told]

    assert await city.database.write(unit) == ["news.assigned"]
