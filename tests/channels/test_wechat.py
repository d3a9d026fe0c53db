"""The door ``/wechat`` in plain mode, from outside: as WeChat calls it, and as nobody should."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, suppress
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.wechat.envelope import Unreadable
from bot.channels.wechat.parse import parse
from bot.channels.wechat.render import safe, within
from bot.dispatch import Dispatch
from bot.messages import Incoming
from db.database import Database
from db.tx import Tx
from tests.shifted import wgs84_to_gcj02
from tests.system.server import Server
from tests.system.visitor import NUMBER, browser
from tests.system.wechat import ACCOUNT, FOLLOWER, event, message, posted, signed, xml
from web.desk import DeskCall


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Server]:
    """A running server that serves an account in plain mode."""
    server = Server(tmp_path_factory.mktemp("town"), tables=migrated)
    try:
        yield server.start()
        server.stop()
    finally:
        server.end()


@pytest.fixture
async def client(town: Server) -> AsyncIterator[httpx.AsyncClient]:
    """WeChat's own servers."""
    async with browser(town.url) as opened:
        yield opened


def reply(response: httpx.Response, user: str = FOLLOWER) -> str:
    """The text of a passive reply, which must be what WeChat takes."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/xml")
    found = {element.tag: element.text or "" for element in ElementTree.fromstring(response.content)}  # noqa: S314 - what we wrote ourselves
    assert found["ToUserName"] == user
    assert found["FromUserName"] == ACCOUNT
    assert found["MsgType"] == "text"
    assert found["CreateTime"].isdecimal()
    assert 0 < len(found["Content"].encode()) <= 2048
    return found["Content"]


# Who may come in


async def test_the_handshake_gives_back_what_was_sent(client: httpx.AsyncClient) -> None:
    response = await client.get("/wechat", params=signed() | {"echostr": "5837019 <&>"})
    assert (response.status_code, response.text) == (200, "5837019 <&>")


BAD_SIGNATURES = {
    "nothing": {},
    "another token": signed("another token"),
    "another time": signed() | {"timestamp": "1"},
    "another nonce": signed() | {"nonce": "1"},
    "no signature": {key: value for key, value in signed().items() if key != "signature"},
    "no time": {key: value for key, value in signed().items() if key != "timestamp"},
    "an empty one": signed() | {"signature": ""},
    "a longer one": signed() | {"signature": signed()["signature"] + "0"},
    "odd signs": signed() | {"signature": "é" * 40, "nonce": "\0"},
    "an endless one": signed() | {"signature": "a" * 20_000},
}


@pytest.mark.parametrize("case", BAD_SIGNATURES)
async def test_nobody_comes_in_without_the_signature(case: str, client: httpx.AsyncClient, town: Server) -> None:
    before = town.counts()
    query = BAD_SIGNATURES[case]
    assert (await client.get("/wechat", params={**query, "echostr": "secret"})).status_code == 403
    response = await posted(client, message("text", "1", Content="菜单"), query)
    assert response.status_code == 403
    assert town.counts() == before


async def test_other_methods_are_refused(client: httpx.AsyncClient) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await client.request(method, "/wechat", params=signed())).status_code in {404, 405}


# What comes in badly formed

HEAD = {"ToUserName": ACCOUNT, "FromUserName": FOLLOWER, "CreateTime": "1", "MsgType": "text", "Content": "hi"}
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
UNREADABLE = {
    "nothing": b"",
    "no XML": b"hello",
    "JSON": b'{"MsgType":"text"}',
    "half of it": message("text", "2", Content="hi")[:-20],
    "another root": b"<html><body/></html>",
    "words instead of elements": b"<xml>hello</xml>",
    "a NUL": b"<xml><MsgType>text\0</MsgType></xml>",
    "bytes that are no text": b"<xml><MsgType>\xff\xfe</MsgType></xml>",
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]><xml><Content>&l9;</Content></xml>'.encode(),
    "a file of ours": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    + message("text", "3", Content="hi").replace(b"hi", b"]]>&f;<![CDATA["),
    "elements without end": b"<xml>" + b"<a>" * 15_000,
    "elements in elements": b"<xml>" + b"<a>" * 9000 + b"</a>" * 9000 + b"</xml>",
    "no sender": xml({name: value for name, value in HEAD.items() if name != "FromUserName"} | {"MsgId": "4"}),
    "an empty sender": xml(HEAD | {"FromUserName": "", "MsgId": "5"}),
    "two senders": xml(HEAD | {"MsgId": "6"}).replace(b"</xml>", b"<FromUserName>other</FromUserName></xml>"),
    "a sender without end": xml(HEAD | {"FromUserName": "u" * 5000, "MsgId": "7"}),
    "an id without end": xml(HEAD | {"MsgId": "9" * 5000}),
    "two texts": xml(HEAD | {"MsgId": "8"}).replace(b"</xml>", b"<Content>other</Content></xml>"),
    "a text of elements": xml(HEAD | {"MsgId": "9"}).replace(b"<![CDATA[hi]]>", b"<b>hi</b>"),
    "no kind": xml({name: value for name, value in HEAD.items() if name != "MsgType"} | {"MsgId": "10"}),
}


@pytest.mark.parametrize("case", UNREADABLE)
async def test_what_is_no_message_is_refused_and_changes_nothing(
    case: str, client: httpx.AsyncClient, town: Server
) -> None:
    before = town.counts()
    response = await posted(client, UNREADABLE[case])
    assert (response.status_code, response.text) == (400, "unreadable")
    assert town.counts() == before


async def test_what_is_too_big_is_refused_however_it_comes(client: httpx.AsyncClient, town: Server) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 10_000

    before = town.counts()
    for body in (message("text", "11", Content="长" * 100_000), chunks()):
        response = await client.post("/wechat", params=signed(), content=body)
        assert response.status_code == 413
    assert town.counts() == before


# What comes in well formed

MESSAGES: dict[str, dict[str, str]] = {
    "words": {"kind": "text", "Content": "菜单"},
    "no words": {"kind": "text", "Content": ""},
    "words that end the XML": {"kind": "text", "Content": "a]]]]><![CDATA[></Content>"},
    "emoji": {"kind": "text", "Content": "👨‍👩‍👧‍👦 🏳️‍🌈 🀄"},
    "right to left": {"kind": "text", "Content": "\u202eevil\u202c"},
    "ten thousand signs": {"kind": "text", "Content": "长" * 10_000},
    "a picture": {"kind": "image", "PicUrl": "http://mmbiz.qpic.cn/x", "MediaId": "m"},
    "a picture from elsewhere": {"kind": "image", "PicUrl": "http://169.254.169.254/latest", "MediaId": "m"},
    "a picture of nothing": {"kind": "image"},
    "a voice that was understood": {"kind": "voice", "MediaId": "m", "Recognition": "菜单"},
    "a voice that was not": {"kind": "voice", "MediaId": "m", "Format": "amr"},
    "a film": {"kind": "video", "MediaId": "m", "ThumbMediaId": "t"},
    "a link": {"kind": "link", "Title": "t", "Description": "d", "Url": "http://example.org"},
    "a place": {"kind": "location", "Location_X": "32.39", "Location_Y": "119.42", "Scale": "16", "Label": "文昌路"},
    "no place": {"kind": "location", "Location_X": "nan", "Location_Y": "-1e999", "Label": ""},
    "a kind to come": {"kind": "hologram", "Hologram": "x"},
}


@pytest.mark.parametrize("case", MESSAGES)
async def test_every_kind_of_message_gets_an_answer(case: str, client: httpx.AsyncClient, town: Server) -> None:
    elements = dict(MESSAGES[case])
    kind, user = elements.pop("kind"), f"oTest-{list(MESSAGES).index(case)}"
    response = await posted(client, message(kind, "12345", user, **elements))
    words = reply(response, user)
    assert "小状况" not in words
    assert town.rows("SELECT count(*) FROM exchanges JOIN talks ON talks.id = talk_id WHERE user = ?", user) == [(1,)]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("voice", "没有转成文字"),
        ("video", "视频我还看不了"),
        ("shortvideo", "小视频我还看不了"),
        ("file", "文件我打不开"),
        ("link", "链接我打不开"),
        ("miniprogrampage", "小程序我打不开"),
        ("hologram", "这种消息我还看不懂"),
    ],
)
async def test_what_cant_be_used_is_answered_with_what_works(kind: str, words: str, client: httpx.AsyncClient) -> None:
    user = f"oUnusable-{kind}"
    assert words in reply(await posted(client, message(kind, "15", user, MediaId="m", Title="t")), user)


async def test_a_voice_is_as_good_as_its_words(client: httpx.AsyncClient) -> None:
    typed = reply(await posted(client, message("text", "20", "oVoice-1", Content="怎么用")), "oVoice-1")
    spoken = reply(await posted(client, message("voice", "21", "oVoice-2", Recognition="怎么用")), "oVoice-2")
    assert spoken == typed


async def reported(client: httpx.AsyncClient, user: str, place: bytes) -> str:
    """Report litter without a photo, with this message for the place; the report's number."""
    for number, words in enumerate(("/report litter", "1")):
        await posted(client, message("text", f"3{number}", user, Content=words))
    assert "在哪里" not in reply(await posted(client, place), user)
    for number in range(8):
        words = reply(await posted(client, message("text", f"4{number}", user, Content="1")), user)
        if "编号" in words:
            return str(NUMBER.findall(words)[0])
    raise AssertionError(words)


