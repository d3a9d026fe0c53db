"""Coming in: invitation, password, second factor, sessions; and everything that must not let anybody in."""

import re

import pyotp
import pytest

from actions import signing
from actions.signing import Attempt
from civic import passwords
from db import sessions, staff
from tests.play import Time
from tests.web.console.office import TOKEN, Desk, Office, plain
from web.console.visit import inside

GOOD = "the reeds are quiet at noon"


async def knock(desk: Desk, login: str, password: str, **fields: str) -> tuple[int, str]:
    """Fill in the page where one signs in; status, and where one is sent or what is said."""
    page = await desk.client.get("/console/sign-in")
    token = TOKEN.search(page.text)
    assert token
    form = {"token": token[1], "login": login, "password": password, "next": "/console/people"} | fields
    answer = await desk.client.post("/console/sign-in", data=form)
    return answer.status_code, answer.headers.get("location") or plain(answer.text)


async def invited(office: Office, desk: Desk, role: str = "administrator", password: str = GOOD) -> str:
    """Somebody follows their link and chooses a password; their login."""
    colleague, secret = await office.hire(role, "Wang Min", ["urban"])
    page = await desk.look(f"/invitation/{secret}")
    token = TOKEN.search(page)
    assert token and "Wang Min，欢迎" in page
    form = {"token": token[1], "password": password, "again": password}
    answer = await desk.client.post(f"/console/invitation/{secret}", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console"), plain(answer.text)
    return colleague.login


async def test_a_link_is_good_once_and_brings_one_in(office: Office) -> None:
    desk = office.browser()
    colleague, secret = await office.hire("administrator", "wang")
    token = TOKEN.search(await desk.look(f"/invitation/{secret}"))
    assert token
    send = {"token": token[1], "password": GOOD, "again": GOOD}
    for wrong, words in (
        ({"again": "else"}, "不一样"),
        ({"password": "short", "again": "short"}, "至少要 10 个字符"),
        ({"password": "wang123456", "again": "wang123456"}, "容易被猜到"),
        ({"password": "x" * 201, "again": "x" * 201}, "最多 200 个字符"),
    ):
        refused = await desk.client.post(f"/console/invitation/{secret}", data=send | wrong)
        assert refused.status_code == 422 and words in refused.text
    assert (await desk.client.post(f"/console/invitation/{secret}", data=send)).status_code == 303
    assert "<h1>wang</h1>" in await desk.look("/account")
    assert "已经用过" in await office.browser().look(f"/invitation/{secret}", 404)
    assert "已经用过" in await office.browser().look("/invitation/nothing", 404)
    status, words = await knock(office.browser(), "WANG ", GOOD)
    assert (status, words) == (303, "/console/people")
    assert [deed[:3] for deed in await office.deeds()] == [
        ("terminal", "staff.added", "wang"),
        ("wang", "account.accepted", "wang"),
        ("wang", "session.began", "wang"),
        ("wang", "session.began", "wang"),
    ]
    assert (await office.person(colleague)).password != GOOD


def test_a_password_is_kept_with_argon2id_and_64_mib() -> None:
    kept = passwords.hashed(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert kept.split("$")[3] == passwords.NOBODY.split("$")[3]  # nobody costs as much
    assert passwords.matches(kept, GOOD)
    assert not passwords.matches(kept, GOOD + "!")
    assert not passwords.matches(None, GOOD)


async def test_a_link_is_over_after_three_days_and_when_another_is_made(office: Office, time: Time) -> None:
    _, secret = await office.hire("viewer", "zheng")
    time.passes(days=3, seconds=1)
    await office.browser().look(f"/invitation/{secret}", 404)


async def test_a_wrong_password_and_an_unknown_login_are_told_alike(office: Office) -> None:
    await office.desk("administrator", "wang")
    first, second = await knock(office.browser(), "wang", "wrong"), await knock(office.browser(), "nobody", "wrong")
    assert first[0] == second[0] == 422
    assert first[1].replace("wang", "") == second[1].replace("nobody", "")
    assert [deed[:3] for deed in await office.deeds()][-2:] == [
        ("wang", "session.refused", "wang"),
        ("", "session.refused", ""),
    ]


async def test_guessing_is_slowed_down_for_strangers_and_not_for_the_browser_that_was_here(
    office: Office, time: Time
) -> None:
    own = office.browser()
    colleague, secret = await office.hire("administrator", "wang")
    token = TOKEN.search(await own.look(f"/invitation/{secret}"))
    assert token
    await own.client.post(f"/console/invitation/{secret}", data={"token": token[1], "password": GOOD, "again": GOOD})
    stranger = office.browser()
    for _ in range(5):
        assert (await knock(stranger, "wang", "guess"))[0] == 422
    status, words = await knock(stranger, "wang", GOOD)
    assert status == 429 and "等 1 秒" in words
    time.passes(seconds=2)
    assert (await knock(stranger, "wang", "guess"))[0] == 422
    status, words = await knock(office.browser(), "wang", GOOD)  # another address: the account's own pace holds
    assert status == 429 and "等 2 秒" in words
    assert (await knock(own, "wang", GOOD))[0] == 303  # who was here before is not held up
    time.passes(hours=1)
    assert (await knock(stranger, "wang", GOOD))[0] == 303
    assert colleague.id


async def test_many_accounts_guessed_from_one_address_are_slowed_down(office: Office) -> None:
    for number in range(30):
        await office.database.write(signing.knock, Attempt(f"name{number}", "192.0.2.7"))
    status, words = await knock(office.browser("192.0.2.7"), "wang", "guess")
    assert status == 429 and "等 1 秒" in words
    assert (await knock(office.browser("192.0.2.8"), "wang", "guess"))[0] == 422


async def test_a_second_factor_is_asked_for_and_each_code_is_good_once(office: Office, time: Time) -> None:
    desk = office.browser()
    await invited(office, desk)
    refused = await desk.send("/account", 422, act="totp", password="wrong")
    assert "现在的密码不对" in refused.text
    page = (await desk.send("/account", 200, act="totp", password=GOOD)).text
    key = re.search(r'name="key" value="([A-Z2-7]{32})"', page)
    assert key and 'src="data:image/svg+xml' in page
    totp = pyotp.TOTP(key[1])
    mark = re.search(r'name="mark" value="([^"]+)"', page)
    assert mark
    given = {"act": "totp", "key": key[1], "mark": mark[1]}
    assert "这个码不对" in (await desk.send("/account", 422, **given, code="000000")).text
    page = (await desk.send("/account", 200, **given, code=totp.at(time.now))).text
    codes = re.findall(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>", page)
    assert len(codes) == 10
    assert codes[0] not in await desk.look("/account")

    async def come(code: str) -> int:
        other = office.browser()
        page = await other.client.get("/console/sign-in")
        form = {"token": TOKEN.search(page.text)[1], "login": "wang-min", "password": GOOD, "next": ""}  # type: ignore[index]
        half = await other.client.post("/console/sign-in", data=form)
        assert half.status_code == 200 and "再验证一步" in half.text
        mark = re.search(r'name="mark" value="([^"]+)"', half.text)
        assert mark and "staff" not in other.client.cookies
        form = {"token": form["token"], "mark": mark[1], "code": code, "next": ""}
        return (await other.client.post("/console/sign-in/code", data=form)).status_code

    assert await come(totp.at(time.now)) == 422  # the one that turned it on is used
    time.passes(seconds=30)
    assert await come(totp.at(time.now)) == 303
    assert await come(totp.at(time.now)) == 422
    assert await come(codes[3].upper()) == 303
    assert await come(codes[3]) == 422
    time.passes(seconds=30)
    wide = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}  # as Chinese keyboards write them
    assert await come(totp.at(time.now).translate(wide)) == 303
    assert await come(codes[4].replace("-", "")) == 303
    assert await come(codes[5].replace("-", "–")) == 303
    assert await come(codes[5].replace("-", "")) == 422
    assert "恢复码还剩 7 个" in await desk.look("/account")
    await desk.send("/account", 303, act="totp-off", password=GOOD)
    assert (await knock(office.browser(), "wang-min", GOOD))[0] == 303


async def test_a_second_factor_was_set_without_the_password_by_sending_the_second_form_at_once(
    office: Office, time: Time
) -> None:
    desk, other = office.browser(), await office.desk("office")
    await invited(office, desk)
    own = pyotp.random_base32()
    code = pyotp.TOTP(own).at(time.now)
    for made_up in ("", "1.9999999999.AAAA", "x"):
        await desk.send("/account", 422, act="totp", key=own, mark=made_up, code=code)
    page = (await desk.send("/account", 200, act="totp", password=GOOD)).text
    mark, key = (re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("mark", "key"))  # type: ignore[index]
    await desk.send("/account", 422, act="totp", key=own, mark=mark, code=code)  # of another key
    await other.send("/account", 422, act="totp", key=key, mark=mark, code=pyotp.TOTP(key).at(time.now))
    for one in (desk, other):
        assert "恢复码还剩" not in await one.look("/account")


async def test_one_line_with_all_addresses_of_ipv6_guessed_without_end(office: Office) -> None:
    for number in range(30):
        attempt = Attempt(f"name{number}", f"2001:db8:1:2::{number:x}", house="2001:db8:1:2::/64")
        await office.database.write(signing.knock, attempt)
    assert (await knock(office.browser("2001:db8:1:2:aaaa::9"), "wang", "guess"))[0] == 429
    assert (await knock(office.browser("2001:db8:1:3::1"), "wang", "guess"))[0] == 422


async def test_who_only_has_a_password_cannot_make_up_the_half_way_mark(office: Office) -> None:
    desk = office.browser()
    token = TOKEN.search(await desk.look("/sign-in"))
    assert token
    for mark in ("1.9999999999.AAAA", "", "x", "1"):
        form = {"token": token[1], "mark": mark, "code": "123456", "next": ""}
        assert (await desk.client.post("/console/sign-in/code", data=form)).status_code == 401


@pytest.mark.parametrize(
    "onward",
    [
        "https://e.example",
        "//e.example",
        "/\\e",
        "/console/../x",
        "/console//e",
        "/chat",
        "javascript:1",
        "/consolex",
        None,
    ],
)
def test_signing_in_leads_nowhere_else(onward: str | None) -> None:
    assert inside(onward) == "/console"
    assert inside("/console/reports/261123-1?tab=2&x=%E6") == "/console/reports/261123-1?tab=2&x=%E6"


async def test_whoever_is_not_in_is_sent_to_the_door_and_back(office: Office) -> None:
    desk = office.browser()
    answer = await desk.client.get("/console/people?x=1")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/console/sign-in?next=%2Fconsole%2Fpeople%3Fx%3D1",
    )
    posted = await desk.client.post("/console/account", data={"act": "language", "language": "en"})
    assert posted.status_code == 401 and 'value="/console/account"' in posted.text
    forged = office.browser()
    forged.client.cookies.set("staff", "x" * 43)
    assert (await forged.client.get("/console/account")).status_code == 303


async def test_a_form_without_its_token_does_nothing(office: Office) -> None:
    desk, other = await office.desk("administrator", "wang"), await office.desk("administrator", "li")
    for token in ("", "0" * 40, await other.token()):
        answer = await desk.client.post("/console/account", data={"token": token, "act": "language", "language": "en"})
        assert answer.status_code == 403 and "没有提交" in answer.text
    crossed = await desk.client.post(
        "/console/account",
        data={"token": await desk.token(), "act": "language", "language": "en"},
        headers={"sec-fetch-site": "cross-site"},
    )
    assert crossed.status_code == 403
    assert "我的账号" in await desk.look("/account")
    door = office.browser()
    assert (await door.client.post("/console/sign-in", data={"login": "wang", "password": GOOD})).status_code == 403


async def test_garbage_at_the_door_is_answered(office: Office) -> None:
    desk = await office.desk("viewer")
    for path in ("/console/sign-in", "/console/account"):
        for content, kind in (
            (b"\xff\xfe%%%", "application/x-www-form-urlencoded"),
            (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
            (b"--x", "multipart/form-data"),
            (b"{}", "application/json"),
            (b"token=" + b"x" * 400_000, "application/x-www-form-urlencoded"),
        ):
            answer = await desk.client.post(path, content=content, headers={"content-type": kind})
            assert answer.status_code in {400, 403, 413, 422}, (path, kind, answer.status_code)


async def test_sessions_are_seen_ended_and_over_in_time(office: Office, time: Time) -> None:
    here = await office.desk("administrator", "wang")
    assert here.me
    there = await office.again(here.me)
    rows = await office.database.read(sessions.sessions_of, here.me.id)
    assert len(rows) == 2
    other = next(row.id for row in rows if row.origin == "192.0.2.9")
    await here.send("/sessions", 303, staff=str(here.me.id), session=str(other))
    assert (await there.client.get("/console/account")).status_code == 303
    viewer = await office.desk("viewer")
    await viewer.send("/sessions", 403, staff=str(here.me.id))
    time.passes(hours=11)
    await here.look("/account")
    time.passes(hours=11)
    await here.look("/account")  # seen in between: not over
    time.passes(hours=12, seconds=1)
    assert (await here.client.get("/console/account")).status_code == 303
    busy = await office.again(here.me)
    statuses = []
    for _ in range(17):
        time.passes(hours=10)
        statuses.append((await busy.client.get("/console/account")).status_code)
    assert statuses == [200] * 16 + [303]  # a week is the longest
    again = await office.again(here.me)
    await again.send("/sign-out", 303)
    assert (await again.client.get("/console/account")).status_code == 303


async def test_a_new_password_ends_the_other_sessions(office: Office) -> None:
    desk = office.browser()
    await invited(office, desk)
    (colleague,) = await office.database.read(staff.colleagues)
    other = await office.again(colleague)
    weak = await desk.send("/account", 422, act="password", password=GOOD, new="wang-min-1", again="wang-min-1")
    assert "容易被猜到" in weak.text
    new = "a heron stands in the shallow water"
    done = await desk.send("/account", 200, act="password", password=GOOD, new=new, again=new)
    assert "密码改好了" in done.text
    assert (await other.client.get("/console/account")).status_code == 303
    assert (await knock(office.browser(), "wang-min", new))[0] == 303


async def test_who_signed_in_again_left_the_session_before_to_whoever_had_its_cookie(office: Office) -> None:
    desk, thief = office.browser(), office.browser("203.0.113.9")
    login = await invited(office, desk)
    thief.client.cookies.set("staff", desk.client.cookies["staff"])
    assert (await thief.client.get("/console/account")).status_code == 200
    assert (await knock(desk, login, GOOD))[0] == 303
    assert (await desk.client.get("/console/account")).status_code == 200
    assert (await thief.client.get("/console/account")).status_code == 303


async def test_a_new_password_left_the_way_open_to_who_had_shown_the_old_one(office: Office, time: Time) -> None:
    desk, half = office.browser(), office.browser()
    login = await invited(office, desk)
    page = (await desk.send("/account", 200, act="totp", password=GOOD)).text
    key, mark = (re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("key", "mark"))  # type: ignore[index]
    totp = pyotp.TOTP(key)
    await desk.send("/account", 200, act="totp", key=key, mark=mark, code=totp.at(time.now))
    token = TOKEN.search(await half.look("/sign-in"))[1]  # type: ignore[index]
    shown = {"token": token, "login": login, "password": GOOD, "next": ""}
    half_way = (await half.client.post("/console/sign-in", data=shown)).text
    new = "a heron stands in the shallow water"
    await desk.send("/account", 200, act="password", password=GOOD, new=new, again=new)
    time.passes(seconds=30)
    mark = re.search(r'name="mark" value="([^"]+)"', half_way)[1]  # type: ignore[index]
    form = {"token": token, "mark": mark, "code": totp.at(time.now), "next": ""}
    assert (await half.client.post("/console/sign-in/code", data=form)).status_code == 401


async def test_cookies_are_safe_and_bound_to_https_where_there_is_one(office: Office) -> None:
    desk = office.browser()
    colleague, secret = await office.hire("viewer", "zheng")
    token = TOKEN.search(await desk.look(f"/invitation/{secret}"))
    assert token
    form = {"token": token[1], "password": GOOD, "again": GOOD}
    answer = await desk.client.post(f"/console/invitation/{secret}", data=form)
    cookies = [value for value in answer.headers.get_list("set-cookie") if value.startswith("staff=")]
    assert len(cookies) == 1 and "HttpOnly" in cookies[0] and "SameSite=lax" in cookies[0]
    kept = desk.client.cookies["staff"]
    rows = await office.database.read(sessions.sessions_of, colleague.id)
    assert len(rows) == 1
    found = await office.database.read(lambda tx: sessions.find_session(tx, kept))
    assert found is None, "the database holds a hash, not what the cookie holds"
    answer = await desk.client.get("/console/account")
    assert answer.headers["cache-control"] == "no-store"
