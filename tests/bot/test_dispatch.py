"""The engine: handled once, answered alike, in order; what fails leaves no trace; nobody is ever stuck."""

import asyncio
import logging
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select, text

from actions import notices, reports
from bot.conversation import Conversation, Reply, Step, Turn, again, ask, done, opt, say
from bot.dispatch import Dispatch
from bot.house import House
from bot.messages import Address, Incoming, Option, Photo, Place, Say
from civic.errors import Refused
from civic.staff import ADMINISTRATOR, Staff
from commands.terminal import Line
from db import journal, talks
from db.database import Database, open_database
from db.reports import find_report
from db.tables import talks as talk_table
from handlers import CONVERSATIONS
from tests.play import KEYS, Person, Time, everything, picture, rows_of

# A conversation made for these tests: what it is told, it does.


def begin(turn: Turn, command: str, argument: str) -> Reply:
    if command == "round-and-round":
        return Reply(go="round-and-round")
    return ask("question", keep={"count": 0})


def question(turn: Turn) -> Say:
    return say("tip.none", opt("keep"), opt("ready"))


def take(turn: Turn) -> Reply:
    write = partial(journal.write_line, turn.tx, day="2026-11-23", resident_id=turn.resident.id, channel="web")
    count = turn.data["count"] + 1
    if turn.text in {"crash", "refuse", "speechless", "broken words"}:
        write(deed="half-done", subject=turn.text)
        talks.change_resident(turn.tx, turn.resident.id, language="en", area="nowhere")
    match turn.text:
        case "crash":
            raise RuntimeError("a mistake in a step")
        case "refuse":
            raise Refused("bot.too_fast", seconds=7)
        case "speechless":
            return done(say("no.such.key"))
        case "broken words":
            raise Refused("bot.too_fast")  # its text needs the seconds
        case "sleep" if turn.tx.connection.dialect.name == "postgresql":
            turn.tx.execute(text("SELECT pg_sleep(0.4)"))
    return again(say("stats.day", start=str(count)), keep={"count": count})


TRIAL = Conversation(
    "trial",
    frozenset({"trial", "round-and-round"}),
    begin,
    {"question": Step(question, take, frozenset({"choice", "text"}))},
)


@pytest.fixture
def house(house: House) -> House:
    """The house with one more conversation."""
    return replace(house, conversations=(*CONVERSATIONS, TRIAL))


async def at(person: Person) -> tuple[str | None, str | None]:
    """The conversation and the step where a person's talk stands."""
    where = (talk_table.c.channel == person.channel, talk_table.c.user == person.user)
    query = select(talk_table.c.conversation, talk_table.c.step).where(*where)
    row = await person.database.read(lambda tx: tx.execute(query).one())
    return row[0], row[1]


