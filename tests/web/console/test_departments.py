"""Who is where, who is away, what is returned to whom, who answers for an area; and what is news to whom."""

from actions import people
from db.tx import Tx
from tests.play import Time
from tests.web.console.office import MACHINE, Office, plain


async def test_departments_show_who_leads_and_stands_in_what_waits_and_what_is_returned(
    office: Office, time: Time
) -> None:
    town = await office.town()
    lead, deputy = await office.hire("lead", "赵芳", ["urban"]), await office.hire("lead", "马丽", ["urban"])
    await office.hire("handler", "周伟", ["urban"])
    await office.hire("grid", "grid-hefeng", [], ["hefeng"])
    day = time().date()

    def away(tx: Tx) -> None:
        people.set_absent(tx, MACHINE, lead[0].id, deputy[0].id, day, day, day)

    await office.database.write(away)
    kept, given_back = (await town.submit()).number, (await town.submit()).number
    for number in (kept, given_back):
        await town.move(number, "assign", department="urban")
    await town.move(given_back, "return", department="street")
    boss, viewer = await office.desk("administrator", "王敏"), await office.desk("viewer", "看客")
    page = await boss.look("/departments")
    said = plain(page)
    assert "工作时间 09:00–12:00、13:30–17:30" in said
    assert f"赵芳 外出到 {day}，马丽 代" in said and "周伟" in said
    assert "市城市管理局 → 街道办事处（会同物业） · 1 次" in said
    assert "荷风社区 · 网格员 · grid-hefeng 有新上报、又要办了" in said and "还没有账号 leader-tinghe" in said
    assert '<a href="/console/queue?department=urban">1</a>' in page
    assert f"/console/people/{lead[0].id}" in page
    assert "/console/people/" not in await viewer.look("/departments")


async def test_news_stands_in_today_until_it_was_seen(office: Office) -> None:
    town = await office.town()
    handler, other = await office.desk("handler", "周伟", ["urban"]), await office.desk("handler", "何平", ["health"])
    first = (await town.submit()).number
    await town.move(first, "assign")
    page = await handler.look("/today")
    assert f"{first} 派来了" in plain(page) and "要知道的" not in await other.look("/today")
    until = page.partition('name="until" value="')[2].partition('"')[0]
    second = (await town.submit()).number
    await town.move(second, "assign")
    await other.send("/today", 303, until="99999")  # theirs only
    await handler.send("/today", 422, until="x")
    await handler.send("/today", 303, until=until)
    said = plain(await handler.look("/today"))
    assert f"{second} 派来了" in said and f"{first} 派来了" not in said
