"""The daily tip as a mass message: to those who carry the tag, once, within the account's few."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from bot.channels.wechat import Account
from bot.channels.wechat.mass import Mass
from bot.dispatch import Dispatch
from tests.channels.wechat.conftest import ANNE, BO, Town
from tests.handlers.test_link import code
from tests.play import Person

TAG = 101


@pytest.fixture
def kind() -> str:
    return "verified-subscription"


@pytest.fixture
def account(account: Account) -> Account:
    return replace(account, mass_tag=TAG, mass_hour=12)


@pytest.fixture
def mass(town: Town) -> Mass:
    assert town.channel.mass is not None
    return town.channel.mass


async def subscribed(town: Town, *users: str) -> None:
    """People who want the daily tip."""
    for user in users:
        await town.platform.say(user, "订阅")
        await town.platform.say(user, "12")


async def got(town: Town, user: str) -> int:
    """How many mass messages reached somebody."""
    return sum("clientmsgid" in message for message in town.api.people[user].got)


async def test_it_reaches_those_who_want_it_once_and_settles_their_letters(town: Town, mass: Mass) -> None:
    await subscribed(town, ANNE)
    await town.platform.say(BO, "菜单")
    await mass.round()
    town.time.passes(seconds=1)
    await town.tip(ANNE)
    await mass.round()
    await mass.round()
    assert (await got(town, ANNE), await got(town, BO)) == (1, 0)
    message = next(iter(town.api.mass.values()))
    assert message["filter"] == {"is_to_all": False, "tag_id": TAG}
    assert "礼让" in message["text"]["content"]
    assert await town.states() == {"sent": 1}, "without a postman"
    assert town.api.texts(ANNE) == [message["text"]["content"]]


async def test_the_tag_follows_what_people_want(town: Town, mass: Mass) -> None:
    await subscribed(town, ANNE, BO)
    await mass.round()
    assert town.api.people[ANNE].tags == {TAG}
    await town.platform.say(ANNE, "停止")
    await mass.round()
    assert town.api.people[ANNE].tags == set()
    assert town.api.people[BO].tags == {TAG}


async def test_who_is_on_another_channel_by_now_got_the_tip_on_both(town: Town, mass: Mass) -> None:
    await subscribed(town, BO)
    await mass.round()
    town.time.passes(seconds=1)
    there = Person(Dispatch(town.database, town.house), town.database, user="2", channel="telegram")
    await town.platform.say(BO, "关联")
    await there.say(f"/link {code((await town.platform.say(BO, '1')).text)}")
    await mass.round()
    assert town.api.people[BO].tags == {TAG}
    town.time.passes(seconds=1)
    await there.say("积分")
    await mass.round()
    assert town.api.people[BO].tags == set()
    town.time.passes(seconds=1)
    await town.platform.say(BO, "菜单")
    await mass.round()
    assert town.api.people[BO].tags == {TAG}


async def test_who_is_gone_does_not_keep_the_others_from_the_tag(town: Town, mass: Mass) -> None:
    await subscribed(town, ANNE, BO)
    del town.api.people[ANNE]
    await mass.round()
    assert town.api.people[BO].tags == {TAG}


async def test_before_its_hour_letters_wait_for_it(town: Town, mass: Mass) -> None:
    town.time.now -= timedelta(hours=4)
    await subscribed(town, ANNE)
    await town.tip(ANNE)
    await mass.round()
    await town.postman.round()
    assert await town.waiting() == 1
    assert town.api.mass == {}
    town.time.passes(hours=4)
    await mass.round()
    assert await got(town, ANNE) == 1
    await town.postman.round()
    assert await town.states() == {"sent": 1}


async def test_who_got_the_tag_after_it_gets_the_tip_in_their_own_way(town: Town, mass: Mass) -> None:
    await subscribed(town, ANNE)
    await mass.round()
    town.time.passes(seconds=1)
    await town.tip(ANNE)
    await mass.round()
    await subscribed(town, BO)
    town.time.passes(minutes=2)
    await mass.round()
    await town.tip(BO)
    await town.postman.round()
    assert (await got(town, BO), len(town.api.texts(BO))) == (0, 1)


async def test_without_an_answer_it_is_asked_again_and_sent_once(town: Town, mass: Mass) -> None:
    await subscribed(town, ANNE)
    await mass.round()
    town.time.passes(seconds=1)
    await town.tip(ANNE)
    town.api.faults.append(("message/mass", httpx.ReadTimeout))
    with pytest.raises(Exception, match="ReadTimeout"):
        await mass.round()
    await mass.round()
    assert await got(town, ANNE) == 1
    assert town.api.refused == [45065]
    assert "(tip:2026-11-23): WeChat had it before" in (await town.channel.state())["words"], "not an error's number"
    await town.postman.round()
    assert await town.states() == {"sent": 1}


@pytest.mark.parametrize("kind", ["verified-service"])
async def test_a_service_account_sends_on_mondays_four_a_month_at_most(town: Town, mass: Mass) -> None:
    town.time.now -= timedelta(days=21)  # Monday, the second of November
    await subscribed(town, ANNE)
    sent = []
    for _ in range(31):
        day = f"{town.time.now + timedelta(hours=8):%Y-%m-%d}"
        await town.platform.say(ANNE, "菜单")
        await town.tip(ANNE, day)
        before = await got(town, ANNE)
        await mass.round()
        sent += [day] * (await got(town, ANNE) - before)
        await town.postman.round()
        town.time.passes(days=1)
    assert sent == ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23"], "not on the fifth Monday"
    assert await town.waiting() == 0, "on all other days the tip goes its usual way"
    told = await town.channel.state()
    assert told["state"] == "note"
    assert "(tip:2026-11-30) was not sent (all 4 are used)" in told["words"]


async def test_an_account_without_the_right_learns_it(town: Town, mass: Mass) -> None:
    await subscribed(town, ANNE)
    await mass.round()
    town.time.passes(seconds=1)
    await town.tip(ANNE)
    town.api.faults.append(("message/mass", 48001))
    await mass.round()
    await town.postman.round()
    assert await town.states() == {"sent": 1}
    assert len(town.api.texts(ANNE)) == 1
    town.api.calls.clear()
    await mass.round()
    assert town.api.calls == []
