"""«Me too»: what was reported close by is shown before sending, followed in one tap, and told of until one stops."""

from typing import Any

import pytest
from sqlalchemy import update

from actions import reports
from bot.letters import say_from_json
from bot.rendering import render
from civic.staff import ADMINISTRATOR, Staff
from db.tables import photos
from db.tables import reports as table
from db.tx import Tx
from tests.play import Person, everything, picture, rows_of

OFFICE = Staff("Li", ADMINISTRATOR)
HERE = (30.27, 120.15)


async def upto_place(person: Person, lat: float, lon: float, category: str = "垃圾", photo: str = "") -> str:
    """A report up to where it is."""
    await person.photo(picture(photo or person.user))
    await person.tap("上报问题")
    await person.tap(category)
    return await person.place(lat, lon, "")


async def sent(person: Person, lat: float = HERE[0], lon: float = HERE[1]) -> str:
    """A litter report with a position; its number."""
    words = await upto_place(person, lat, lon)
    if "是同一件吗" in words:
        await person.tap("不是")
    while "还要补一句吗" not in person.words:
        await person.tap(person.labels[0])
    await person.tap("不用了")
    await person.tap("提交")
    return str((await rows_of(person.database, "reports"))[-1]["number"])


async def moved(person: Person, number: str, name: str, **given: Any) -> None:
    house = person.dispatch.house
    await person.database.write(
        lambda tx: reports.move(tx, house.library, house.zone, number, name, OFFICE, "已经清走", **given)
    )


async def told(person: Person) -> list[str]:
    """The keys of what was written to somebody."""
    rows = await everything(person.database, "talks", "letters")
    talk = next(row["id"] for row in rows["talks"] if row["user"] == person.user)
    letters = [row for row in rows["letters"] if row["talk_id"] == talk and row["state"] == "waiting"]
    return [row["say"].partition('"key": "')[2].partition('"')[0] for row in letters]


@pytest.fixture
def neighbour(person: Person) -> Person:
    """Somebody else."""
    return Person(person.dispatch, person.database, user="neighbour")


async def test_one_tap_follows_what_was_reported_close_by(person: Person, neighbour: Person) -> None:
    number = await sent(person)
    await person.database.write(lambda tx: tx.execute(update(photos).values(veiled="all")))
    words = await upto_place(neighbour, HERE[0] + 0.0009, HERE[1])
    assert "是同一件吗" in words and "（150 米以内）" in words and "已收到" in words
    assert [image for item in neighbour.last for image in item.images] == [
        ("/chat/photos/1/public.jpg", "第 1 件的照片")
    ]
    words = await neighbour.tap("就是第 1 件")
    assert f"{number} 您也关注了，现在有 1 人关注" in words and "您的照片交给了办的人" in words
    rows = await everything(person.database)
    assert len(rows["reports"]) == 1
    assert [row["kind"] for row in rows["report_photos"]] == ["before", "added"]
    await moved(person, number, "accept")
    await moved(person, number, "resolve", no_photo="没带相机")
    assert await told(neighbour) == ["news.followed"]
    assert await told(person) == ["news.resolved"]
    assert number in await neighbour.say("我的关注")
    await neighbour.tap(number)
    assert "已处理" in neighbour.words and "文昌路" not in neighbour.words
    assert "不再告诉您" in await neighbour.tap("不再关注")
    await moved(person, number, "close")
    assert await told(neighbour) == ["news.followed"]
    assert "还没有关注" in await neighbour.say("/follow")


async def test_what_its_reporter_does_is_told_to_who_follows_it(person: Person, neighbour: Person) -> None:
    number = await sent(person)
    await upto_place(neighbour, *HERE)
    await neighbour.tap("就是第 1 件")
    await moved(person, number, "accept")
    await moved(person, number, "resolve", no_photo="没带相机")

    async def heard() -> str:
        rows = await rows_of(person.database, "letters")
        said = [row["say"] for row in rows if row["state"] == "waiting" and "news.followed" in row["say"]]
        return render(say_from_json(said[-1]), "zh", person.dispatch.house.library, 0).text

    await person.say(f"/reports unsolved {number}")
    await person.say("还在")
    assert "现在：已受理" in await heard()
    await person.say(f"/reports withdraw {number}")
    await person.tap("确定撤回")
    assert "已撤回" in await heard() and "您可以自己报一份" in await heard()


async def test_who_says_it_is_another_goes_on(person: Person, neighbour: Person) -> None:
    await sent(person)
    assert await sent(neighbour) == "261123-2"
    assert await rows_of(person.database, "report_followers") == []


