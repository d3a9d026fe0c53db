"""Long polling: an update is on disk before its offset moves, and nothing stops the rest."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from bot.channels.telegram import Hook, attend
from bot.channels.telegram.attend import Attendant
from db.tables import exchanges, updates
from tests.channels.telegram.conftest import HOOK, Town
from tests.fakes.telegram import TOKEN, photo
from tests.play import PATIENCE, until

ANNA, BEN = 501, 502


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What differs between databases is tested with the conversations."""
    return sqlite_url


@contextlib.asynccontextmanager
async def running(town: Town, attendant: Attendant) -> AsyncIterator[None]:
    """The attendant and the postman at work."""
    tasks = [asyncio.create_task(attendant.run()), asyncio.create_task(town.postman.run())]
    try:
        yield
    finally:
        attendant.stop()
        town.postman.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)


async def test_updates_are_asked_for_and_answered(town: Town) -> None:
    town.fake.webhook = {"url": "https://old.example/bot"}
    async with running(town, town.attendant()):
        town.fake.says(ANNA, "贴士")
        town.fake.says(BEN, "菜单")
        await until(lambda: town.fake.chat(ANNA) and town.fake.chat(BEN))
        await until(lambda: not town.fake.updates)  # asked for with an offset beyond them
    waits = [int(fields["timeout"]) for method, fields in town.fake.calls if method == "getUpdates"]
    assert (waits[0], set(waits[1:])) == (0, {25}), "half a minute «starting» where nobody writes"
    assert town.fake.webhook == {}
    assert "今天就做" in town.fake.last(ANNA).text


async def test_the_menu_of_commands_is_shown_in_both_languages(town: Town) -> None:
    async with running(town, town.attendant()):
        await until(lambda: len(town.fake.commands) == 3)
    assert {"command": "quiz", "description": "一题或一轮五题"} in town.fake.commands["zh"]
    assert {one["command"] for one in town.fake.commands["en"]} >= {"start", "report", "tip"}
    assert town.fake.commands[""] == town.fake.commands["zh"]


async def test_a_poisoned_update_is_put_aside_and_the_rest_go_on(town: Town) -> None:
    town.fake.says(ANNA, "菜单")
    town.fake.update(message={"chat": "what?"})
    town.fake.update(callback_query=[1, 2])
    town.fake.update(brand_new_kind={"of": 2027})
    town.fake.updates.append({"no": "number"})
    town.fake.says(BEN, "菜单")
    async with running(town, town.attendant()):
        await until(lambda: town.fake.chat(ANNA) and town.fake.chat(BEN))
        await until(lambda: not town.fake.updates)
    asked = [call for call, _ in town.fake.calls if call == "getUpdates"]
    assert len(asked) < 100  # no hot loop
    states = await town.database.read(lambda tx: sorted(tx.execute(select(updates.c.state)).scalars()))
    assert states == ["dead", "dead", "done"]  # the messages stand in the transcript


async def test_what_is_no_update_at_all_is_not_asked_for_again_and_again(town: Town) -> None:
    town.fake.updates.append({"no": "number"})
    town.fake._do_get_updates = lambda fields: town.fake.updates  # type: ignore[method-assign]
    assert await town.attendant()._ask() >= 1


async def test_what_was_fetched_twice_is_answered_once(town: Town) -> None:
    town.fake.says(ANNA, "你好")
    first = town.attendant()
    await first._ask()  # the process dies before the offset moves on
    await town.carry()
    said = len(town.fake.chat(ANNA))
    second = town.attendant()
    await second._ask()
    await town.carry()
    assert len(town.fake.chat(ANNA)) == said
    assert await town.database.read(lambda tx: tx.execute(select(func.count()).select_from(exchanges)).scalar()) == 1