@pytest.fixture
def nothing_failed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No step failed during the test."""
    yield
    assert [record.exc_text for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []


# Once


async def test_a_message_that_comes_again_gets_the_same_answer_and_changes_nothing(person: Person, time: Time) -> None:
    await person.say("/report litter")
    message = Incoming(Address("web", person.user), "m1", photos=(picture(),))
    first = await person.exchange(message)
    before = await everything(person.database)
    time.passes(hours=3)
    again_ = await person.exchange(message)
    assert (again_.answer, again_.id, again_.at) == (first.answer, first.id, first.at)
    assert (first.repeated, again_.repeated) == (False, True)
    assert await everything(person.database) == before


async def test_it_is_the_same_answer_even_when_the_talk_went_on(person: Person) -> None:
    message = Incoming(Address("web", person.user), "m1", text="/quiz one")
    first = await person.exchange(message)
    await person.say("A")
    await person.say("/language")
    assert (await person.exchange(message)).answer == first.answer


async def test_three_times_at_once_is_handled_once(person: Person) -> None:
    message = Incoming(Address("web", person.user), "m1", text="/start poster-7")
    exchanges = await asyncio.gather(*(person.exchange(message) for _ in range(3)))
    assert len({exchange.answer for exchange in exchanges}) == 1
    assert sorted(exchange.repeated for exchange in exchanges) == [False, True, True]
    found = await everything(person.database)
    assert [len(found[name]) for name in ("residents", "talks", "exchanges")] == [1, 1, 1]
    assert [row["deed"] for row in found["journal"]] == ["visit", "arrive"]


async def test_the_same_id_of_another_person_is_another_message(person: Person) -> None:
    other = Person(person.dispatch, person.database, user="somebody-else")
    await asyncio.gather(person.send(id="m1", text="/start"), other.send(id="m1", text="/start"))
    assert len(await rows_of(person.database, "exchanges")) == 2


async def test_a_visit_is_counted_once_a_day_whatever_comes_at_once(person: Person, time: Time) -> None:
    await person.say("/start")
    time.passes(days=1)
    await asyncio.gather(*(person.send(text=word) for word in ("菜单", "贴士", "积分", "帮助")))
    lines = await rows_of(person.database, "journal")
    assert [line["day"] for line in lines if line["deed"] == "visit"] == ["2026-11-23", "2026-11-24"]


# In order


async def test_nothing_is_lost_between_messages_of_one_person_at_once(person: Person) -> None:
    await person.say("/trial")
    await asyncio.gather(*(person.send(text=f"count {number}") for number in range(12)))
    assert (await person.say("count")).startswith("13\n")


async def test_many_people_at_once_each_in_their_own_order(dispatch: Dispatch, database: Database) -> None:
    async def talk(number: int) -> list[str]:
        person = Person(dispatch, database, user=f"person-{number}")
        await person.say("/trial")
        return [(await person.say("count")).partition("\n")[0] for _ in range(5)]

    heard = await asyncio.gather(*(talk(number) for number in range(12)))
    assert heard == [["1", "2", "3", "4", "5"]] * 12
    found = await everything(database)
    assert [len(found[name]) for name in ("residents", "talks", "exchanges")] == [12, 12, 72]


async def test_one_persons_slow_turn_keeps_nobody_else_waiting(
    dispatch: Dispatch, database: Database, database_url: str
) -> None:
    slow, quick = (Person(dispatch, database, user=name) for name in ("slow", "quick"))
    await slow.say("/trial")
    ended: list[str] = []

    async def say_(person: Person, words: str) -> None:
        await person.say(words)
        ended.append(person.user)

    turn = asyncio.create_task(say_(slow, "sleep"))
    await asyncio.sleep(0.05)
    await say_(quick, "/start")
    await turn
    expected = ["quick", "slow"] if database_url.startswith("postgres") else ["slow", "quick"]  # nobody sleeps there
    assert ended == expected


async def test_a_turn_and_a_move_of_the_office_do_not_block_one_another(
    person: Person, house: House, database: Database
) -> None:
    """The one has the talk and wants the report, the other has the report and wants the talk (for the letter)."""
    number = await send_report(person)
    await staff(person, number, "accept")

    def turn(tx: Any) -> None:
        talks.open_talk(tx, "web", person.user, "zh", "2026-11-23")
        pause(tx)
        assert find_report(tx, number, lock=True) is not None

    def move(tx: Any) -> None:
        find_report(tx, number, lock=True)
        pause(tx)
        reports.move(tx, house.library, house.zone, number, "start", Staff("Li", ADMINISTRATOR))

    def pause(tx: Any) -> None:
        if tx.connection.dialect.name == "postgresql":
            tx.execute(text("SELECT pg_sleep(0.15)"))

    await asyncio.wait_for(asyncio.gather(database.write(turn), database.write(move)), 3)


# After a restart


async def test_a_conversation_goes_on_after_a_restart(
    person: Person, house: House, database_url: str, time: Time
) -> None:
    await person.photo()
    await person.say("上报问题")
    asked = await person.say("1")
    button = person.options[-1].value if person.options else ""
    await person.database.close()
    database = await open_database(database_url, time, keys=KEYS)
    try:
        after = Person(Dispatch(database, house), database, numbers=iter(range(100, 200)))
        assert asked.splitlines()[-1] in await after.say("")
        assert not button or (await after.send(choice=button))
        await after.say("文昌路 12 号门口")
        assert await at(after) == ("report", "question")
        await after.say("返回")
        assert await at(after) == ("report", "place")
    finally:
        await database.close()


# What fails


def but_for_words(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """All rows but the transcript's, and the talk's finger on its last."""
    talks = [{name: value for name, value in talk.items() if name != "last_id"} for talk in rows["talks"]]
    return {name: some for name, some in rows.items() if name != "exchanges"} | {"talks": talks}


@pytest.mark.parametrize("what", ["crash", "speechless", "broken words"])
async def test_a_step_that_crashes_apologises_and_leaves_no_trace(person: Person, what: str) -> None:
    await person.say("/trial")
    old = person.options[0]
    before = await everything(person.database)
    assert "出了点小状况" in await person.say(what)
    after = await everything(person.database)
    assert len(after["exchanges"]) == len(before["exchanges"]) + 1
    assert but_for_words(after) == but_for_words(before)
    assert "1" in await person.tap(old.label)  # what was offered still is, and the talk goes on
    assert (await person.say("count")).startswith("2\n")


async def test_the_photos_of_a_crashed_step_are_kept(person: Person, dispatch: Dispatch) -> None:
    await person.say("/trial")
    await person.photo(picture("kept"), text="crash")  # this step takes no photos: a report begins
    crashing = replace(TRIAL.steps["question"], accepts=frozenset({"photos"}))
    dispatch.house = replace(dispatch.house, conversations=(replace(TRIAL, steps={"question": crashing}),))
    await person.say("/trial")
    before = await everything(person.database)
    assert "出了点小状况" in await person.photo(picture("kept, too"), text="crash")
    after = await everything(person.database)
    assert len(after.pop("photos")) == len(before.pop("photos")) + 1
    assert len(after["exchanges"]) == len(before["exchanges"]) + 1
    assert but_for_words(after) == but_for_words(before)


async def test_what_is_refused_keeps_the_place_and_the_options(person: Person) -> None:
    await person.say("/trial")
    offered = person.options
    before = await everything(person.database)
    assert "歇 7 秒再发" in await person.say("refuse")
    assert person.options == offered
    assert but_for_words(await everything(person.database)) == but_for_words(before)
    await person.send(choice=offered[1].value)  # the button of the first time
    assert person.words.startswith("1\n")


async def test_conversations_that_hand_over_in_a_circle_end(person: Person) -> None:
    assert "出了点小状况" in await person.say("/round-and-round")
    assert "想做点什么" in await person.say("菜单")


async def test_errors_in_the_log_hold_no_words_of_the_person(person: Person, caplog: pytest.LogCaptureFixture) -> None:
    def broken(turn: Turn) -> Reply:
        row = {"what": turn.text, "at": "", "done_at": None}
        turn.tx.execute(text("INSERT INTO ticks (what, at, done_at) VALUES (:what, :at, :done_at)"), row)
        return done()

    step = replace(TRIAL.steps["question"], take=broken)
    person.dispatch.house = replace(person.dispatch.house, conversations=(replace(TRIAL, steps={"question": step}),))
    await person.say("/trial")
    assert "出了点小状况" in await person.say("我家住在文昌路")
    record = next(record for record in caplog.records if record.exc_info)
    record.exc_text = None  # what pytest made of it
    line = Line().format(record)
    assert "step failed" in line
    assert "IntegrityError" in line
    assert "test_dispatch.py" in line
    assert "文昌路" not in line


# Everywhere


DRAFT = (picture("one"), "上报问题", "1", "文昌路 12 号门口", "1", "1", "不用了")


TREES = "松柏杨柳桃李梅兰竹菊荷桂枫槐榆桑"


def own(person: Person, said: Any) -> Any:
    """Everybody reports at an address of their own: at one that was reported before, more would be asked."""
    trees = "".join(TREES[int(digit, 16)] for digit in sha256(person.user.encode()).hexdigest()[:24])
    return said.replace("文昌路", f"文昌路{trees}巷") if isinstance(said, str) else said


async def send_report(person: Person, place_of: Person | None = None) -> str:
    """A litter report, sent; its number."""
    for said in (*DRAFT, "提交"):
        await (person.photo(said) if isinstance(said, Photo) else person.say(own(place_of or person, said)))
    found = re.search(r"编号 ([0-9]+-[0-9]+)", person.words)
    assert found, person.words
    return found[1]


async def staff(person: Person, number: str, move: str) -> None:
    """The office moves a report."""
    house = person.dispatch.house
    li = Staff("Li", ADMINISTRATOR)

    def unit(tx: Any) -> None:
        reports.move(tx, house.library, house.zone, number, move, li, "说明一下", no_photo="没带相机")

    await person.database.write(unit)


async def asked_to_add(person: Person) -> None:
    await person.say(f"/reports add {await send_report(person)}")


async def asked_to_withdraw(person: Person) -> None:
    await person.say(f"/reports withdraw {await send_report(person)}")


async def asked_what_is_unsolved(person: Person) -> None:
    number = await send_report(person)
    await staff(person, number, "accept")
    await staff(person, number, "resolve")
    await person.say(f"/reports unsolved {number}")


async def linked(person: Person) -> None:
    """Somebody who talks to us on two channels."""
    await person.say("关联")
    words = await person.say("1")
    there = Person(person.dispatch, person.database, user=f"elsewhere-{person.user}", channel="terminal")
    await there.say("/link " + re.findall("[0-9A-Z]{4} [0-9A-Z]{4}", words)[0])


async def asked_how_satisfied(person: Person) -> None:
    number = await send_report(person)
    await staff(person, number, "accept")
    await staff(person, number, "resolve")
    await person.say(f"/reports solved {number}")


async def asked_why_not(person: Person) -> None:
    await asked_how_satisfied(person)
    await person.tap("不满意")


async def asked_whether_it_is_the_same(person: Person) -> None:
    await send_report(Person(person.dispatch, person.database, user=f"neighbour-of-{person.user}"), person)
    for said in DRAFT[:4]:
        await (person.photo(said) if isinstance(said, Photo) else person.say(own(person, said)))


TO: dict[tuple[str, str], tuple[object, ...]] = {
    ("welcome", "district"): ("/start",),
    ("welcome", "community"): ("/start", "1"),
    ("welcome", "hour"): ("/daily",),
    ("quiz", "how"): ("答题",),
    ("quiz", "topic"): ("答题", "选个主题"),
    ("quiz", "question"): ("/quiz five",),
    ("report", "intent"): DRAFT[:1],
    ("report", "category"): DRAFT[:2],
    ("report", "photos"): ("/report litter",),
    ("report", "place"): DRAFT[:3],
    ("report", "near"): (asked_whether_it_is_the_same,),
    ("report", "question"): DRAFT[:4],
    ("report", "note"): DRAFT[:6],
    ("report", "summary"): DRAFT,
    ("report", "change"): (*DRAFT, "改一改"),
    ("report", "resume"): (*DRAFT, "答题", "随手拍"),
    ("reports", "add"): (asked_to_add,),
    ("reports", "withdraw"): (asked_to_withdraw,),
    ("reports", "unsolved"): (asked_what_is_unsolved,),
    ("reports", "satisfied"): (asked_how_satisfied,),
    ("reports", "reasons"): (asked_why_not,),
    ("privacy", "erase"): ("/erase",),
    ("link", "how"): ("关联",),
    ("link", "code"): ("关联", "2"),
    ("link", "part"): (linked, "关联", "3"),
}


async def go(person: Person, to: tuple[str, str]) -> None:
    """Talk until the talk stands at a step."""
    for said in TO[to]:
        if isinstance(said, str):
            await person.say(own(person, said))
        elif isinstance(said, Photo):
            await person.photo(said)
        else:
            await said(person)  # type: ignore[operator]
    assert await at(person) == to, person.words


def test_the_way_to_every_step_of_every_conversation_is_known() -> None:
    staff = {"tasks"}  # opened by staff only, and walked with them in tests of their own
    assert set(TO) == {(talk.name, step) for talk in CONVERSATIONS if talk.name not in staff for step in talk.steps}


# The long ones, which have nothing to do with the database, walk on one of the two only.
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(params=TO, ids="-".join)
def step(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Each step of each conversation."""
    return request.param  # type: ignore[no-any-return]


