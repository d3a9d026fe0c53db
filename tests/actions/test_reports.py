"""Reports: what may be done with them, when an answer is due, what their resident hears."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from actions import moves, reports, residents
from actions.muting import DAILY
from actions.scene import Scene
from civic import reports as rules
from civic.errors import Refused
from civic.points import ACCUSING
from civic.reports import MOVES, RESIDENT
from civic.staff import ADMINISTRATOR, Staff
from db.moments import from_ms, to_ms
from tests.actions.town import HERE, Town
from tests.play import Person, Time, everything, rows_of

LI = Staff("Li", ADMINISTRATOR)


@pytest.fixture
async def town(person: Person) -> Town:
    """A town with one resident, in the web chat."""
    await person.say("/start")
    rows = await rows_of(person.database, "residents")
    return Town(person.database, person.dispatch.house, rows[0]["id"])


# Sending


async def test_a_report_gets_a_number_a_department_and_a_deadline(town: Town) -> None:
    report = await town.submit(place=HERE, photos=(await town.photo(),), note="堆了两天")
    assert report.number == "261123-1"
    assert (report.status, report.priority, report.department) == ("received", "normal", "urban")
    assert from_ms(report.due_at).astimezone(town.house.zone).isoformat() == "2026-11-25T17:30:00+08:00"
    assert (report.lat, report.lon, report.place) == (30.27, 120.15, "文昌路 12 号门口")
    assert await town.timeline(report.number) == [("receive", "resident", "")]
    assert ("report_sent", 0) in await town.deeds()  # sending earns nothing: being accepted does


async def test_answers_decide_who_is_in_charge_and_how_urgent_it_is(town: Town) -> None:
    report = await town.submit(answers={"kind": "muck", "place_kind": "compound"})
    assert (report.department, report.priority) == ("street", "high")


@pytest.mark.parametrize(
    ("category", "sent", "due"),
    [
        ("litter", {"days": 4, "hours": 9}, "2026-12-02 17:30"),  # Friday 21:00 is received on Monday
        ("litter", {"days": -54}, "2026-10-09 17:30"),  # Wednesday 30 September; then National Day to the 7th
        ("firelane", {"days": 5, "hours": 3}, "2026-11-29 15:00"),  # 24 hours, also on Saturday
        ("parking", {"days": -57, "hours": 6}, "2026-10-10 17:30"),  # Sunday; the last of five is a worked Saturday
    ],
)
async def test_deadlines_run_on_the_chinese_calendar(
    town: Town, time: Time, category: str, sent: dict[str, float], due: str
) -> None:
    time.passes(**sent)
    report = await town.submit(category=category, answers={})
    assert f"{from_ms(report.due_at).astimezone(town.house.zone):%Y-%m-%d %H:%M}" == due


async def test_every_category_can_be_sent_with_a_deadline_ahead(town: Town, time: Time) -> None:
    for category in town.house.library.categories:
        report = await town.submit(category=category, answers={})
        assert report.due_at > to_ms(time.now)
        assert report.department in town.house.library.city.department_ids


async def test_two_reports_never_share_a_number(town: Town) -> None:
    sent = await asyncio.gather(*(town.submit() for _ in range(5)))
    assert len({report.number for report in sent}) == 5


async def test_no_more_than_twenty_in_24_hours(town: Town, time: Time) -> None:
    for _ in range(DAILY):
        await town.submit()
    with pytest.raises(Refused, match="too_many"):
        await town.submit()
    time.passes(hours=24, seconds=1)
    await town.submit()


# Moving


async def test_a_refused_move_changes_nothing(town: Town) -> None:
    number = (await town.submit()).number
    before = await everything(town.database)
    for name, note in (("close", ""), ("reject", " "), ("explode", "x")):
        with pytest.raises(Refused):
            await town.move(number, name, note)
    with pytest.raises(Refused, match="unknown_department"):
        await town.move(number, "assign", department="ministry-of-silly-walks")
    with pytest.raises(Refused, match=r"move\.unknown_report"):
        await town.move("261123-99", "accept")
    assert await everything(town.database) == before


async def test_of_several_who_move_it_at_once_one_does_and_the_others_are_told(town: Town) -> None:
    number = (await town.submit()).number
    outcomes = await asyncio.gather(*(town.move(number, "accept") for _ in range(5)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refused) == 4
    assert {one.key for one in refused} <= {"move.impossible", "move.too_late"}
    assert [move for move, _, _ in await town.timeline(number)] == ["receive", "accept"]
    assert len(await town.news()) == 1


async def test_who_acts_on_what_they_saw_before_is_too_late(town: Town) -> None:
    seen = await town.submit()
    await town.move(seen.number, "accept")
    with pytest.raises(Refused, match="too_late"):
        await town.as_resident(reports.move_as_resident, seen, "withdraw")
    assert (await town.report(seen.number)).status == "accepted"
    assert [move for move, _, _ in await town.timeline(seen.number)] == ["receive", "accept"]


async def test_a_department_is_noted_and_named(town: Town) -> None:
    number = (await town.submit()).number
    moved = await town.move(number, "assign", department="street")
    assert moved.department == "street"
    name = town.house.library.city.department_name("street", "zh")
    assert f"派给{name}了" in (await town.heard())[-1]


# What the resident hears

WAY: dict[str, tuple[tuple[str, ...], dict[str, Any], str]] = {
    "accept": ((), {}, "受理了，编号 {number}"),
    "assign": ((), {}, "派给"),
    "start": (("accept",), {}, "已经在处理"),
    "hold": (("assign",), {}, "要等一等：缺一个零件"),
    "resume": (("assign", "hold"), {}, "派给"),
    "extend": (("assign",), {}, "要多一点时间：缺一个零件\n新的期限：12 月 2 日 17:30 前有回音"),
    "ask": ((), {}, "想再问您一句：\n缺一个零件"),
    "reject": ((), {}, "没能受理：缺一个零件"),
    "refer": ((), {"target": "12345"}, "不归我们办，请打 12345。\n缺一个零件"),
    "merge": ((), {"target": "261123-1"}, "和别人报的是同一件"),
    "resolve": (("accept",), {}, "处理好了：缺一个零件\n解决了吗"),
    "rework": (("accept", "resolve"), {}, "我们去看过，还没办好，退回去重办了：缺一个零件"),
    "close": (("accept", "resolve"), {}, "办结了"),
    "reopen": (("accept", "resolve"), {}, "受理了"),
    "restore": (("reject",), {}, "我们重新收下了：缺一个零件"),
}


@pytest.mark.parametrize("name", WAY)
async def test_the_resident_hears_of_each_public_move_in_the_right_words(town: Town, name: str) -> None:
    await town.submit()
    number = (await town.submit()).number
    before, given, words = WAY[name]
    for step in before:
        await town.move(number, step)
    await town.move(number, name, "缺一个零件", **given)
    heard = await town.heard()
    assert len(heard) == 1  # an older state that still waited was replaced
    assert words.format(number=number) in heard[0]
    assert number in heard[0] or "文昌路 12 号门口" in heard[0]


def test_every_public_move_of_the_office_has_its_words_tried() -> None:
    assert set(WAY) == {name for name, rule in MOVES.items() if rule.told and ADMINISTRATOR in rule.actors}


async def test_news_offer_what_can_be_done_now(town: Town) -> None:
    number = (await town.submit()).number

    async def offered() -> list[str]:
        return [option.value for option in (await town.news())[-1].options]

    await town.move(number, "ask", "哪一栋？")
    assert await offered() == [f"/reports add {number}", f"/reports {number}"]
    await town.move(number, "answer")
    await town.move(number, "accept")
    await town.move(number, "resolve", "清走了")
    assert await offered() == [f"/reports solved {number}", f"/reports unsolved {number}"]
    await town.move(number, "close")
    assert await offered() == [f"/reports solved {number}", f"/reports unsolved {number}"]
    await town.resident_moves(number, "reopen")
    await town.move(number, "reject", "看过了，没有")
    assert await offered() == [f"/reports {number}"]


async def test_ones_own_moves_are_not_told_as_news(town: Town) -> None:
    number = (await town.submit()).number
    await town.resident_moves(number, "withdraw")
    assert await town.news() == []
    assert (await town.report(number)).closed_at is not None


async def test_a_reply_is_told_without_a_move(town: Town) -> None:
    number = (await town.submit()).number
    house = town.house
    await town.database.write(reports.reply, house.library, house.zone, number, LI, "明天上午去看")
    assert (await town.heard())[-1] == f"{number}（文昌路 12 号门口）经办人回复：明天上午去看"
    assert (await town.report(number)).status == "received"
    with pytest.raises(Refused, match="needs_note"):
        await town.database.write(reports.reply, house.library, house.zone, number, LI, " ")


async def test_news_are_told_in_the_residents_language(town: Town) -> None:
    number = (await town.submit()).number
    await town.as_resident(lambda scene: residents.settle(scene, language="en"))
    await town.move(number, "accept", "")
    assert (await town.news())[-1].params["category"] == town.house.library.categories["litter"].en.name


async def test_an_editor_who_takes_a_category_away_stops_no_report(town: Town) -> None:
    number = (await town.submit()).number
    town.house.library = replace(town.house.library, categories={})
    await town.move(number, "accept")
    assert "「litter」" in (await town.heard())[-1]


# The resident's part


async def test_nobody_sees_or_moves_the_report_of_another(town: Town, person: Person) -> None:
    number = (await town.submit()).number
    await Person(person.dispatch, person.database, user="somebody-else").say("/start")
    other = replace(town, resident=town.resident + 1)
    for name in ("withdraw", "close"):
        with pytest.raises(Refused, match=r"reports\.unknown"):
            await other.resident_moves(number, name)
    with pytest.raises(Refused, match=r"reports\.unknown"):
        await town.resident_moves("no-such-number", "withdraw")
    assert await other.as_resident(reports.page_of_mine, 0, 5) == []


async def test_an_answer_to_the_office_lets_the_report_go_on(town: Town) -> None:
    report = await town.submit()
    await town.move(report.number, "accept")
    await town.move(report.number, "ask", "哪一栋？")
    photo = await town.photo("the building")

    def answer(scene: Scene) -> reports.Report:
        return reports.add_information(scene, reports.mine(scene, report.number), "三号楼", (photo,))

    assert (await town.as_resident(answer)).status == "accepted"
    assert (await town.timeline(report.number))[-1] == ("answer", "resident", "三号楼")
    assert (await town.as_resident(reports.photos_by_kind, report))["added"] == [photo]
    assert ("report_added", 0) in await town.deeds()


async def test_more_can_be_added_while_it_is_open(town: Town) -> None:
    report = await town.submit(photos=(await town.photo("before"),))

    def add(scene: Scene) -> reports.Report:
        return reports.add_information(scene, reports.mine(scene, report.number), "又多了", ())

    assert (await town.as_resident(add)).status == "received"
    assert (await town.timeline(report.number))[-1] == ("add", "resident", "又多了")
    await town.move(report.number, "reject", "不归我们管")
    with pytest.raises(Refused, match=r"reports\.closed"):
        await town.as_resident(add)


@pytest.mark.parametrize("closed", [False, True])
async def test_what_is_not_solved_is_reopened_and_counts_as_an_answer(town: Town, closed: bool) -> None:
    number = (await town.submit()).number
    await town.move(number, "accept")
    await town.move(number, "resolve")
    if closed:
        await town.move(number, "close")
    photo = await town.photo("still there")
    again = await town.resident_moves(number, "reopen", "还在", (photo,))
    assert (again.status, again.reopens, again.closed_at, again.resolved_at) == ("accepted", 1, None, None)
    lines = [row for row in await rows_of(town.database, "journal") if row["deed"] == "report_rated"]
    assert [(line["right"], line["points"]) for line in lines] == [(0, 1)]
    resolved = await town.move(number, "resolve")
    assert resolved.rounds == 2
    surveys = await rows_of(town.database, "surveys")
    assert [(row["round"], row["first_solved"], row["solved"]) for row in surveys] == [(1, 0, 0), (2, None, None)]


async def test_what_is_solved_is_closed_by_the_resident(town: Town) -> None:
    number = (await town.submit()).number
    await town.move(number, "accept")
    await town.move(number, "resolve")
    closed = await town.resident_moves(number, "close")
    assert closed.status == "closed"
    assert [row["solved"] for row in await rows_of(town.database, "surveys")] == [1]
    assert ("report_rated", 1) in await town.deeds()


async def test_what_moved_on_meanwhile_is_told_to_the_resident_in_their_words(town: Town) -> None:
    number = (await town.submit()).number
    with pytest.raises(Refused, match="moved_on"):
        await town.as_resident(reports.mine, number, "close")
    assert (await town.as_resident(reports.mine, number, "withdraw")).number == number


# Points


async def test_an_accepted_report_brings_points_once(town: Town) -> None:
    number = (await town.submit()).number
    await town.move(number, "accept")
    await town.move(number, "resolve")
    await town.move(number, "reopen")
    assert [points for deed, points in await town.deeds() if deed == "report_accepted"] == [5]


@pytest.mark.parametrize("category", sorted(ACCUSING))
async def test_a_report_that_points_at_somebody_brings_none(town: Town, category: str) -> None:
    number = (await town.submit(category=category, answers={})).number
    await town.move(number, "accept")
    assert [points for deed, points in await town.deeds() if deed == "report_accepted"] == [0]


@pytest.mark.parametrize("name", ["reject", "withdraw"])
async def test_what_is_not_accepted_brings_none(town: Town, name: str) -> None:
    number = (await town.submit()).number
    await (town.move(number, name) if name == "reject" else town.resident_moves(number, name))
    assert sum(points for _, points in await town.deeds()) == 0


async def test_points_for_reports_are_capped_for_each_day(town: Town, time: Time) -> None:
    for _ in range(5):
        await town.move((await town.submit()).number, "accept")
    time.passes(days=1)
    await town.move((await town.submit()).number, "accept")
    earned = [points for deed, points in await town.deeds() if deed == "report_accepted"]
    assert earned == [5, 5, 5, 0, 0, 5]


async def test_who_does_without_points_gets_none(town: Town) -> None:
    await town.as_resident(lambda scene: residents.settle(scene, points_on=0))
    await town.move((await town.submit()).number, "accept")
    assert Counter(points for _, points in await town.deeds()) == Counter({0: len(await town.deeds())})


# Left alone


async def test_what_nobody_confirmed_is_closed_after_seven_days_and_told(town: Town, time: Time) -> None:
    number, other = (await town.submit()).number, (await town.submit()).number
    await town.move(number, "accept")
    await town.move(number, "resolve")
    house = town.house
    time.passes(days=7)
    assert await town.database.write(moves.close_unconfirmed, house.library, house.zone) == 0
    time.passes(seconds=1)
    assert await town.database.write(moves.close_unconfirmed, house.library, house.zone) == 1
    closed = await town.report(number)
    assert closed.status == "closed"
    assert (await town.timeline(number))[-1] == ("close", "clock", "")
    assert "办结了" in (await town.heard())[-1]
    assert (await town.report(other)).status == "received"
    assert "reopen" in rules.possible("closed", RESIDENT)
