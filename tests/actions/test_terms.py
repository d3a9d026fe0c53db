"""Every term of docs/data.md, walked through: the clock alone forgets, and nothing older than its term is left."""

from pathlib import Path
from typing import Any

from actions import duty, joining, people, reports, signing
from actions.clock import Clock
from actions.people import Post
from actions.scene import Scene
from actions.signing import Attempt
from bot.media import Media
from civic import passwords
from civic.staff import ADMINISTRATOR, HANDLER, Staff
from db import followers, letters, mutes, paces, polls, reminders, staff, supervisions, surveys, talks, updates, wechat
from db.database import Database
from db.reports import find_report
from db.residents import BULLETIN
from db.tables import letters as outbox
from db.tx import Tx
from tests.handlers.test_parking import to_summary
from tests.play import Person, Time, everything, picture

MACHINE = Staff("terminal", ADMINISTRATOR)
MARK = "雪落在旧钟楼"
# What may stay as long as its person does, is counted without one, or is the house's own: docs/data.md says why.
STAYS = {
    *("residents", "talks", "answers", "reviews", "tips_seen", "journal", "rollups", "rollup_spans", "marks"),
    "hidden_cells",
    *("reports", "report_words", "report_moves", "report_sets", "supervisions", "surveys"),
    *("staff", "staff_talks", "audit"),
}
GOES = {
    *("exchanges", "letters", "updates", "telegram_polls", "wechat_pages", "photos", "report_photos", "mutes"),
    *("report_followers", "join_codes", "staff_codes", "staff_sessions", "staff_invitations", "staff_notices"),
    *("staff_absences", "knocks", "paces", "unanswered"),
}
DAYS = (0.5, 4, 31, 95, 366, 367, 408)  # some steps follow from earlier ones


async def test_when_all_terms_are_over_nothing_is_left_but_what_is_counted(
    person: Person, database: Database, time: Time, tmp_path: Path
) -> None:
    house = person.dispatch.house
    clock = Clock(database, house, Media.open("", tmp_path / "media"))
    other = Person(person.dispatch, database, "oOther", "wechat")
    third = Person(person.dispatch, database, "77", "telegram")
    for one in (person, other, third):
        await one.say("/quiz")
        await one.tap("")
        await one.say("/tip")
        await one.say(f"{MARK}会不会飞")
    await to_summary(person, place=f"{MARK}路 12 号")
    await person.tap("提交")
    await to_summary(other, place=f"{MARK}路 14 号")  # a draft that is left
    await other.say("/menu")
    await third.say("/report litter")  # another, with a photo in it
    await third.photo(picture("draft"))
    await person.photo(picture("in no report"))
    await database.write(_more, house)
    assert await _filled(database) >= GOES
    begun = time.now
    for days in DAYS:
        time.now = begun
        time.passes(days=days)
        await clock.tick()
    rows = await everything(database)
    assert await _filled(database) <= STAYS | {"ticks"}
    for row in rows["ticks"]:  # of bulletins that fell due the whole year is kept
        assert row["done_at"] > (begun.timestamp() + (40 if row["what"] == BULLETIN else 370) * 86400) * 1000
    assert [(name, row) for name, found in rows.items() for row in found if MARK in str(row)] == []
    for talk in rows["talks"]:
        assert (talk["conversation"], talk["step"], talk["data"], talk["paused"]) == (None, None, "{}", "{}")
    [report] = rows["reports"]
    gone = ("resident_id", "lat", "lon", "square", "spot", "place", "note")
    assert report["cleared_at"] and not any(report[name] for name in gone) and report["answers"] == "{}"
    assert {row["words"] for row in rows["report_words"]} == {report["number"]}
    assert {row["note"] for row in rows["report_moves"]} == {""}
    # Who sent it, or followed it, can't be read from what is counted either.
    assert report["number"] not in {row["subject"] for row in rows["journal"]}
    assert "report_sent" in {row["deed"] for row in rows["journal"]}
    assert "办结很久了" in await person.say("我的上报")  # «nothing yet» was not true


async def _filled(database: Database) -> set[str]:
    return {name for name, rows in (await everything(database)).items() if rows}


def _more(tx: Tx, house: Any) -> None:
    """What only offices, channels and accidents write: a row of each kind."""
    report, library = find_report(tx, "261123-1"), house.library
    assert report is not None and report.resident_id is not None
    resident = talks.find_resident(tx, 2)
    assert resident is not None
    post = Post("Li", HANDLER, frozenset({"urban"}))
    colleague, secret = people.add(tx, library, MACHINE, "li", post, "zh")
    deputy, _ = people.add(tx, library, MACHINE, "wang", Post("Wang", HANDLER, frozenset({"urban"})), "zh")
    signing.accept(tx, secret, passwords.NOBODY, "192.0.2.1", "test")
    signing.knock(tx, Attempt("li", "192.0.2.1"))
    duty.code(tx, MACHINE, colleague.id)
    today = tx.local(house.zone).date()
    staff.add_absence(tx, colleague.id, deputy.id, today.isoformat(), today.isoformat())
    reminders.notify(tx, [colleague.id], report.id, "late")
    joining.invite(Scene(tx, library, house.zone, resident, "wechat"))
    followers.follow(tx, report.id, 2)
    mutes.put(tx, report, tx.ms + 3 * 24 * 3_600_000, MARK, None, "Li")
    supervisions.decide(tx, supervisions.draft(tx, report.id, MARK), "signed", MARK, None, "Li")
    supervisions.answer(tx, report.id, MARK, "Li")
    for number, state in enumerate((updates.DONE, updates.HELD, updates.DEAD)):
        updates.add(tx, 1, number, state, user="77", raw=None if state == updates.DONE else MARK, due_at=tx.ms)
    polls.keep(tx, "poll", 3, ["1:a"])
    wechat.keep_pages(tx, 2, [MARK], "[]")
    paces.hit(tx, "pace:x", 20, 10)
    for number, state in enumerate((letters.DEAD, letters.WAITING, letters.SENT, letters.UNSURE)):
        letters.add_letter(tx, 2, "wechat", f'{{"key": "{MARK}"}}', once=f"x{number}")
        tx.execute(outbox.update().where(outbox.c.once == f"x{number}").values(state=state))
    reports.move(tx, library, house.zone, report.number, "accept", MACHINE, MARK, None)
    reports.move(tx, library, house.zone, report.number, "resolve", MACHINE, MARK, None, no_photo=MARK)
    survey = surveys.find(tx, report.id, 1)
    assert survey is not None
    surveys.note(tx, survey, words=MARK)
    reports.move(tx, library, house.zone, report.number, "close", MACHINE, MARK, None)
