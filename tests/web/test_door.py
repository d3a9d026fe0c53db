"""POST /chat/messages and the doors beside it: what is right is handled once, what is wrong gets a clear answer."""

import asyncio
import json
import random
import re
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import ascii_letters
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assembly import Built, open_house
from bot.dispatch import Dispatch
from bot.links import LASTS, Links
from bot.messages import Address, Incoming, Place
from bot.photos import Darkroom
from civic.errors import Refused
from db.database import Database
from db.tx import Tx
from settings import Settings
from tests.system.server import Server
from tests.system.visitor import Visitor, browser, jpeg, new_id
from web import wire
from web.full import Threshold
from web.visitors import Visitors

JSON = {"content-type": "application/json"}
FORM = {"content-type": "multipart/form-data; boundary=x"}
MEGABYTE = 1_000_000


def error(response: httpx.Response) -> str:
    """The code of a clear refusal; its words must be there, in the language that was asked for."""
    found = response.json()["error"]
    assert set(found) == {"code", "text"}, found
    english = found["text"].isascii() or "“" in found["text"] or "’" in found["text"]
    assert english == response.request.headers.get("accept-language", "zh").startswith("en"), found
    return str(found["code"])


def body(**message: object) -> bytes:
    """A message as JSON; what JSON does not know (NaN, half surrogates) as Python writes it."""
    return json.dumps({"id": new_id(), **message}).encode()


def form(*parts: tuple[str, bytes]) -> bytes:
    """A form of these parts (headers, content) with the boundary «x»."""
    return b"".join(f"--x\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts) + b"--x--\r\n"


def field(name: str, value: str) -> tuple[str, bytes]:
    return f'Content-Disposition: form-data; name="{name}"', value.encode()


DEEP = b'{"id":"12345678","place":' + b"[" * 900 + b"]" * 900 + b"}"
HUGE = b'{"id":"12345678","place":{"lat":1' + b"0" * 400 + b',"lon":1}}'
BAD_BODIES: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "bot.bad_request"),
    "no JSON": (b"hello", 400, "bot.bad_request"),
    "half of it": (body(text="hi")[:-4], 400, "bot.bad_request"),
    "bytes that are no text": (b'{"id":"12345678","text":"\xff\xfe"}', 400, "bot.bad_request"),
    "a list": (b"[]", 400, "bot.bad_request"),
    "null": (b"null", 400, "bot.bad_request"),
    "brackets without end": (b"[" * 60_000, 400, "bot.bad_request"),
    "a deep place": (DEEP, 400, "bot.bad_request"),
    "no id": (b'{"text":"hi"}', 400, "bot.bad_request"),
    "an id that is a number": (body(id=12345678, text="hi"), 400, "bot.bad_request"),
    "an id that is short": (body(id="1", text="hi"), 400, "bot.bad_request"),
    "an id that is long": (body(id="1" * 65, text="hi"), 400, "bot.bad_request"),
    "an id with other signs": (body(id="../../etc/passwd", text="hi"), 400, "bot.bad_request"),
    "nothing but an id": (body(), 400, "bot.bad_request"),
    "two things at once": (body(text="hi", choice="/menu"), 400, "bot.bad_request"),
    "a text that is a number": (body(text=1), 400, "bot.bad_request"),
    "a text that is an object": (body(text={"a": 1}), 400, "bot.bad_request"),
    "a choice that is a list": (body(choice=["/menu"]), 400, "bot.bad_request"),
    "a choice without end": (body(choice="x" * 201), 400, "bot.bad_request"),
    "half a sign": (body(text="\ud800"), 400, "bot.bad_request"),
    "half a sign in a choice": (body(choice="/start \udfff"), 400, "bot.bad_request"),
    "half a sign in a label": (body(place={"lat": 1, "lon": 1, "label": "\ud83d"}), 400, "bot.bad_request"),
    "a place that is a list": (body(place=[1, 2]), 400, "bot.bad_request"),
    "a place without figures": (body(place={}), 400, "report.bad_place"),
    "a place in words": (body(place={"lat": "1", "lon": "2"}), 400, "report.bad_place"),
    "a place that is true": (body(place={"lat": True, "lon": True}), 400, "report.bad_place"),
    "a place that is NaN": (body(place={"lat": float("nan"), "lon": 1}), 400, "bot.bad_request"),
    "a place without end": (body(place={"lat": float("inf"), "lon": 1}), 400, "bot.bad_request"),
    "a place beyond the pole": (body(place={"lat": 90.1, "lon": 1}), 400, "report.bad_place"),
    "a place of 400 digits": (HUGE, 400, "bot.bad_request"),
    "10,000 characters": (body(text="长" * 10_000), 413, "bot.too_long"),
    "a body that is too big": (body(text="x" * 70_000), 413, "bot.too_long"),
    "a body that is far too big": (body(text="x" * 20 * MEGABYTE), 413, "bot.too_long"),
}


