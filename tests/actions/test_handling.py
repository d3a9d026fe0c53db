"""How the city's side handles a report: who may, who gets it, returns, time, evidence, checks, merging, notes."""

from datetime import date
from typing import Any

import pytest

from actions import moves
from civic.errors import Refused
from civic.reports import MOVES
from civic.staff import ROLES, VIEWER
from db import reports
from tests.actions.staff import MACHINE, after, handling, hire, local
from tests.actions.town import Town
from tests.play import Person, Time, rows_of


@pytest.fixture
async def town(person: Person) -> Town:
    """A town with one resident, in the web chat."""
    await person.say("/start")
    rows = await rows_of(person.database, "residents")
    return Town(person.database, person.dispatch.house, rows[0]["id"])


# Who may


async def test_every_move_is_refused_to_every_role_that_the_table_does_not_name(town: Town) -> None:
    number = (await town.submit()).number
    staff = {
        role: await hire(town, role, ("urban",) if role in {"lead", "handler"} else ())
        for role in ROLES
        if role != "grid"
    }
    before = await town.report(number)
    for name, rule in MOVES.items():
        for role, one in staff.items():
            if role not in rule.actors:
                with pytest.raises(Refused, match="may_not"):
                    await town.move(number, name, "一句话", staff=one)
    with pytest.raises(Refused, match="may_not"):
        await town.database.write(moves.reply, town.house.library, town.house.zone, number, staff[VIEWER], "好")
    assert await town.report(number) == before


async def test_who_is_bound_to_departments_or_areas_moves_only_theirs(town: Town) -> None:
    number = (await town.submit(area="hefeng")).number
    for one in (
        await hire(town, "handler", ("health",)),
        await hire(town, "lead", ("health", "police")),
        await hire(town, "grid", (), ("matou",)),
    ):
        for act in ("accept", "ask", "note"):
            with pytest.raises(Refused, match=r"move\.unknown_report"):
                await town.move(number, act, "一句话", staff=one)
    worker = await hire(town, "grid", (), ("hefeng",))
    await town.move(number, "assign")
    assert (await town.move(number, "start", staff=worker)).status == "in_progress"


# Who gets it


async def test_a_report_is_given_to_somebody_who_can_have_it(town: Town) -> None:
    number = (await town.submit(area="hefeng")).number
    worker, stranger = await hire(town, "grid", (), ("hefeng",)), await hire(town, "grid", (), ("matou",))
    health, checker = await hire(town, "handler", ("health",)), await hire(town, "checker")
    lead = await hire(town, "lead", ("urban",))
    for wrong in (stranger, checker):
        with pytest.raises(Refused, match=r"not_their_work|unknown_person"):
            await town.move(number, "assign", person=wrong.id)
    with pytest.raises(Refused, match="not_your_department"):
        await town.move(number, "assign", department="health", staff=lead)
    with pytest.raises(Refused, match="no_use"):
        await town.move(number, "ask", person=worker.id)
    moved = await town.move(number, "assign", person=worker.id, staff=lead)
    assert (moved.status, moved.department, moved.person_id) == ("assigned", "urban", worker.id)
    moved = await town.move(number, "assign", person=health.id)  # the department follows the person
    assert (moved.department, moved.person_id) == ("health", health.id)
    assert (await town.move(number, "assign", department="urban")).person_id is None


async def test_what_came_to_the_wrong_department_is_returned_and_counted_until_the_office_decides(town: Town) -> None:
    number = (await town.submit()).number
    lead, health = await hire(town, "lead", ("urban",)), await hire(town, "lead", ("health",))
    dispatcher, office = await hire(town, "dispatcher"), await hire(town, "office")
    await town.move(number, "assign", staff=dispatcher)
    told = len(await town.news())
    moved = await town.move(number, "return", "归卫健", department="health", staff=lead)
    assert (moved.status, moved.department, moved.returns) == ("returned", None, 1)
    await town.move(number, "assign", department="health", staff=dispatcher)
    await town.move(number, "return", "也不是我们", department="urban", staff=health)
    with pytest.raises(Refused, match="decided"):
        await town.move(number, "assign", department="urban", staff=dispatcher)
    await town.move(number, "assign", department="urban", staff=office)
    with pytest.raises(Refused, match="decided"):
        await town.move(number, "return", "还是不归我们", staff=lead)
    assert await town.database.read(reports.returns_between) == [("health", "urban", 1), ("urban", "health", 1)]
    assert [line[0] for line in await town.timeline(number)] == ["receive", "assign", "assign", "assign"]
    assert len(await town.news()) == told  # of who returned it to whom the resident hears nothing


# Time


async def test_waiting_for_the_resident_stops_the_clock(town: Town, time: Time) -> None:
    number = (await town.submit()).number
    await town.move(number, "accept")
    assert local(town, (await town.report(number)).due_at) == "11-25 17:30"
    await town.move(number, "ask")
    assert (await town.report(number)).paused_at is not None
    time.passes(days=7)
    late = await town.database.read(lambda tx: reports.search_reports(tx, overdue=True))
    assert late == []
    answered = await town.resident_moves(number, "answer", "三号楼")
    assert (answered.status, answered.paused_at, local(town, answered.due_at)) == ("accepted", None, "12-02 17:30")


