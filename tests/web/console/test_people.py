"""Who works here: invited, changed, away, disabled; who may do that, and what is written down of it."""

import re

from actions.people import acting
from civic.staff import ROLES, Staff, joined
from db.tx import Tx
from tests.play import NOON, Time, rows_of
from tests.web.console.office import Office, plain

TODAY = NOON.date()


def number(page: str, name: str) -> str:
    """The id of somebody in the list of people."""
    found = re.search(rf'href="/console/people/(\d+)">{re.escape(name)}<', page)
    assert found, name
    return found[1]


async def test_an_administrator_invites_and_changes(office: Office) -> None:
    boss = await office.desk("administrator", "wang")
    page = (await boss.send("/people", 200, name="赵 芳", role="lead", department=["urban", "street"])).text
    link = re.search(r"http://youli\.example(/console/invitation/\S+?)<", page)
    assert link and (await office.browser().client.get(link[1])).status_code == 200
    assert "街道办事处（会同物业）, 市城市管理局" in plain(page) and "邀请还没接受" in page
    person = f"/people/{number(page, '赵 芳')}"
    shown = await boss.look(person)
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version and 'value="urban" checked' in shown and "赵-芳" in shown
    form = {"act": "change", "version": version[1], "name": "赵芳", "role": "grid", "area": "hefeng"}
    await boss.send(person, 303, **form)
    late = await boss.send(person, 409, **form | {"name": "别人"})
    assert "刚被别人改过" in late.text and 'value="赵芳"' in late.text
    assert [deed[1:] for deed in await office.deeds()][-4:] == [
        ("staff.added", "赵-芳", "lead"),
        ("staff.role", "赵-芳", "lead → grid"),
        ("staff.scope", "赵-芳", "hefeng"),
        ("staff.renamed", "赵-芳", ""),
    ]


WRONG = [
    ({"name": ""}, "姓名要写"),
    ({"name": "x" * 65, "login": "x"}, "姓名要写"),
    ({"name": "a/b"}, "登录名「a/b」不行"),
    ({"name": "WANG"}, "登录名「wang」已经有人用了"),
    ({"name": "li", "role": "king"}, "没有「king」这个角色"),
    ({"name": "li", "role": "handler"}, "要选至少一个部门"),
    ({"name": "li", "role": "grid"}, "要选至少一个社区"),
    ({"name": "li", "department": "magic"}, "没有「magic」这个部门"),
    ({"name": "li", "area": "atlantis"}, "没有找到「atlantis」"),
    ({"name": "x" * 5000}, "一栏最多"),
]


async def test_what_does_not_fit_is_said_and_what_was_typed_comes_back(office: Office) -> None:
    boss = await office.desk("administrator", "wang")
    for form, words in WRONG:
        answer = await boss.send("/people", 422, **{"role": "viewer"} | form)
        assert words in answer.text, form
        if len(form["name"]) < 70:
            assert f'name="name" value="{form["name"]}"' in answer.text


async def test_the_office_appoints_but_never_administrators(office: Office) -> None:
    boss, clerk = await office.desk("administrator", "wang"), await office.desk("office", "qian")
    assert boss.me
    assert '<option value="administrator"' not in await clerk.look("/people")
    await clerk.send("/people", 422, name="friend", role="administrator")
    for act in ("disable", "reset"):
        await clerk.send(f"/people/{boss.me.id}", 403, act=act)
    form = {"act": "change", "version": "1", "name": "x", "role": "viewer"}
    await clerk.send(f"/people/{boss.me.id}", 403, **form)
    await clerk.send("/people", 200, name="li", role="handler", department="urban")


async def test_a_lead_sees_the_people_of_their_departments_and_says_who_is_away(office: Office, time: Time) -> None:
    lead = await office.desk("lead", "zhao", ["urban"])
    zhou, chen, other = [
        (await office.hire("handler", name, departments))[0]
        for name, departments in (("zhou", ["urban"]), ("chen", ["urban", "street"]), ("he", ["health"]))
    ]
    page = await lead.look("/people")
    assert "zhou" in page and "chen" in page and ">he<" not in page and "邀请一位同事" not in page
    await lead.look(f"/people/{other.id}", 404)
    await lead.send(f"/people/{zhou.id}", 403, act="reset")
    dates = {"act": "absent", "from": TODAY.isoformat(), "until": TODAY.replace(day=30).isoformat()}
    for wrong, words in (
        ({"deputy": str(zhou.id)}, "代理人要是另一位"),
        ({"deputy": str(lead.me.id)}, "代理人要是另一位"),  # type: ignore[union-attr]
        ({"deputy": str(chen.id), "until": "2026-11-01"}, "日期不对"),
        ({"deputy": str(chen.id), "from": "soon"}, "日期没看懂"),
        ({"deputy": "x"}, "没读懂"),
    ):
        assert words in (await lead.send(f"/people/{zhou.id}", 422, **dates | wrong)).text
    await lead.send(f"/people/{other.id}", 403, **dates | {"deputy": str(zhou.id)})
    await lead.send(f"/people/{other.id}", 403, act="back", absence="1")
    await lead.send(f"/people/{chen.id}", 303, **dates | {"deputy": str(zhou.id)})
    assert "外出，2026-11-30 回来" in await lead.look("/people")

    def sight(tx: Tx) -> Staff:
        return acting(tx, zhou, time.now.date(), "here")

    assert (await office.database.read(sight)).departments == {"urban", "street"}
    time.passes(days=8)
    assert (await office.database.read(sight)).departments == {"urban"}
    time.passes(days=-8)
    page = await lead.look(f"/people/{chen.id}")
    absence = re.search(r'name="absence" value="(\d+)"', page)
    assert absence
    await lead.send(f"/people/{chen.id}", 303, act="back", absence=absence[1])
    assert (await office.database.read(sight)).departments == {"urban"}


