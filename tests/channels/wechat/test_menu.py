"""The custom menu: the file that ships, what WeChat takes, and mistakes told in editors' words."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from bot.channels.wechat.api import Api, Refusal
from bot.channels.wechat.menu import as_sent, publish
from bot.engine import COMMANDS
from content.sheets import ContentError
from content.wechat_menu import FILE, read_menu
from handlers import CONVERSATIONS
from main import cli
from tests.channels.wechat.conftest import ANNE, Town
from tests.fakes.served import served
from tests.fakes.wechat import FakeWechat
from tests.play import ROOT, Time

KNOWN = COMMANDS.union(*(conversation.opens for conversation in CONVERSATIONS))
BASE = "https://youli.example"


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_menu_that_ships_is_taken_by_wechat(language: str, time: Time) -> None:
    fake = FakeWechat(time)
    api = Api("https://wechat.test", fake.app_id, fake.secret, http=httpx.AsyncClient(transport=fake))
    await publish(api, as_sent(read_menu(ROOT / "content", KNOWN, BASE), language, BASE))
    assert fake.menu is not None
    assert len(fake.menu["button"]) == 3


async def test_every_click_of_it_is_answered(town: Town) -> None:
    for button in as_sent(read_menu(ROOT / "content", KNOWN, BASE), "zh", BASE)["button"]:
        for item in button["sub_button"]:
            shown = await town.platform.event(ANNE, "CLICK", item["key"])
            assert shown.text, item
            assert "还没听懂" not in shown.text, item


async def test_an_unverified_subscription_account_has_no_right_to_it(time: Time) -> None:
    fake = FakeWechat(time, "unverified")
    api = Api("https://wechat.test", fake.app_id, fake.secret, http=httpx.AsyncClient(transport=fake))
    with pytest.raises(Refusal, match="48001"):
        await publish(api, as_sent(read_menu(ROOT / "content", KNOWN, BASE), "zh", BASE))


ITEM = '[[button]]\nzh = "{zh}"\nen = "x"\n{rest}\n'
WRONG = {
    "no button": ("", "1 到 3 个按钮"),
    "four buttons": (ITEM.format(zh="一", rest='do = "tip"') * 4, "1 到 3 个按钮"),
    "a long name": (ITEM.format(zh="一二三四五", rest='do = "tip"'), "只显示 4 个汉字"),
    "a name of many bytes": (ITEM.format(zh="一二三四五六", rest='do = "tip"'), "16 字节"),
    "an unknown command": (ITEM.format(zh="一", rest='do = "dance"'), "没有这个命令：dance"),
    "nothing to do": (ITEM.format(zh="一", rest=""), "do 和 open 要写一个"),
    "two things to do": (ITEM.format(zh="一", rest='do = "tip"\nopen = "/stats"'), "do 和 open 要写一个"),
    "no address": (ITEM.format(zh="一", rest='open = "stats"'), "https://"),
    "six items": (
        ITEM.format(zh="一", rest="") + '[[button.item]]\nzh = "一"\nen = "x"\ndo = "tip"\n' * 6,
        "最多 5 项",
    ),
    "items and something to do": (
        ITEM.format(zh="一", rest='do = "tip"') + '[[button.item]]\nzh = "一"\nen = "x"\ndo = "tip"\n',
        "不要写 do",
    ),
    "a slip of the pen": (ITEM.format(zh="一", rest='doo = "tip"'), "没有这一项"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_menu_is_refused_with_the_reason(case: str, tmp_path: Path) -> None:
    text, reason = WRONG[case]
    (tmp_path / FILE).write_text(text or "# nothing\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        read_menu(tmp_path, KNOWN, BASE)
    assert reason in str(caught.value)


def test_the_command_shows_it_and_says_how_to_publish(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YOULI_DATA_DIR", str(tmp_path))
    shown = CliRunner().invoke(cli, ["wechat", "menu"])
    assert shown.exit_code == 0, shown.output
    assert "quiz one" in shown.output
    assert "--publish" in shown.output
    refused = CliRunner().invoke(cli, ["wechat", "menu", "--publish"])
    assert refused.exit_code == 2
    assert "YOULI_WECHAT_APP_ID" in refused.output
    fake = FakeWechat(lambda: datetime.now(UTC), "unverified")
    with served(fake) as address:
        for name, value in (("APP_ID", fake.app_id), ("APP_SECRET", fake.secret), ("API_BASE", address)):
            monkeypatch.setenv(f"YOULI_WECHAT_{name}", value)
        told = CliRunner().invoke(cli, ["wechat", "menu", "--publish"])
        assert (told.exit_code, "YOULI_WECHAT_PROFILE=unverified" in told.output) == (1, True)
        fake.whitelisted = False
        told = CliRunner().invoke(cli, ["wechat", "menu", "--publish"])
        assert (told.exit_code, "203.0.113.7" in told.output) == (1, True)
