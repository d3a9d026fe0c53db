"""SIGKILL between commit and send: a real process in safe mode, killed, and another one that finds what it left."""

import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.asgi import Receive, Scope, Send
from tests.channels.wechat.conftest import ANNE
from tests.channels.wechat.platform import ACCOUNT, KEY, TOKEN, Platform, message
from tests.channels.wechat.test_pictures import jpeg
from tests.fakes.served import served, until
from tests.fakes.wechat import FakeWechat
from tests.play import PATIENCE
from tests.system.server import Server
from tests.system.towns import rows, town
from tests.system.visitor import NUMBER


@pytest.fixture
def fake() -> FakeWechat:
    """WeChat's API."""
    return FakeWechat(lambda: datetime.now(UTC))


@pytest.fixture
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The database's address; nothing for SQLite."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
        return
    async with town(request.getfixturevalue("postgres")) as address:
        yield address


@pytest.fixture
def server(fake: FakeWechat, tmp_path: Path, migrated: Path, url: str) -> Iterator[Server]:
    """A Youli that serves this account."""
    with served(fake) as address:
        account = {"wechat_app_id": fake.app_id, "wechat_app_secret": fake.secret, "wechat_aes_key": KEY}
        profile = {"wechat_profile": "verified-service", "wechat_api_base": address, "wechat_token": TOKEN}
        stored = {"database_url": url, "secret_key": "the secret key of the tests of WeChat"} if url else {}
        made = Server(tmp_path / "server", tables=None if url else migrated, **account, **profile, **stored)
        try:
            yield made.start()
        finally:
            made.end()


@pytest.fixture
async def platform(fake: FakeWechat, server: Server) -> AsyncIterator[Platform]:
    """What WeChat asks of it, over a real connection."""
    async with httpx.AsyncClient(timeout=PATIENCE) as client:

        async def door(scope: Scope, receive: Receive, send: Send) -> None:
            url = f"{server.url}{scope['path']}?{scope['query_string'].decode()}"
            answer = await client.request(scope["method"], url, content=(await receive())["body"])
            await send({"type": "http.response.start", "status": answer.status_code})
            await send({"type": "http.response.body", "body": answer.content})

        yield Platform(door, fake, "safe")


async def reported(platform: Platform, photo: str = "") -> str:
    """Anne reports litter; the report's number."""
    shown = await platform.say(ANNE, "/report litter")
    if photo:
        shown = await platform.deliver(ANNE, "image", MediaId=photo)
    for words in ("1", "学府街 3 号", *["1"] * 8):
        shown = await platform.say(ANNE, words)
        if "编号" in shown.text:
            return str(NUMBER.findall(shown.text)[0])
    raise AssertionError(shown.text)


async def test_news_that_could_not_leave_arrives_once_after_the_restart(
    server: Server, fake: FakeWechat, platform: Platform
) -> None:
    number = await reported(platform)
    fake.down = True
    server.command("reports", "move", number, "accept").well()
    until(lambda: "stable_token" in fake.calls)  # it was tried
    server.kill()
    fake.down = False
    server.overdue()
    server.start()
    until(lambda: server.rows("SELECT state FROM letters") == [("sent",)])
    assert [number in text for text in fake.texts(ANNE)] == [True]
    server.stop()


async def test_killed_while_news_is_on_its_way(
    server: Server, fake: FakeWechat, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await reported(platform)
    held, begun, carried_out = threading.Event(), threading.Event(), fake._message_custom_send

    def hold(sent: dict[str, Any]) -> None:
        begun.set()
        held.wait(PATIENCE)
        carried_out(sent)

    monkeypatch.setattr(fake, "_message_custom_send", hold)
    server.command("reports", "move", number, "accept").well()
    until(begun.is_set)
    server.kill()
    held.set()
    until(lambda: len(fake.texts(ANNE)) == 1)  # it had left: WeChat has it, and nobody here knows
    server.start()
    until(lambda: server.rows("SELECT state FROM letters") == [("sent",)])
    first, second = fake.texts(ANNE)
    assert first == second  # better doubled than missing
    server.stop()


@pytest.mark.parametrize("url", ["sqlite", "postgres"], indirect=True)
async def test_a_picture_that_follows_an_answer_was_lost_with_the_process(
    server: Server, fake: FakeWechat, platform: Platform, url: str
) -> None:
    """It was a call that nobody had written down."""
    fake.media["theirs"] = jpeg(), datetime.max.replace(tzinfo=UTC)
    number = await reported(platform, "theirs")

    def found(query: str) -> list[tuple[Any, ...]]:
        return rows(url, query) if url else server.rows(query)

    until(lambda: found("SELECT count(*) FROM photos WHERE small_key IS NOT NULL") == [(1,)])
    until(lambda: found("SELECT count(*) FROM letters WHERE state = 'waiting'") == [(0,)])
    fake.people[ANNE].got.clear()
    fake.down = True
    assert number in (await platform.say(ANNE, f"/reports {number}")).text
    server.kill()
    assert found("SELECT count(*) FROM letters WHERE state = 'waiting'") == [(1,)]
    fake.down = False
    if url:  # whoever held the letter there keeps it for a minute
        rows(url, "UPDATE letters SET due_at = 0 WHERE state = 'waiting'")
    else:  # for so long WeChat might ask again for the reply before it
        server.overdue()
    server.start()
    until(lambda: fake.people[ANNE].got)
    until(lambda: found("SELECT count(*) FROM letters WHERE state = 'waiting'") == [(0,)])
    assert [item["msgtype"] for item in fake.people[ANNE].got] == ["image"]
    server.stop()


async def test_a_message_asked_again_after_the_kill_is_answered_alike(server: Server, platform: Platform) -> None:
    fixed = {"ToUserName": ACCOUNT, "FromUserName": ANNE, "CreateTime": "1", "MsgType": "text"}
    asked = message(fixed | {"Content": "答题", "MsgId": "77"})
    before = await platform.post(asked, ANNE)
    server.kill()
    server.start()
    assert await platform.post(asked, ANNE) == before
    assert server.rows("SELECT count(*) FROM exchanges") == [(1,)]
    server.stop()
