"""Against lo-bot-api-emulator, a Bot API that somebody else wrote: polling, webhook, edits, taps, files, refusals."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import uvicorn
from aiohttp import web
from lo_bot_api_emulator import LoBotApiEmulator
from PIL import Image
from sqlalchemy import select

from bot.asgi import Receive, Scope, Send
from bot.channels.telegram import Hook, rates
from bot.channels.telegram.api import Api, upload
from bot.channels.telegram.attend import Attendant
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.door import WebhookDoor
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.pictures import Pictures
from bot.channels.telegram.probe import probe
from bot.channels.telegram.render import album
from bot.collector import Collector
from bot.dispatch import Dispatch
from bot.house import House
from bot.media import Media
from bot.messages import Address, Button, Outgoing
from bot.pace import Pace
from bot.photos import Darkroom
from bot.postman import Postman
from db.database import Database
from db.tables import photos
from tests.fakes.telegram import SECRET, TOKEN, person
from tests.fakes.telegram import photo as sizes
from tests.play import PATIENCE, ROOT, until

ANNA = 501


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough here."""
    return sqlite_url


class Ear(httpx.AsyncHTTPTransport):
    """A real connection that remembers what was asked and answered."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, dict[str, Any], int, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        response = await super().handle_async_request(request)
        if request.url.path.startswith("/file/"):  # left to whoever reads it piece by piece
            return response
        answer = await response.aread()
        fields = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
        with contextlib.suppress(ValueError):
            method = request.url.path.rpartition("/")[2]
            self.heard.append((method, fields, response.status_code, json.loads(answer)))
        return response

    def asked(self, method: str) -> list[dict[str, Any]]:
        """The fields of all calls of a method that went well."""
        return [fields for name, fields, status, _ in self.heard if name == method and status == 200]

    def refused(self) -> list[tuple[str, Any]]:
        """What the emulator did not take."""
        return [(name, answer) for name, _, status, answer in self.heard if status != 200]


@dataclass
class Peer:
    """The emulator, and Telegram as main puts it together."""

    emulator: LoBotApiEmulator
    url: str
    ear: Ear
    api: Api
    intake: Intake
    channel: TelegramChannel
    postman: Postman
    house: House
    ids: list[int] = field(default_factory=list)

    async def sends(self, **content: Any) -> None:
        """An update is put into the emulator's queue."""
        await self.emulator.enqueue_update(content, token=TOKEN)

    async def says(self, text: str = "", **content: Any) -> None:
        """Somebody writes."""
        said = {"text": text} if text else {}
        self.ids.append(len(self.ids) + 1)
        await self.sends(message={"message_id": self.ids[-1], "date": 1, **person(ANNA), **said, **content})

    def waiting(self) -> int:
        """Updates that the emulator still keeps for us."""
        return int(self.emulator._update_queues.info(TOKEN)["pending_update_count"])

    @contextlib.asynccontextmanager
    async def at_work(self, hook: Hook | None = None) -> AsyncIterator[Attendant]:
        """The attendant and the postman."""
        attendant = Attendant(self.api, self.intake, self.house, hook)
        tasks = [asyncio.create_task(attendant.run()), asyncio.create_task(self.postman.run())]
        try:
            yield attendant
        finally:
            attendant.stop()
            self.postman.stop()
            await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)


