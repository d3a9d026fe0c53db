"""The map: heaps and communities as the filters and one's limits allow; the small map of a report."""

import json
from typing import Any

from bot.messages import Place
from civic.staff import ROLES
from content.library import Library
from tests.web.console.office import Desk, Office
from web.console.sketch import sketch

WHOLE = "30.1,120.0,30.5,120.3"


async def heaps(desk: Desk, query: str = "", window: str = WHOLE) -> list[Any]:
    """What is drawn."""
    found = json.loads(await desk.look(f"/map/heaps.json?window={window}&{query}"))["heaps"]
    return sorted(([count, number] for _, _, count, _, number in found), key=str)


async def test_reports_are_drawn_in_heaps_and_alone(office: Office) -> None:
    town = await office.town()
    for count in range(3):
        await town.submit(place=Place(30.3000 + count / 10_000, 120.10), area="hefeng")
    alone = (await town.submit(place=Place(30.24, 120.10), area="songtao", category="smoking")).number
    await town.submit(address="没有坐标")
    desk = await office.desk("dispatcher")
    assert await heaps(desk) == [[1, alone], [3, None]]
    assert await heaps(desk, "category=smoking") == [[1, alone]]
    assert [count for count, _ in await heaps(desk, window="30.2999,120.0999,30.3003,120.1001")] == [1, 1, 1]
    assert await heaps(desk, "status=closed") == []
    grid = await office.desk("grid", "wu", areas=["songtao"])
    assert await heaps(grid) == [[1, alone]]
    areas = json.loads(await desk.look("/map/areas.json"))["features"]
    counts = {one["properties"]["id"]: one["properties"]["count"] for one in areas}
    assert len(counts) == 13 and counts["hefeng"] == 3 and counts["songtao"] == 1
    page = await desk.look("/map?category=smoking")
    assert '<a href="/console/queue?area=songtao&amp;category=smoking">1</a>' in page
    assert "没选社区" in await desk.look("/map")


async def test_what_no_window_can_be_is_refused(office: Office) -> None:
    desk = await office.desk("viewer")
    for window in ("", "1,2,3", "x,y,z,w", "91,0,92,1", "2,0,1,1", "nan,0,1,1", "0,0,inf,1", "1,2,3,4,5"):
        await desk.look(f"/map/heaps.json?window={window}", 422)
    for role in ROLES:
        await (await office.desk(role, "", ["urban"], ["hefeng"])).look("/map")


def test_a_report_has_a_small_map(library: Library) -> None:
    shapes = library.shapes
    at_home = sketch(shapes, "hefeng", None, None)
    assert at_home and at_home.here and at_home.point is None and at_home.paths
    known = sketch(shapes, "hefeng", 30.3, 120.1)
    assert known and known.point == (160.0, 100.0)
    nowhere = sketch(shapes, None, 30.27, 120.15)
    assert nowhere and nowhere.here is None and nowhere.point
    assert sketch(shapes, None, None, None) is None
    assert sketch(shapes, "atlantis", None, None) is None


async def test_the_small_map_stands_on_the_page(office: Office) -> None:
    number = (await (await office.town()).submit(place=Place(30.3, 120.1))).number
    page = await (await office.desk("dispatcher")).look(f"/reports/{number}")
    assert '<svg class="sketch"' in page
    assert 'href="https://uri.amap.com/marker?position=120.100000,30.300000&amp;coordinate=wgs84"' in page
