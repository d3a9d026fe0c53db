"""A real process whose Telegram can't be had: the web chat serves all the same, and ``check`` says what is wrong."""

from pathlib import Path

import pytest

from tests.fakes.telegram import TOKEN
from tests.system.server import Server, free_port
from tests.system.visitor import Visitor, browser


@pytest.mark.parametrize(
    ("token", "words"),
    [(TOKEN, "Telegram can't be reached"), ("what-is-no-token", "is no token")],
)
async def test_the_web_chat_starts_anyway(tmp_path: Path, token: str, words: str) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    server = Server(tmp_path / "server", telegram_token=token, telegram_api_base=away).start()
    try:
        async with browser(server.url) as client:
            assert (await Visitor(client).post(text="菜单")).status_code == 200
        checked = server.command("check")
        assert checked.code == 1 and words in " ".join(checked.out.split())
        assert token not in checked.out and token not in server.log
    finally:
        server.end()
