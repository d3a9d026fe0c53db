"""What staff have veiled by hand on a photo, and whether it may be public."""

import re
from typing import Any

import pytest

from civic.staff import ADMINISTRATOR, DISPATCHER, LEAD, VIEWER
from db import veils
from db.audit import SEEN
from tests.web.console.office import Office, plain


async def reported(office: Office) -> tuple[str, int]:
    """A report with a photo that may be public; its number and the photo's."""
    town = await office.town()
    photo = await town.photo()
    report = await town.submit(photos=(photo,), area="hefeng")
    await town.veiled()
    return report.number, photo


def rows(html: str) -> list[tuple[str, ...]]:
    """The frames in the form, as they are written."""
    found = re.findall(r'<input name="(?:left|top|width|height)" value="([^"]*)"', html)
    return [row for row in zip(*(found[at::4] for at in range(4)), strict=True) if any(row)]


async def test_a_large_photo_by_its_address_alone_leaves_a_trace(office: Office) -> None:
    number, photo = await reported(office)
    desk = await office.desk(DISPATCHER, "赵芳")
    opens = [await desk.client.get(f"/console/photos/{photo}/{size}.jpg") for size in ("small", "large", "large")]
    assert {answer.status_code for answer in opens} <= {200, 404}  # a made-up photo has no file
    assert [deed for deed in await office.deeds(looks=True) if deed[1] == SEEN] == [("赵芳", SEEN, number, "")]


async def test_frames_are_kept_the_photo_is_veiled_anew_and_the_log_tells(office: Office) -> None:
    number, photo = await reported(office)
    handler = await office.desk(DISPATCHER, "赵芳")
    page = f"/reports/{number}/photos/{photo}"
    assert page in await handler.look(f"/reports/{number}")
    assert "打好码了，可以公开" in plain(await handler.look(page)) and rows(await handler.look(page)) == []
    typed: dict[str, Any] = {
        "left": ["10", "0", ""],
        "top": ["20,5", "0", ""],
        "width": ["5.5", "100", ""],
        "height": ["5", "100", ""],
    }
    answer = await handler.send(page, 303, **typed, shown="1")
    assert answer.headers["location"].startswith(f"/console{page}")
    html = await handler.look(page)
    assert "正在打码" in plain(html) and rows(html) == [("10", "20.5", "5.5", "5"), ("0", "0", "100", "100")]
    veil = (await office.database.read(veils.of, [photo]))[photo]
    assert veil.parts == ((100, 205, 55, 50), (0, 0, 1000, 1000)) and not veil.withheld
    assert await office.database.read(veils.public, [photo]) == []
    assert [bare.id for bare in await office.database.write(veils.due, 8)] == [photo]
    assert (await office.deeds())[-1] == ("赵芳", "photo.veiled", number, f"{photo}: 2")
    await handler.send(page, 303, left="", top="", width="", height="")
    veil = (await office.database.read(veils.of, [photo]))[photo]
    assert veil.parts == () and veil.withheld
    assert (await office.deeds())[-1][3] == f"{photo}: 0, withheld"
    assert "不公开" in plain(await handler.look(f"/reports/{number}"))


@pytest.mark.parametrize(
    "typed",
    [
        ("", "1", "1", "1"),
        ("90", "0", "11", "5"),
        ("-1", "0", "5", "5"),
        ("1", "1", "0", "5"),
        ("nan", "1", "5", "5"),
        ("inf", "1", "5", "5"),
        ("1e400", "1", "5", "5"),
        ("<b>", "1", "5", "5"),
    ],
)
async def test_a_frame_that_does_not_fit_is_told_and_nothing_typed_is_lost(
    office: Office, typed: tuple[str, ...]
) -> None:
    number, photo = await reported(office)
    handler = await office.desk(DISPATCHER)
    sides = dict(zip(("left", "top", "width", "height"), typed, strict=True))
    answer = await handler.send(f"/reports/{number}/photos/{photo}", 422, **sides)
    assert "数字不对" in plain(answer.text)
    assert rows(answer.text) == [tuple(side.replace("<b>", "&lt;b&gt;") for side in typed)]
    assert await office.database.read(veils.public, [photo]) == [photo]  # nothing changed


async def test_too_many_frames_and_broken_forms(office: Office) -> None:
    number, photo = await reported(office)
    handler = await office.desk(DISPATCHER)
    page = f"/reports/{number}/photos/{photo}"
    many: dict[str, Any] = {side: ["1"] * 21 for side in ("left", "top", "width", "height")}
    assert "最多框 20 处" in plain((await handler.send(page, 422, **many)).text)
    await handler.send(page, 422, left=["1", "2"], top="1", width="1", height="1")


async def test_only_who_works_on_the_report_may(office: Office) -> None:
    number, photo = await reported(office)
    other, theirs = await reported(office)
    stranger = await office.desk(LEAD, departments=["police"])
    page = f"/reports/{number}/photos/{photo}"
    for role in (VIEWER, ADMINISTRATOR):
        desk = await office.desk(role)
        assert "<form" not in (await desk.look(page)).partition("<main")[2]
        await desk.send(page, 403, left="1", top="1", width="1", height="1")
    await stranger.look(page, 404)
    await stranger.send(page, 404, left="1", top="1", width="1", height="1")
    lead = await office.desk(DISPATCHER)
    await lead.look(f"/reports/{other}/photos/{photo}", 404)  # not of that report
    await lead.send(f"/reports/{other}/photos/{photo}", 404)
    await lead.look(f"/reports/{number}/photos/{10**30}", 404)
    assert await office.database.read(veils.public, [photo, theirs]) == [photo, theirs]