@pytest.mark.usefixtures("nothing_failed")
async def test_cancel_ends_it(person: Person, step: tuple[str, str]) -> None:
    await go(person, step)
    before = await everything(person.database)
    assert ("取消了，什么也没提交" if step[0] == "report" else "先不弄了") in await person.say("取消")
    assert await at(person) == (None, None)
    assert "随手拍" in person.labels
    after = await everything(person.database)
    for name in ("exchanges", "talks"):
        before.pop(name)
        after.pop(name)
    assert after == before
    assert "现在没有进行到一半的事" in await person.say("算了")


@pytest.mark.usefixtures("nothing_failed")
async def test_the_menu_is_there_and_an_open_report_is_kept(person: Person, step: tuple[str, str]) -> None:
    await go(person, step)
    kept = "先给您留着" in await person.say("菜单")
    assert "想做点什么" in person.words
    assert await at(person) == (None, None)
    assert kept == (step[0] == "report")
    await person.say("随手拍")
    assert await at(person) == ("report", "resume" if kept else "category")


@pytest.mark.usefixtures("nothing_failed")
async def test_back_leads_step_by_step_to_the_menu(person: Person, step: tuple[str, str]) -> None:
    await go(person, step)
    seen = [step]
    for _ in range(15):
        await person.say("返回")
        where = await at(person)
        if where == (None, None):
            break
        assert where[0] == step[0]
        assert where not in seen
        seen.append(where)  # type: ignore[arg-type]
    assert await at(person) == (None, None)
    assert "想做点什么" in person.words


