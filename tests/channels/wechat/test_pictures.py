"""Photos that come in, by address or media id; pictures that go out, as messages, cards or lines."""

import asyncio
import io
import re
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bot.channel import PhotoGone, TryLater
from bot.channels.wechat.visit import RIDE, SOON
from bot.collector import Collector
from db.photos import find_photos
from tests.channels.wechat.conftest import ANNE, Town
from tests.channels.wechat.platform import ACCOUNT, DEADLINE, call, message
from tests.play import ROOT
from web.drawings import Drawings

FIXED = {"ToUserName": ACCOUNT, "CreateTime": "1", "MsgType": "text"}
URL = "http://mmbiz.qpic.cn/mmbiz_jpg/abc/0"


def jpeg(colour: str = "teal") -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(out, "JPEG")
    return out.getvalue()


async def collected(town: Town) -> bool:
    """Whether the first photo has arrived."""
    await Collector(town.database, {"wechat": town.channel}).round()
    return (await town.database.read(find_photos, [1]))[0].ready


async def medium(town: Town) -> str:
    """A photo that lies at WeChat."""
    await town.platform.say(ANNE, "菜单")
    return await town.channel.api.upload("x.jpg", jpeg(), "image/jpeg")


async def test_a_photo_comes_by_its_address(town: Town) -> None:
    town.api.pictures[URL] = jpeg()
    shown = await town.platform.deliver(ANNE, "image", PicUrl=URL, MediaId="m")
    assert "收到" in shown.text
    assert await collected(town)
    assert town.api.calls == []


async def test_where_the_address_is_over_it_comes_by_its_media_id(town: Town) -> None:
    found = await medium(town)
    await town.platform.deliver(ANNE, "image", PicUrl=URL, MediaId=found)
    assert await collected(town)
    assert town.api.calls[-1] == "media/get"


@pytest.mark.parametrize("kind", ["unverified"])
async def test_an_account_without_the_right_does_not_ask_for_media(town: Town) -> None:
    await town.platform.deliver(ANNE, "image", PicUrl=URL, MediaId="m")
    with pytest.raises(PhotoGone):
        await town.channel.fetch(f"{URL} m")
    assert town.api.calls == []


async def test_after_three_days_it_is_gone(town: Town) -> None:
    found = await medium(town)
    town.time.passes(days=3, minutes=1)
    with pytest.raises(PhotoGone):
        await town.channel.fetch(f"{URL} {found}")


async def test_a_busy_wechat_is_asked_again(town: Town) -> None:
    found = await medium(town)
    town.api.faults.append(("media/get", -1))
    with pytest.raises(TryLater):
        await town.channel.fetch(f" {found}")
    assert (await town.channel.fetch(f" {found}")).width == 320


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://169.254.169.254/latest",
            "http://mmbiz.qpic.cn.evil.example/x",
            "file:///etc/passwd",
            "http://qpic.cn",
        ),
        *("http://mmbiz.qpic.cn@127.0.0.1/x", "http://127.0.0.1#.qpic.cn", "http://127.0.0.1/?.qpic.cn", "http://0/x"),
        *("http://[::ffff:127.0.0.1]/.qpic.cn", "http://2130706433/.qpic.cn", "http://[::1%25.qpic.cn]/", "http://["),
        *("http://mmbiz.qpic.cn:6379/x", "gopher://mmbiz.qpic.cn/x", "//mmbiz.qpic.cn/x", "http://mmbiz.qpic.cn./x"),
        *(
            "http://u:p@mmbiz.qpic.cn/x",
            "http://127.0.0.1%2f.qpic.cn/",
            "http://127.0.0.1%00.qpic.cn/",
            "http://evilqpic.cn/",
        ),
    ],
)
async def test_nothing_else_is_ever_fetched(town: Town, url: str) -> None:
    with pytest.raises(PhotoGone):
        await town.channel.fetch(url)


# Out


