"""Figures in chat, and bulletins that go to who wants them."""

from actions import issuing, people
from actions.bulletins import Bulletin, Setting
from actions.rolling import Roller
from actions.scope import scope
from civic.bulletins import Words
from civic.periods import parse_period
from civic.staff import Staff
from db.editions import Edition
from db.tx import Tx
from tests.actions.test_statistics import TODAY, people_and_learning, reporting
from tests.handlers.test_tasks import City
from tests.play import Person, everything, rows_of
from web.bulletins.cards import Cards

OFFICE = Staff("Wang Min", "office")
WEEK = parse_period("2026-W47", TODAY)


async def issued(person: Person, **words: str) -> Edition:
    """Last week's bulletin, signed."""
    house, database = person.dispatch.house, person.database
    around = Setting(None, "2026-11-23 12:00", f"{house.links.base_url}/stats", False)
    drafted = await database.read(issuing.draft, house.library, WEEK, around)
    return await database.write(issuing.issue, house, OFFICE, drafted, **words)


def _go_on(tx: Tx) -> None:
    """Rows were written with numbers of their own: PostgreSQL goes on behind them."""
    if tx.connection.dialect.name == "postgresql":
        for table in ("residents", "talks", "reports"):
            tx.connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1000)")


async def busy(person: Person) -> None:
    await person.database.write(people_and_learning)
    await person.database.write(_go_on)
    await Roller(person.database, person.dispatch.house.zone).run()


async def test_before_anything_is_published_one_is_told_where_to_look(person: Person) -> None:
    assert "还没有发布过数据" in await person.say("数据")
    assert "还没有发布过简报" in await person.say("简报")


async def test_a_resident_sees_the_published_numbers_of_city_and_area(person: Person) -> None:
    await busy(person)
    await person.say("/area")
    await issued(person)
    words = await person.say("数据")
    assert "全市，2026-11-16 至 2026-11-22" in words
    assert "答题 5 次" in words
    assert "stats?edition=1" in words


async def test_who_subscribed_gets_a_bulletin_once_with_its_card(person: Person) -> None:
    await busy(person)
    await person.say("简报")
    assert "每期简报一出来就发给您" in await person.tap("每期发我")
    other = Person(person.dispatch, person.database, user="other")
    await other.say("/start")
    made = await issued(person, text="大家辛苦了")
    rows = await everything(person.database)
    [letter] = [row for row in rows["letters"] if row["once"] and row["once"].startswith("edition:")]
    circular = next(row for row in rows["circulars"] if row["id"] == letter["circular_id"])
    assert "bulletin.news" in circular["say"] and "大家辛苦了" in circular["say"]
    words = await person.say("简报")
    assert "云汀市文明行动周报" in words and f"edition={made.id}" in words
    cards = Cards(person.database, person.dispatch.house)
    [(path, _)] = person.last[0].images
    picture = await cards.picture(path)
    assert picture is not None and picture.startswith(b"\x89PNG")
    assert await cards.picture(path.replace("~zh", "~en")) is None  # forged
    assert await cards.picture("/cards/nonsense.png") is None
    await person.tap("不再发简报")
    assert await rows_of(person.database, "bulletin_readers") == []


async def test_who_erases_themselves_gets_none(person: Person) -> None:
    await person.say("/bulletin on")
    assert len(await rows_of(person.database, "bulletin_readers")) == 1
    await person.say("/erase")
    await person.tap("确定删除")
    assert await rows_of(person.database, "bulletin_readers") == []


async def test_staff_get_a_card_of_what_they_answer_for(person: Person) -> None:
    await person.database.write(reporting)
    await person.database.write(_go_on)
    city = City(person)
    chief = await city.employ("Zhao", "lead", {"urban"})
    phone = await city.chat(chief)
    assert "您负责的" in await phone.say("统计")
    [(path, _)] = phone.last[0].images
    cards = Cards(person.database, person.dispatch.house)
    picture = await cards.picture(path)
    assert picture is not None and picture.startswith(b"\x89PNG")

    def unit(tx: Tx) -> Bulletin:
        acting = people.acting(tx, chief, TODAY, "")
        return scope(tx, person.dispatch.house.library, acting, WEEK, "zh", "2026-11-23 12:00", made_up=True)

    demo, *_, last = (await person.database.read(unit)).parts
    assert (demo, last) == (
        Words("small", "演示：这里的居民、上报和数字都是编的，不是真的。"),
        Words("small", "截至 2026-11-23 12:00"),
    )


async def test_nobody_gets_a_card_of_staff_who_left(person: Person) -> None:
    city = City(person)
    chief = await city.employ("Zhao", "lead", {"urban"})
    phone = await city.chat(chief)
    await phone.say("统计")
    [(path, _)] = phone.last[0].images
    house = person.dispatch.house

    def leave(tx: Tx) -> None:
        from tests.handlers.test_tasks import MACHINE

        people.disable(tx, MACHINE, chief.id)

    await person.database.write(leave)
    assert await Cards(person.database, house).picture(path) is None


async def test_an_area_with_few_people_is_not_told_although_it_was_signed(person: Person) -> None:
    await busy(person)
    await issued(person)
    found = await person.database.read(issuing.latest, person.dispatch.house.library, "zh")
    assert found is not None
    active = next(value for value in found[1].values if value.key == "active")
    assert "area" not in (active.by or {})  # three people altogether
    await person.say("/area")
    await person.say("荷风社区")
    words = await person.say("数据")
    assert "活跃居民 不显示" in words and "人数有时不到 5 个" in words
    assert "stats?edition=1&area=hefeng" in words  # the same is shown there
    assert "不显示" not in await person.tap("看全市")