async def test_a_place_is_kept_in_the_coordinates_of_the_world(client: httpx.AsyncClient, town: Server) -> None:
    lat, lon = wgs84_to_gcj02(32.39, 119.42)  # as WeChat's map tells it
    place = {"Location_X": f"{lat:.8f}", "Location_Y": f"{lon:.8f}", "Label": "文昌路"}
    number = await reported(client, "oPlace-1", message("location", "39", "oPlace-1", **place))
    [[kept_lat, kept_lon]] = town.rows("SELECT lat, lon FROM reports WHERE number = ?", number)
    assert (kept_lat, kept_lon) == (pytest.approx(32.39, abs=1e-5), pytest.approx(119.42, abs=1e-5))
    told = reply(await posted(client, message("text", "49", "oPlace-1", Content=f"/reports {number}")), "oPlace-1")
    assert "文昌路" in told


async def test_what_staff_did_is_told_with_the_next_answer_and_once(client: httpx.AsyncClient, town: Server) -> None:
    user = "oNews-1"
    number = await reported(client, user, message("text", "39", user, Content="学府街 3 号"))
    desk = await DeskCall.to(town.data / "youli.sock")
    assert desk is not None
    async with aclosing(desk):
        staff = {"by": "小王", "note": "", "department": None}
        await desk.do("reports.move", {"number": number, "move": "accept", **staff})
    told = reply(await posted(client, message("text", "50", user, Content="菜单")), user)
    assert number in told
    assert "小王" not in told
    assert number not in reply(await posted(client, message("text", "51", user, Content="菜单")), user)


