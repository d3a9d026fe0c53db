"""The token that all share, the one retry, and what each error makes us do."""

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest

from bot.channel import Away, Gone, NotNow, Rejected, TryLater
from bot.channels.wechat.api import Api, Refusal, Silence, Unreachable, failure
from db import wechat_account
from db.database import Database
from tests.fakes.wechat import FakeWechat
from tests.play import Time

ANNE = "oAnne"


@pytest.fixture
def fake(time: Time) -> FakeWechat:
    made = FakeWechat(time)
    made.acts(ANNE, "message")
    return made


def api(fake: FakeWechat, database: Database | None = None, secret: str | None = None) -> Api:
    secret = fake.secret if secret is None else secret
    return Api("https://wechat.test/", fake.app_id, secret, database, httpx.AsyncClient(transport=fake))


async def test_five_at_once_ask_for_one_token(fake: FakeWechat, database: Database) -> None:
    one = api(fake, database)
    await asyncio.gather(*(one.say(ANNE, "你好") for _ in range(5)))
    assert fake.calls.count("stable_token") == 1
    assert fake.texts(ANNE) == ["你好"] * 5


async def test_two_processes_share_the_token_through_the_database(fake: FakeWechat, database: Database) -> None:
    await asyncio.gather(*(api(fake, database).say(ANNE, "你好") for _ in range(4)))
    assert fake.calls.count("stable_token") == 1


async def test_the_command_line_does_not_disturb_the_server(fake: FakeWechat, database: Database) -> None:
    server = api(fake, database)
    await server.say(ANNE, "一")
    await api(fake).get("get_api_domain_ip")
    await server.say(ANNE, "二")
    assert len(fake.tokens) == 1


async def test_a_token_is_renewed_before_its_end(fake: FakeWechat, database: Database, time: Time) -> None:
    await api(fake, database).say(ANNE, "一")
    time.passes(seconds=7200 - 30)
    await api(fake, database).say(ANNE, "二")
    assert len(fake.tokens) == 2
    assert 40001 not in fake.refused


async def test_a_refused_token_is_renewed_and_the_call_repeated_once(fake: FakeWechat, database: Database) -> None:
    one, other = api(fake, database), api(fake, database)
    await one.say(ANNE, "一")
    await other.say(ANNE, "二")
    fake.token_ends = fake.clock()  # somebody reset it
    await one.say(ANNE, "三")
    await other.say(ANNE, "四")
    assert fake.texts(ANNE) == ["一", "二", "三", "四"]
    assert fake.calls.count("stable_token") == 2, "the other found the new one in the database"


async def test_a_token_that_stays_refused_ends_after_few_calls(fake: FakeWechat, database: Database) -> None:
    """wechatpy's client made 982 calls here (protocols B2)."""
    fake.faults.extend([("message", 40001)] * 50)
    one = api(fake, database)
    for _ in range(3):
        with pytest.raises((Refusal, TryLater)):
            await one.say(ANNE, "你好")
    assert len(fake.calls) < 15
    assert len(fake.tokens) <= 2, "by force once, not each time"


async def test_a_token_is_asked_for_by_force_every_ten_minutes_at_most(
    fake: FakeWechat, database: Database, time: Time
) -> None:
    """WeChat allows 20 a day, 30 seconds apart (protocols B2), however many processes there are."""
    fake.faults.extend([("message", 40001)] * 999)
    for minute in range(25):
        with pytest.raises((Refusal, TryLater)):
            await api(fake, database).say(ANNE, "你好")
        time.passes(minutes=1)
        assert len(fake.tokens) <= 2 + minute // 10
    assert len(fake.tokens) == 4


async def test_a_refresh_whose_process_died_is_taken_over(fake: FakeWechat, database: Database, time: Time) -> None:
    await database.write(wechat_account.token_turn, fake.app_id, "died", None, 15, 60)
    waiting = asyncio.create_task(api(fake, database).say(ANNE, "你好"))
    await asyncio.sleep(0.25)
    assert fake.calls == []
    time.passes(seconds=16)
    await waiting
    assert fake.texts(ANNE) == ["你好"]


async def test_a_refresh_that_died_with_the_only_process_is_taken_over_at_once(
    fake: FakeWechat, database: Database
) -> None:
    await database.write(wechat_account.token_turn, fake.app_id, "killed", None, 15, 60)
    await database.write(wechat_account.leave_turns)
    await api(fake, database).say(ANNE, "你好")
    assert fake.texts(ANNE) == ["你好"]


async def test_the_token_request_is_repeated_once(fake: FakeWechat, database: Database) -> None:
    fake.faults.append(("stable_token", httpx.ReadTimeout))
    await api(fake, database).say(ANNE, "你好")
    fake.faults.extend([("stable_token", httpx.ReadTimeout)] * 2)
    with pytest.raises(Unreachable):
        await api(fake).say(ANNE, "你好")
    assert fake.texts(ANNE) == ["你好"]


