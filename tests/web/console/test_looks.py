"""Who looked at which list stands in the audit log."""

from db.audit import LISTED, forget
from tests.play import Time
from tests.web.console.office import Office

ROOMS = ("today", "queue", "mutes", "supervisions", "people", "people/1", "departments", "sessions", "audit")


async def test_lists_left_no_line_in_the_audit_log(office: Office, time: Time) -> None:
    town = await office.town()
    number = (await town.submit()).number
    boss = await office.desk("administrator", "li")
    for _ in range(3):  # pages are drawn anew every few seconds
        for room in ROOMS:
            await boss.look(f"/{room}")
    for _ in range(2):
        await boss.look("/queue?area=hefeng&q=京A12345&after=1763900000000.7")
    await boss.look("/queue?department=13800138000")
    await boss.look("/map/heaps.json?window=20,100,50,130")
    await boss.look("/stats/rows?figure=closing_rate&period=2026-11")
    page = await boss.look("/audit?act=list.seen")
    assert "查看名单、列表" in page
    looks = [(who, what, detail) for who, act, what, detail in await office.deeds(looks=True) if act == LISTED]
    assert sorted(looks) == sorted(
        [
            *(("li", room, "1") for room in ("today", "people", "departments", "sessions")),
            ("li", "people", "person=1 · 1"),
            ("li", "queue", "status=open · 1"),
            ("li", "queue", "status=open area=hefeng after=7 words=1 · 0"),
            ("li", "queue", "status=open department=… · 0"),
            ("li", "map", "status=open · 0"),
            ("li", "mutes", "0"),
            ("li", "supervisions", "state=draft · 0"),
            ("li", "stats closing_rate", "denominator 2026-11 · 0"),
            *(("li", "audit", detail) for detail in ("11", "act=list.seen · 13")),
        ]
    ), looks
    assert number not in str(looks)
    time.passes(days=3 * 365 + 1)
    await office.database.write(forget)
    assert not [deed for deed in await office.deeds(looks=True) if deed[1] == LISTED]