@only_sqlite
@pytest.mark.usefixtures("nothing_failed")
async def test_old_buttons_ask_the_present_question_again(person: Person, step: tuple[str, str]) -> None:
    await person.say("/trial")
    old = [option.value for option in person.options]
    await go(person, step)
    for value in (*old, "0:1", "x", ":", "99:", "１:1"):
        asked = person.last[-1]
        await person.send(choice=value)
        assert "前面一步" in person.words
        assert person.last[-1].text == asked.text
        assert [option.label for option in person.last[-1].options] == [option.label for option in asked.options]
        assert await at(person) == step


@only_sqlite
@pytest.mark.usefixtures("nothing_failed")
async def test_what_says_nothing_keeps_the_place(person: Person, step: tuple[str, str]) -> None:
    await go(person, step)
    asked, before = person.last[-1].text, await everything(person.database)
    for nothing in ({"text": ""}, {"text": " \u200b\u202e "}, {"text": "/"}, {"unsupported": "voice"}):
        await person.send(**nothing)
        assert await at(person) == step
        assert person.last[-1].text == asked
    after = await everything(person.database)
    for name in ("exchanges", "talks"):
        before.pop(name)
        after.pop(name)
    assert after == before


@only_sqlite
@pytest.mark.usefixtures("nothing_failed")
async def test_whatever_is_said_there_is_an_answer(person: Person, step: tuple[str, str]) -> None:
    everything_else: tuple[dict[str, Any], ...] = (
        {"text": "嗯嗯嗯嗯"},
        {"text": "9" * 400},
        {"text": "👍" * 300},
        {"text": "‮מוקש\x00"},
        {"photos": (picture("more"),)},
        {"photos": (picture("more"),), "text": "帮我看看"},
        {"place": Place(30.27, 120.15, "文昌路 12 号")},
        {"command": ("quiz", "topic:nothing")},
        {"command": ("no-such-command", "x")},
        {"text": "/reports 999999-9"},
    )
    for number, said in enumerate(everything_else):
        other = Person(person.dispatch, person.database, user=f"person-{number}")
        await go(other, step)
        await other.send(**said)
        assert other.words
        assert "想做点什么" in await other.say("菜单")


