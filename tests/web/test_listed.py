"""The public list and map: off unless the city wants it, and silent about everybody."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.dispatch import Dispatch
from bot.media import Media
from bot.messages import Place
from bot.photos import Darkroom
from db.database import Database
from tests.actions.town import Town
from tests.web.templates import compiled
from tests.web.test_report_page import BROWSER, public, town
from web.app import pages
from web.listed import Listed
from web.parts import Parts

__all__ = ["town"]  # pytest finds fixtures by their names in this module
HERE = Place(30.274567, 120.151234)
SECRETS = ("王师傅", "13800000000", "浙A", "家门口", "30.2745", "120.1512", "Li")


@pytest.fixture
async def client(database: Database, dispatch: Dispatch, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    darkroom, media = Darkroom(), Media.open("", tmp_path / "media")
    parts = Parts(database, dispatch, media, darkroom, compiled(dispatch.house), b"s", "https://youli.example")
    site = pages(parts, Listed(parts, "", "").routes(), tmp_path, tmp_path)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(site), base_url=parts.base_url, headers=BROWSER
    ) as opened:
        yield opened
    darkroom.close()


async def taken(town: Town, **draft: object) -> str:
    """The number of a report that staff took on."""
    words = {"note": "王师傅家门口,电话 13800000000", "address": "家门口", "place": HERE, "area": "hefeng"}
    number = (await town.submit(**(words | draft))).number
    await town.move(number, "accept")
    return number


async def test_there_is_nothing_unless_the_city_wants_it(
    client: httpx.AsyncClient, town: Town, dispatch: Dispatch
) -> None:
    await taken(town)
    for path in ("/reports", "/reports/areas.json", "/reports/heaps.json?window=30,120,31,121"):
        assert (await client.get(path)).status_code == 404
    public(dispatch, listed=True)
    assert (await client.get("/reports")).status_code == 200


async def test_it_shows_what_and_where_about_and_how_it_stands_and_nobody(
    client: httpx.AsyncClient, town: Town, dispatch: Dispatch
) -> None:
    public(dispatch, listed=True)
    area = dispatch.house.library.shapes.community_at(HERE.lat, HERE.lon) or "hefeng"
    shown = await taken(town)
    await town.submit(place=HERE)  # nobody has looked at it yet
    hidden, home, gone = await taken(town), await taken(town, category="noise"), await taken(town)
    await town.move(hidden, "hide")
    await town.move(gone, "reject")
    page = (await client.get("/reports")).text
    assert "1 件" in page and "乱丢垃圾" in page and "已受理" in page and "2026-11-23" in page
    assert '<option value="noise"' not in page and '<option value="parking"' in page
    areas = (await client.get("/reports/areas.json")).json()["features"]
    assert {one["properties"]["id"]: one["properties"]["count"] for one in areas}[area] == 1
    heaps = (await client.get("/reports/heaps.json?window=30.2744,120.1510,30.2748,120.1514")).json()["heaps"]
    assert [[round(lat, 6), round(lon, 6), count, number] for lat, lon, count, _, number in heaps] == [
        [30.275, 120.151, 1, None]  # never nearer than 100 metres
    ]
    everything = page + str(areas) + str(heaps)
    assert not [secret for secret in (*SECRETS, shown, hidden, home, gone) if secret in everything]
    assert "Open" in (await client.get("/reports?lang=en")).text


async def test_it_is_filtered_and_goes_on(client: httpx.AsyncClient, town: Town, dispatch: Dispatch) -> None:
    public(dispatch, listed=True)
    await taken(town, category="smoking", place=None, area="matou")
    done = await taken(town)
    await town.move(done, "resolve")
    await town.move(done, "close")
    assert "已办结" in (await client.get("/reports?state=closed")).text
    assert "已办结" not in (await client.get("/reports?state=open")).text
    assert "乱丢垃圾</strong>" not in (await client.get("/reports?category=smoking&area=matou")).text
    page = (await client.get("/reports?category=smoking&before=1&lang=en")).text
    assert "There is nothing like that" in page
    assert 'href="/reports?category=smoking&amp;lang=zh"' in page
    for wrong in ("state=x", "category=noise", "category=x", "area=x", "before=x", "before=-1", "state=' OR 1=1"):
        assert (await client.get(f"/reports?{wrong}")).status_code == 400, wrong
    for wrong in ("", "1,2,3", "nan,0,1,1", "2,0,1,1"):
        assert (await client.get(f"/reports/heaps.json?window={wrong}")).status_code == 400, wrong