async def test_a_reopened_report_gets_a_new_deadline(town: Town, time: Time) -> None:
    """It kept the one that had passed."""
    number = (await town.submit()).number
    await town.move(number, "accept")
    await town.move(number, "resolve")
    time.passes(days=4)
    again = await town.resident_moves(number, "reopen", "还在")
    assert local(town, again.due_at) == "12-01 17:30"
    assert (await rows_of(town.database, "reports"))[0]["due_day"] == "2026-12-01"
    assert again.round_at == again.created_at + 4 * 24 * 3600 * 1000


async def test_more_time_is_asked_for_and_granted_within_the_citys_measure(town: Town) -> None:
    number = (await town.submit()).number
    lead, dispatcher = await hire(town, "lead", ("urban",)), await hire(town, "dispatcher")
    await town.move(number, "assign")
    with pytest.raises(Refused, match="may_not"):
        await town.move(number, "extend", staff=lead)
    for wrong in (date(2026, 11, 25), date(2026, 12, 3)):
        with pytest.raises(Refused, match="bad_until"):
            await town.move(number, "ask_time", staff=lead, until=wrong)
    asked = await town.move(number, "ask_time", "等配件", staff=lead, until=date(2026, 11, 27))
    assert (asked.status, asked.asked, local(town, asked.due_at)) == ("assigned", "time", "11-25 17:30")
    with pytest.raises(Refused, match=r"with\.asked"):
        await town.move(number, "ask_hold", staff=lead)
    await town.move(number, "decline", "先试试", staff=dispatcher)
    with pytest.raises(Refused, match=r"without\.asked"):
        await town.move(number, "decline", staff=dispatcher)
    await town.move(number, "ask_time", "真的等配件", staff=lead, until=date(2026, 11, 27))
    granted = await town.move(number, "extend", "等配件", staff=dispatcher)
    assert (granted.asked, granted.extensions, local(town, granted.due_at)) == (None, 1, "11-27 17:30")
    with pytest.raises(Refused, match="extended_enough"):
        await town.move(number, "extend", staff=dispatcher)
    assert [line[0] for line in await town.timeline(number)] == ["receive", "assign", "extend"]


async def test_what_is_on_hold_until_a_day_is_taken_up_again_by_the_clock(town: Town, time: Time) -> None:
    number = (await town.submit()).number
    lead = await hire(town, "lead", ("urban",))
    await town.move(number, "assign")
    await town.move(number, "start")
    with pytest.raises(Refused, match="bad_until"):
        await town.move(number, "hold", until=date(2027, 11, 1))
    await town.move(number, "ask_hold", "等施工", staff=lead, until=date(2026, 12, 1))
    held = await town.move(number, "hold", "等施工")
    assert (held.status, local(town, held.hold_until or 0)) == ("on_hold", "12-01 17:30")
    house = town.house
    time.passes(days=8)
    assert await town.database.write(moves.end_holds, house.library, house.zone) == 0
    time.passes(hours=6)
    assert await town.database.write(moves.end_holds, house.library, house.zone) == 1
    resumed = await town.report(number)
    assert (resumed.status, resumed.hold_until, local(town, resumed.due_at)) == ("in_progress", None, "12-03 17:30")
    assert "已经在处理" in (await town.heard())[-1]


async def test_each_step_has_its_own_time_and_never_more_than_the_whole(town: Town) -> None:
    report = await town.submit()  # Monday noon
    assert local(town, report.step_due_at or 0) == "11-23 17:30"  # four working hours
    assigned = await town.move(report.number, "assign")
    assert local(town, assigned.step_due_at or 0) == "11-24 17:30"
    assert (await town.move(report.number, "start")).step_due_at is None
    urgent = await town.submit(category="firelane", answers={})
    assert urgent.step_due_at is not None and urgent.step_due_at <= urgent.due_at


# Evidence and checks


async def test_to_resolve_takes_a_photo_of_this_round(town: Town, time: Time) -> None:
    number = (await town.submit(photos=(await town.photo("before"),))).number
    handler = await hire(town, "handler", ("urban",))
    await town.move(number, "accept")
    with pytest.raises(Refused, match="needs_photo"):
        await town.move(number, "resolve", staff=handler)
    with pytest.raises(Refused, match="needs_reason"):
        await town.move(number, "resolve", no_photo=" ")
    await after(town, number)
    await town.move(number, "resolve", "清走了", staff=handler)
    time.passes(hours=1)
    await town.resident_moves(number, "reopen", "还在")
    with pytest.raises(Refused, match="needs_photo"):  # the one of the last round shows nothing of this one
        await town.move(number, "resolve", staff=handler, no_photo="没带相机")