EVENTS = {
    "somebody follows": ("subscribe", {}, True),
    "somebody follows by a poster": ("subscribe", {"EventKey": "qrscene_poster-12", "Ticket": "t"}, True),
    "a follower scans a poster": ("SCAN", {"EventKey": "poster-12", "Ticket": "t"}, True),
    "a tap on the menu": ("CLICK", {"EventKey": "quiz one"}, True),
    "a tap on a menu of old": ("CLICK", {"EventKey": "no-longer-there"}, True),
    "a page was opened": ("VIEW", {"EventKey": "http://example.org", "MenuId": "1"}, False),
    "a position is reported": ("LOCATION", {"Latitude": "32.1", "Longitude": "119.1", "Precision": "5"}, False),
    "somebody leaves": ("unsubscribe", {}, False),
    "a template arrived": ("TEMPLATESENDJOBFINISH", {"MsgID": "1", "Status": "success"}, False),
    "an event to come": ("teleport", {"EventKey": "x"}, False),
}


@pytest.mark.parametrize("case", EVENTS)
async def test_events_are_answered_where_somebody_waits_for_it(case: str, client: httpx.AsyncClient) -> None:
    kind, elements, answered = EVENTS[case]
    user = f"oEvent-{list(EVENTS).index(case)}"
    response = await posted(client, event(kind, user=user, **elements))
    if answered:
        assert reply(response, user)
    else:
        assert (response.status_code, response.text) == (200, "success")


async def test_the_poster_that_brought_a_follower_is_remembered(client: httpx.AsyncClient, town: Server) -> None:
    user = "oPoster-1"
    assert "我是有礼" in reply(await posted(client, event("subscribe", user=user, EventKey="qrscene_poster-9")), user)
    source = "SELECT source FROM residents JOIN talks ON resident_id = residents.id WHERE user = ?"
    assert town.rows(source, user) == [("poster-9",)]


