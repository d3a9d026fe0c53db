"""An account of any kind, on real databases, between our channel and a small WeChat."""

import shutil
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import httpx
import pytest

from assembly import MANNERS
from bot.channels.wechat import Account
from bot.channels.wechat.channel import WechatChannel
from bot.conversation import Conversation, Reply, Turn, done
from bot.dispatch import Dispatch
from bot.house import House
from bot.letters import say_to_json
from bot.links import Links
from bot.media import Media
from bot.messages import Option, Picture, Say
from bot.photos import Darkroom
from bot.postman import Postman
from content.library import Library
from db import letters, talks
from db.database import Database
from db.moments import to_ms
from db.tx import Tx
from handlers import CONVERSATIONS
from tests.channels.wechat.platform import KEY, TOKEN, Platform
from tests.channels.wechat.watch import Watch
from tests.fakes.wechat import FakeWechat
from tests.play import ROOT, Time

P = ParamSpec("P")
T = TypeVar("T")
SENTENCE = "这是很长的一段说明里的一句话，第{}句。"
ANNE, BO = "oAnne-0123456789abcdefghijkl", "oBo-0123456789abcdefghijklmno"


class Disk:
    """The database behind a disk whose next writes take ``delays`` seconds of a watch, or fail with an OSError."""

    def __init__(self, database: Database, watch: Watch) -> None:
        self._database, self._watch = database, watch
        self.delays: deque[float] = deque()
        self.away = False
        self.late = 0.0
        self.read, self.reshape = database.read, database.reshape
        self.dump, self.hearing, self.tell, self.close = database.dump, database.hearing, database.tell, database.close
        self.scour = database.scour

    def behind(self) -> float:
        """As many seconds as the test says."""
        return self.late

    async def turn(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As any other unit."""
        return await self.write(unit, *args, **kwargs)

    async def write(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Late, or not at all."""
        if self.away:
            raise ConnectionRefusedError
        if self.delays:
            await self._watch.work(self.delays.popleft())
        return await self._database.write(unit, *args, **kwargs)


@dataclass(repr=False)  # a repr of all this is what asyncio makes, and drops, at the end of each fixture
class Town:
    """One account with everything around it."""

    api: FakeWechat
    channel: WechatChannel
    platform: Platform
    postman: Postman
    disk: Disk
    database: Database
    house: House
    time: Time
    folder: Path

    async def news(self, user: str, key: str = "news.reply", collapse: str = "", **params: object) -> None:
        """News of a report for somebody who has spoken before."""
        told = {"number": "R20261123-0001", "place": "文昌路", "note": "我们已经安排清理。"} | params
        options = (Option("/reports R20261123-0001", "option.details"),)
        await self.database.write(_write, user, Say(key, told, options), collapse or None, None, 0)

    async def picture(self, user: str, path: str) -> None:
        """News with a picture."""
        told = {"number": "R20261123-0001", "place": "文昌路", "note": "清理好了。"}
        say = Say("news.reply", told, (), (Picture(path, "news.after_photo"),))
        await self.database.write(_write, user, say, None, None, 0)

    async def tip(self, user: str, day: str = "2026-11-23") -> None:
        """The daily tip, as the clock writes it."""
        params = {"title": "礼让", "text": "车让人。", "today": "慢一点。", "emoji": "", "citations": []}
        say = Say("tip.message", params, (Option("/tip another", "option.another_tip"),))
        await self.database.write(_write, user, say, None, f"tip:{day}:{user}", 1)

    async def waiting(self) -> int:
        """Letters that wait."""
        return (await self.database.read(letters.counts)).get("waiting", 0)

    async def states(self) -> dict[str, int]:
        """Letters by state."""
        return await self.database.read(letters.counts)


def _write(tx: Tx, user: str, say: Say, collapse: str | None, once: str | None, urgency: int) -> None:
    found = talks.find_talk(tx, "wechat", user)
    assert found is not None, "they have to speak first"
    letters.add_letter(
        tx,
        found[0],
        "wechat",
        say_to_json(say),
        urgency=urgency,
        collapse=collapse,
        once=once,
        expires_at=to_ms(tx.now) + 28 * 24 * 3600 * 1000,
    )


@pytest.fixture
def database_url(tmp_path: Path, sqlite_tables: Path) -> str:
    """SQLite: what the channel does is the same on both; what the database does is in test_store.py, on both."""
    shutil.copy(sqlite_tables, tmp_path / "youli.db")
    return f"sqlite:///{tmp_path / 'youli.db'}"


def lecture(turn: Turn, command: str, argument: str) -> Reply:
    """A talk longer than any message, and after it something to choose."""
    told = {"number": "R1", "place": "文昌路", "note": "".join(SENTENCE.format(number) for number in range(120))}
    return done(Say("news.reply", told, (Option("/tip", "command.tip"), Option("/points", "command.points"))))


def gallery(turn: Turn, command: str, argument: str) -> Reply:
    """A picture: «gallery PATH», or with few words «gallery-card PATH»."""
    note = "看" if command == "gallery-card" else "清运完成，路面也冲洗过了。" * 9
    told = {"number": "R1", "place": "文昌路", "note": note}
    return done(Say("news.reply", told, (Option("/tip", "command.tip"),), (Picture(argument, "news.after_photo"),)))


@pytest.fixture
def house(library: Library) -> House:
    """The house with two conversations more, whose answers are long and whose answers have pictures."""
    more = (
        Conversation("lecture", frozenset({"lecture"}), lecture),
        Conversation("gallery", frozenset({"gallery", "gallery-card"}), gallery),
    )
    links = Links("https://youli.example", b"test")
    return House(library, ZoneInfo("Asia/Shanghai"), links, "zh", (*CONVERSATIONS, *more), MANNERS)


@pytest.fixture
def kind() -> str:
    """The kind of account; a test says which it needs."""
    return "verified-service"


@pytest.fixture
def mode() -> str:
    """plain, compatible or safe."""
    return "plain"


@pytest.fixture
def account(kind: str, mode: str) -> Account:
    """What the operator set."""
    return Account(
        profile=kind,
        app_id="wx0123456789abcdef",
        app_secret="5ecre7-of-the-account",
        aes_key="" if mode == "plain" else KEY,
        pictures=ROOT / "content" / "pictures",
    )


@pytest.fixture
async def town(
    kind: str, mode: str, account: Account, house: House, database: Database, time: Time, tmp_path: Path
) -> AsyncIterator[Town]:
    """The account at work; its postman carries when told to."""
    api = FakeWechat(time, kind)
    media, darkroom = Media.open("", tmp_path / "media"), Darkroom()
    http = httpx.AsyncClient(transport=api)
    watch = Watch()
    disk = Disk(database, watch)
    channel = WechatChannel(TOKEN, Dispatch(disk, house), media, darkroom, tmp_path / "incoming", account, http)
    await channel.open()
    channel.door._clock, channel.door._sleep = watch, watch.sleep
    platform = Platform(channel.door, api, mode, watch)
    postman = Postman(database, house, {"wechat": channel}, clock=lambda: time().timestamp())
    yield Town(api, channel, platform, postman, disk, database, house, time, tmp_path)
    await channel.close()
    darkroom.close()