async def test_a_check_sends_back_what_is_not_done_and_keeps_it_from_being_closed(town: Town, time: Time) -> None:
    handling(town, check_categories=("litter",))
    number = (await town.submit()).number
    checker = await hire(town, "checker")
    await town.move(number, "accept")
    resolved = await town.move(number, "resolve")
    assert resolved.checking
    with pytest.raises(Refused, match=r"with\.checking"):
        await town.move(number, "close")
    time.passes(days=8)
    assert await town.database.write(moves.close_unconfirmed, town.house.library, town.house.zone) == 0
    back = await town.move(number, "rework", "角落里还有", staff=checker)
    assert (back.status, back.reworks, back.checking, back.resolved_at) == ("in_progress", 1, False, None)
    time.passes(hours=1)
    await town.move(number, "resolve")
    assert not (await town.move(number, "verify", staff=checker)).checking
    assert (await town.move(number, "close")).status == "closed"
    other = (await town.submit()).number
    await town.move(other, "accept")
    await town.move(other, "resolve")
    assert not (await town.resident_moves(other, "close")).checking  # who says it is solved need not wait


async def test_who_did_the_work_does_not_check_it(town: Town) -> None:
    handling(town, check_categories=("litter",))
    number = (await town.submit()).number
    office, other = await hire(town, "office"), await hire(town, "checker")
    await town.move(number, "accept")
    await after(town, number)
    await town.move(number, "resolve", staff=office)
    with pytest.raises(Refused, match=r"move\.own_work"):
        await town.move(number, "verify", staff=office)
    assert not (await town.move(number, "verify", staff=other)).checking


@pytest.mark.parametrize(("share", "drawn"), [(0.0, 0), (1.0, 6)])
async def test_a_share_of_the_rest_is_drawn_by_lot(town: Town, share: float, drawn: int) -> None:
    handling(town, check_categories=(), check_share=share)
    found = 0
    for _ in range(6):
        number = (await town.submit()).number
        await town.move(number, "accept")
        found += (await town.move(number, "resolve")).checking
    assert found == drawn


# Elsewhere


async def test_what_is_not_ours_goes_to_a_hotline_or_to_another_body_by_name(town: Town) -> None:
    number = (await town.submit()).number
    with pytest.raises(Refused, match="needs_target"):
        await town.move(number, "refer", " ")
    with pytest.raises(Refused, match="unknown_hotline"):
        await town.move(number, "refer", "打这个", target="5550123")
    assert (await town.move(number, "refer", "请找物业")).status == "referred"
    with pytest.raises(Refused, match=r"reports\.closed"):
        await town.as_resident(lambda scene: added(scene, number))
    restored = await town.move(number, "restore", "还是我们办")
    assert (restored.status, restored.closed_at) == ("received", None)


def added(scene: Any, number: str) -> Any:
    from actions import reports as acts

    return acts.add_information(scene, acts.mine(scene, number), "还在", ())


async def test_merged_reports_share_the_fate_of_the_one_they_are_part_of(town: Town) -> None:
    first, second, third = [(await town.submit()).number for _ in range(3)]
    for wrong in ("", "261123-99", third):
        with pytest.raises(Refused, match=r"needs_report|not_mergeable"):
            await town.move(third, "merge", target=wrong)
    await town.move(third, "merge", target=second)
    await town.move(second, "merge", target=first)
    into = (await town.report(first)).id
    assert {(await town.report(number)).merged_into for number in (second, third)} == {into}
    with pytest.raises(Refused, match="not_mergeable"):
        await town.move(first, "merge", target=third)  # which is the first one by now
    await town.move(first, "accept")
    await town.move(first, "resolve", "清走了")
    heard = [words for words in await town.heard() if "合在一起办" in words]
    assert len(heard) == 2 and all("已处理" in words and "清走了" in words for words in heard)
    assert (await town.move(second, "restore", "不是同一件")).merged_into is None


# Beside the way


async def test_what_colleagues_note_is_never_the_residents_to_read(town: Town, person: Person) -> None:
    number = (await town.submit()).number
    viewer, checker = await hire(town, VIEWER), await hire(town, "checker")
    await town.move(number, "note", "SECRET 这家投诉过三次", staff=checker)
    await town.move(number, "hide", "SECRET 拍到了人", staff=MACHINE)
    assert (await town.report(number)).hidden
    with pytest.raises(Refused, match=r"with\.hidden"):
        await town.move(number, "hide", "再来", staff=MACHINE)
    assert not (await town.move(number, "show", "", staff=MACHINE)).hidden
    with pytest.raises(Refused, match="may_not"):
        await town.move(number, "note", "x", staff=viewer)
    assert [line[0] for line in await town.timeline(number)] == ["receive"]
    assert await town.news() == []
    await person.say(f"/reports {number}")
    assert "SECRET" not in person.words
    from db.residents import export

    assert "SECRET" not in str(await town.database.read(export, town.resident))


async def test_a_report_assigned_straight_away_earns_like_an_accepted_one_and_once(town: Town) -> None:
    """Only «accept» was rewarded."""
    number = (await town.submit()).number
    await town.move(number, "ask")
    await town.resident_moves(number, "answer", "三号楼")  # one's own answer brings nothing
    assert not [points for deed, points in await town.deeds() if deed == "report_accepted"]
    await town.move(number, "assign")
    await town.move(number, "return")
    await town.move(number, "assign", department="urban")
    assert [points for deed, points in await town.deeds() if deed == "report_accepted"] == [5]