@pytest.fixture
async def peer(database: Database, dispatch: Dispatch, house: House, tmp_path: Path) -> AsyncIterator[Peer]:
    """The emulator on a port of its own."""
    emulator = LoBotApiEmulator(allow_insecure_loopback_webhooks=True)
    runner = web.AppRunner(emulator.app(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    ear, bell = Ear(), asyncio.Event()
    api, pace = Api(TOKEN, url, ear), Pace(rates(20))
    media, darkroom = Media.open("", tmp_path / "media"), Darkroom()
    pictures = Pictures(database, media, ROOT / "content" / "pictures")
    channel = TelegramChannel(api, database, house, pictures, media, darkroom, tmp_path / "incoming")
    intake = Intake(database, dispatch, api, pace, bell)
    postman = Postman(database, house, {"telegram": channel}, {"telegram": pace}, bell)
    yield Peer(emulator, url, ear, api, intake, channel, postman, house)
    await asyncio.gather(*intake._asides)
    await api.close()
    darkroom.close()
    await runner.cleanup()


async def test_a_conversation_by_polling(peer: Peer) -> None:
    async with peer.at_work() as attendant:
        await peer.says("社区")
        await until(lambda: peer.ear.asked("sendMessage"))
        (asked,) = peer.ear.asked("sendMessage")
        keyboard = json.loads(asked["reply_markup"])["inline_keyboard"]
        shown = {"message_id": 77, "date": 1, "chat": person(ANNA)["chat"], "text": asked["text"]}
        query = {"id": "q1", "from": person(ANNA)["from"], "chat_instance": "1", "message": shown}
        await peer.sends(callback_query={**query, "data": keyboard[0][0]["callback_data"]})
        await until(lambda: peer.ear.asked("editMessageText") or len(peer.ear.asked("sendMessage")) > 1)
        await until(lambda: peer.waiting() == 0)  # confirmed by an offset beyond them
        assert peer.ear.asked("answerCallbackQuery") == [{"callback_query_id": "q1"}]
        assert attendant.status.state == "ok"
    assert [name for name, _ in peer.ear.refused()] in ([], ["editMessageText"])  # it knows no message 77 of ours


async def test_the_commands_are_taken_in_both_languages(peer: Peer) -> None:
    async with peer.at_work():
        await until(lambda: len(peer.ear.asked("setMyCommands")) == 3)
    assert peer.ear.refused() == []


async def test_edits_keyboards_and_long_texts_are_taken(peer: Peer) -> None:
    address = Address("telegram", str(ANNA))
    await peer.channel.send(1, 1, address, Outgoing("一", (Button("1:a", "甲"),)))
    sent = next(answer["result"]["message_id"] for name, _, _, answer in peer.ear.heard if name == "sendMessage")
    await peer.channel.send(1, 1, address, Outgoing("二 < 三", (Button("1:b", "乙"),), replaces=str(sent)))
    await peer.channel.send(1, 1, address, Outgoing("在哪里？", (Button("1:c", "丙"),), place_button="发送位置"))
    await peer.channel.send(1, 1, address, Outgoing("好", clears=True))
    await peer.channel.send(1, 1, address, Outgoing("长" * 4096))
    assert peer.ear.refused() == []
    assert len(peer.ear.asked("editMessageText")) == 1
    assert "&lt;" in peer.ear.asked("editMessageText")[0]["text"]


async def test_a_second_instance_is_told_what_is_wrong(peer: Peer) -> None:
    async with httpx.AsyncClient() as other:
        polling = asyncio.create_task(other.post(f"{peer.url}/bot{TOKEN}/getUpdates", json={"timeout": 2}))
        await until(lambda: peer.emulator._update_queues._state(TOKEN).polling)
        async with peer.at_work() as attendant:
            await until(lambda: "another instance" in attendant.status.words)
        polling.cancel()


async def test_photos_go_out_as_files_and_come_back(peer: Peer, database: Database) -> None:
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((640, 480)).save(picture, "JPEG")
    first = await peer.api.call("sendPhoto", {"chat_id": ANNA, "photo": upload(picture.getvalue(), "a.jpg")})
    file_id = first["photo"][-1]["file_id"]
    await peer.api.make(album(str(ANNA), [file_id, upload(picture.getvalue(), "b.jpg")]))
    async with peer.at_work():
        await peer.says(photo=[{**size, "file_id": file_id} for size in sizes("x")])
        await until(lambda: peer.ear.asked("sendMessage"))
    await Collector(database, {"telegram": peer.channel}).round()
    (row,) = await database.read(lambda tx: tx.execute(select(photos.c.state, photos.c.width)).all())
    assert tuple(row) == ("ready", 640)
    assert peer.ear.refused() == []


async def test_a_conversation_by_webhook(peer: Peer) -> None:
    answers: list[bytes] = []
    door = WebhookDoor(peer.intake, SECRET)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def heard(message: Any) -> None:
            if message["type"] == "http.response.body":
                answers.append(message["body"])
            await send(message)

        await door(scope, receive, heard)

    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    hook = Hook(f"http://127.0.0.1:{port}/telegram", SECRET)
    async with peer.at_work(hook) as attendant:
        await until(lambda: attendant.status.state == "ok")
        await peer.says("贴士")
        assert peer.waiting() == 0  # delivered with its secret, and taken
        assert json.loads(answers[-1])["method"] == "sendMessage"
        await peer.says("/start")
        await until(lambda: len(peer.ear.asked("sendMessage")) == 2)  # two messages: by calls
        assert answers[-1] == b""
        found = await probe(TOKEN, peer.url, hook)
        assert [status.state for status in found] == ["ok", "ok"]
        wrong = await probe(TOKEN, peer.url, Hook("https://elsewhere.example/telegram", SECRET))
        assert wrong[1].state == "wrong"
    server.should_exit = True
    await serving
    assert peer.ear.refused() == []