@pytest.mark.parametrize("case", BAD_BODIES)
async def test_what_is_no_message_is_refused_in_words_and_changes_nothing(
    case: str, visitor: Visitor, chat: Server
) -> None:
    raw, status, code = BAD_BODIES[case]
    await visitor.say("/quiz five")
    before, talk, stored = visitor.options, await visitor.history(), chat.counts()
    for language in ("zh-CN,zh;q=0.9", "en-GB,en;q=0.9"):
        response = await visitor.client.post(
            "/chat/messages", content=raw, headers=JSON | {"accept-language": language}
        )
        assert (response.status_code, error(response)) == (status, code)
    assert chat.counts() == stored
    assert await visitor.history() == talk
    response = await visitor.post(choice=before[0]["value"])  # the question is still open
    assert "前面一步" not in response.text


async def test_a_body_without_an_announced_length_is_measured_all_the_same(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 10_000

    response = await client.post("/chat/messages", content=chunks(), headers=JSON)
    assert (response.status_code, error(response)) == (413, "bot.too_long")


TEXTS = {
    "control characters": "你\x00好\x07\x1b[31m",
    "emoji": "👨‍👩‍👧‍👦🏳️‍🌈🀄️",
    "right to left": "\u202eevil\u202c \u2066x\u2069",
    "blank": " \t\r\n\u3000",
    "nothing": "",
    "only invisible signs": "\u200b\u200e\ufeff",
    "markup": "<script>alert(1)</script>{{ 7*7 }}{% raw %}",
    "a formula": '=HYPERLINK("http://x")',
    "combining marks": "e" + "\u0301" * 500,
    "the longest": "长" * 2000,
    "a lone slash": "/",
    "a slash that Chinese keyboards give": "／答题",
    "an unknown command": "/../../etc/passwd",
    "quotes": "'; DROP TABLE talks; --",
}


@pytest.mark.parametrize("case", TEXTS)
async def test_any_text_gets_a_useful_answer(case: str, visitor: Visitor, chat: Server) -> None:
    await visitor.say("/start")
    response = await visitor.post(text=TEXTS[case])
    assert response.status_code == 200
    assert visitor.words
    assert "小状况" not in visitor.words
    said = [line["text"] for line in (await visitor.history())["messages"] if line["from"] == "you"]
    assert not any(sign in text for text in said for sign in "\x00\x07\x1b\u202e\u2066\u200e")
    assert chat.rows("SELECT count(*) FROM exchanges")[0][0] > 0  # the file can still be read


CHOICES = ["", " ", "/", "//", "/start \0a", "/quiz tip:", "/quiz topic:nowhere", "/report nothing", "/reports page ²"]
CHOICES += [
    "/reports add",
    "/reports \u202e",
    "999:submit",
    "1:",
    ":",
    "/unsupported",
    "/resume",
    "/language fr",
    "/stop x",
]


@pytest.mark.parametrize("choice", CHOICES)
async def test_any_choice_gets_an_answer_and_none_breaks_the_bot(choice: str, visitor: Visitor) -> None:
    await visitor.say("/start")
    response = await visitor.post(choice=choice)
    assert response.status_code == 200
    assert visitor.words
    assert "小状况" not in visitor.words


async def test_unknown_fields_are_left_alone(visitor: Visitor) -> None:
    response = await visitor.post(text="菜单", photo=None, admin=True, visitor="somebody-else", choice=None)
    assert response.status_code == 200


WRONG_DOORS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "no type": ("POST", "/chat/messages", {"content": b"{}"}, 400),
    "another type": ("POST", "/chat/messages", {"content": b"<a/>", "headers": {"content-type": "text/xml"}}, 400),
    "a form of another kind": ("POST", "/chat/messages", {"data": {"text": "hi"}}, 400),
    "PUT": ("PUT", "/chat/messages", {"content": b"{}"}, 405),
    "DELETE": ("DELETE", "/chat/messages", {}, 405),
    "GET of what is posted": ("GET", "/chat/read", {}, 405),
    "nowhere": ("GET", "/chat/nowhere", {}, 404),
    "a file that is none": ("GET", "/static/nothing.js", {}, 404),
    "a way out of the folder": ("GET", "/static/..%2f..%2fmain.py", {}, 404),
    "an after that is none": ("GET", "/chat/messages?after=x", {}, 400),
    "an after below nothing": ("GET", "/chat/messages?after=-1", {}, 400),
    "an after in other digits": ("GET", "/chat/messages?after=１２", {}, 400),
    "an after without end": ("GET", f"/chat/messages?after={'9' * 30}", {}, 400),
    "a before that is none": ("GET", "/chat/messages?before=NaN", {}, 400),
    "a limit that is none": ("GET", "/chat/messages?limit=many", {}, 400),
    "a limit of 5,000 digits": ("GET", f"/chat/messages?limit={'9' * 5000}", {}, 400),
    "read marks in words": ("POST", "/chat/read", {"content": b"hello"}, 400),
    "read marks as a list": ("POST", "/chat/read", {"content": b"[1]"}, 400),
    "read marks of nothing": ("POST", "/chat/read", {"content": b'{"id":null}'}, 400),
    "read marks without end": ("POST", "/chat/read", {"content": b"[" * 1000}, 400),
    "read marks of 5 MB": ("POST", "/chat/read", {"content": b'{"id":"1"}' + b" " * 5 * MEGABYTE}, 400),
    "no photo": ("GET", "/chat/photos/1/small.jpg", {}, 404),
    "a photo of 30 digits": ("GET", f"/chat/photos/{'9' * 30}/small.jpg", {}, 404),
    "a photo in another size": ("GET", "/chat/photos/1/sealed.jpg", {}, 404),
    "a photo in words": ("GET", "/chat/photos/one/small.jpg", {}, 404),
    "a link that is none": ("GET", "/export/x", {}, 404),
    "a link that is forged": ("GET", "/export/1.9999999999.AAAAAAAAAAAAAAAAAAAAAAAA", {}, 404),
    "a link of odd bytes": ("GET", "/export/%00%ff.%f0%9f.x", {}, 404),
    "a link without end": ("GET", f"/export/{'a' * 5000}", {}, 404),
    "figures of no period": ("GET", "/stats.json?period=nonsense", {}, 400),
    "figures of 5,000 years": ("GET", "/stats.json?period=0001-01-01..5000-01-01", {}, 400),
    "figures of no place": ("GET", "/stats.json?area=' OR 1=1 --", {}, 400),
    "figures of no channel": ("GET", "/stats.json?channel=%00", {}, 400),
    "figures of no figure": ("GET", "/stats.json?figure=%F0%9F%92%A9", {}, 400),
}


