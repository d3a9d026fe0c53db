"""The queue and today: what is shown to whom, how the address filters it, hostile words."""

import re

from civic.staff import ROLES
from tests.play import NOON, Time
from tests.system.visitor import jpeg
from tests.web.console.office import Desk, Office, plain


def shown(page: str) -> list[str]:
    """The places in a queue, in order."""
    return re.findall(r'<span class="place">(.*?)</span>', page)


async def filled(office: Office) -> None:
    """Reports of three departments in two communities."""
    town = await office.town()
    await town.submit(address="文昌路 12 号", note="垃圾没人清")
    await town.submit(address="荷花巷口", area="songtao", category="vendor")
    await town.submit(address="码头", area="hefeng", category="firelane")
    moved = await town.submit(address="书院街 3 号")
    await town.move(moved.number, "reject", "不在我们这里")


async def test_the_queue_shows_what_is_open_and_its_address_filters(office: Office, time: Time) -> None:
    await filled(office)
    boss = await office.desk("dispatcher", "li")
    page = await boss.look("/queue")
    assert set(shown(page)) == {"文昌路 12 号", "荷花巷口", "码头"} and "3 件" in page
    for query, places in (
        ("status=rejected", {"书院街 3 号"}),
        ("status=all&q=垃圾", {"文昌路 12 号"}),
        ("area=songtao", {"荷花巷口"}),
        ("category=litter", {"文昌路 12 号"}),
        ("late=1", set()),
        ("q=261123-3", {"码头"}),
        ("department=urban&category=litter&status=received", {"文昌路 12 号"}),
    ):
        assert set(shown(await boss.look(f"/queue?{query}"))) == places, query
    time.passes(days=9)
    assert boss.me
    boss = await office.again(boss.me)
    assert len(shown(await boss.look("/queue?late=1"))) == 3
    assert "超时" in plain(await boss.look("/queue"))
    assert "没有这样的案件" in await boss.look("/queue?q=nothing")


async def test_a_plate_or_home_that_was_masked_could_not_be_looked_for(office: Office) -> None:
    town = await office.town()
    await town.submit(address="文昌路 12 号 3 幢 2 单元 501", note="是浙A12345，停了三天，打 13800000000 没人接")
    await town.submit(address="荷花巷口", note="是浙B54321")
    boss = await office.desk("dispatcher", "li")
    home = "文昌路 12 号 3 幢 2 单元 501"
    for query in ("浙A12345", "浙A·12345 停了", "3 幢 2 单元 501 停了", "文昌路"):
        assert shown(await boss.look(f"/queue?q={query}")) == [home], query
    for query in ("13800000000", "3 幢 2 单元 501"):  # any that has something masked
        assert home in shown(await boss.look(f"/queue?q={query}")), query
    assert "没有这样的案件" in await boss.look("/queue?q=浙C99999")


async def test_what_an_address_cannot_mean_is_refused_in_words(office: Office) -> None:
    desk = await office.desk("dispatcher")
    for query in (
        "status=x",
        "order=magic",
        "after=1",
        "after=x.1",
        "after=1.2.3",
        "after=9999999999999999.1",
        "priority=9",
    ):
        assert "没看懂" in await desk.look(f"/queue?{query}", 422), query
    for hostile in ("'\"><script>alert(1)</script>", "%", "_", "\\", "'; DROP TABLE reports; --", "x" * 5000, "\0"):
        page = (await desk.client.get("/console/queue", params={"q": hostile, "area": hostile})).text
        assert "<script>alert" not in page


async def test_pages_of_the_queue_follow_one_another(office: Office) -> None:
    towns = [await office.town() for _ in range(6)]
    for town in towns:
        for count in range(10):
            await town.submit(address=f"路 {count} 号")
    desk = await office.desk("dispatcher")
    page = await desk.look("/queue")
    assert len(shown(page)) == 50 and "60 件" in page
    further = re.search(r'href="/console(/queue\?after=[\d.]+)"', page)
    assert further
    assert len(shown(await desk.look(further[1]))) == 10