@only_sqlite
async def test_every_option_that_is_offered_is_understood(person: Person, step: tuple[str, str]) -> None:
    await go(person, step)
    count = len(person.options)
    for number in range(count):
        other = Person(person.dispatch, person.database, user=f"person-{number}")
        await go(other, step)
        if number >= len(other.options):  # another question, with fewer answers
            continue
        chosen = other.options[number]
        typed = Person(person.dispatch, person.database, user=f"typing-{number}")
        await go(typed, step)
        await other.send(choice=chosen.value)
        await typed.say(str(number + 1))
        assert "出了点小状况" not in other.words + typed.words
        assert "前面一步" not in other.words
        assert await at(other) == await at(typed)


# Words that are understood


@pytest.mark.parametrize("typed", ["2", "２", "②", "B", "b", "Ｂ", "二", "选2", "第二个", "一轮五题", "一轮五题。"])
async def test_an_option_can_be_typed_in_many_ways(person: Person, typed: str) -> None:
    await person.say("答题")
    assert "1/5" in await person.say(typed)


@pytest.mark.parametrize(
    ("typed", "meant"), [("贴示", "今日贴士"), ("quizz", "答题"), ("我得上报", "我的上报"), ("/hlep", "怎么用")]
)
async def test_a_near_miss_is_asked_about(person: Person, typed: str, meant: str) -> None:
    await person.say("/start")
    await person.say("取消")
    assert "您是想找这个吗" in await person.say(typed)
    assert person.labels == [meant, "菜单"]
    await person.say("1")
    assert "您是想找这个吗" not in person.words


