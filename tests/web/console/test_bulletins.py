"""Bulletins in the console: looked at, signed, public."""

import pytest

from civic.staff import ROLES
from tests.actions.test_statistics import people_and_learning
from tests.play import rows_of
from tests.web.console.office import Office, plain


async def test_last_week_is_shown_and_signed(office: Office) -> None:
    await office.database.write(people_and_learning)
    boss = await office.desk("office", "wang")
    page = plain(await boss.look("/bulletins"))
    assert "云汀市文明行动周报" in page and "2026年11月16日" in page
    await boss.send("/bulletins", 303, period="2026-W47", text="一周平安")
    [edition] = await rows_of(office.database, "editions")
    assert (edition["period"], edition["name"], edition["text"]) == ("2026-W47", "wang", "一周平安")
    assert '"bulletins":{"' in edition["content"]
    page = plain(await boss.look("/bulletins?period=2026-W47"))
    assert "这一版改了什么" in page
    assert ("wang", "stats.published", "edition 1", "2026-W47 #1") in await office.deeds()


async def test_what_was_typed_stays_when_a_signature_is_refused(office: Office) -> None:
    boss = await office.desk("office", "wang")
    await boss.send("/bulletins", 303, period="2026-W47")
    answer = await boss.send("/bulletins", 422, period="2026-W47", text="<b>改</b>了一处")
    assert "&lt;b&gt;改&lt;/b&gt;了一处" in answer.text
    answer = await boss.send("/bulletins", 422, period="2026-W48")
    assert "2026-11-29" in plain(answer.text)  # until when to wait
    assert len(await rows_of(office.database, "editions")) == 1


async def test_a_period_that_is_none_is_told(office: Office) -> None:
    boss = await office.desk("office", "wang")
    assert "没看懂" in plain(await boss.look("/bulletins?period=sometime", 422))


@pytest.mark.parametrize(("kind", "begins"), [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("docx", b"PK"), ("xlsx", b"PK")])
async def test_its_files_can_be_read_before(office: Office, kind: str, begins: bytes) -> None:
    boss = await office.desk("office", "wang")
    answer = await boss.client.get(f"/console/bulletins/2026-W47.{kind}")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert f"bulletin-2026-W47-zh.{kind}" in answer.headers["content-disposition"]


async def test_what_waits_to_be_signed_stands_under_today_and_on_the_page(office: Office) -> None:
    boss, checker = await office.desk("office", "wang"), await office.desk("checker", "gao")
    today, page = await boss.look("/today"), await boss.look("/bulletins")
    for period in ("2026-W47", "2026-10"):
        assert f'href="/console/bulletins?period={period}"' in today
        assert f'href="/console/bulletins?period={period}"' in page
    assert "等您签发的简报" not in await checker.look("/today")


async def test_only_who_may_publish_comes_in(office: Office) -> None:
    for role in ROLES:
        handles = role in {"lead", "handler"}
        desk = await office.desk(role, departments=["urban"] if handles else (), areas=() if handles else ["hefeng"])
        expected = 200 if role in {"administrator", "office"} else 403
        await desk.look("/bulletins", expected)
        if expected == 403:
            await desk.send("/bulletins", 403, period="2026-W47")
            await desk.look("/bulletins/2026-W47.pdf", 403)