async def test_a_part_is_drawn_for_the_page_that_is_open(office: Office) -> None:
    await filled(office)
    desk = await office.desk("dispatcher")
    part = await desk.client.get("/console/queue?area=songtao&q=", headers={"hx-request": "true"})
    assert "<html" not in part.text and shown(part.text) == ["荷花巷口"]
    assert part.headers["hx-push-url"] == "/console/queue?area=songtao"
    today = await desk.client.get("/console/today", headers={"hx-request": "true"})
    assert "<html" not in today.text
    again = {"hx-request": "true", "hx-history-restore-request": "true"}
    assert "<html" in (await desk.client.get("/console/queue", headers=again)).text


async def test_nobody_sees_another_departments_or_areas_reports(office: Office) -> None:
    await filled(office)
    handler = await office.desk("handler", "zhou", ["fire"])
    grid = await office.desk("grid", "wu", areas=["songtao"])
    assert shown(await handler.look("/queue")) == ["码头"]
    assert shown(await handler.look("/queue?department=urban")) == []
    assert shown(await grid.look("/queue?status=all")) == ["荷花巷口"]
    assert "文昌路" not in await handler.look("/today") and "文昌路" not in await grid.look("/today")


async def waiting(desk: Desk) -> str:
    """The first figure of today."""
    found = re.search(r"<data>(\d+)</data>", await desk.look("/today"))
    assert found
    return found[1]


async def test_today_counts_what_waits_for_each_role(office: Office) -> None:
    await filled(office)
    for role in ROLES:
        desk = await office.desk(role, "", ["urban"], ["songtao"] if role == "grid" else [])
        wanted = {"administrator": "3", "office": "3", "dispatcher": "3"}.get(role, "0")
        assert await waiting(desk) == wanted, role
        assert (await desk.client.get("/console")).headers["location"] == "/console/today"
        assert "市城市管理局" in await desk.look("/departments")


async def test_what_was_given_to_somebody_waits_for_them_and_for_who_stands_in(office: Office) -> None:
    number = (await (await office.town()).submit()).number
    boss = await office.desk("administrator", "王敏")
    zhou, chen = await office.desk("handler", "周伟", ["urban"]), await office.desk("handler", "陈晨", ["urban"])
    assert zhou.me and chen.me
    await boss.send(f"/reports/{number}", 303, act="accept", version="0")
    assert await waiting(zhou) == await waiting(chen) == "1"  # nobody's yet
    await boss.send(f"/reports/{number}", 303, act="assign", version="1", person=str(zhou.me.id))
    assert (await waiting(zhou), await waiting(chen)) == ("1", "0")
    assert shown(await zhou.look("/queue?waits=mine")) == ["文昌路 12 号门口"]
    assert "周伟" in await boss.look("/queue") and "周伟" in await boss.look(f"/reports/{number}")
    today = NOON.date().isoformat()
    form = {"act": "absent", "from": today, "until": today, "deputy": str(chen.me.id)}
    await boss.send(f"/people/{zhou.me.id}", 303, **form)
    assert await waiting(chen) == "1"


async def test_a_request_and_a_check_wait_for_those_who_decide(office: Office) -> None:
    number = (await (await office.town()).submit(category="firelane")).number  # each of these is checked
    clerk, checker = await office.desk("office", "钱文"), await office.desk("checker", "孙核")
    zhou = await office.desk("handler", "周伟", ["fire"])
    await clerk.send(f"/reports/{number}", 303, act="accept", version="0")
    await zhou.send(f"/reports/{number}", 303, act="ask_time", version="1", note="配件还没到", until="2026-11-30")
    assert await waiting(clerk) == "1" and len(shown(await clerk.look("/queue?waits=asked"))) == 1
    page = await clerk.look(f"/reports/{number}")
    assert "周伟 申请延期 · 到 2026-11-30" in plain(page) and "<blockquote>配件还没到</blockquote>" in page
    first = re.search(r'<details class="move likely".*?<summary>(.*?)</summary>', page, re.DOTALL)
    assert first and first[1] == "延期"
    await clerk.send(f"/reports/{number}", 303, act="extend", version="2", note="可以")
    assert await waiting(clerk) == "0" and await waiting(checker) == "0"
    photo = {"photo": ("after.jpg", jpeg(1), "image/jpeg")}
    await zhou.send(f"/reports/{number}", 303, act="resolve", version="3", note="好了", files=photo)
    assert await waiting(checker) == "1" and len(shown(await checker.look("/queue?waits=checking"))) == 1
    await checker.send(f"/reports/{number}", 303, act="verify", version="4")
    assert await waiting(checker) == "0"
