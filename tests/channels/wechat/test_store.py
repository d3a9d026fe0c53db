"""What the database remembers of WeChat, on both databases."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from assembly import open_house
from bot.channels.wechat import CUSTOM, TEMPLATE, Account
from bot.channels.wechat.channel import WechatChannel
from bot.channels.wechat.rights import Rights
from db import talks, wechat, wechat_account
from db.database import Database
from db.tx import Tx
from settings import Settings
from tests.conftest import database_url
from tests.play import Time

__all__ = ["database_url"]  # both databases here, where the folder's other tests use one
APP = "wx1"


@pytest.fixture
async def talk(database: Database) -> int:
    def unit(tx: Tx) -> int:
        return talks.open_talk(tx, "wechat", "oAnne", "zh", "2026-11-23")[0].id

    return await database.write(unit)


async def test_an_allowance_is_used_up_and_never_added_to(database: Database, talk: int, time: Time) -> None:
    assert await database.write(wechat.take, talk, 60, 3600) is None
    for _ in range(2):
        await database.write(wechat.spoke, talk, False, 5)
    await database.write(wechat.spoke, talk, True, 3)
    taken = [await database.write(wechat.take, talk, 60, 3600) for _ in range(9)]
    assert taken == ["tap_left"] * 3 + ["message_left"] * 5 + [None]
    await database.write(wechat.give_back, talk, "message_left")
    assert await database.write(wechat.take, talk, 60, 3600) == "message_left"


async def test_an_allowance_ends(database: Database, talk: int, time: Time) -> None:
    await database.write(wechat.spoke, talk, True, 3)
    await database.write(wechat.spoke, talk, False, 5)
    time.passes(seconds=61)
    assert await database.write(wechat.take, talk, 60, 3600) == "message_left"
    time.passes(seconds=3600)
    assert await database.write(wechat.take, talk, 60, 3600) is None


async def test_two_at_once_do_not_use_the_same_message(database: Database, talk: int) -> None:
    await database.write(wechat.spoke, talk, False, 5)
    taken = await asyncio.gather(*(database.write(wechat.take, talk, 60, 3600) for _ in range(8)))
    assert sorted(map(str, taken)) == ["None"] * 3 + ["message_left"] * 5


async def test_one_of_many_renews_the_token(database: Database) -> None:
    owners = [f"o{number}" for number in range(6)]
    turns = await asyncio.gather(
        *(database.write(wechat_account.token_turn, APP, owner, None, 15, 60) for owner in owners)
    )
    assert sum(turn.mine for turn in turns) == 1
    await database.write(wechat_account.save_token, APP, "t" * 600, 7200, False)
    turn = await database.write(wechat_account.token_turn, APP, "late", None, 15, 60)
    assert (len(turn.token), turn.seconds) == (600, 7200)


async def test_consents_are_counted_and_taken_back(database: Database, talk: int) -> None:
    await database.write(wechat.consent, talk, {"T1": 2})
    await database.write(wechat.consent, talk, {"T1": 1})
    assert [await database.write(wechat.take_consent, talk, "T1") for _ in range(4)] == [True, True, True, False]
    await database.write(wechat.consent, talk, {"T1": 2})
    await database.write(wechat.consent, talk, {"T1": None})
    assert not await database.write(wechat.take_consent, talk, "T1")
    assert not await database.write(wechat.take_consent, talk, "T2")


async def test_a_late_answer_comes_before_its_own_further_pages(database: Database, talk: int) -> None:
    await database.write(wechat.keep_pages, talk, ["2", "3"], "[]")
    await database.write(wechat.keep_before, talk, "1", "[]")
    found = [await database.write(wechat.take_page, talk, 60) for _ in range(4)]
    assert found == [("1", "[]"), ("2", "[]"), ("3", "[]"), None]


async def test_what_belongs_to_a_talk_goes_with_it(database: Database, talk: int) -> None:
    await database.write(wechat.spoke, talk, False, 5)
    await database.write(wechat.consent, talk, {"T1": 1})
    await database.write(wechat.keep_pages, talk, ["2"], "[]")

    def unit(tx: Tx) -> list[int]:
        tx.connection.exec_driver_sql("DELETE FROM talks")
        tables = ("wechat_followers", "wechat_tickets", "wechat_pages")
        return [tx.connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in tables]

    assert await database.write(unit) == [0, 0, 0]


async def test_what_one_house_learned_the_other_learned_by_its_own_refusal(database: Database, time: Time) -> None:
    account = Account("verified-service", APP, "secret")
    one, other = Rights(account, database), Rights(account, database)
    stranger = Rights(Account("verified-service", "wx2", "secret"), database)
    await one.refused(CUSTOM)
    assert other.may(CUSTOM), "until it looks"
    for house in (one, other, stranger):
        await house.load()
    assert (one.may(CUSTOM), other.may(CUSTOM), stranger.may(CUSTOM), other.may(TEMPLATE)) == (False, False, True, True)
    await other.forget()
    await one.load()
    assert one.may(CUSTOM)
    await one.refused(CUSTOM)
    time.passes(days=1, minutes=1)
    await other.load()
    assert other.may(CUSTOM)


async def test_doors_that_do_no_work_never_learned_what_wechat_refuses(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, port=1, wechat_token=SecretStr("a-token"))
    async with open_house(settings, upgrade=True) as built:
        wechat = built.channels["wechat"]
        assert isinstance(wechat, WechatChannel)
        assert wechat.rights in built.watches, "which run in each process"
