"""What staff are reminded of, when, and who; supervisions that a person signs; where a report belongs."""

from zoneinfo import ZoneInfo

import pytest

from actions import supervision
from actions.due import in_words
from actions.reminders import AFTER, WHO, chase
from bot.messages import Place
from civic.errors import Refused
from civic.reports import MOVES
from civic.staff import Staff
from content.library import Library
from db import reminders, supervisions
from db.moments import to_ms
from db.queue import Sight
from db.tx import Tx
from tests.actions.staff import MACHINE, handling, hire
from tests.actions.town import Town
from tests.play import Person, Time, rows_of


@pytest.fixture
async def town(person: Person) -> Town:
    """A town with one resident, in the web chat."""
    await person.say("/start")
    rows = await rows_of(person.database, "residents")
    return Town(person.database, person.dispatch.house, rows[0]["id"])


async def known(town: Town, staff: Staff) -> list[str]:
    """The kinds of what somebody is to know, oldest first; read by that."""

    def unit(tx: Tx) -> list[reminders.Notice]:
        assert staff.id is not None
        found = reminders.notices_of(tx, staff.id)
        reminders.mark_read(tx, staff.id, max((one.id for one in found), default=0))
        return found

    return [one.kind for one in reversed(await town.database.write(unit))]


async def chased(town: Town) -> int:
    """The clock looks."""
    return await town.database.write(chase, town.house.library, town.house.zone)


def test_every_notice_that_a_move_brings_is_for_somebody() -> None:
    assert set(AFTER) <= set(MOVES) and set(AFTER.values()) <= set(WHO)


async def test_who_is_to_act_is_told_once_and_not_who_did_it(town: Town) -> None:
    lead, handler = await hire(town, "lead", ("urban",)), await hire(town, "handler", ("urban",))
    other, dispatcher = await hire(town, "handler", ("health",)), await hire(town, "dispatcher")
    number = (await town.submit()).number
    await town.move(number, "assign", staff=dispatcher)
    assert (await known(town, lead), await known(town, handler)) == (["assigned"], ["assigned"])
    await town.move(number, "assign", person=handler.id, staff=lead)
    await town.move(number, "ask_time", "等配件", staff=handler)
    await town.move(number, "return", "归卫健", staff=lead)
    assert await known(town, handler) == ["assigned"]
    assert await known(town, dispatcher) == ["asked", "returned"]
    assert await known(town, lead) == await known(town, other) == []


async def test_late_reports_are_chased_step_by_step_and_each_step_once(town: Town, time: Time) -> None:
    lead, dispatcher = await hire(town, "lead", ("urban",)), await hire(town, "dispatcher")
    office = await hire(town, "office")
    number = (await town.submit()).number  # Monday noon, due on Wednesday 17:30
    assert await chased(town) == 0
    time.passes(hours=6)  # four working hours are over, and nobody accepted it
    assert (await chased(town), await chased(town)) == (1, 0)
    assert await known(town, dispatcher) == ["step"]
    await town.move(number, "assign", staff=dispatcher)
    await town.move(number, "start", staff=dispatcher)
    await known(town, lead)
    time.passes(hours=38)  # Wednesday 08:00
    assert (await chased(town), await chased(town)) == (1, 0)
    assert await known(town, lead) == ["soon"]
    time.passes(hours=10)
    assert (await chased(town), await chased(town)) == (1, 0)
    assert (await known(town, lead), await known(town, office)) == (["late"], ["late"])
    time.passes(days=1)
    assert (await chased(town), await chased(town)) == (1, 0)
    assert await known(town, office) == ["supervise"]
    [draft] = await town.database.read(supervisions.listed, Sight(), "draft", 9)
    assert number in draft.words and "市城市管理局" in draft.words and "11 月 25 日 17:30" in draft.words


async def test_who_checks_is_reminded_of_a_check_that_waits_too_long(town: Town, time: Time) -> None:
    handling(town, check_categories=("litter",))
    checker, office = await hire(town, "checker"), await hire(town, "office")
    numbers = [(await town.submit()).number for _ in range(2)]
    for number in numbers:
        await town.move(number, "accept")
        await town.move(number, "resolve")
    assert await known(town, checker) == ["check"] * 2
    await town.move(numbers[1], "verify", staff=checker)
    time.passes(days=2, hours=5)
    assert await chased(town) == 0
    time.passes(hours=1)  # Wednesday 18:00: two working days are over
    assert (await chased(town), await chased(town)) == (1, 0)
    assert await known(town, checker) == await known(town, office) == ["unchecked"]
    assert (await town.move(numbers[0], "rework", "没清", staff=checker)).reworks == 1
    await town.move(numbers[0], "resolve")  # another round, another check
    time.passes(days=5)
    await chased(town)
    assert "unchecked" in await known(town, checker)