@pytest.mark.parametrize("case", WRONG_DOORS)
async def test_what_no_door_takes_is_refused_in_words(case: str, client: httpx.AsyncClient) -> None:
    method, path, more, status = WRONG_DOORS[case]
    for language in ("zh", "en"):
        request = client.build_request(method, path, **more)
        request.headers["accept-language"] = language
        response = await client.send(request)
        assert response.status_code == status
        assert error(response)


@pytest.mark.parametrize("path", ["/chat/", "/console/", "/static", "/pictures", "/r/x.y/", "//evil.example/chat/"])
async def test_a_redirect_led_to_the_host_that_the_caller_named(path: str, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{str(client.base_url).rstrip('/')}{path}", headers={"host": "evil.example"})
    assert not answer.is_redirect or re.match("/[^/]", answer.headers["location"])


async def test_hot_doors_let_browsers_guess_what_they_sent(client: httpx.AsyncClient) -> None:
    for answer in (
        await client.post("/chat/messages", json={"id": new_id(), "text": "你好"}),
        await client.post("/chat/messages", content=b"<html>"),
        await client.get("/wechat/photo?t=1.2.3.4"),
        await client.post("/wechat", content=b"<html>"),
    ):
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


async def test_people_who_follow_a_dead_link_read_a_sentence_and_find_back(client: httpx.AsyncClient) -> None:
    response = await client.get("/export/over", headers={"accept": "text/html,*/*"})
    assert response.headers["content-type"].startswith("text/html")
    assert "/export" in response.text and '<a href="/chat">回到聊天</a>' in response.text
    english = await client.get("/nowhere", headers={"accept": "text/html", "accept-language": "en"})
    assert english.status_code == 404 and '<html lang="en">' in english.text and "Back to the chat" in english.text
    page = await client.get("/stats?period=nonsense", headers={"accept": "text/html"})
    assert page.status_code == 400
    assert "nonsense" in page.text


ODD_CHARSETS = ("undefined", "punycode", "idna", "utf-16", "unicode_escape", "hex", "nonsense")
ID = field("id", "12345678")
FILE = 'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg'
BAD_FORMS: dict[str, tuple[dict[str, str], bytes, int, str]] = {
    "no boundary": ({"content-type": "multipart/form-data"}, b"x", 400, "bot.bad_request"),
    "another boundary": (FORM, b"--y\r\n\r\nhi\r\n--y--", 400, "bot.bad_request"),
    "the middle missing": (FORM, b"--x\r\nContent-Dispo", 400, "bot.bad_request"),
    "nothing": (FORM, b"", 400, "bot.bad_request"),
    "no photo": (FORM, form(ID, field("text", "hi")), 400, "bot.bad_request"),
    "no id": (FORM, form((FILE, jpeg())), 400, "bot.bad_request"),
    "an id that is a file": (FORM, form((FILE.replace("photo", "id"), b"12345678")), 400, "bot.bad_request"),
    "a photo without a file": (FORM, form(ID, field("photo", "hi")), 400, "bot.bad_request"),
    "a text of 10,000": (FORM, form(ID, field("text", "x" * 10_000), (FILE, jpeg())), 413, "bot.too_long"),
    "a text of 2 MB": (FORM, form(ID, field("text", "x" * 2 * MEGABYTE)), 400, "bot.bad_request"),
    "a page of the same domain": (
        FORM | {"sec-fetch-site": "same-site"},
        form(ID, (FILE, jpeg())),
        400,
        "bot.bad_request",
    ),
    "a page of elsewhere": (FORM | {"sec-fetch-site": "cross-site"}, form(ID, (FILE, jpeg())), 400, "bot.bad_request"),
    "fifty fields": (FORM, form(*(field(f"f{n}", "") for n in range(50))), 400, "bot.bad_request"),
    **{
        f"charset {name}": (
            {"content-type": f"multipart/form-data; boundary=x; charset={name}"},
            form(field("id", "bücher-12")),
            400,
            "bot.bad_request",
        )
        for name in ODD_CHARSETS
    },
}


@pytest.mark.parametrize("case", BAD_FORMS)
async def test_a_form_that_is_none_is_refused(case: str, visitor: Visitor, chat: Server) -> None:
    headers, raw, status, code = BAD_FORMS[case]
    await visitor.say("菜单")
    before = chat.counts()
    response = await visitor.client.post("/chat/messages", content=raw, headers=headers)
    assert (response.status_code, error(response)) == (status, code)
    assert chat.counts() == before


BAD_PHOTOS: dict[str, tuple[Callable[[], list[bytes]], int, str]] = {
    "a text that says it is a photo": (lambda: [b"hello, I am a photo"], 422, "photo.not_a_picture"),
    "a page that says it is a photo": (lambda: [b"<html><script>alert(1)</script>"], 422, "photo.not_a_picture"),
    "a video that says it is a photo": (lambda: [b"\0\0\0\x18ftypmp42" + bytes(500)], 422, "photo.video"),
    "nothing": (lambda: [b""], 422, "photo.empty"),
    "half a photo": (lambda: [jpeg(1)[:400]], 422, "photo.truncated"),
    "only the first bytes": (lambda: [b"\xff\xd8\xff"], 422, "photo.truncated"),
    "21 MB": (lambda: [jpeg(1) + bytes(21 * MEGABYTE)], 413, "photo.too_big"),
    "ten photos": (lambda: [jpeg(1)] * 10, 413, "bot.too_many_photos"),
    "thirty photos": (lambda: [jpeg(1)] * 30, 413, "bot.too_many_photos"),
    "a good one and a bad one": (lambda: [jpeg(1), b"x"], 422, "bot.photo_which"),
    "95 MB together": (lambda: [bytes(19 * MEGABYTE)] * 5, 413, "bot.too_big"),
}


@pytest.mark.parametrize("case", BAD_PHOTOS)
async def test_a_bad_photo_is_refused_with_the_reason_and_the_draft_stays(
    case: str, visitor: Visitor, chat: Server
) -> None:
    make, status, code = BAD_PHOTOS[case]
    await visitor.upload(jpeg(2))
    await visitor.tap("上报问题")
    before = chat.counts()
    visitor.headers["accept-language"] = "en"
    response = await visitor.upload(*make())
    assert (response.status_code, error(response)) == (status, code)
    if code == "bot.photo_which":
        assert "Photo 2" in response.json()["error"]["text"]
    assert chat.counts() == before
    assert not list((chat.data / "incoming").glob("*"))  # nothing lies about
    assert "在哪里" in await visitor.tap("垃圾")


async def test_a_client_that_goes_away_in_the_middle_is_no_accident(chat: Server, client: httpx.AsyncClient) -> None:
    before = chat.log
    address = urlsplit(chat.url)
    for path, kind in (("messages", FORM), ("messages", JSON), ("read", JSON)):
        with socket.create_connection((address.hostname, address.port)) as line:
            head = f"POST /chat/{path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind['content-type']}\r\n"
            line.sendall(f"{head}Content-Length: 90000\r\n\r\n--x\r\n".encode())
            await asyncio.sleep(0.05)
    assert (await client.get("/healthz")).status_code == 200
    await asyncio.sleep(0.1)
    assert "Traceback" not in chat.log.removeprefix(before)


COOKIES = {
    "none": "",
    "empty": "youli=",
    "made up": "youli=somebody.AAAAAAAAAAAAAAAAAAAAAAAA",
    "without a mark": "youli=somebody",
    "odd bytes": "youli=\xe4\xf6.\xff",
    "quoted": 'youli="a.b"',
    "no cookie at all": ";;;===;;",
    "huge": "a=" + "b" * 200_000,
    "very many": "; ".join(f"c{n}=1" for n in range(5000)),
}


@pytest.mark.parametrize("case", COOKIES)
async def test_a_cookie_that_is_not_ours_is_nobody(case: str, chat: Server) -> None:
    async with browser(chat.url) as client:
        cookie = httpx.Headers([(b"cookie", COOKIES[case].encode("latin-1"))])
        history = await client.get("/chat/messages", headers=cookie)
        assert history.json() == {"messages": [], "unread": 0, "more": False}
        response = await client.post("/chat/messages", json={"id": new_id(), "text": "菜单"}, headers=cookie)
        assert response.status_code == 200
        assert response.headers["set-cookie"].startswith("youli=")


def other(text: str) -> str:
    """With another first sign: of the last, base64 reads only some of the bits."""
    return ("B" if text.startswith("A") else "A") + text[1:]


async def test_a_changed_cookie_opens_nobody_elses_talk(visitor: Visitor, client: httpx.AsyncClient) -> None:
    await visitor.say("菜单")
    name, _, mark = visitor.cookie.partition(".")
    client.cookies.clear()
    for forged in (f"{other(name)}.{mark}", f"{name}.{other(mark)}", f"{name}.", f"{name}.{mark}x", mark, name):
        found = await client.get("/chat/messages", headers={"cookie": f"youli={forged}"})
        assert found.json()["messages"] == []


async def test_the_cookie_is_found_among_others_however_odd(visitor: Visitor, client: httpx.AsyncClient) -> None:
    await visitor.say("菜单")
    header = f'consent={{"all": true}}; x="; youli={visitor.cookie}; y'
    client.cookies.clear()
    assert (await client.get("/chat/messages", headers={"cookie": header})).json()["messages"]


async def test_a_first_message_whose_answer_got_lost_comes_from_the_same_visitor(
    visitor: Visitor, chat: Server
) -> None:
    await visitor.client.get("/chat")  # the page gives the cookie
    cookie, number = visitor.cookie, new_id()
    for _ in range(2):
        await visitor.post(id=number, text="菜单")
    assert visitor.cookie == cookie
    assert chat.rows("SELECT count(*) FROM exchanges WHERE key = ?", number) == [(1,)]


async def test_an_english_browser_was_greeted_in_chinese(visitor: Visitor, stranger: Visitor) -> None:
    stranger.headers["accept-language"] = "en-GB,en;q=0.9"
    assert "Which district do you live in" in await stranger.say("hello")
    stranger.headers["accept-language"] = "zh-CN"  # only somebody new is asked
    assert "send you a tip each day" in await stranger.say("skip")
    visitor.headers["accept-language"] = "en"
    await visitor.upload(jpeg())
    assert "Got your photo" in visitor.words


async def test_a_photo_is_shown_to_its_owner_only(visitor: Visitor, stranger: Visitor) -> None:
    await visitor.upload(jpeg(random.randrange(10**6)))
    [shown] = [line for line in (await visitor.history())["messages"] if line["from"] == "you"]
    path = shown["images"][0]["url"]
    assert (await visitor.client.get(path)).headers["content-type"] == "image/jpeg"
    for _ in range(2):
        refused = await stranger.client.get(path)
        assert (refused.status_code, error(refused)) == (404, "bot.not_found")
        await stranger.say("菜单")  # and then somebody with a talk of their own


async def test_the_same_message_three_times_at_once_is_handled_once(visitor: Visitor, chat: Server) -> None:
    await visitor.say("/quiz five")
    number, choice = new_id(), visitor.options[0]["value"]
    answers = await asyncio.gather(*(visitor.post(id=number, choice=choice) for _ in range(3)))
    assert len({answer.text for answer in answers}) == 1
    number = new_id()
    answers = await asyncio.gather(*(visitor.upload(jpeg(7), number=number) for _ in range(3)))
    assert len({answer.text for answer in answers}) == 1
    name = visitor.cookie.partition(".")[0]
    resident, talk = chat.rows("SELECT resident_id, id FROM talks WHERE user = ?", name)[0]
    assert chat.rows("SELECT count(*) FROM photos WHERE resident_id = ?", resident) == [(1,)]
    assert chat.rows("SELECT count(*) FROM exchanges WHERE talk_id = ?", talk) == [(3,)]


@pytest.fixture
async def built(tmp_path: Path, migrated: Path) -> AsyncIterator[Built]:
    """A house in this process: a test sees its parts, and may hold them up."""
    shutil.copy(migrated, tmp_path / "youli.db")
    async with open_house(Settings(data_dir=tmp_path, port=1), upgrade=False) as opened:
        yield opened


@pytest.fixture
async def guest(built: Built) -> AsyncIterator[Visitor]:
    """Somebody who has just said their first words there."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=built.site), base_url="http://town") as client:
        visitor = Visitor(client)
        await visitor.say("菜单")
        yield visitor


async def test_whoever_writes_too_fast_is_asked_to_wait(guest: Visitor) -> None:
    answers = [await guest.post(text="菜单") for _ in range(20)]
    slow = answers[-1]
    assert [answer.status_code for answer in answers] == [200] * 19 + [429]
    assert (error(slow), slow.headers["retry-after"]) == ("bot.too_fast", "10")
    guest.client.cookies.clear()
    assert await guest.say("菜单")  # somebody else need not wait


async def test_who_keeps_no_cookie_had_no_pace(built: Built) -> None:
    """Each message without a cookie is somebody new: so many of them are counted for their address."""

    def at(address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=built.site, client=("127.0.0.1", 1))
        return httpx.AsyncClient(transport=transport, base_url="http://town", headers={"x-forwarded-for": address})

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        client.cookies.clear()
        return await Visitor(client).post(text="菜单")

    async with at("192.0.2.7") as robot, at("192.0.2.8") as neighbour:
        first = [(await ask(robot)).status_code for _ in range(200)]
        assert set(first) == {200}
        refused = await ask(robot)
        assert (refused.status_code, error(refused)) == (429, "bot.too_fast")
        assert refused.headers["retry-after"] == "60" and "set-cookie" not in refused.headers
        assert (await ask(neighbour)).status_code == 200


async def test_who_would_wait_too_long_is_told_so_at_once_and_let_in_when_they_come_again(
    built: Built, guest: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await built.database.read(counted)
    letter, again = {"id": new_id(), "text": "贴士"}, {"x-again": "1"}
    monkeypatch.setattr(built.database, "behind", lambda: 0.6)
    for language in ("zh", "en"):
        response = await guest.client.post("/chat/messages", json=letter, headers={"accept-language": language})
        assert (response.status_code, error(response)) == (503, "bot.busy")
        assert 3 <= int(response.headers["retry-after"]) <= 8
    assert await built.database.read(counted) == before
    answers = [await guest.client.post("/chat/messages", json=letter, headers=again) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    monkeypatch.setattr(built.database, "behind", lambda: 1.1)
    assert (await guest.client.post("/chat/messages", json=letter, headers=again)).status_code == 503
    monkeypatch.undo()
    assert (await built.database.read(counted))["exchanges"] == before["exchanges"] + 1
    assert 'youli_turned_away_total{channel="web"} 3.0' in (await guest.client.get("/metrics")).text


async def test_one_connection_too_many_got_503_without_a_word(built: Built) -> None:
    there: set[int] = {1, 2}
    app = Threshold(built.site, built.full, there, limit=2)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://youli.example") as client:
        assert (await client.get("/chat")).status_code == 200
        there.add(3)
        for path, accept in (("/chat", "text/html"), ("/chat/messages", "*/*"), ("/wechat", "*/*")):
            full = await client.request("GET" if accept == "text/html" else "POST", path, headers={"accept": accept})
            assert full.status_code == 503 and 3 <= int(full.headers["retry-after"]) <= 8
            assert full.headers["connection"] == "close" and full.headers["content-language"] == "zh"
            assert "<p>现在" in full.text if accept == "text/html" else error(full) == "bot.busy"
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.get(path)).status_code == 200
        assert 'youli_turned_away_total{channel="door"} 3.0' in (await client.get("/metrics")).text


async def test_a_photo_that_would_wait_too_long_is_refused_before_it_is_uploaded(
    guest: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Darkroom, "behind", lambda _: 6.0)
    refused = await guest.upload(jpeg())
    assert (refused.status_code, error(refused)) == (503, "bot.busy")
    assert await guest.say("菜单")  # words go on
    monkeypatch.undo()
    assert (await guest.upload(jpeg())).status_code == 200


# The engine behind the door, on both databases


def counted(tx: Tx) -> dict[str, int]:
    """Rows of what a doubled message would double."""
    tables = ("residents", "talks", "exchanges", "journal", "answers", "photos")
    return {name: tx.connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in tables}


async def test_the_engine_handles_three_at_once_as_one(dispatch: Dispatch, database: Database) -> None:
    address = Address("web", "somebody")
    await dispatch.handle(Incoming(address, "first", text="/quiz one"))
    before = await database.read(counted)
    message = Incoming(address, "second", text="A")
    answers = await asyncio.gather(*(dispatch.handle(message) for _ in range(3)))
    assert len({(answer.id, answer.answer) for answer in answers}) == 1
    assert sum(not answer.repeated for answer in answers) == 1
    after = await database.read(counted)
    changed = {name: after[name] - before[name] for name in after}
    assert changed["exchanges"] == 1
    assert changed["answers"] == changed["journal"] <= 1


async def test_a_first_contact_three_times_at_once_is_one_resident(dispatch: Dispatch, database: Database) -> None:
    message = Incoming(Address("web", "somebody new"), "first", text="/start")
    answers = await asyncio.gather(*(dispatch.handle(message) for _ in range(3)))
    assert len({(answer.id, answer.answer) for answer in answers}) == 1
    found = await database.read(counted)
    assert found == {"residents": 1, "talks": 1, "exchanges": 1, "journal": 1, "answers": 0, "photos": 0}


# Properties

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
fields = st.fixed_dictionaries(
    {"id": st.from_regex(r"[A-Za-z0-9_-]{8,64}", fullmatch=True) | anything},
    optional={"text": st.text() | anything, "choice": st.text() | anything, "place": anything, "more": anything},
)
places = st.fixed_dictionaries(
    {}, optional={name: st.floats() | st.integers() | anything for name in ("lat", "lon", "label")}
)


def refusal_of(read: Callable[[], object]) -> str | None:
    """The key by which something is refused, or None."""
    try:
        read()
    except Refused as refused:
        return refused.key
    return None


def check_parsed(raw: bytes) -> None:
    reason = refusal_of(lambda: wire.parse(raw, "visitor"))
    assert reason in {None, "bot.bad_request", "bot.too_long", "report.bad_place"}
    if reason is not None:
        return
    message = wire.parse(raw, "visitor")
    assert message.address == Address("web", "visitor")
    assert len(message.text) <= wire.LONGEST
    message.text.encode()
    (message.choice or "").encode()
    if message.place is not None:
        assert isinstance(message.place, Place)
        assert -90 <= message.place.lat <= 90
        assert -180 <= message.place.lon <= 180
        assert "\0" not in message.place.label


@given(st.binary(max_size=200) | anything.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_message_or_refused(raw: bytes) -> None:
    check_parsed(raw)


@given(fields)
def test_any_fields_are_a_message_or_refused(message: dict[str, Any]) -> None:
    check_parsed(json.dumps(message).encode())


@given(places)
@example({"lat": 10**400, "lon": 1})
@example({"lat": 1, "lon": 1, "label": "\0\u202e"})
def test_any_place_is_on_the_map_or_refused(place: dict[str, Any]) -> None:
    check_parsed(json.dumps({"id": "12345678", "place": place}).encode())


@given(st.text(max_size=30) | st.integers().map(str) | st.from_regex(r"[0-9]{1,40}(\.[0-9]*)?", fullmatch=True))
@example("²")
def test_any_history_id_is_a_number_that_a_database_takes_or_refused(text: str) -> None:
    reason = refusal_of(lambda: wire.exchange_id(text))
    assert reason in {None, "bot.bad_request"}
    if reason is None:
        assert 0 <= (wire.exchange_id(text) or 0) < 2**63


visitors = Visitors(b"secret", secure=True)
latin = st.characters(max_codepoint=255)


@given(st.text(latin) | st.text(latin).map(lambda text: f"youli={text}"))
def test_no_header_that_we_did_not_sign_is_a_visitor(header: str) -> None:
    assert visitors.read(header) is None


@given(
    st.text(latin).filter(lambda text: "youli" not in text), st.integers(0, 200), st.sampled_from(f"{ascii_letters}-_.")
)
def test_our_own_cookie_is_known_and_any_change_to_it_is_not(other: str, place: int, sign: str) -> None:
    name = visitors.new()
    cookie = visitors.cookie(name).decode().partition(";")[0]
    assert visitors.read(f"{other};{cookie};{other}") == name
    place = len("youli=") + place % (len(cookie) - len("youli="))
    changed = cookie[:place] + sign + cookie[place + 1 :]
    assert changed == cookie or visitors.read(changed) is None
    assert Visitors(b"another secret", secure=True).read(cookie) is None


NOW = datetime(2026, 11, 23, tzinfo=UTC)
links = Links("https://youli.example", b"secret")


@given(st.text())
def test_no_link_that_we_did_not_sign_opens_anything(token: str) -> None:
    assert links.open("export", token, NOW) is None


@given(st.integers(0, 10**12), st.integers(0, 2 * LASTS), st.integers(0, 100), st.characters(codec="utf-8"))
def test_a_link_opens_for_its_purpose_until_it_is_over_and_never_when_changed(
    subject: int, passed: int, place: int, sign: str
) -> None:
    token = links.seal("export", str(subject), NOW)
    later = NOW + timedelta(seconds=passed)
    assert links.open("export", token, later) == (str(subject) if passed <= LASTS else None)
    assert links.open("login", token, NOW) is None
    place %= len(token)
    changed = token[:place] + sign + token[place + 1 :]
    assert changed == token or links.open("export", changed, NOW) is None