@pytest.mark.parametrize("secret", ["wrong", ""])
async def test_wrong_credentials_are_told_and_stop_nobody_for_good(
    fake: FakeWechat, database: Database, secret: str
) -> None:
    with pytest.raises(Refusal) as caught:
        await api(fake, database, secret).say(ANNE, "你好")
    assert caught.value.code == 40125
    assert isinstance(failure(caught.value), Away)
    await api(fake, database).say(ANNE, "你好")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((code, Gone) for code in (43004, 43019, 40003)),
        *((code, NotNow) for code in (45015, 45047, 48001, 43101)),
        *((code, Away) for code in (-1, 45009, 40001, 40014, 42001, 40164, 40125, 40013)),
        (45011, TryLater),
        *((code, Rejected) for code in (45002, 47003, 40007)),
    ],
)
def test_each_error_says_what_to_do(code: int, kind: type[Exception]) -> None:
    assert type(failure(Refusal(code))) is kind


@pytest.mark.parametrize(("fault", "kind"), [(httpx.ConnectError, Unreachable), (httpx.ReadTimeout, Silence)])
async def test_not_done_and_perhaps_done_are_told_apart(
    fake: FakeWechat, database: Database, fault: type[Exception], kind: type[Exception]
) -> None:
    fake.faults.append(("message", fault))
    with pytest.raises(kind):
        await api(fake, database).say(ANNE, "你好")
    assert len(fake.people[ANNE].got) == (kind is Silence)


async def test_an_answer_that_never_ends_holds_nobody_up_and_may_have_been_done(
    fake: FakeWechat, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time-outs count from byte to byte: an answer that drips would have lasted for ever."""
    monkeypatch.setattr("bot.channels.wechat.api.WHOLE", 0.2)
    one = api(fake, database)
    fake.faults.append(("message", TimeoutError))
    with pytest.raises(Silence):
        await one.say(ANNE, "你好")
    assert len(fake.people[ANNE].got) == 1
    fake.token_ends = fake.clock()
    fake.faults.extend([("stable_token", TimeoutError)] * 2)
    with pytest.raises(Unreachable):  # without a token nothing was said
        await api(fake, database).say(ANNE, "再见")
    assert len(fake.people[ANNE].got) == 1


async def test_neither_token_nor_secret_is_ever_logged(
    fake: FakeWechat, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)  # as main.py does
    fake.faults.extend([("message", httpx.ReadTimeout), ("message", 40001)])
    one = api(fake, database)
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            try:
                await one.say(ANNE, "你好")
            except (TryLater, Refusal) as error:
                logging.getLogger("youli").exception("as the postman would", exc_info=error)
    told = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert "token-1-" not in told
    assert fake.secret not in told


async def test_what_is_no_json_is_not_taken_for_an_answer(database: Database, time: Time) -> None:
    def html(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text="<html>maintenance</html>")

    one = Api("https://wechat.test", "wx", "s", database, httpx.AsyncClient(transport=httpx.MockTransport(html)))
    with pytest.raises(TryLater):
        await one.say(ANNE, "你好")


GARBAGE = (
    b"", b"\xff", b"null", b"[]", b"1", b"[" * 100_000, b'{"errcode": "a"}', b'{"errcode": [1]}', b'{"errcode": 1e999}',
    b"{", b'{"errcode": ' + b"[" * 100_000,
)  # fmt: skip
TOKENLESS: tuple[dict[str, Any], ...] = (
    {}, {"access_token": "a"}, {"access_token": "a", "expires_in": None}, {"access_token": "a", "expires_in": "soon"},
    {"access_token": "a", "expires_in": [1]}, {"access_token": "a", "expires_in": float("inf")},
)  # fmt: skip


def answering(token: bytes, rest: bytes) -> Api:
    """An account whose WeChat answers the question for a token so, and everything else so."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=token if request.url.path.endswith("stable_token") else rest)

    return Api("https://wechat.test", "wx", "s", http=httpx.AsyncClient(transport=httpx.MockTransport(answer)))


@pytest.mark.parametrize("content", [*GARBAGE, *(json.dumps(one).encode() for one in TOKENLESS)])
async def test_garbage_instead_of_a_token_ended_in_another_error_than_unreachable(content: bytes) -> None:
    with pytest.raises(Unreachable):
        await answering(content, b"{}").say(ANNE, "你好")


@pytest.mark.parametrize("content", GARBAGE)
async def test_garbage_instead_of_an_answer_ended_in_another_error_than_try_later(content: bytes) -> None:
    with pytest.raises(TryLater):
        await answering(b'{"access_token": "a", "expires_in": 7200}', content).say(ANNE, "你好")


@pytest.mark.parametrize("content", [b"{}", b'{"media_id": null}', b'{"media_id": 1}'])
async def test_a_picture_that_was_taken_without_an_id_is_tried_later(content: bytes) -> None:
    with pytest.raises(TryLater, match="no media_id"):
        await answering(b'{"access_token": "a", "expires_in": 7200}', content).upload("a.png", b"a", "image/png")
