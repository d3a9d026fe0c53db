"""What somebody settles for themselves; what we hold about them, handed over and erased."""

import json
from typing import Any

import pytest
from sqlalchemy import String, Text, select

from actions import joining, residents
from db import letters
from db.database import Database
from db.sealing import Sealed
from db.tables import metadata
from db.tx import Tx
from tests.actions.town import Town
from tests.play import Person, everything, picture, rows_of

MARK = "独角兽"  # a word that only this person uses


@pytest.fixture
async def town(person: Person) -> Town:
    """A town with one resident, in the web chat."""
    await person.say("/start poster-7")
    rows = await rows_of(person.database, "residents")
    return Town(person.database, person.dispatch.house, rows[0]["id"])


async def full_life(person: Person, town: Town) -> str:
    """Somebody who did everything, and left their mark everywhere; the number of their report."""
    await person.say("/area")
    await person.say(next(iter(town.house.library.city.communities.values())).zh)
    await person.say("/daily")
    await person.say("8:00")
    await person.say("/tip")
    await answer_a_question(person)
    await person.say(f"我叫{MARK}")
    await person.photo(picture(f"{MARK} sent", place=(30.27, 120.15)))
    await person.say("上报问题")
    await person.say("1")
    await person.say("文昌路 12 号门口")
    while "还要补一句吗" not in person.words:
        await person.say("1")
    await person.say(f"找{MARK}，电话在门上")
    await person.tap("提交")
    number = "261123-1"
    await person.say(f"/reports add {number}")
    await person.photo(picture(f"{MARK} added"), text=f"{MARK}又来了")
    await town.move(number, "accept", by="Officer Wang")
    await town.move(number, "ask", f"请问{MARK}在吗", by="Officer Wang")
    await person.say(f"/reports add {number}")
    await person.say(f"{MARK}在")
    await person.photo(picture(f"{MARK} only sent"))
    await person.say("上报问题")
    await person.say("更多类别")
    await person.say("/report noise")
    await person.say("菜单")  # a draft stays behind
    await person.place(30.1, 120.2, f"{MARK}家")
    await person.say("菜单")
    await person.say("关联")
    await person.say("1")
    await person.say("菜单")
    return number


async def answer_a_question(person: Person) -> None:
    """Rightly or not."""
    await person.say("/quiz one")
    await person.say("A")
    if "选好了" in person.labels:
        await person.tap("选好了")


async def words(database: Database) -> list[tuple[str, str, str]]:
    """Table, column and content of every text in the database."""

    def look(tx: Tx) -> list[tuple[str, str, str]]:
        found = []
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, String | Text | Sealed):
                    rows = tx.execute(select(column).where(column.is_not(None))).scalars()
                    found += [(table.name, column.name, str(value)) for value in rows]
        return found

    return await database.read(look)


async def marked(database: Database) -> set[tuple[str, str]]:
    """Where the mark still stands."""
    return {(table, column) for table, column, text in await words(database) if MARK in text}


# Settling


async def test_the_first_poster_that_brought_somebody_stays(person: Person, town: Town) -> None:
    await person.say("/start poster-9")
    found = await everything(town.database)
    assert [row["source"] for row in found["residents"]] == ["poster-7"]
    assert [row["subject"] for row in found["journal"] if row["deed"] == "arrive"] == ["poster-7", "poster-9"]


async def test_the_daily_tip_is_noted_when_it_changes(town: Town) -> None:
    for hour in (8, 8, 19, None, None):
        await town.as_resident(residents.daily_tip, hour)
    deeds = [deed for deed, _ in await town.deeds() if deed.startswith("daily")]
    assert deeds == ["daily_on", "daily_on", "daily_off"]


async def test_what_one_earned_with_points_off_is_nothing_and_before_is_kept(person: Person, town: Town) -> None:
    await person.say("/tip")
    await town.as_resident(lambda scene: residents.settle(scene, points_on=0))
    await person.say("/tip another")
    await town.as_resident(lambda scene: residents.settle(scene, points_on=1))
    assert await town.as_resident(residents.points) == {"tip_read": (1, 1)}


# Handing over


async def export(town: Town, resident: int | None = None) -> dict[str, Any]:
    """The file, as it would be written."""
    found = await town.database.read(residents.export, resident or town.resident)
    return dict(json.loads(json.dumps(found, ensure_ascii=False)))