def test_who_stands_in_for_somebody_without_limits_has_none() -> None:
    limits = frozenset({"urban"})
    assert joined(limits, []) == limits
    assert joined(limits, [frozenset({"street"})]) == {"urban", "street"}
    assert joined(limits, [frozenset()]) == frozenset()
    assert joined(frozenset(), [limits]) == frozenset()


async def test_a_lead_saw_other_departments_by_standing_in_for_one_who_has_more(office: Office) -> None:
    lead = await office.desk("lead", "Zhao", ["urban"])
    wider, _ = await office.hire("lead", "Qian", ["urban", "street"])
    assert lead.me is not None
    dates = {"act": "absent", "from": TODAY.isoformat(), "until": TODAY.replace(day=30).isoformat()}
    await lead.send(f"/people/{wider.id}", 403, **dates, deputy=str(lead.me.id))
    assert await rows_of(office.database, "staff_absences") == []


async def test_whoever_is_disabled_is_out_at_once_and_may_come_back(office: Office) -> None:
    boss, desk = await office.desk("administrator", "wang"), await office.desk("viewer", "zheng")
    assert boss.me and desk.me
    assert "不能停用自己" in (await boss.send(f"/people/{boss.me.id}", 422, act="disable")).text
    await boss.send(f"/people/{desk.me.id}", 303, act="disable")
    assert (await desk.client.get("/console/account")).status_code == 303
    assert "先恢复使用" in (await boss.send(f"/people/{desk.me.id}", 422, act="reset")).text
    await boss.send(f"/people/{desk.me.id}", 303, act="enable")
    await (await office.again(desk.me)).look("/account")
    page = (await boss.send(f"/people/{desk.me.id}", 200, act="reset")).text
    assert "/console/invitation/" in page
    assert (await office.person(desk.me)).password is None


async def test_the_last_administrator_stays(office: Office) -> None:
    boss, second = await office.desk("administrator", "wang"), await office.desk("administrator", "li")
    assert boss.me and second.me
    await boss.send(f"/people/{second.me.id}", 303, act="disable")
    form = {"act": "change", "version": "1", "name": "wang", "role": "viewer"}
    assert "最后一位管理员" in (await boss.send(f"/people/{boss.me.id}", 422, **form)).text


async def test_the_audit_log_is_filtered_and_turned_page_by_page(office: Office) -> None:
    boss = await office.desk("administrator", "wang")
    for count in range(60):
        await boss.send("/account", 303, act="language", language=("en", "zh")[count % 2])
    await boss.send("/people", 200, name="li", role="viewer")
    page = await boss.look("/audit")
    assert page.count("<tr>") == 51
    more = re.search(r'href="\?(who=[^"]*before=\d+)"', page)
    assert more
    assert (await boss.look(f"/audit?{more[1].replace('&amp;', '&')}")).count("<tr>") == 16  # the look
    only = await boss.look("/audit?act=staff.added&subject=li")
    assert only.count("<tr>") == 2 and "添加人员" in plain(only) and "viewer" in only
    assert boss.me and "<tr>" not in await boss.look(f"/audit?who={boss.me.id + 5}")
    await boss.look("/audit?who=x", 422)


async def test_a_name_is_never_markup(office: Office) -> None:
    boss = await office.desk("administrator", "wang")
    name = "<img src=x onerror=alert(1)>\"'&"
    page = (await boss.send("/people", 200, name=name, login="hostile", role="viewer")).text
    for path in ("/people", f"/people/{number(page, '&lt;img src=x onerror=alert(1)&gt;&#34;&#39;&amp;')}", "/audit"):
        assert "<img src=x" not in await boss.look(path)


ROOMS = {
    "/people": {"administrator", "office", "lead"},
    "/audit": {"administrator"},
    "/account": set(ROLES),
    "/sessions": set(ROLES),
}


async def test_every_role_sees_its_rooms_and_no_others(office: Office) -> None:
    for role in ROLES:
        desk = await office.desk(role, "", ["urban"], ["hefeng"])
        for room, roles in ROOMS.items():
            page = await desk.look(room, 200 if role in roles else 403)
            assert ('href="/console/audit"' in page) == (role in ROOMS["/audit"])
        if role not in ROOMS["/people"]:
            await desk.send("/people", 403, name="x", role="viewer")
            await desk.send("/people/1", 403, act="disable")
