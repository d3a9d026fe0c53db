"""GET /chat/messages: the transcript in pages, both ways; read marks; the export."""

import re
from typing import Any

import httpx

from tests.system.server import Server
from tests.system.visitor import Visitor, jpeg

Line = dict[str, Any]


def head(line: Line) -> int:
    """The exchange that a line belongs to."""
    return int(line["id"].partition(".")[0])


async def talked(visitor: Visitor, times: int) -> list[Line]:
    """A talk of some length, and all its lines."""
    for number in range(times):
        await visitor.say(f"第{number}句话")
    return list((await visitor.history(limit=100))["messages"])


async def test_somebody_new_has_no_history(client: httpx.AsyncClient) -> None:
    assert await Visitor(client).history() == {"messages": [], "unread": 0, "more": False}


async def test_both_sides_are_there_in_order_as_they_were_answered(visitor: Visitor) -> None:
    response = await visitor.post(text="菜单")
    answer = response.json()
    lines = (await visitor.history())["messages"]
    assert [line["from"] for line in lines] == ["you", *("bot" for _ in answer["messages"])]
    assert lines[0]["text"] == "菜单"
    assert lines[0]["id"] == answer["you"]["id"]
    assert lines[1:] == answer["messages"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["at"]) for line in lines)


async def test_what_was_tapped_photographed_and_shown_on_the_map_is_told(visitor: Visitor) -> None:
    await visitor.say("/quiz one")
    label = visitor.options[0]["label"]
    await visitor.tap(label)
    await visitor.upload(jpeg(3), jpeg(4))
    await visitor.post(place={"lat": 30.1, "lon": 120.5, "label": "文昌路"})
    mine = [line for line in (await visitor.history())["messages"] if line["from"] == "you"]
    assert mine[1]["text"] == label
    assert len(mine[2]["images"]) == 2
    assert mine[3]["place"] == {"lat": 30.1, "lon": 120.5, "label": "文昌路"}
    for image in mine[2]["images"]:
        assert (await visitor.client.get(image["url"])).status_code == 200


async def test_pages_backwards_make_the_whole_without_gap_or_repetition(visitor: Visitor) -> None:
    whole = await talked(visitor, 12)
    found: list[Line] = []
    page = await visitor.history(limit=5)
    while True:
        found = page["messages"] + found
        if not page["more"]:
            break
        page = await visitor.history(limit=5, before=page["messages"][0]["id"])
    assert found == whole


async def test_pages_forwards_make_the_whole_without_gap_or_repetition(visitor: Visitor) -> None:
    whole = await talked(visitor, 12)
    found = [line for line in whole if head(line) == head(whole[0])]
    while True:
        page = await visitor.history(limit=5, after=found[-1]["id"])
        found += page["messages"]
        if not page["more"]:
            break
    assert found == whole


async def test_an_exact_page_says_that_nothing_more_follows(visitor: Visitor) -> None:
    whole = await talked(visitor, 6)
    assert (await visitor.history(limit=6))["more"] is False
    assert (await visitor.history(limit=5, after=whole[0]["id"]))["more"] is False
    assert (await visitor.history(limit=5))["more"] is True


async def test_a_page_has_bounds_whatever_is_asked(visitor: Visitor) -> None:
    await talked(visitor, 3)
    for limit in (-5, 0, 1):
        assert len({head(line) for line in (await visitor.history(limit=limit))["messages"]}) == 1
    assert len({head(line) for line in (await visitor.history(limit=10**9))["messages"]}) == 3


async def test_after_the_last_there_is_nothing(visitor: Visitor) -> None:
    whole = await talked(visitor, 2)
    assert (await visitor.history(after=whole[-1]["id"]))["messages"] == []
    assert (await visitor.history(after="9" * 18))["messages"] == []
    assert (await visitor.history(before="0"))["messages"] == []


async def test_two_people_never_see_each_other(visitor: Visitor, stranger: Visitor) -> None:
    await visitor.say("我住在三号楼")
    await stranger.say("菜单")
    theirs = (await stranger.history(limit=100))["messages"]
    assert "三号楼" not in str(theirs)
    mine = (await visitor.history())["messages"]
    assert {head(line) for line in theirs}.isdisjoint(head(line) for line in mine)


async def test_an_emergency_is_answered_and_not_kept(chat: Server, visitor: Visitor) -> None:
    assert "119" in await visitor.say("着火了快来人")
    assert "着火" not in str(await visitor.history())
    assert chat.rows("SELECT count(*) FROM exchanges WHERE said LIKE '%着火了快%'") == [(0,)]


async def test_the_export_holds_what_was_said_and_belongs_to_its_link(
    chat: Server, visitor: Visitor, stranger: Visitor
) -> None:
    await visitor.say("我常走文昌路")
    words = await visitor.say("/export")
    link = re.search(r"http\S+", words)
    assert link is not None
    assert link[0].startswith(chat.url)  # also where the port was chosen by the system
    response = await stranger.client.get(link[0])  # no cookie: on WeChat another browser opens it
    assert response.headers["content-disposition"].startswith("attachment")
    held = response.json()
    assert "我常走文昌路" in str(held["messages"])
    assert "sealed" not in response.text
    assert len(held["resident"]) == 1


async def test_what_was_erased_is_gone_from_history_and_file(chat: Server, visitor: Visitor) -> None:
    await visitor.say("请忘记这句独一无二的话")
    await visitor.upload(jpeg(99))
    [photo] = [line["images"][0]["url"] for line in (await visitor.history())["messages"] if line["images"]]
    await visitor.say("/erase")
    await visitor.tap("确定删除")
    assert "独一无二" not in str(await visitor.history())
    assert chat.rows("SELECT count(*) FROM exchanges WHERE said LIKE '%独一无二%'") == [(0,)]
    assert (await visitor.client.get(photo)).status_code == 404