@pytest.mark.parametrize("typed", ["春江潮水连海平", "#@!%&", "ฉันหิว", "/some-thing-else"])
async def test_what_nobody_understands_gets_the_menu(person: Person, typed: str) -> None:
    await person.say("/start")
    await person.say("取消")
    assert "还没听懂" in await person.say(typed)
    assert {"今日贴士", "答题", "随手拍"} <= set(person.labels)


async def test_an_unknown_command_in_the_middle_keeps_the_place(person: Person) -> None:
    await person.say("答题")
    await person.say("/some-thing-else")
    assert await at(person) == ("quiz", "how")


# The first message


@pytest.mark.parametrize(
    "first",
    [
        {"text": "你好"},
        {"text": "asdf"},
        {"text": ""},
        {"text": "/start poster-12"},
        {"text": "取消"},
        {"text": "返回"},
        {"text": "/resume"},
        {"text": "着火了！"},
        {"text": "我的上报"},
        {"command": ("start", "qr-7")},
        {"choice": "3:skip"},
        {"choice": "/quiz one"},
        {"photos": (picture(),)},
        {"photos": tuple(picture(str(number)) for number in range(9))},
        {"place": Place(30.27, 120.15)},
        {"unsupported": "sticker"},
    ],
    ids=str,
)
@pytest.mark.usefixtures("nothing_failed")
async def test_somebody_new_may_begin_with_anything(person: Person, first: dict[str, Any]) -> None:
    await person.send(**first)
    assert person.words
    assert "想做点什么" in await person.say("菜单")
    found = await everything(person.database)
    assert (len(found["residents"]), len(found["talks"])) == (1, 1)


async def test_somebody_new_whom_nobody_understands_is_greeted(person: Person) -> None:
    assert "我是有礼" in await person.say("嗯？")


# Emergencies


@pytest.mark.parametrize("path", [(), DRAFT[:3], DRAFT[:6], ("/quiz one",)], ids=["at once", "place", "note", "quiz"])
async def test_an_emergency_is_told_the_number_and_not_kept_and_the_talk_goes_on(
    person: Person, path: tuple[object, ...]
) -> None:
    await person.say("/start")
    await person.say("取消")
    for said in path:
        await (person.photo(said) if isinstance(said, Photo) else person.say(str(said)))
    before, asked = await at(person), person.last[-1].text
    words = await person.say("九号楼着火了快来人")
    assert "119" in words
    assert await at(person) == before
    assert "九号楼" not in str(await everything(person.database))
    if path:
        assert asked in await person.tap("接着刚才的")


# Letters that ride