async def photo(town: Town) -> str:
    """The path of a photo in our own store."""
    town.api.pictures[URL] = jpeg()
    await town.platform.deliver(ANNE, "image", PicUrl=URL, MediaId="m")
    assert await collected(town)
    await town.platform.say(ANNE, "取消")
    return "/chat/photos/1/large.jpg"


async def test_a_letters_picture_follows_its_words(town: Town) -> None:
    path = await photo(town)
    await town.picture(ANNE, path)
    await carry(town)
    assert [item["msgtype"] for item in town.api.people[ANNE].got] == ["text", "image"]


async def test_a_picture_is_uploaded_once_in_three_days(town: Town) -> None:
    path = await photo(town)
    for hours in (0, 1, 72):
        town.time.passes(hours=hours)
        await town.platform.say(ANNE, "菜单")
        await town.picture(ANNE, path)
        await carry(town)
    assert town.api.calls.count("media/upload") == 2
    assert sum(item["msgtype"] == "image" for item in town.api.people[ANNE].got) == 3


async def test_a_picture_that_wechat_lost_is_uploaded_again(town: Town) -> None:
    path = await photo(town)
    await town.picture(ANNE, path)
    await carry(town)
    town.api.media.clear()
    await town.picture(ANNE, path)
    await carry(town)
    assert sum(item["msgtype"] == "image" for item in town.api.people[ANNE].got) == 2


async def test_an_answers_picture_follows_as_a_message(town: Town) -> None:
    shown = await town.platform.say(ANNE, f"/gallery {await photo(town)}")
    assert shown.labels
    await carry(town)
    assert [item["msgtype"] for item in town.api.people[ANNE].got] == ["image"]
    assert await town.states() == {"sent": 1}


async def test_pictures_that_could_not_leave_were_lost(town: Town) -> None:
    """WeChat was away, or the allowance used up: each comes as soon as it can, once, and none after an hour."""
    path = await photo(town)
    town.api.faults.append(("media/upload", httpx.ConnectError))
    await town.platform.say(ANNE, f"/gallery {path}")
    await carry(town)
    assert town.api.people[ANNE].got == []
    town.time.passes(minutes=1)
    await carry(town)
    assert [item["msgtype"] for item in town.api.people[ANNE].got] == ["image"]
    for minutes in (5, 61):
        town.api.faults.append(("message/custom", 45047))
        await town.platform.say(ANNE, f"/gallery {path}")
        await carry(town)
        town.time.passes(minutes=minutes)
        await carry(town)
        assert "看图" not in (await town.platform.say(ANNE, "菜单")).text
        town.time.passes(seconds=SOON)
        await carry(town)
    assert [item["msgtype"] for item in town.api.people[ANNE].got] == ["image"] * 2
    assert await town.states() == {"sent": 2, "expired": 1}


async def test_a_picture_does_not_overtake_the_answer(town: Town) -> None:
    """It waits until the answer left with one of the three tries; if nobody saw that, until they are over."""
    path = await photo(town)
    town.disk.delays.append(6.0)
    asked = message({"FromUserName": ANNE, "Content": f"/gallery {path}", "MsgId": "55"} | FIXED)
    first = asyncio.ensure_future(town.platform.ask(asked))
    assert not await town.platform.watch.within(first, DEADLINE)
    second = asyncio.ensure_future(town.platform.ask(asked))
    assert await town.platform.watch.within(second, DEADLINE)
    await first
    await carry(town)
    assert [item["msgtype"] for item in town.api.people[ANNE].got] == ["image"]
    town.disk.delays.append(14.0)
    late = asyncio.ensure_future(town.platform.ask(asked.replace("55", "56")))  # nobody is there to take its answer
    await town.platform.watch.within(late)
    assert await town.postman.round() == 0
    town.time.passes(seconds=RIDE)
    await carry(town)
    assert [item["msgtype"] for item in town.api.people[ANNE].got] == ["image"] * 2