async def test_the_export_holds_everything_the_person_sent(person: Person, town: Town) -> None:
    number = await full_life(person, town)
    held = await export(town)
    file = json.dumps(held, ensure_ascii=False)
    for said in (
        f"我叫{MARK}",
        f"找{MARK}，电话在门上",
        f"{MARK}又来了",
        f"{MARK}在",
        f"{MARK}家",
        "文昌路 12 号门口",
        number,
    ):
        assert said in file, said
    assert len(held["photos"]) == 3
    assert held["resident"][0]["tip_hour"] == 8
    assert {line["deed"] for line in held["deeds"]} >= {"visit", "tip_read", "quiz_answer", "report_sent"}
    assert held["answers"]
    assert held["tips_seen"]
    assert [move["move"] for move in held["report_moves"]] == ["receive", "add", "accept", "ask", "answer"]
    assert all(isinstance(move["at"], str) for move in held["report_moves"])  # a moment in words


async def test_a_draft_is_in_the_export_even_where_the_transcript_is_gone(person: Person, town: Town) -> None:
    await full_life(person, town)
    await town.database.write(lambda tx: tx.execute(metadata.tables["exchanges"].delete()))
    assert f"{MARK}家" in json.dumps(await export(town), ensure_ascii=False)


async def test_the_export_holds_no_sealed_key_and_no_name_of_staff(person: Person, town: Town) -> None:
    await full_life(person, town)
    file = json.dumps(await export(town), ensure_ascii=False)
    for word in ("sealed", "public/", "Officer Wang", "actor_name", "leased_by"):
        assert word not in file, word


async def test_the_export_holds_nothing_of_another(person: Person, town: Town) -> None:
    await full_life(person, town)
    other = Person(person.dispatch, person.database, user="somebody-else")
    await other.say("/start")
    rows = await rows_of(town.database, "residents")
    held = await export(town, rows[-1]["id"])
    assert MARK not in json.dumps(held, ensure_ascii=False)
    assert held["reports"] == held["photos"] == []


async def test_the_export_of_nobody_is_empty(town: Town) -> None:
    assert all(rows == [] for rows in (await export(town, 404)).values())


async def test_what_we_hold_is_counted(person: Person, town: Town) -> None:
    before = await town.as_resident(residents.holdings)
    assert before == {"talks": 1, "photos": 0, "reports": 0, "answers": 0, "deeds": 2, "messages": 1}
    await full_life(person, town)
    after = await town.as_resident(residents.holdings)
    assert (after["reports"], after["photos"], after["answers"]) == (1, 3, 1)


# Erasing


async def erase(person: Person) -> None:
    """By chat, as people do it."""
    await person.say("/erase")
    await person.tap("确定删除")


async def test_nothing_of_the_person_is_left_in_any_text_of_any_table(person: Person, town: Town) -> None:
    await full_life(person, town)
    assert {"exchanges", "reports", "report_moves", "photos", "talks", "letters"} <= {
        table for table, _ in await marked(town.database)
    }
    await town.move("261123-1", "resolve", "清走了", by="Officer Wang")
    await erase(person)
    # What the office itself wrote stays in the history of the report it is handling.
    assert await marked(town.database) == {("report_moves", "note")}
    notes = [row for row in await rows_of(town.database, "report_moves") if MARK in row["note"]]
    assert [row["actor"] for row in notes] == ["staff"]


async def test_what_was_counted_stays_counted_without_the_person(person: Person, town: Town) -> None:
    await full_life(person, town)
    before = await everything(town.database)
    await erase(person)
    after = await everything(town.database)
    assert len(after["journal"]) == len(before["journal"]) + 1  # that they erased themselves
    assert {row["resident_id"] for row in after["journal"]} == {None}
    assert [row["source"] for row in after["journal"]][: len(before["journal"])] == [
        row["source"] for row in before["journal"]
    ]
    for name in ("answers", "reviews", "tips_seen", "join_codes"):
        assert after[name] == [], name