async def test_the_offset_stays_while_the_database_is_away(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.fake.says(ANNA, "菜单")
    attendant = town.attendant()

    async def full(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(town.intake._dispatch, "handle", full)
        with pytest.raises(OSError, match="disk full"):
            await attendant._ask()
    await attendant._ask()
    await town.carry()
    assert len(town.fake.chat(ANNA)) == 1


async def test_a_persons_messages_keep_their_order(town: Town) -> None:
    for text in ("订阅", "先不用", "语言"):
        town.fake.says(ANNA, text)
    await town.attendant()._ask()
    await town.carry()
    said = [one.text for one in town.fake.chat(ANNA)]
    assert said.index(town.words("welcome.hour")) < said.index(town.words("welcome.hour_none")) < len(said) - 1


async def test_an_album_left_by_a_dead_process_is_taken_up(town: Town) -> None:
    town.fake.says(ANNA, media_group_id="g", photo=photo("one"))
    town.fake.says(ANNA, media_group_id="g", photo=photo("two"))
    await town.attendant()._ask()
    town.time.passes(minutes=5)
    async with running(town, town.attendant()):
        await until(lambda: town.fake.chat(ANNA))
    assert "2 张" in town.fake.last(ANNA).text


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short."""
    monkeypatch.setattr(attend, "PAUSES", (0.01,))
    monkeypatch.setattr(attend, "REFUSED", 0.01)


ACTIVE = "Conflict: can't use getUpdates method while webhook is active"
TROUBLES = {
    "another instance": ("getUpdates", 409, "Conflict: terminated by other getUpdates request", "another instance"),
    "a webhook elsewhere": ("getUpdates", 409, ACTIVE, "webhook was set"),
    "bad token": ("getMe", 401, "Unauthorized", "the token is refused"),
    "telegram is down": ("getMe", 502, "Bad Gateway", "can't be reached"),
    "something of a proxy": ("getMe", 504, "Gateway Timeout", "can't be reached"),
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("case", TROUBLES)
async def test_what_is_wrong_is_told_in_words_and_tried_again(
    town: Town, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    method, code, description, words = TROUBLES[case]
    caplog.set_level(logging.INFO)
    attendant = town.attendant()
    town.fake.trouble(method, code, description, times=3)
    async with running(town, attendant):
        await until(lambda: attendant.status.state == "wrong")
        assert words in attendant.status.words
        town.fake.says(ANNA, "菜单")
        await until(lambda: town.fake.chat(ANNA))  # it goes on as soon as it can
        assert attendant.status.state == "ok"
    told = [record.getMessage() for record in caplog.records if record.name == "youli.telegram"]
    assert len([line for line in told if words in line]) == 1  # once, not at every try


@pytest.mark.usefixtures("hurried")
async def test_no_way_to_telegram_is_told_and_tried_again(town: Town) -> None:
    attendant = town.attendant()
    town.wire.down = True
    async with running(town, attendant):
        await until(lambda: "can't be reached (ConnectError)" in attendant.status.words)
        town.wire.down = False
        await until(lambda: attendant.status.state == "ok")


async def test_the_webhook_is_set_at_the_start_with_its_secret_and_kinds(town: Town) -> None:
    attendant = town.attendant(HOOK)
    async with running(town, attendant):
        await until(lambda: attendant.status.state == "ok")
    assert town.fake.webhook == {"url": HOOK.url, "secret": HOOK.secret, "allowed": attend.WANTED}
    assert attendant.status.words == "@youli_test_bot, webhook at https://youli.example/telegram; 0 wait"


@pytest.mark.usefixtures("hurried")
async def test_a_webhook_that_telegram_refuses_is_explained(town: Town) -> None:
    attendant = town.attendant(Hook("http://127.0.0.1:8000/telegram", "s"))
    async with running(town, attendant):
        await until(lambda: attendant.status.state == "wrong")
    assert "YOULI_BASE_URL must be an https address" in attendant.status.words


async def test_a_webhook_that_points_elsewhere_or_fails_is_noticed(town: Town) -> None:
    attendant = town.attendant(HOOK)
    await attendant._register()
    town.fake.webhook["trouble"] = {
        "last_error_date": 5,
        "last_error_message": "Connection refused",
        "pending_update_count": 7,
    }
    await attendant._look()
    assert attendant.status.words == f"Telegram can't deliver to {HOOK.url}: Connection refused; 7 wait"
    town.fake.webhook = {"url": "https://other.example/secret-path"}
    await attendant._look()
    assert "points to https://other.example, not to us" in attendant.status.words
    town.fake.webhook = {}
    await attendant._look()
    assert town.fake.webhook["url"] == HOOK.url  # somebody removed it: set again


async def test_neither_token_nor_words_are_ever_logged(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    town.fake.files["secret-photo"] = b"no picture"
    async with running(town, town.attendant()):
        town.fake.says(ANNA, "我的秘密住址是文昌路")
        town.fake.says(ANNA, photo=photo("secret-photo"), caption="秘密")
        await until(lambda: len(town.fake.chat(ANNA)) >= 2)
    with contextlib.suppress(Exception):
        await town.channel.fetch("photo:secret-photo")
    with contextlib.suppress(Exception):
        await town.channel.fetch("photo:unknown")
    assert TOKEN not in caplog.text and TOKEN.partition(":")[2] not in caplog.text
    assert "秘密" not in caplog.text and "secret-photo" not in caplog.text
