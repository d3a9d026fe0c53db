"""The page of one report: open to whoever has its address, silent about everybody."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.dispatch import Dispatch
from bot.media import Media
from bot.photos import Darkroom
from civic.reports import MOVES, STATUSES
from content.library import Library
from db.database import Database
from tests.actions.town import HERE, Town
from tests.play import NOON, Person, picture
from tests.web.templates import compiled
from web.app import pages
from web.parts import Parts
from web.report_page import report_pages

BROWSER = {"accept": "text/html", "accept-language": "zh-CN"}
SECRETS = ("138 0000 0000", "浙A12345", "Li", "王师傅", "内部", "someone-in-the-browser", "30.274567", "501")


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media.open("", tmp_path / "media")


@pytest.fixture
async def client(
    database: Database, dispatch: Dispatch, media: Media, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    darkroom = Darkroom()
    parts = Parts(
        database, dispatch, media, darkroom, compiled(dispatch.house), b"secret", dispatch.house.links.base_url
    )
    site = pages(parts, report_pages(parts), tmp_path, tmp_path)
    transport = httpx.ASGITransport(site)
    async with httpx.AsyncClient(transport=transport, base_url=parts.base_url, headers=BROWSER) as opened:
        yield opened
    darkroom.close()


@pytest.fixture
async def town(person: Person, database: Database) -> Town:
    """Somebody who said hello."""
    await person.say("你好")
    found = await database.read(lambda tx: tx.connection.exec_driver_sql("SELECT id FROM residents").scalar_one())
    return Town(database, person.dispatch.house, int(found))


def public(dispatch: Dispatch, **changes: bool) -> None:
    """The city changes what it shows."""
    library = dispatch.house.library
    shown = library.city.public.model_copy(update=changes)
    dispatch.house.library = replace(library, city=library.city.model_copy(update={"public": shown}))


def link(town: Town, number: str) -> str:
    return town.house.links.report(number)


async def test_the_resident_gets_an_address_that_shows_how_it_goes(
    client: httpx.AsyncClient, town: Town, person: Person
) -> None:
    report = await town.submit(area="hefeng")
    words = await person.say(f"/reports {report.number}")
    found = re.search(r"https://\S+/r/\S+", words)
    assert found is not None
    answer = await client.get(found[0])
    assert answer.status_code == 200
    for shown in ("乱丢垃圾", "已收到，等受理", report.number, "2026 年 11 月 23 日 12:00", "文昌路 12 号门口", "荷风"):
        assert shown in answer.text
    assert len(answer.content) < 300_000
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    await town.move(report.number, "accept", department="urban")
    await town.move(report.number, "start")
    await town.move(report.number, "resolve", "已经清走")
    text = (await client.get(found[0])).text
    assert '<li class="here" aria-current="step">反馈</li>' in text and '<li class="done">办理</li>' in text
    assert "已处理，等上报人确认" in text and "开始处理" in text and "市城市管理局" in text
    english = (await client.get(found[0], params={"lang": "en"})).text
    assert "Done, waiting for the reporter to confirm" in english and 'lang="en"' in english


async def test_nobody_and_nothing_internal_is_on_it(client: httpx.AsyncClient, town: Town) -> None:
    report = await town.submit(
        category="parking",
        place=replace(HERE, lat=30.274567, lon=120.155432),
        address="听荷苑 3 幢 501 旁，浙A12345，我电话 138 0000 0000",
        answers={"plate": "浙A12345", "place_kind": "road"},
        note="王师傅的车",
        anonymous=True,
        area="tinghe",
    )
    await town.move(report.number, "note", "内部：王师傅是老熟人")
    await town.move(report.number, "ask", "王师傅的电话是多少")
    text = (await client.get(link(town, report.number))).text
    assert [secret for secret in SECRETS if secret in text] == []
    assert "30.275, 120.155" in text and "浙A·***45" in text and "请上报人补充情况" in text


async def test_a_place_that_may_be_a_home_is_not_shown(client: httpx.AsyncClient, town: Town) -> None:
    report = await town.submit(category="noise", place=HERE, address="文昌路 12 号", area="tinghe")
    text = (await client.get(link(town, report.number))).text
    assert "噪声" in text and "文昌路" not in text and "30.27" not in text


async def test_of_a_hidden_or_withdrawn_one_only_how_it_stands(
    client: httpx.AsyncClient, town: Town, dispatch: Dispatch
) -> None:
    public(dispatch, photos=True)
    hidden = await town.submit(place=HERE, photos=(await town.photo("one"),))
    await town.move(hidden.number, "hide", "照片里有人")
    withdrawn = await town.submit(place=HERE)
    await town.resident_moves(withdrawn.number, "withdraw")
    for report, status in ((hidden, "已收到"), (withdrawn, "上报人已撤回")):
        text = (await client.get(link(town, report.number))).text
        assert status in text and "文昌路" not in text and "30.27" not in text and "<img" not in text
        assert "照片里有人" not in text


async def test_photos_are_there_when_the_city_says_so_and_never_where_plates_are_asked_for(
    client: httpx.AsyncClient, town: Town, dispatch: Dispatch, media: Media
) -> None:
    photo = await town.photo("one")
    developed = picture("one").developed
    assert developed is not None
    await media.put(developed.small_key, b"small copy")
    report = await town.submit(photos=(photo,))
    address = link(town, report.number)
    public(dispatch, photos=False)
    assert "<img" not in (await client.get(address)).text
    assert (await client.get(f"{address}/{photo}.jpg")).status_code == 404
    public(dispatch, photos=True)
    assert "<img" not in (await client.get(address)).text  # not veiled yet
    await town.veiled()
    found = re.search(r'<img src="([^"]+)"', (await client.get(address)).text)
    assert found is not None
    answer = await client.get(found[1])
    assert (answer.status_code, answer.content) == (200, b"small copy")
    car = await town.submit(category="parking", photos=(photo,), answers={"plate": "浙A12345"})
    assert "<img" not in (await client.get(link(town, car.number))).text
    assert (await client.get(f"{link(town, car.number)}/{photo}.jpg")).status_code == 404
    other = await town.photo("not of this report")
    missing = await town.photo("two")
    assert (await client.get(f"{address}/{other}.jpg")).status_code == 404
    assert (await client.get(f"{address}/{10**30}.jpg")).status_code == 404
    lost = await town.submit(photos=(missing,))
    assert (await client.get(f"{link(town, lost.number)}/{missing}.jpg")).status_code == 404  # not in the store


@pytest.mark.parametrize(
    "token", ["", "261123-1", "261123-1.", "261123-1.AAAAAAAAAAAAAAAAAAAAAAAA", ".", "%00", "😀.😀", "a" * 5000]
)
async def test_a_guessed_address_shows_nothing(client: httpx.AsyncClient, town: Town, token: str) -> None:
    await town.submit()
    answer = await client.get(f"/r/{token}")
    assert answer.status_code == 404 and "261123" not in answer.text


async def test_a_link_for_another_purpose_is_no_page(client: httpx.AsyncClient, town: Town) -> None:
    report = await town.submit()
    token = link(town, report.number).rpartition("/")[2]
    assert (await client.get(f"/r/{token}")).status_code == 200
    export = town.house.links.export(town.resident, NOON)
    assert (await client.get(f"/r/{export.rpartition('/')[2]}")).status_code == 404
    assert (await client.get(f"/r/{token.replace('-1.', '-2.')}")).status_code == 404


async def test_a_city_may_switch_it_off(
    client: httpx.AsyncClient, town: Town, person: Person, dispatch: Dispatch
) -> None:
    report = await town.submit()
    public(dispatch, reports=False)
    assert (await client.get(link(town, report.number))).status_code == 404
    assert "/r/" not in await person.say(f"/reports {report.number}")


async def test_markup_in_a_place_is_text(client: httpx.AsyncClient, town: Town) -> None:
    report = await town.submit(address="<script>alert(1)</script>")
    text = (await client.get(link(town, report.number))).text
    assert "<script>" not in text and "&lt;script&gt;" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_there_are_words_for_every_state_and_every_move_that_is_told(library: Library, language: str) -> None:
    keys = [f"shared.status.{status}" for status in STATUSES]
    keys += [f"shared.move.{name}" for name in ("receive", *(name for name, move in MOVES.items() if move.told))]
    assert [key for key in keys if not library.texts.has(language, key)] == []
