"""What the texts rest on: seen by the office, due things first."""

from datetime import timedelta

from content.due import due
from content.library import Library
from content.register import register
from tests.play import Time
from tests.web.console.office import Office, plain


async def test_the_office_sees_what_is_due_and_the_register(office: Office, library: Library, time: Time) -> None:
    boss = await office.desk("office", "wang")
    page = plain(await boss.look("/sources"))
    cited = [one for one in register(library) if one.cited_by]
    assert f"用到的法律法规：{len(cited)} 部" in page
    assert all(one.instrument.name in page for one in cited)
    now = len(due(library, time.now.date()))
    assert f"该看一看的：{now} 处" in page


async def test_what_is_due_in_a_year_is_listed_then(office: Office, library: Library, time: Time) -> None:
    time.passes(days=300)
    boss = await office.desk("administrator", "li")
    page = await boss.look("/sources")
    found = due(library, time.now.date())
    assert len(found) > len(due(library, time.now.date() - timedelta(days=300)))
    assert f"该看一看的：{len(found)} 处" in plain(page)
    assert "该复核了" in page


async def test_who_only_handles_reports_does_not_see_it(office: Office) -> None:
    handler = await office.desk("handler", "chen", departments=["urban"])
    await handler.look("/sources", 403)