@pytest.mark.parametrize("kind", ["unverified"])
async def test_an_account_without_rights_shows_a_card(town: Town) -> None:
    asked = f"/gallery-card {await photo(town)}"
    shown = await town.platform.deliver(ANNE, "text", Content=asked, MsgId="91")
    assert (shown.title, shown.picture[:34]) == ("处理后的照片", "https://youli.example/wechat/photo")
    assert "1. " in shown.text, "its options can be typed"
    assert await fetched(town, shown.picture) == 200
    assert await town.platform.deliver(ANNE, "text", Content=asked, MsgId="91") == shown
    assert await fetched(town, shown.picture.replace("1.large", "2.large")) == 404
    assert await fetched(town, shown.picture[:-3]) == 404
    town.time.passes(days=3, minutes=1)
    assert await fetched(town, shown.picture) == 404


@pytest.mark.parametrize("kind", ["unverified"])
async def test_long_words_get_a_line_to_the_picture(town: Town) -> None:
    shown = await town.platform.say(ANNE, f"/gallery {await photo(town)}")
    found = re.search(r'<a href="(https://youli.example/wechat/photo[^"]*)">看图：处理后的照片</a>', shown.text)
    assert found is not None
    assert await fetched(town, found[1]) == 200


@pytest.mark.parametrize("kind", ["verified-service", "unverified"])
async def test_a_question_about_a_drawing_came_without_it(town: Town, kind: str, tmp_path: Path) -> None:
    """WeChat shows no SVG: a verified account sent nothing, an unverified one a card with a broken picture."""
    town.channel.pictures._drawn = Drawings(ROOT / "content" / "pictures", tmp_path).picture
    shown = await town.platform.say(ANNE, "/gallery-card /pictures/dog-lift.svg")
    await carry(town)
    if kind == "unverified":
        assert shown.picture.startswith("https://youli.example/wechat/photo?t=drawing.dog-lift.")
        assert await fetched(town, shown.picture) == 200
        assert await fetched(town, shown.picture.replace("dog-lift", "dog-door")) == 404
    else:
        [image] = town.api.people[ANNE].got
        assert town.api.media[image["image"]["media_id"]][0].startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", ["verified-service", "unverified"])
async def test_a_late_answers_picture_was_lost(town: Town, kind: str) -> None:
    """It follows by itself, also where WeChat takes it only when asked again; or «更多» brings a line to tap."""
    asked = f"/gallery-card {await photo(town)}"
    town.disk.delays.append(16.0)
    if kind == "verified-service":
        town.api.faults.append(("media/upload", httpx.ConnectError))
    shown = await town.platform.say(ANNE, asked)
    await town.platform.later()
    await carry(town)
    if kind == "verified-service":
        assert [item["msgtype"] for item in town.api.people[ANNE].got] == ["text"]
        town.time.passes(minutes=1)
        await carry(town)
        assert (shown.text, [item["msgtype"] for item in town.api.people[ANNE].got]) == ("", ["text", "image"])
        assert "后面没有了" in (await town.platform.say(ANNE, "更多", bizmsgmenuid="/more")).text
        return
    page = (await town.platform.say(ANNE, "更多")).text
    found = re.search(r'\n<a href="(https://youli.example/wechat/photo[^"]*)">看图：处理后的照片</a>', page)
    assert found is not None and "1. " in page
    assert await fetched(town, found[1]) == 200


@pytest.mark.parametrize("kind", ["unverified"])
async def test_without_an_https_address_pictures_are_told(town: Town) -> None:
    object.__setattr__(town.house.links, "base_url", "http://127.0.0.1:8000")
    shown = await town.platform.say(ANNE, f"/gallery {await photo(town)}")
    assert "（这里有张图：处理后的照片）" in shown.text


async def carry(town: Town) -> None:
    """Letters leave until none is due."""
    while await town.postman.round():
        pass


async def fetched(town: Town, url: str) -> int:
    """The status of a signed link."""
    path, _, token = url.removeprefix("https://youli.example").partition("?t=")
    assert path == "/wechat/photo"
    return (await call(town.channel.doors()["GET", path], "GET", {"t": token}, path=path))[0]