# What comes several times: WeChat asks again after five seconds


async def test_a_message_asked_again_is_answered_as_before(client: httpx.AsyncClient, town: Server) -> None:
    user = "oAgain-1"
    first = await posted(client, message("text", "50", user, Content="/quiz one"))
    assert reply(first, user)
    answer = message("text", "51", user, Content="A")
    answers = [await posted(client, answer) for _ in range(3)]
    assert len({response.content for response in answers}) == 1
    assert (await posted(client, message("text", "50", user, Content="/quiz one"))).content == first.content
    answers_of = "SELECT count(*) FROM answers JOIN talks ON talks.resident_id = answers.resident_id WHERE user = ?"
    assert town.rows(answers_of, user) in ([(1,)], [(0,)])  # none where the question wants several letters


async def test_three_at_once_are_one(client: httpx.AsyncClient, town: Server) -> None:
    for body, user in (
        (message("text", "60", "oThree-1", Content="/start"), "oThree-1"),
        (event("subscribe", user="oThree-2"), "oThree-2"),
        (message("image", "61", "oThree-3", PicUrl="http://mmbiz.qpic.cn/y"), "oThree-3"),
    ):
        answers = await asyncio.gather(*(posted(client, body) for _ in range(3)))
        assert len({reply(response, user) for response in answers}) == 1
        mine = "FROM talks JOIN exchanges ON talk_id = talks.id WHERE user = ?"
        assert town.rows(f"SELECT count(*), count(DISTINCT resident_id) {mine}", user) == [(1, 1)]


def counted(tx: Tx) -> list[int]:
    """How many residents, talks and messages there are."""
    tables = ("residents", "talks", "exchanges")
    return [tx.connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in tables]


async def test_the_engine_takes_a_msgid_once_on_every_database(dispatch: Dispatch, database: Database) -> None:
    incoming = parse(message("text", "70", Content="/quiz five"))
    assert isinstance(incoming, Incoming)
    answers = await asyncio.gather(*(dispatch.handle(incoming) for _ in range(3)))
    assert len({(answer.id, answer.answer) for answer in answers}) == 1
    assert await database.read(counted) == [1, 1, 1]


# Properties


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
@example(b"<xml><MsgType/></xml>")
def test_any_bytes_are_a_message_or_unreadable(raw: bytes) -> None:
    with suppress(Unreadable):
        parse(raw)


ELEMENTS = (
    "FromUserName",
    "CreateTime",
    "MsgType",
    "MsgId",
    "Content",
    "Event",
    "EventKey",
    "PicUrl",
    "Location_X",
    "Label",
)
names = st.sampled_from(ELEMENTS)
inner = st.text(max_size=20).map(lambda text: f"<![CDATA[{safe(text)}]]>") | st.sampled_from(
    ["", "<a/>", "text", "event"]
)
bodies = st.lists(st.tuples(names, inner), max_size=10).map(
    lambda parts: f"<xml>{''.join(f'<{name}>{text}</{name}>' for name, text in parts)}</xml>".encode()
)


@given(bodies)
def test_any_elements_are_a_message_or_unreadable(raw: bytes) -> None:
    with suppress(Unreadable):
        found = parse(raw)
        if isinstance(found, Incoming):
            assert 0 < len(found.address.user) <= 64
            assert 0 < len(found.id) <= 160  # as long as the transcript's key may be


def allowed(sign: str) -> bool:
    """Whether XML 1.0 allows this character at all (section 2.2)."""
    code = ord(sign)
    return sign in "\t\n" or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code >= 0x10000


@given(st.text(st.characters()))
@example("]]>")
@example("]]]]>>")
@example("\0\x0b\ufffe\ud800")
def test_xml_stays_well_formed_around_any_text(text: str) -> None:
    found = ElementTree.fromstring(f"<x><![CDATA[{safe(text)}]]></x>".encode()).text or ""  # noqa: S314 - what we wrote ourselves
    kept = [sign for sign in text.replace("\r\n", "\n").replace("\r", "\n") if allowed(sign)]
    assert found == "".join(kept)


@given(st.text(), st.integers(3, 100))
@example("长" * 2000, 2000)
def test_a_cut_text_fits_and_is_the_beginning_of_the_whole(text: str, limit: int) -> None:
    cut = within(text, limit)
    assert len(cut.encode()) <= limit
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))