async def test_the_report_runs_on_with_its_photos_and_its_place_and_nobody_is_written_to(
    person: Person, town: Town
) -> None:
    number = await full_life(person, town)
    await erase(person)
    report = await town.report(number)
    assert (report.resident_id, report.note, report.anonymous) == (None, "", True)
    assert (report.status, report.place, report.answers["kind"]) == ("accepted", "文昌路 12 号门口", "household")
    await town.move(number, "resolve", "清走了")
    await town.move(number, "close", "")
    assert (await town.report(number)).status == "closed"
    found = await everything(town.database)
    assert found["letters"] == []
    assert len(found["report_photos"]) == 2
    attached = {row["photo_id"] for row in found["report_photos"]}
    assert {row["id"] for row in found["photos"]} == attached
    assert {(row["resident_id"], row["lat"], row["lon"], row["ref"]) for row in found["photos"]} == {(None,) * 4}
    assert all(row["sealed_key"] for row in found["photos"])


async def test_a_photo_that_is_still_at_its_channel_can_be_fetched_for_the_report(person: Person) -> None:
    from bot.messages import Photo

    there = Person(person.dispatch, person.database, user="there", channel="telegram")
    await there.photo(Photo("file-7"))
    for said in ("上报问题", "1", "文昌路 12 号门口", "1", "1", "不用了", "提交"):
        await there.say(said)
    await erase(there)
    (photo,) = await rows_of(person.database, "photos")
    assert (photo["state"], photo["ref"], photo["resident_id"]) == ("waiting", "file-7", None)


async def test_the_talk_goes_on_with_a_blank_resident(person: Person, town: Town) -> None:
    await full_life(person, town)
    await person.say("/language en")
    await erase_in_english(person)
    assert "What would you like" in await person.say("menu")
    assert "not reported anything yet" in await person.say("my reports")
    found = await everything(town.database)
    old, blank = found["residents"]
    assert (old["area"], old["tip_hour"], old["source"], old["seen_day"]) == (None,) * 4
    assert old["erased_at"] is not None
    assert (blank["language"], blank["area"], blank["tip_hour"], blank["erased_at"]) == ("en", None, None, None)
    assert [row["resident_id"] for row in found["talks"]] == [blank["id"]]
    assert await person.say("/report litter")
    assert "still unsent" not in person.words  # the draft is gone, too


async def erase_in_english(person: Person) -> None:
    await person.say("/erase")
    await person.send(choice=person.options[-1].value)


async def test_what_somebody_sends_again_after_erasing_is_answered_alike(person: Person, town: Town) -> None:
    await person.say("/erase")
    choice = person.options[-1].value
    first = await person.send(id="the-last-word", choice=choice)
    assert await person.send(id="the-last-word", choice=choice) == first
    assert len(await rows_of(town.database, "residents")) == 2


async def test_keeping_ones_data_changes_nothing(person: Person, town: Town) -> None:
    await full_life(person, town)
    await person.say("/erase")
    await person.tap("不删，留着")
    assert len(await marked(town.database)) > 4


async def test_erasing_reaches_every_channel_of_the_person_and_the_talk_where_they_asked_goes_on(
    person: Person, town: Town
) -> None:
    there = Person(person.dispatch, person.database, user=f"{MARK}-there", channel="terminal")
    await there.say("/start")
    code = await town.as_resident(joining.invite)
    await there.say(f"/link {code}")
    await there.say(f"我是{MARK}")
    await person.say("/erase")
    await there.say("又说一句")  # the other talk is now the latest
    await person.tap("确定删除")
    found = await everything(town.database)
    assert [(row["channel"], row["user"]) for row in found["talks"]] == [("web", person.user)]
    assert await marked(town.database) == set()
    assert "想做点什么" in await person.say("菜单")
    assert "我是有礼" in await there.say("你好呀")  # a stranger again


async def test_erasing_twice_is_fine(person: Person, town: Town) -> None:
    for _ in range(2):
        await full_life_again(person)
        await erase(person)
    assert await marked(town.database) == set()


async def full_life_again(person: Person) -> None:
    await person.say(f"我叫{MARK}")
    await answer_a_question(person)


async def test_letters_that_waited_are_gone(person: Person, town: Town) -> None:
    number = (await town.submit()).number
    await town.move(number, "accept")
    assert await town.database.read(letters.counts) == {"waiting": 1}
    await erase(person)
    assert await town.database.read(letters.counts) == {}
