"""``main.py check`` on an account: each failure in words, with the way out."""

from dataclasses import replace

import httpx
import pytest

from bot.asgi import Receive, Scope, Send
from bot.channels.wechat import Account
from bot.channels.wechat.api import Api
from bot.channels.wechat.probe import door, probe
from tests.channels.wechat.conftest import Town
from tests.channels.wechat.platform import KEY, TOKEN
from tests.fakes.wechat import FakeWechat
from tests.play import Time, everything

PUBLIC = "https://youli.example"


async def found(fake: FakeWechat, account: Account, public: str = PUBLIC) -> list[tuple[str, str]]:
    api = Api(account.api_base, account.app_id, account.app_secret, http=httpx.AsyncClient(transport=fake))
    return [item async for item in probe(account, public, api)]


@pytest.fixture
def fake(time: Time) -> FakeWechat:
    return FakeWechat(time)


@pytest.fixture
def whole(fake: FakeWechat) -> Account:
    return Account("verified-service", fake.app_id, fake.secret, KEY, status_template="T thing1=category", mass_tag=100)


async def test_a_whole_account(fake: FakeWechat, whole: Account) -> None:
    fake.menu = {"button": []}
    assert [state for state, _ in await found(fake, whole)] == ["ok", "ok", "ok"]


async def test_an_unverified_account_needs_nothing_more(fake: FakeWechat) -> None:
    states = await found(fake, Account())
    assert [state for state, _ in states] == ["ok", "ok"]
    assert fake.calls == []


async def test_credentials_are_missing(fake: FakeWechat, whole: Account) -> None:
    assert ("wrong", "YOULI_WECHAT_APP_SECRET") in named(await found(fake, replace(whole, app_secret="")))


async def test_the_app_id_is_wrong(fake: FakeWechat, whole: Account) -> None:
    assert ("wrong", "YOULI_WECHAT_APP_ID") in named(await found(fake, replace(whole, app_id="wxother")))


async def test_the_secret_is_wrong(fake: FakeWechat, whole: Account) -> None:
    assert ("wrong", "YOULI_WECHAT_APP_SECRET") in named(await found(fake, replace(whole, app_secret="other")))


async def test_our_address_is_not_on_the_list(fake: FakeWechat, whole: Account) -> None:
    fake.whitelisted = False
    assert {("wrong", "IP白名单"), ("wrong", "203.0.113.7")} <= named(await found(fake, whole))


async def test_wechat_cannot_be_reached(fake: FakeWechat, whole: Account) -> None:
    fake.down = True
    assert ("wrong", "can't be reached") in named(await found(fake, whole))


async def test_the_account_is_not_verified_after_all(fake: FakeWechat, whole: Account) -> None:
    fake.kind = "unverified"
    assert ("wrong", "YOULI_WECHAT_PROFILE=unverified") in named(await found(fake, whole))


@pytest.mark.parametrize("profile", ["verified-service", "unverified"])
async def test_a_template_with_which_no_server_starts_was_found_in_order(
    fake: FakeWechat, whole: Account, profile: str
) -> None:
    told = await found(fake, replace(whole, profile=profile, notice_template="T phrase1=category"))
    assert [words for state, words in told if state == "wrong"] == [told[1][1]]
    assert "a phrase takes status" in told[1][1]


async def test_there_is_no_menu_yet(fake: FakeWechat, whole: Account) -> None:
    fake.faults.append(("menu/get", 46003))
    assert ("note", "--publish") in named(await found(fake, whole))


ADDRESSES = [("http://127.0.0.1:8000", "YOULI_BASE_URL"), ("http://youli.example", "https")]


@pytest.mark.parametrize(("public", "word"), ADDRESSES)
async def test_the_address_is_not_good_enough(fake: FakeWechat, whole: Account, public: str, word: str) -> None:
    assert ("note", word) in named(await found(fake, whole, public))


async def test_what_would_bring_news_further_is_named(fake: FakeWechat, whole: Account) -> None:
    bare = named(await found(fake, replace(whole, status_template="", mass_tag=0)))
    assert {("note", "YOULI_WECHAT_STATUS_TEMPLATE"), ("note", "YOULI_WECHAT_MASS_TAG")} <= bare


@pytest.mark.parametrize("mode", ["plain", "safe"])
async def test_our_door_is_knocked_at_as_wechat_does(town: Town, account: Account) -> None:
    hot = town.channel.doors()

    async def site(scope: Scope, receive: Receive, send: Send) -> None:
        await hot[scope["method"], scope["path"]](scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(site)) as http:
        state, words = await door(PUBLIC, TOKEN, account, http)
        assert state == "ok" and "reads messages" in words
        state, words = await door(PUBLIC, "another token", account, http)
        assert state == "wrong" and "another YOULI_WECHAT_TOKEN" in words
        other_key = replace(account, aes_key="" if account.aes_key else KEY)
        for changed in (other_key, replace(account, aes_key=KEY, app_id="wxother")):
            state, words = await door(PUBLIC, TOKEN, changed, http)
            assert state == "wrong" and "YOULI_WECHAT_AES_KEY" in words and KEY not in words
    assert await counted(town) == 0, "it left nothing behind"
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(404))) as http:
        state, words = await door(PUBLIC, TOKEN, account, http)
        assert state == "wrong" and "says 404" in words and TOKEN not in words


async def counted(town: Town) -> int:
    """How many people and messages there are."""
    rows = await everything(town.database, "talks", "exchanges")
    return len(rows["talks"]) + len(rows["exchanges"])


def named(states: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """State and every word looked for that it names."""
    words = (
        "YOULI_WECHAT_APP_SECRET",
        "YOULI_WECHAT_APP_ID",
        "IP白名单",
        "203.0.113.7",
        "can't be reached",
        "YOULI_WECHAT_PROFILE=unverified",
        "--publish",
        "YOULI_BASE_URL",
        "YOULI_WECHAT_STATUS_TEMPLATE",
        "YOULI_WECHAT_MASS_TAG",
        "https",
    )
    return {(state, word) for state, text in states for word in words if word in text}