async def test_what_waits_for_others_is_not_chased_and_a_new_deadline_begins_anew(town: Town, time: Time) -> None:
    lead = await hire(town, "lead", ("urban",))
    number = (await town.submit()).number
    await town.move(number, "assign")
    await town.move(number, "start")
    await town.move(number, "ask")
    time.passes(days=7)
    assert await chased(town) == 0
    await town.resident_moves(number, "answer", "三号楼")
    time.passes(days=3)
    await chased(town)
    assert "late" in await known(town, lead)
    await town.move(number, "extend")
    assert await chased(town) == 0
    time.passes(days=8)
    await chased(town)
    assert "late" in await known(town, lead)


async def test_a_supervision_is_signed_or_dropped_by_the_office_and_answered_by_the_department(
    town: Town, time: Time
) -> None:
    lead, office = await hire(town, "lead", ("urban",)), await hire(town, "office")
    numbers = [(await town.submit()).number for _ in range(2)]
    for number in numbers:
        await town.move(number, "assign")
    time.passes(days=4)
    await chased(town)
    await known(town, lead)
    await known(town, office)
    with pytest.raises(Refused, match="may_not"):
        await town.move(numbers[0], "supervise", "请今天办好", staff=lead)
    with pytest.raises(Refused, match="may_not"):
        await town.database.write(supervision.drop, lead, numbers[0])
    with pytest.raises(Refused, match=r"move\.without\.supervised"):
        await town.move(numbers[0], "respond", "明天办好", staff=lead)
    assert (await town.move(numbers[0], "supervise", "请今天办好", staff=office)).supervised
    await town.database.write(supervision.drop, MACHINE, numbers[1])
    for number in numbers:
        with pytest.raises(Refused, match=r"supervision\.none"):
            await town.database.write(supervision.drop, office, number)
    assert await known(town, lead) == ["supervised"]
    assert await town.database.read(supervisions.last_of, numbers) == dict(
        zip(numbers, ("signed", "dropped"), strict=True)
    )
    assert not (await town.move(numbers[0], "respond", "明天办好", staff=lead)).supervised
    assert await known(town, office) == ["responded"]
    report = await town.report(numbers[0])
    [paper] = await town.database.read(supervisions.of_report, report.id)
    assert (paper.words, paper.name, paper.answer, paper.answered_by) == (
        "请今天办好",
        office.name,
        "明天办好",
        lead.name,
    )
    assert [line[0] for line in await town.timeline(numbers[0])] == ["receive", "assign"]  # not for the resident
    lines = await rows_of(town.database, "report_moves")
    assert [line["note"] for line in lines if line["move"] in {"supervise", "respond"}] == ["请今天办好", "明天办好"]


async def test_a_supervision_may_be_written_without_a_draft(town: Town) -> None:
    office = await hire(town, "office")
    number = (await town.submit()).number
    await town.move(number, "supervise", "这件领导在看", staff=office)
    [paper] = await town.database.read(supervisions.listed, Sight(), "signed", 9)
    assert (paper.number, paper.words, paper.outcome) == (number, "这件领导在看", "signed")


async def test_a_position_decides_the_community_and_its_contacts_hear_of_it(town: Town) -> None:
    worker = await hire(town, "grid", (), ("hefeng",), login="grid-hefeng")
    leader = await hire(town, "viewer", login="leader-tinghe")
    inside = Place(30.3, 120.1, "荷风路")
    assert town.house.library.shapes.community_at(inside.lat, inside.lon) == "hefeng"
    assert (await town.submit(place=inside, area="matou")).area == "hefeng"
    assert (await known(town, worker), await known(town, leader)) == (["new"], [])
    nowhere = await town.submit(place=Place(31.5, 121.5, "外地"), area="matou")  # no shape there: what was said
    assert nowhere.area == "matou"
    assert (await town.submit(area=None)).area is None
    assert await known(town, worker) == []


@pytest.mark.parametrize(
    ("hours", "zh", "en"),
    [
        (5, "今天 17:00 前", "by 17:00 today"),
        (24, "明天 12:00 前", "by 12:00 tomorrow"),
        (72, "周四 12:00 前", "by 12:00 on Thursday"),
        (168, "11 月 30 日 12:00 前", "by 12:00 on 30 Nov"),
    ],
)
def test_a_deadline_in_words(library: Library, time: Time, hours: int, zh: str, en: str) -> None:
    now = time.now.astimezone(ZoneInfo("Asia/Shanghai"))
    at = to_ms(now) + hours * 3_600_000
    assert (in_words(library, "zh", at, now), in_words(library, "en", at, now)) == (zh, en)
