"""SIGKILL between commit and send: a real process, killed, and another one that finds what it left."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.served import served, until
from tests.fakes.telegram import TOKEN, FakeTelegram, photo
from tests.play import PATIENCE
from tests.system.server import Server
from tests.system.visitor import jpeg

ANNA = 501


@pytest.fixture
def fake() -> FakeTelegram:
    """The Bot API."""
    return FakeTelegram(time.monotonic)


@pytest.fixture
def api(fake: FakeTelegram) -> Iterator[str]:
    """Its address."""
    with served(fake.app) as address:
        yield address


@pytest.fixture
def server(tmp_path: Path, api: str, migrated: Path) -> Iterator[Server]:
    """A Youli that asks this Bot API for updates."""
    made = Server(tmp_path / "server", tables=migrated, telegram_token=TOKEN, telegram_api_base=api)
    yield made
    made.end()


def test_nothing_is_lost_and_nothing_is_done_twice(server: Server, fake: FakeTelegram) -> None:
    fake.trouble("sendMessage", 502, "Bad Gateway", times=10_000)  # the answers are written but can't leave
    server.start()
    for text in ("/start", "贴士", "积分"):
        fake.says(ANNA, text)
    until(lambda: not fake.updates)
    until(lambda: server.rows("SELECT count(*) FROM letters WHERE state = 'waiting'") == [(3,)])
    server.kill()
    fake.troubles.clear()
    server.start()
    until(lambda: server.rows("SELECT count(*) FROM letters WHERE state = 'sent'") == [(3,)])
    said = [bubble.text for bubble in fake.chat(ANNA)]
    assert len(said) == len(set(said)) >= 4  # /start has two messages
    assert server.rows("SELECT count(*) FROM exchanges") == [(3,)]
    server.stop()


def test_killed_while_a_message_is_on_its_way(server: Server, fake: FakeTelegram) -> None:
    server.start()
    held = threading.Event()
    calls: list[str] = []
    show = fake._do_send_message

    def hold(fields: dict[str, object]) -> object:
        calls.append(str(fields["text"]))
        held.wait(PATIENCE)
        return show(fields)

    fake._do_send_message = hold  # type: ignore[method-assign,assignment]
    fake.says(ANNA, "贴士")
    until(lambda: calls)
    server.kill()
    held.set()
    fake._do_send_message = show  # type: ignore[method-assign]
    until(lambda: len(fake.chat(ANNA)) == 1)  # it had left: Telegram has it, and nobody here knows
    server.start()
    until(lambda: server.rows("SELECT state FROM letters") == [("sent",)])
    assert [bubble.text for bubble in fake.chat(ANNA)] == [fake.last(ANNA).text] * 2  # better doubled than missing
    server.stop()


def test_a_picture_of_an_answer_arrives_once_after_the_restart(server: Server, fake: FakeTelegram) -> None:
    """The summary of a report shows its photo again: a call of its own, beside the words."""

    def asks(words: str) -> None:
        until(lambda: any(words in bubble.text for bubble in fake.chat(ANNA)))

    server.start()
    fake.files["mine"] = jpeg()
    fake.says(ANNA, photo=photo("mine"))
    asks("想上报")
    for label, words in (("上报", "是哪一类"), ("乱丢垃圾", "在哪里")):
        fake.taps(ANNA, label)
        asks(words)
    fake.says(ANNA, "文昌路 12 号门口")
    asks("是哪一种")
    for label, words in (("生活垃圾", "在小区里面"), ("路边", "还要补一句")):
        fake.taps(ANNA, label)
        asks(words)
    until(lambda: server.rows("SELECT count(*) FROM letters WHERE state = 'waiting'") == [(0,)])
    for method in ("sendMessage", "sendPhoto", "editMessageText"):
        fake.trouble(method, 502, "Bad Gateway", times=10_000)
    fake.taps(ANNA, "不用了")
    until(lambda: server.rows("SELECT count(*) FROM letters WHERE state = 'waiting'") == [(1,)])
    server.kill()
    fake.troubles.clear()
    server.overdue()
    server.start()
    asks("请看一眼")
    until(lambda: server.rows("SELECT count(*) FROM letters WHERE state = 'waiting'") == [(0,)])
    assert [bubble.photos for bubble in fake.chat(ANNA) if bubble.photos] == [["mine"]]
    assert sum("请看一眼" in bubble.text for bubble in fake.chat(ANNA)) == 1
    server.stop()