@pytest.mark.parametrize(
    ("lat", "lon", "category"),
    [(HERE[0] + 0.003, HERE[1], "垃圾"), (HERE[0], HERE[1] + 0.003, "垃圾"), (*HERE, "单车")],
    ids=["333 m north", "288 m east", "another kind"],
)
async def test_what_is_far_or_of_another_kind_is_not_shown(
    person: Person, neighbour: Person, lat: float, lon: float, category: str
) -> None:
    await sent(person)
    assert "是同一件吗" not in await upto_place(neighbour, lat, lon, category)


async def test_neither_ones_own_nor_what_is_done_nor_hidden_is_shown(person: Person, neighbour: Person) -> None:
    number = await sent(person)
    assert "是同一件吗" not in await upto_place(person, *HERE, photo="again")
    await moved(person, number, "hide")
    assert "是同一件吗" not in await upto_place(neighbour, *HERE)
    await moved(person, number, "show")
    await moved(person, number, "reject")
    other = Person(person.dispatch, person.database, user="third")
    assert "是同一件吗" not in await upto_place(other, *HERE)


async def test_where_somebody_lives_is_not_told(person: Person, neighbour: Person) -> None:
    for one in (person, neighbour):
        await one.photo(picture(one.user))
        await one.tap("上报问题")
        await one.tap("垃圾")
        await one.place(*HERE, "听荷路 8 号楼 2 单元 301 室门口")
        if one is person:
            while "还要补一句吗" not in one.words:
                await one.tap(one.labels[0])
            await one.tap("不用了")
            await one.tap("提交")
    assert "听荷路" in neighbour.words and "301" not in neighbour.words and "（50 米以内）" in neighbour.words


async def test_what_may_be_about_a_home_is_never_shown_to_others(person: Person, neighbour: Person) -> None:
    await sent(person)

    def as_noise(tx: Tx) -> None:
        tx.execute(update(table).values(category="noise"))

    await person.database.write(as_noise)
    assert "是同一件吗" not in await upto_place(neighbour, *HERE, category="噪声")


async def test_without_a_position_addresses_are_compared(person: Person, neighbour: Person) -> None:
    for one, address in ((person, "文昌路社区 12 号门口"), (neighbour, "文昌路社区12号大门口")):
        await one.photo(picture(one.user))
        await one.tap("上报问题")
        await one.tap("垃圾")
        await one.say(address)
        if one is person:
            while "还要补一句吗" not in one.words:
                await one.tap(one.labels[0])
            await one.tap("不用了")
            await one.tap("提交")
    assert "是同一件吗" in neighbour.words and "米" not in neighbour.words


async def test_a_photo_that_may_show_a_person_or_a_plate_is_not_shown(person: Person, neighbour: Person) -> None:
    number = await sent(person)

    def as_vendor(tx: Tx) -> None:
        tx.execute(update(table).values(category="vendor"))

    await person.database.write(as_vendor)
    await neighbour.photo(picture("two"))
    await neighbour.tap("上报问题")
    await neighbour.say("占道经营")
    words = await neighbour.place(*HERE, "")
    assert "是同一件吗" in words and number not in words
    assert [image for item in neighbour.last for image in item.images] == []


async def test_many_followers_make_it_urgent(person: Person) -> None:
    number = await sent(person)
    for n in range(5):
        assert (await rows_of(person.database, "reports"))[0]["priority"] == "normal"
        other = Person(person.dispatch, person.database, user=f"neighbour-{n}")
        await upto_place(other, *HERE)
        await other.tap("就是第 1 件")
    assert (await rows_of(person.database, "reports"))[0]["priority"] == "high"
    await moved(person, number, "reject")
    late = Person(person.dispatch, person.database, user="late")
    await late.say("/start")
    assert "没有关注" in await late.say(f"/follow {number}")


async def test_what_was_solved_while_somebody_looked_can_not_be_followed(person: Person, neighbour: Person) -> None:
    number = await sent(person)
    await upto_place(neighbour, *HERE)
    await moved(person, number, "reject")
    assert "关注不了" in await neighbour.tap("就是第 1 件")
    assert "接着报" in " ".join(neighbour.labels)
    await neighbour.tap("不是")
    assert "哪一种" in neighbour.words


async def test_followers_go_with_a_report_that_is_merged(person: Person, neighbour: Person) -> None:
    first = await sent(person)
    second = await sent(neighbour)
    third = Person(person.dispatch, person.database, user="third")
    await upto_place(third, *HERE)
    await third.tap("就是第 2 件")
    await moved(person, second, "merge", target=first)
    await moved(person, first, "accept")
    assert await told(third) == ["news.followed"]
    followed = [row["report_id"] for row in await rows_of(person.database, "report_followers")]
    assert followed == [1]


async def test_who_erases_themselves_follows_nothing_more(person: Person, neighbour: Person) -> None:
    await sent(person)
    await upto_place(neighbour, *HERE)
    await neighbour.tap("就是第 1 件")
    await neighbour.say("删除我的数据")
    await neighbour.tap("确定删除")
    assert await rows_of(person.database, "report_followers") == []
