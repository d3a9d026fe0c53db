"""Every move by every role, sent straight to the address of a report: allowed and refused as civic.reports says."""

from typing import Any

import pytest
from sqlalchemy import update

from civic import reports as rules
from civic.reports import MOVES, STATUSES
from civic.staff import DISPATCHER, GRID, HANDLER, LEAD, ROLES
from db import reports as kept
from db.reports import Report
from db.tables import reports
from db.tx import Tx
from tests.actions.town import Town
from tests.system.visitor import jpeg
from tests.web.console.office import Desk, Office

OF_ONE = {LEAD: {"departments": ["urban"]}, HANDLER: {"departments": ["urban"]}, GRID: {"areas": ["hefeng"]}}
FACTS = {"asked": "time", "checking": 1, "supervised": 1, "hidden": 1}
CLEAN: dict[str, Any] = {
    "asked": None,
    "checking": 0,
    "supervised": 0,
    "hidden": 0,
    "person_id": None,
    "returns": 0,
    "rounds": 0,
}
CLEAN |= {"extensions": 0, "closed_at": None, "resolved_at": None, "merged_into": None, "paused_at": None}
CLEAN |= {"department": "urban", "area": "hefeng"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What the table says is the same on each database."""
    return sqlite_url


async def stand(town: Town, number: str, status: str, given: str = "") -> Report:
    """Put a report into a state, with the fact that a move asks for."""
    values: dict[str, Any] = {**CLEAN, "status": status} | ({given: FACTS[given]} if given else {})

    def unit(tx: Tx) -> None:
        if status in rules.CLOSED:
            values["closed_at"] = tx.ms
        if status == "closed":
            values["resolved_at"] = tx.ms
        tx.execute(update(reports).where(reports.c.number == number).values(**values))

    await town.database.write(unit)
    return await town.report(number)


async def send(desk: Desk, token: str, report: Report, move: str, **fields: str) -> int:
    """A move as a program would send it, whatever the page offers."""
    form = {"token": token, "act": move, "version": str(report.version), "note": "一句话"} | fields
    files = {"photo": ("after.jpg", jpeg(report.version), "image/jpeg")} if move == "resolve" else None
    return (await desk.client.post(f"/console/reports/{report.number}", data=form, files=files)).status_code


def with_facts(tx: Tx, values: dict[str, Any]) -> None:
    """All reports have them."""
    tx.execute(update(reports).values(**values))


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_do_by_direct_request_what_the_table_says_and_nothing_else(office: Office, role: str) -> None:
    town = await office.town()
    number, other = (await town.submit()).number, (await town.submit()).number
    desk = await office.desk(role, "", **OF_ONE.get(role, {}))
    token = await desk.token()
    targets = {"merge": other, "refer": "12345"}
    troubles, done = [], 0
    for name, rule in sorted(MOVES.items(), key=lambda one: one[0] == "resolve"):  # nobody checks what they resolved
        fields = {"target": targets[name]} if name in targets else {}
        wrong = sorted(set(STATUSES) - rule.starts)[:1]
        for status in (*sorted(rule.starts)[:2], *wrong):  # tests/civic goes through all
            report = await stand(town, number, status, rule.given)
            got = await send(desk, token, report, name, **fields)
            moved = (await town.report(number)).version > report.version
            expected = 403 if role not in rule.actors else 303 if status in rule.starts else 409
            done += moved
            if got != expected or moved != (expected == 303):
                troubles.append(f"{role} {name} from {status}: {got}, not {expected}")
    assert troubles == []
    lines = await town.database.read(lambda tx: kept.timeline(tx, report.id))
    assert len(lines) == done + 1 and all(line.actor_name == (desk.me and desk.me.name) for line in lines[1:])


async def test_guards_stop_a_direct_request_and_missing_words_photos_or_targets_do(office: Office) -> None:
    town = await office.town()
    number = (await town.submit()).number
    boss = await office.desk("administrator")
    token = await boss.token()
    facts: dict[str, dict[str, Any]] = {"asked": {"asked": "time"}, "checking": {"checking": 1}}
    facts |= {"hidden": {"hidden": 1}, "taken": {"person_id": 1}, "decided": {"returns": 99}}
    for name, rule in MOVES.items():
        status = min(rule.starts)
        for fact, free in rule.unless.items():
            if fact in facts and "administrator" in rule.actors - free:
                report = await stand(town, number, status)
                await town.database.write(with_facts, facts[fact])
                assert await send(boss, token, report, name) == 422, (name, fact)
        if "administrator" in rule.actors:
            report = await stand(town, number, status, rule.given)
            if rule.note:
                assert await send(boss, token, report, name, note=" \n") == 422, name
            if "target" in rule.needs:
                assert await send(boss, token, report, name, target="nowhere") == 422, name
            for useless in {"target", "until", "department"} - {*rule.needs, *rule.takes}:
                given = {"until": "2026-12-01", "department": "street", "target": "12345"}[useless]
                assert await send(boss, token, report, name, **{useless: given}) == 422, (name, useless)
            assert (await town.report(number)).version == report.version, name
    report = await stand(town, number, "in_progress")
    form = {"token": token, "act": "resolve", "version": str(report.version), "note": "好了"}
    assert (await boss.client.post(f"/console/reports/{number}", data=form)).status_code == 422  # without a photo
    assert [line[0] for line in await town.timeline(number)] == ["receive"]


async def test_who_does_not_see_a_report_moves_nothing_of_it_and_who_saw_an_old_one_neither(office: Office) -> None:
    town = await office.town()
    number = (await town.submit()).number
    elsewhere = [
        await office.desk(LEAD, "", ["health"]),
        await office.desk(HANDLER, "", ["street"]),
        await office.desk(GRID, "", [], ["matou"]),
        await office.desk(DISPATCHER, "", [], ["matou"]),
    ]
    here = await office.desk("administrator")
    for desk in (*elsewhere, here):
        token = await desk.token()
        for name, rule in MOVES.items():
            report = await stand(town, number, min(rule.starts), rule.given)
            if desk is not here:
                assert await send(desk, token, report, name) == 404, name
            for version, status in (("99", 409), ("-1", 422), ("", 422), ("1" * 40, 422), ("१", 422)):
                if desk is here:
                    assert await send(desk, token, report, name, version=version) == status, (name, version)
    assert [line[0] for line in await town.timeline(number)] == ["receive"]
