"""Nothing personal is logged: not what people write, where they are, who they are, nor what lets us in."""

import asyncio
import json
import signal
from contextlib import suppress

import httpx
import pytest

from civic.errors import Refused
from tests.system import wechat
from tests.system.conftest import Starter
from tests.system.server import TOKEN, Server
from tests.system.visitor import Visitor, browser, jpeg, new_id
from web.desk import DeskCall

REQUEST = "proxy-7f3a.11"
WORDS, STREET, PLATE, LAT, LON = "雪落在旧钟楼", "百花深处三弄", "浙A12345", 30.271834, 120.155027
PERSONAL = (WORDS, STREET, PLATE, "A12345", str(LAT), str(LON))


async def dialogue(visitor: Visitor) -> None:
    """All kinds of messages, well and badly formed, with something personal in each."""
    await visitor.say(WORDS)
    await visitor.post(place={"lat": LAT, "lon": LON, "label": STREET})
    await visitor.say("/cancel")
    await visitor.say("/report parking")
    await visitor.upload(jpeg(1), jpeg(2), text=WORDS)
    await visitor.say(STREET)
    await visitor.tap("")
    await visitor.say(PLATE)
    await visitor.tap("")
    await visitor.say(WORDS)
    await visitor.post(choice=f"/start {WORDS}")
    post = visitor.client.post
    for kind, body in (
        ("application/json", f'{{"id":"{new_id()}","text":"{WORDS}'),
        ("application/json", f'{{"id":"{WORDS}","text":"{WORDS}"}}'),
        ("application/json", WORDS * 50_000),
        ("multipart/form-data; boundary=x", f'--x\r\nContent-Disposition: form-data; name="{WORDS}"\r\n\r\n{WORDS}'),
        (f"text/{PLATE[1:]}", WORDS),
    ):
        response = await post("/chat/messages", content=body.encode(), headers={"content-type": kind})
        assert response.status_code in {400, 413}
    await visitor.client.get(f"/chat/{WORDS}?after={PLATE}")
    await visitor.client.get("/chat/messages", params={"after": WORDS})
    await visitor.client.get(f"/export/{WORDS}")
    await visitor.client.get("/stats", params={"area": STREET})


async def wechat_too(client: httpx.AsyncClient) -> None:
    """The same on WeChat, genuine and forged."""
    for body in (
        wechat.message("text", "1001", Content=WORDS),
        wechat.message("image", "1002", PicUrl=f"http://example.org/{STREET}"),
        wechat.message("location", "1003", Location_X=str(LAT), Location_Y=str(LON), Label=STREET),
        f"<xml><Content>{WORDS}".encode(),
    ):
        await wechat.posted(client, body)
        assert (await wechat.posted(client, body, wechat.signed("another token"))).status_code == 403


async def accidents(server: Server, visitor: Visitor) -> None:
    """Things break under people's hands: then more is logged, and still nothing of theirs."""
    await visitor.say("/report litter")
    await visitor.tap("")
    await visitor.say(STREET)
    while "还要补一句吗" not in visitor.words:
        await visitor.tap("")
    await visitor.say(WORDS)
    await asyncio.to_thread(server.break_table, "report_moves")
    assert "小状况" in await visitor.tap("提交")
    call = await DeskCall.to(server.data / "youli.sock")
    assert call is not None
    number = str(server.rows("SELECT coalesce(max(number), '') FROM reports")[0][0])
    for name, arguments in (
        ("reports.show", {"number": number, "by": "小王"}),
        ("reports.reply", {"text": WORDS}),
        (WORDS, {}),
    ):
        with suppress(RuntimeError, Refused):
            await call.do(name, arguments)
    await call.aclose()
    await asyncio.to_thread(server.break_table, "exchanges")
    response = await visitor.post(text=WORDS)
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "bot.sorry"
    page = await visitor.client.get("/chat/messages", headers={"x-request-id": REQUEST})
    assert page.json()["error"]["code"] == "bot.sorry"
    assert page.headers["x-request-id"] == REQUEST
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    await visitor.client.get("/chat/messages", headers={b"x-request-id": WORDS.encode()})


@pytest.mark.parametrize("form", ["text", "json"])
async def test_a_log_at_its_loudest_holds_nothing_personal(starter: Starter, form: str) -> None:
    server = starter(log_level="debug", log_format=form)
    await asyncio.to_thread(server.start)
    async with browser(server.url) as client, browser(server.url) as other:
        visitor = Visitor(client)
        await dialogue(visitor)
        await wechat_too(client)
        await accidents(server, Visitor(other))
        cookies = [visitor.cookie, str(other.cookies["youli"])]
    server.signal(signal.SIGINT)  # Ctrl-C is an orderly end, also after accidents
    assert await asyncio.to_thread(server.wait) == 0
    assert not (server.data / "youli.sock").exists()
    log = server.log
    assert "step failed" in log
    if form == "text":
        assert "talk=" in log  # ids, by which the case can be found
        assert f"page failed request={REQUEST} room=" in log
    else:
        lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        step = next(line for line in lines if line["event"] == "step failed")
        assert {"at", "level", "logger", "talk", "message_id", "conversation", "step", "error"} <= step.keys()
        assert next(line["request"] for line in lines if line["event"] == "page failed") == REQUEST
    secret = (server.data / "secret.key").read_text("utf-8")
    names = [cookie.partition(".")[0] for cookie in cookies]
    access = (TOKEN, secret, *cookies, *names, wechat.signed()["signature"], wechat.FOLLOWER)
    assert [word for word in (*PERSONAL, *access) if word in log or word.encode().hex() in log] == []
    escaped = [word for word in PERSONAL if repr(word.encode())[2:-1] in log or ascii(word)[1:-1] in log]
    assert escaped == []
