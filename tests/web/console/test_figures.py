"""The figures for staff: by department too, with the reports behind a number as far as one sees."""

import re

from tests.web.console.office import Office, plain


async def test_staff_see_what_the_public_does_not(office: Office) -> None:
    town = await office.town()
    report = await town.submit()
    await town.move(report.number, "accept")
    desk = await office.desk("office", "gu")
    page = await desk.look("/stats?view=reports&period=today")
    assert "上报，按部门" in plain(page)
    assert "市城市管理局" in page
    assert "返工率" in page
    assert "&lt;5" not in page.partition("<main")[2]  # staff see small numbers
    assert 'aria-current="page"' in page and "数据" in page
    overview = plain(await desk.look("/stats"))
    assert "收到上报" in overview
    assert "（演示）" not in overview


async def test_the_reports_behind_a_number_are_listed_as_far_as_one_sees(office: Office) -> None:
    town = await office.town()
    litter = await town.submit()
    noise = await town.submit(category="noise", answers={"kind": "social", "when": "night"})
    boss = await office.desk("office", "gu")
    page = await boss.look("/stats?view=reports&period=today")
    link = re.search(r'href="(/console/stats/rows\?figure=reports_received&amp;by=category&amp;key=litter[^"]*)"', page)
    assert link
    rows = await boss.look(link[1].replace("&amp;", "&").removeprefix("/console"))
    assert litter.number in rows and noise.number not in rows
    assert "共 1 件，您能看到 1 件" in plain(rows)
    handler = await office.desk("handler", "chen", departments=["police"])
    behind = plain(await handler.look("/stats/rows?figure=reports_received&period=today"))
    assert noise.number in behind and litter.number not in behind
    assert "共 2 件，您能看到 1 件" in behind


async def test_a_rate_has_two_lists_behind_it(office: Office) -> None:
    town = await office.town()
    report = await town.submit()
    boss = await office.desk("office", "gu")
    rows = await boss.look("/stats/rows?figure=filing_rate&period=today")
    assert report.number in rows
    assert "分子里的" in rows
    assert report.number not in await boss.look("/stats/rows?figure=filing_rate&period=today&part=numerator")


async def test_what_single_people_did_is_nobodys_to_list(office: Office) -> None:
    boss = await office.desk("office", "gu")
    assert "/console/stats/rows" not in await boss.look("/stats?view=learning")
    await boss.look("/stats/rows?figure=active", 422)
    await boss.look("/stats/rows?figure=luck", 422)
    await boss.look("/stats?period=soon", 400)
    await boss.look("/stats/rows?figure=reports_received&period=soon", 422)


async def test_communities_and_departments_are_ranked_beside_the_map(office: Office) -> None:
    town = await office.town()
    for _ in range(11):
        await town.submit(area="hefeng")
    await town.submit(area="songtao")
    boss = await office.desk("office", "gu")
    page = await boss.look("/stats?view=areas&measure=reports_received&period=today")
    said = plain(page)
    assert "收到上报：社区排名" in said and "收到上报：部门排名" in said
    assert said.index("荷风社区") < said.index("松涛社区")
    assert "区排名" not in plain(await boss.look("/stats?view=areas&measure=tips_read&period=today"))
    assert "区排名" not in plain(await boss.look("/stats?view=reports&period=today"))
