"""One person on several channels: what can't be told through one is told through another, and once."""

from datetime import timedelta

import pytest

from bot.channel import Gone, NotNow
from bot.channels.telegram import MANNERS as TELEGRAM
from bot.channels.web import MANNERS as WEB
from bot.channels.wechat import UNVERIFIED, VERIFIED
from bot.house import House
from bot.postman import Postman
from civic.staff import HANDLER
from db.database import Database
from tests.bot.test_postman import Wire, letter_rows, tell
from tests.handlers.test_link import code
from tests.handlers.test_tasks import City
from tests.play import Person, Time


async def linked(person: Person, *channels: str) -> list[Person]:
    """The same person on several channels, last heard on the last of them; twelve hours ago."""
    first, *others = [Person(person.dispatch, person.database, user="somebody", channel=name) for name in channels]
    for there in others:
        await first.say("关联")
        shown = code(await first.tap("给我一个码"))
        await there.say("/start")
        assert "关联好了" in await there.say(f"/link {shown}")
    return [first, *others]


class Doors:
    """A postman with three channels, and what left through each."""

    def __init__(self, database: Database, house: House, time: Time, verified: bool) -> None:
        self.wechat, self.telegram, self.web = Wire(VERIFIED if verified else UNVERIFIED), Wire(TELEGRAM), Wire(WEB)
        channels = {"wechat": self.wechat, "telegram": self.telegram, "web": self.web}
        self.postman = Postman(database, house, channels, clock=lambda: time.now.timestamp())

    async def left(self) -> list[list[str]]:
        """What left through WeChat, Telegram, the web chat, after the rounds that it may take."""
        for _ in range(4):
            await self.postman.round()
        return [[words for _, words in wire.left] for wire in (self.wechat, self.telegram, self.web)]


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("quiet", [False, True])
async def test_news_waited_on_wechat_for_who_could_be_told_on_telegram(
    person: Person, house: House, database: Database, time: Time, verified: bool, quiet: bool
) -> None:
    _, wechat = await linked(person, "telegram", "wechat")
    time.passes(days=3)
    doors = Doors(database, house, time, verified)
    doors.wechat.answers = [NotNow("no allowance")] * 2 if verified else []
    morning = time() + timedelta(hours=8) if quiet else None
    for words in ("first", "second"):
        await tell(wechat, words, quiet=morning)
    if quiet:
        assert await doors.left() == [[], [], []]
        time.passes(hours=8)
    assert await doors.left() == [[], ["first", "second"], []]
    assert [row["state"] for row in await letter_rows(database)] == ["sent", "sent"]
    assert "first" not in await wechat.say("菜单")


async def test_where_they_may_be_written_to_it_goes_where_they_were_last_heard(
    person: Person, house: House, database: Database, time: Time
) -> None:
    _, wechat = await linked(person, "telegram", "wechat")
    doors = Doors(database, house, time, verified=True)
    await tell(wechat, "news")
    assert await doors.left() == [["news"], [], []]


@pytest.mark.parametrize("verified", [True, False])
async def test_in_the_web_chat_it_is_told_to_who_is_there_or_was_there_last(
    person: Person, house: House, database: Database, time: Time, verified: bool
) -> None:
    web, wechat = await linked(person, "web", "wechat")
    doors = Doors(database, house, time, verified)
    doors.wechat.answers = [NotNow("no allowance")] * 3 if verified else []
    await tell(wechat, "while it is open")
    assert await doors.left() == [[], [], ["while it is open"]]
    time.passes(days=3)
    await tell(wechat, "while nobody looks")
    assert (await doors.left())[2] == ["while it is open"]
    await web.say("/points")
    time.passes(hours=7)
    assert (await doors.left())[2] == ["while it is open", "while nobody looks"]


@pytest.mark.parametrize("verified", [True, False])
async def test_who_blocked_the_bot_is_told_where_else_they_are(
    person: Person, house: House, database: Database, time: Time, verified: bool
) -> None:
    wechat, telegram = await linked(person, "wechat", "telegram")
    doors = Doors(database, house, time, verified)
    doors.telegram.answers = [Gone("blocked")]
    for words in ("first", "second"):
        await tell(telegram, words)
    assert await doors.left() == [["first", "second"] if verified else [], [], []]
    shown = await wechat.say("菜单")
    assert ("first" in shown) == ("second" in shown) == (not verified)


async def test_what_is_told_to_a_chat_that_staff_bound_stays_there(
    person: Person, house: House, database: Database, time: Time
) -> None:
    _, wechat = await linked(person, "telegram", "wechat")
    await person.say("/start")
    city = City(person)
    assert "绑定好了" in await wechat.say(
        f"/duty {await city.code(await city.employ('Li', HANDLER, departments={'urban'}))}"
    )
    time.passes(days=3)
    await tell(wechat, "a task")
    assert await Doors(database, house, time, verified=False).left() == [[], [], []]
    assert "a task" in await wechat.say("菜单")
