"""``main.py poster``, and the messengers that it asks for names and codes."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image

from civic.errors import Refused
from tests.system.conftest import Commands
from tests.web.test_poster import FOLLOW, scanned
from web.codes import telegram_name

NOBODY = "http://127.0.0.1:9"  # where no server listens
BOT = {"id": 77, "is_bot": True, "first_name": "有礼", "username": "youli_bot"}
ANSWERS = {
    "/bot77:token/getMe": {"ok": True, "result": BOT},
    "/cgi-bin/stable_token": {"access_token": "token", "expires_in": 7200},
    "/cgi-bin/qrcode/create": {"ticket": "t", "url": FOLLOW},
}


class Messengers(BaseHTTPRequestHandler):
    """Telegram, with one bot and 401 for all other tokens, and WeChat, as far as posters need them."""

    def do_POST(self) -> None:
        """Answer."""
        unknown = {"ok": False, "error_code": 401, "description": "Unauthorized"}
        answer = ANSWERS.get(self.path.partition("?")[0], unknown)
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(401 if answer is unknown else 200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Say nothing."""


@pytest.fixture
def messengers() -> Iterator[str]:
    """The address of both."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Messengers) as server:
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


async def test_telegram_is_asked_for_the_bots_name_once(messengers: str, tmp_path: Path) -> None:
    kept = tmp_path / "data" / "telegram-name"
    assert await telegram_name("77:token", messengers, kept) == "youli_bot"
    assert await telegram_name("77:newer-token", NOBODY, kept) == "youli_bot"  # not asked again
    with pytest.raises(Refused) as refused:  # another bot: its name is not known
        await telegram_name("78:token", NOBODY, kept)
    assert refused.value.key == "poster.telegram_silent"


async def test_a_wrong_token_is_told_without_showing_it(messengers: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        await telegram_name("77:wrong", messengers, tmp_path / "telegram-name")
    assert refused.value.key == "poster.telegram_token" and not refused.value.params


def test_the_command_makes_a_sheet_with_every_channel_that_is_configured(
    do: Commands, messengers: str, tmp_path: Path
) -> None:
    settings = {
        "base_url": "https://youli.example.cn",
        "telegram_token": "77:token",
        "telegram_api_base": messengers,
        "wechat_token": "token",
        "wechat_app_id": "app",
        "wechat_app_secret": "secret",
        "wechat_api_base": messengers,
        "wechat_profile": "verified-service",
    }
    told = do("poster", "--area", "荷风社区", "--png", **settings).well()
    files = sorted((tmp_path / "data" / "posters").iterdir())
    assert [file.name for file in files] == ["poster-hefeng.pdf", "poster-hefeng.png"]
    assert str(files[0].parent) in told
    assert scanned(Image.open(files[1])) == {
        FOLLOW,
        "https://youli.example.cn/chat?start=poster-hefeng",
        "https://t.me/youli_bot?start=poster-hefeng",
    }


def test_an_account_that_makes_no_codes_is_left_out_and_said_so(do: Commands, tmp_path: Path) -> None:
    settings = {"base_url": "https://youli.example.cn", "wechat_token": "token"}
    made = do("poster", "--all", "--campaign", "autumn", "--to", str(tmp_path), **settings)
    assert made.code == 0 and "--wechat-qr" in made.err
    assert len(list(tmp_path.glob("poster-*_autumn.pdf"))) > 10


@pytest.mark.parametrize(
    ("words", "address", "told"),
    [
        (("--area", "atlantis"), "https://youli.example.cn", "atlantis"),
        (("--all",), "", "YOULI_BASE_URL"),
    ],
)
def test_what_the_command_can_not_do_is_told_in_one_line(
    do: Commands, tmp_path: Path, words: tuple[str, ...], address: str, told: str
) -> None:
    do("poster", *words, base_url=address).refused(1, told)
    assert not (tmp_path / "data").exists()
