"""Every form of the console against pages of others, missing rights, and what no browser would send.

The list of forms is the console's own list of addresses: a new one is tested as soon as it is there.
"""

import re
from collections.abc import Iterator

import pytest
from starlette.routing import Route

from tests.play import everything
from tests.web.console.office import Desk, Office, plain
from tests.web.console.test_report import HOSTILE
from web.console.doorman import SMALL
from web.console.report import UPLOAD

OUTSIDE = {"/console/sign-in", "/console/sign-in/code", "/console/invitation/{secret}"}  # for who has no session
FIELDS: tuple[str, ...] = (
    "act",
    "note",
    "version",
    "days",
    "until",
    "state",
    "move",
    "report",
    "person",
    "target",
    "department",
)
FIELDS += ("login", "name", "role", "password", "new", "again", "key", "code", "language", "session", "staff", "next")
FIELDS += ("area", "absence", "deputy", "from", "photo", "back", "mark", "sure", "rehearse", "ground")
ACTS: tuple[str, ...] = (
    "accept",
    "mute",
    "drop",
    "original",
    "reply",
    "change",
    "absent",
    "back",
    "reset",
    "disable",
    "password",
    "x",
)
ACTS += ("totp", "codes", "language", "chat")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Doors are the same on each database."""
    return sqlite_url


def forms(office: Office, number: str) -> Iterator[tuple[str, str]]:
    """Pattern and address of every form."""
    for route in office.app.routes:
        if isinstance(route, Route) and "POST" in (route.methods or ()):
            path = re.sub(r"\{number[^}]*\}", number, route.path)
            yield route.path, re.sub(r"\{\w+[^}]*\}", "1", path)


async def test_a_form_is_sent_by_whom_it_was_given_to_and_from_our_own_pages(office: Office) -> None:
    town = await office.town()
    number = (await town.submit()).number
    boss, other = await office.desk("administrator"), await office.desk("administrator")
    nobody = office.browser()
    mine, theirs = await boss.token(), await other.token()
    before = await everything(office.database)
    found = list(forms(office, number))
    assert {pattern for pattern, _ in found} >= OUTSIDE | {"/console/reports/{number}", "/console/mutes"}
    for pattern, path in found:
        inside = pattern not in OUTSIDE
        refused = 404 if "invitation" in pattern else 403  # to who has no link there is no page at all
        for desk, token, headers, status in (
            (nobody, mine, {}, 401 if inside else refused),
            (boss, "", {}, refused),
            (boss, theirs, {}, refused),
            (boss, mine + "0", {}, refused),
            (boss, "é" * 40, {}, refused),
            (boss, mine, {"sec-fetch-site": "cross-site"}, refused),
            (boss, mine, {"sec-fetch-site": "same-site"}, refused),
        ):
            form = {"token": token, "act": "reply", "note": "x", "version": "0"}
            answer = await desk.client.post(path, data=form, headers=headers)
            assert answer.status_code == status, (pattern, token[:4], headers, answer.status_code, plain(answer.text))
    assert await everything(office.database) == before


async def test_who_lacks_the_right_is_refused_at_the_door(office: Office) -> None:
    town = await office.town()
    number = (await town.submit()).number
    viewer = await office.desk("viewer")
    token = await viewer.token()
    before = await everything(office.database)
    own = OUTSIDE | {"/console/account", "/console/sessions", "/console/sign-out", "/console/today"}
    for pattern, path in forms(office, number):
        if pattern not in own:
            form = {"token": token, "act": "mute", "note": "x", "version": "0", "days": "7", "move": "accept"}
            answer = await viewer.client.post(path, data=form | {"report": f"{number}:0"})
            assert answer.status_code == 403, (pattern, answer.status_code)
    answer = await viewer.client.post("/console/sessions", data={"token": token, "staff": "999"})
    assert answer.status_code == 403  # nobody else's sessions
    assert await everything(office.database) == before


async def test_what_no_browser_sends_gets_an_answer_and_nothing_breaks(office: Office) -> None:
    """Garbage, floods of fields, words far too long, markup, control characters: refused or kept as text."""
    town = await office.town()
    number = (await town.submit()).number
    await office.hire("viewer")  # whom /console/people/1 is about
    boss = await office.desk("administrator")
    token = await boss.token()
    for pattern, path in forms(office, number):
        if pattern == "/console/sign-out":
            continue
        limit = UPLOAD if "reports" in pattern else SMALL
        bodies = [b"", b"\0\xff\xfe", b"a=%", b"&" * 5000, b"=" * 100, b"a" * 300_000]
        for kind in (
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "x",
        ):
            for body in bodies:
                answer = await boss.client.post(path, content=body, headers={"content-type": kind})
                assert 400 <= answer.status_code < 500, (pattern, kind, body[:9], answer.status_code)
        if limit == SMALL and pattern not in OUTSIDE:
            flood = await boss.client.post(path, data={"token": token, "note": "x" * SMALL})
            assert flood.status_code == 413, pattern
        await hostile(boss, path, token)
    for page in (
        "/today",
        "/queue",
        f"/reports/{number}",
        "/people",
        "/mutes",
        "/supervisions",
        "/audit",
        "/departments",
    ):
        shown = await boss.look(page)
        assert "<script>alert" not in shown and "<img src=x" not in shown, page


async def hostile(desk: Desk, path: str, token: str) -> None:
    """Fill every field with each bad word, for each deed; nothing but a clear answer comes back."""
    bad = (HOSTILE, "\x00\x1b[31m\u202e", "9" * 400, "-1", "../../etc", "x" * 4001, "' OR 1=1 --", "🧑‍🤝‍🧑" * 40)
    for count, words in enumerate(bad):
        for act in ACTS[count::8]:
            form = dict.fromkeys(FIELDS, words) | {"act": act, "token": token}
            answer = await desk.client.post(path, data=form)
            assert answer.status_code < 500, (path, act, words[:12], answer.status_code)
            assert "<script>alert" not in answer.text and "<img src=x" not in answer.text, (path, act)