async def to_terminal(person: Person) -> Person:
    """Somebody in the terminal, which cannot push."""
    there = Person(person.dispatch, person.database, user="somebody-there", channel="terminal")
    await there.say("/start")
    await there.say("取消")
    return there


async def tell(person: Person, say_: Say, **how: Any) -> None:
    """Write a letter to somebody."""
    found = await person.database.read(talks.find_talk, person.channel, person.user)
    assert found is not None
    await person.database.write(notices.tell, found[1], say_, **how)


async def test_a_letter_rides_on_the_next_answer_once_and_its_options_can_be_typed(person: Person) -> None:
    there = await to_terminal(person)
    await tell(there, Say("stats.day", {"start": "有您的消息"}, (Option("/tip", "command.tip"),)))
    words = await there.say("答题")
    assert words.endswith("有您的消息\n4. 今日贴士")
    assert "1. 来一题\n2. 一轮五题\n3. 选个主题" in words
    assert "今天就做" in await there.say("4")
    assert "有您的消息" not in there.words
    assert [row["state"] for row in await rows_of(there.database, "letters")] == ["sent"]


async def test_a_letter_that_rode_is_repeated_with_its_answer(person: Person) -> None:
    there = await to_terminal(person)
    await tell(there, Say("stats.day", {"start": "有您的消息"}))
    message = Incoming(Address("terminal", there.user), "m1", text="菜单")
    answers = [(await there.exchange(message)).answer for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0][-1].text == "有您的消息"


async def test_a_letter_that_is_over_does_not_ride(person: Person, time: Time) -> None:
    there = await to_terminal(person)
    await tell(there, Say("stats.day", {"start": "有您的消息"}), lasts=3600)
    time.passes(hours=2)
    assert "有您的消息" not in await there.say("菜单")


async def test_letters_that_have_no_room_wait_for_the_next_answer(person: Person, house: House) -> None:
    narrow = replace(house.manners["terminal"], longest=400, messages=1)
    person.dispatch.house.manners = {**house.manners, "terminal": narrow}
    there = await to_terminal(person)
    for number in range(3):
        await tell(there, Say("stats.day", {"start": f"消息{number}" + "很长" * 60}))
    heard = [await there.say("菜单") for _ in range(4)]
    assert [[number for number in range(3) if f"消息{number}" in words] for words in heard] == [[0, 1], [2], [], []]
    assert all(len(words) <= 400 for words in heard)


async def test_a_letter_whose_text_is_no_more_harms_nobody(person: Person) -> None:
    there = await to_terminal(person)
    await tell(there, Say("no.such.key"))
    await tell(there, Say("stats.day", {"start": "有您的消息"}))
    assert "有您的消息" in await there.say("菜单")
    states = [row["state"] for row in await rows_of(there.database, "letters")]
    assert states == ["dead", "sent"]


# A long walk


@pytest.mark.usefixtures("nothing_failed")
async def test_a_long_walk_at_random_never_gets_stuck(person: Person, time: Time) -> None:
    chance = random.Random(20261123)
    words = [word for command in person.dispatch.house.library.commands for word in command.words if word != "注销"]
    old: list[str] = []
    for _ in range(250):
        old += [option.value for option in person.options]
        match chance.randrange(10):
            case 0:
                await person.say(chance.choice(words))
            case 1:
                await person.send(choice=chance.choice(old[-60:] or ["x"]))
            case 2:
                await person.photo(*(picture(str(chance.random())) for _ in range(chance.randint(1, 4))))
            case 3:
                await person.place(30 + chance.random(), 120 + chance.random(), chance.choice(["", "文昌路"]))
            case 4:
                await person.say(chance.choice(["A", "3", "ABC", "听荷", "浙A12345", "8", "井盖坏了", "🙂", "着火了"]))
            case 5:
                time.passes(**chance.choice([{"minutes": 1}, {"hours": 5}, {"days": 1}]))
                await person.say("菜单")
            case _ if person.options:
                await person.send(choice=chance.choice(person.options).value)
            case _:
                await person.say("帮助")
        assert person.words.strip()
    await person.say("/language zh")
    assert "想做点什么" in await person.say("菜单")
