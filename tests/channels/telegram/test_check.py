"""``main.py check`` on Telegram, and what a start without a token leaves out."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from bot.channels.telegram import Hook, probe
from bot.channels.telegram.api import Api
from checkup import clock
from tests.channels.telegram.conftest import Town
from tests.fakes.telegram import SECRET, TOKEN, FakeTelegram, Wire
from tests.play import ROOT

HOOK = Hook("https://youli.example/telegram", SECRET)


@pytest.fixture
def fake() -> FakeTelegram:
    """The Bot API."""
    return FakeTelegram()


@pytest.fixture
def wire(fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """The way to it; what is probed goes along it."""
    made = Wire(fake.app)

    def connect(token: str, base: str) -> Api:
        return Api(token, base, made)

    monkeypatch.setattr(probe, "Api", connect)
    return made


async def told(token: str = TOKEN, hook: Hook | None = None) -> list[tuple[str, str]]:
    """State and words of all findings."""
    return [(status.state, status.words) for status in await probe.probe(token, "https://telegram.test", hook)]


@pytest.mark.usefixtures("wire")
async def test_all_is_well() -> None:
    assert await told() == [
        ("ok", "@youli_test_bot answers"),
        ("ok", "no webhook is set, updates are asked for; 0 wait"),
    ]


async def test_what_looks_like_no_token() -> None:
    ((state, words),) = await told("not-a-token")
    assert state == "wrong" and "123456789:ABC" in words


@pytest.mark.usefixtures("wire")
async def test_a_token_that_telegram_does_not_know() -> None:
    ((state, words),) = await told("999:unknown")
    assert state == "wrong" and "@BotFather" in words and "unknown" not in words


async def test_no_way_to_telegram(wire: Wire) -> None:
    with wire.cut():
        ((state, words),) = await told()
    assert state == "wrong" and "the web chat works meanwhile" in words


FAILS = {"last_error_message": "SSL error", "pending_update_count": 3}
FAILED = {"last_error_message": "SSL error"}


@pytest.mark.parametrize(
    ("info", "hook", "state", "words"),
    [
        ({"url": "https://old.example/x"}, None, "note", "starting in polling mode removes it"),
        ({}, HOOK, "note", "no webhook is set yet"),
        ({"url": HOOK.url}, HOOK, "ok", "webhook at https://youli.example/telegram"),
        ({"url": "https://b.example/secret"}, HOOK, "wrong", "points to https://b.example, not to us"),
        ({"url": HOOK.url, "trouble": FAILS}, HOOK, "wrong", "SSL error; 3 wait"),
        ({"url": HOOK.url, "trouble": FAILED}, HOOK, "ok", "webhook at"),
    ],
)
@pytest.mark.usefixtures("wire")
async def test_the_webhook(
    fake: FakeTelegram, info: dict[str, object], hook: Hook | None, state: str, words: str
) -> None:
    fake.webhook = info
    _, (found, said) = await told(hook=hook)
    assert found == state and words in said and "secret" not in said


async def test_our_door_is_knocked_at_as_telegram_does(town: Town) -> None:
    found = await probe.door(HOOK, town.client)
    assert found.state == "ok"
    found = await probe.door(Hook(HOOK.url, "other"), town.client)
    assert found.state == "wrong" and "another secret" in found.words
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(502))) as http:
        found = await probe.door(HOOK, http)
        assert found.state == "wrong" and "says 502" in found.words
    assert town.fake.calls == []


LOADED = f"""
import sys, assembly, serving
print("telegram" in sys.modules)
serving.leave_out()
import bot.channels.telegram.api, bot.channels.wechat.channel, bot.channels.wechat.envelope
bot.channels.wechat.envelope.Envelope("token", "wx1", "{"k" * 43}")
print(*(name for name in ("rich", "pygments", "requests") if sys.modules.get(name)))
"""


def test_a_library_is_loaded_only_for_a_token_and_without_what_nobody_calls() -> None:
    """rich and pygments for httpx's command line, requests for wechatpy's client: 15 MB in all."""
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    assert done.stdout.split() == ["False"]


async def test_a_way_that_is_cut_raises_no_foreign_error(wire: Wire) -> None:
    api = Api(TOKEN, "https://telegram.test", wire)
    wire.down = True
    with pytest.raises(Exception, match="ConnectError") as raised:
        await api.call("getMe", {})
    assert raised.value.__cause__ is None and not isinstance(raised.value, httpx.HTTPError)
    await api.close()


@pytest.mark.parametrize(
    ("off", "state", "words"),
    [
        (0, "ok", "agrees with that of telegram.test"),
        (-3720, "wrong", "1:02:00 ahead of that of telegram.test"),
        (40, "wrong", "behind that of telegram.test"),
    ],
)
async def test_a_clock_that_is_wrong_is_told_of(off: int, state: str, words: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "away.test":
            raise httpx.ConnectError("no way")
        return httpx.Response(404, headers={"date": format_datetime(datetime.now(UTC) + timedelta(seconds=off), True)})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        (found,) = await clock(["https://away.test", "https://telegram.test"], http)
        assert (found.state, words in found.words) == (state, True)
        assert await clock(["https://away.test"], http) == []
        assert await clock([], http) == []
