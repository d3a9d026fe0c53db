"""The console as offices meet it: a dispatcher at a desk, a handler with a phone, in a real Chromium.

Axe looks for what a screen reader, a keyboard or tired eyes would stumble over, on every page, light and dark.
"""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from tests.play import PATIENCE, ROOT
from tests.system.server import Server
from tests.system.visitor import NUMBER, Visitor, jpeg
from tests.system.visitor import browser as visit
from tests.web import browser as chromium
from tests.web.browser import Watch

# pytest finds fixtures by their names in this module
browser = chromium.browser

PASSWORD = "the reeds are quiet at noon"
PHONE, DESK = (360, 740), (1440, 900)
HEAVIEST = 300_000  # bytes that a page may have the browser fetch, the first time
PULLED = ((0.2, 0.3), (0.6, 0.5))  # from where to where, in parts of the picture
PHOTO: FilePayload = {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": jpeg(77, 640, 480)}
BEFORE: FilePayload = {"name": "before.jpg", "mimeType": "image/jpeg", "buffer": jpeg(3, 640, 480)}
STILL: FilePayload = {"name": "still.jpg", "mimeType": "image/jpeg", "buffer": jpeg(31, 640, 480)}


def reported(url: str, seed: int, place: str) -> tuple[str, str]:
    """Somebody sends a report in the web chat, on a thread with its own loop; its number, and their cookie."""

    async def report() -> tuple[str, str]:
        async with visit(url) as client:
            visitor = Visitor(client)
            return await visitor.report(jpeg(seed, 640, 480), place, "三天没人清了"), visitor.cookie

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, report()).result()


class Office:
    """The people of one server, each in a browser of their own."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self._browser, self.server = browser, server
        self.watch = Watch()

    def open(self, size: tuple[int, int], *, dark: bool = False) -> Page:
        """A browser that nobody signed in with."""
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale="zh-CN",
            has_touch=size == PHONE,
        )
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.on("console", self.watch.console)
        page.on("pageerror", lambda error: self.watch.errors.append(str(error)))
        page.on("request", self.watch.request)
        return page

    def accept(self, page: Page, link: str) -> Page:
        """Follow a one-time link and choose a password."""
        page.goto(link)
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=again]", PASSWORD)
        page.click("button.main")
        expect(page).to_have_url(f"{self.server.url}/console/today")
        return page

    def go(self, page: Page, path: str) -> None:
        """Open a page of the console."""
        page.goto(f"{self.server.url}/console{path}")


@contextmanager
def opened(browser: Browser, server: Server, *, real: bool) -> Iterator[Office]:
    """The console of a server that runs meanwhile."""
    if not (ROOT / "web/static/vendor/htmx.min.js").exists():
        pytest.skip("the web assets are not here: make setup fetches them")
    server.start(real)
    try:
        yield Office(browser, server)
        server.stop()
    finally:
        server.end()


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Office]:
    """A console in which photos wait for their veil, as most tests need none."""
    server = Server(tmp_path_factory.mktemp("office"), tables=migrated, rate_limit="off")
    with opened(browser, server, real=False) as found:
        yield found


@pytest.fixture
def seeing(browser: Browser, tmp_path: Path, migrated: Path) -> Iterator[Office]:
    """One that came up from nothing, and veils photos while people wait for them."""
    with opened(browser, Server(tmp_path, tables=migrated, rate_limit="off"), real=True) as found:
        yield found


@pytest.fixture(scope="module")
def boss(office: Office) -> Page:
    """The first administrator."""
    return let_in(office, "王敏", "administrator")


def let_in(office: Office, name: str, role: str) -> Page:
    """Somebody invited by the command line, at their desk."""
    said = office.server.command("staff", "add", name, "--role", role).well()
    return office.accept(office.open(DESK), said.split()[-1])


def invite(office: Office, boss: Page, name: str, role: str, department: str = "") -> str:
    """Invite a colleague on the page of people; their link."""
    office.go(boss, "/people")
    boss.click("details.card > summary")
    boss.fill("[name=name]", name)
    boss.select_option("[name=role]", role)
    if department:
        boss.click(".limits summary")
        boss.check(f"[name=department][value={department}]")
    boss.click("button.main")
    return boss.locator(".secret").inner_text()


def move(page: Page, label: str) -> None:
    """Open the form of a move."""
    page.locator("details.move > summary", has_text=re.compile(f"^{label}$")).click()


def confirm(page: Page) -> None:
    """Send the form that is open, and wait until the page has come again without it."""
    page.locator("details.move[open] button.main").click()
    expect(page.locator("details.move[open]")).to_have_count(0)


@pytest.mark.browser
def test_from_a_photo_to_solved(office: Office, boss: Page) -> None:
    dispatcher = office.accept(office.open(DESK), invite(office, boss, "李强", "dispatcher"))
    handler = office.accept(office.open(PHONE, dark=True), invite(office, boss, "周伟", "handler", "street"))
    before = figures(office)
    resident = office.open(PHONE)
    number = reports(resident, office, "柳岸路 8 号")

    office.go(dispatcher, "/queue")
    dispatcher.keyboard.press("/")
    dispatcher.keyboard.type(number)
    expect(dispatcher.locator("[data-row]")).to_have_count(1)
    expect(dispatcher).to_have_url(f"{office.server.url}/console/queue?q={number}")
    dispatcher.locator("body").click(position={"x": 5, "y": 5})
    dispatcher.keyboard.press("j")
    dispatcher.keyboard.press("Enter")
    expect(dispatcher.locator("h1")).to_contain_text("乱丢垃圾")
    expect(dispatcher.locator(".photos img").first).to_have_js_property("complete", True)
    move(dispatcher, "受理")
    dispatcher.select_option("details[open] [name=department]", "street")
    dispatcher.locator("details[open] textarea").fill("今天就去")
    dispatcher.click("details[open] [data-rehearse]")
    expect(dispatcher.locator(".bubble")).to_contain_text("由街道办事处（会同物业）办")
    expect(dispatcher.locator(".state").first).to_have_text("已收到")
    confirm(dispatcher)
    expect(dispatcher.locator(".state").first).to_have_text("已受理")

    other = office.open(DESK)
    other.context.add_cookies(boss.context.cookies())  # type: ignore[arg-type]
    other.clock.install()
    office.go(other, f"/reports/{number}")

    office.go(handler, "/today")
    handler.locator(".case", has_text="柳岸路 8 号").first.tap()
    move(handler, "开始处理")
    confirm(handler)
    other.clock.run_for(16_000)
    expect(other.locator("#moved")).to_be_visible()
    resolve(handler)
    hears(resident, "解决了吗")
    answers(resident, "还没有", "拍一张现在的样子")
    resident.locator("#album").set_input_files([STILL])
    resident.locator("#send").tap()
    hears(resident, "办得怎么样")
    expect(resident.locator(".message.bot", has_text="退回重办").last).to_be_visible()
    answers(resident, "不满意", "哪里还可以更好")
    answers(resident, "只办了一部分", "已经选了：只办了一部分")
    answers(resident, "选好了", "谢谢您说出来")
    expect_state(handler, "已受理")
    expect(handler.locator(".talk")).to_contain_text("退回重办")
    expect(handler.locator(".about")).to_contain_text("还没有 · 不满意 · 只办了一部分")
    expect(handler.locator(".seen h3", has_text="补充的")).to_be_visible()
    move(handler, "开始处理")
    confirm(handler)
    resolve(handler)
    hears(resident, "解决了吗")
    answers(resident, "解决了", "办得怎么样")
    answers(resident, "满意", "记下了，谢谢您")
    expect_state(handler, "已结案")
    expect(handler.locator(".about")).to_contain_text("解决了 · 满意")
    assert {key: (now[0] - before[key][0], now[1] - before[key][1]) for key, now in figures(office).items()} == {
        "closing_rate": (1, 1),
        "survey_rate": (2, 2),
        "solved_rate": (1, 2),
        "satisfaction": (1, 2),
        "reopened_rate": (1, 1),
    }
    resident.goto(f"{office.server.url}/stats")
    expect(resident.locator("body")).to_contain_text("满意率")
    assert office.watch.errors == []
    assert office.watch.hosts == {urlsplit(office.server.url).netloc}


def reports(resident: Page, office: Office, place: str) -> str:
    """Somebody sends a report in the web chat, from the photo to the number."""
    resident.goto(f"{office.server.url}/chat")
    resident.locator("#album").set_input_files([BEFORE])
    resident.locator("#send").tap()
    hears(resident, "想上报，还是只想问问")
    answers(resident, "上报问题", "是哪一类")
    answers(resident, re.compile("乱丢垃圾"), "在哪里")
    resident.locator("#text").fill(place)
    resident.locator("#send").tap()
    hears(resident, "是哪一种")
    answers(resident, "生活垃圾", "在小区里面")
    answers(resident, "路边或公共场地", "还要补一句吗")
    answers(resident, "不用了", "请看一眼对不对")
    answers(resident, "提交", "编号")
    return str(NUMBER.findall(resident.locator(".message.bot", has_text="编号").last.inner_text())[0])


def hears(resident: Page, words: str) -> None:
    """The bot's last words."""
    expect(resident.locator(".message.bot").last).to_contain_text(words)


def answers(resident: Page, label: str | re.Pattern[str], words: str) -> None:
    """Tap an option; what comes back."""
    exactly = re.compile(f"^{label}$") if isinstance(label, str) else label
    resident.locator(".option", has_text=exactly).last.tap()
    hears(resident, words)


def figures(office: Office) -> dict[str, tuple[float, float]]:
    """Numerator and denominator of what the public figures say of reports."""
    today = datetime.now(UTC).date()
    span = {"from": f"{today - timedelta(days=1)}", "to": f"{today + timedelta(days=40)}"}
    found = httpx.get(f"{office.server.url}/stats.json", params=span).json()["figures"]
    found = {one["key"]: one for one in found}
    keys = ("closing_rate", "survey_rate", "solved_rate", "satisfaction", "reopened_rate")
    return {key: (found[key]["numerator"], found[key]["denominator"]) for key in keys}


def resolve(handler: Page) -> None:
    """A photo of how it looks now, a phrase that is at hand, done."""
    move(handler, "处理好了")
    handler.set_input_files("details[open] [name=photo]", [PHOTO])
    handler.select_option("details[open] [data-phrases]", index=1)
    expect(handler.locator("details[open] textarea")).to_have_value("已经清理干净，请看照片。")
    confirm(handler)
    expect(handler.locator(".state").first).to_contain_text("已处理")


def expect_state(page: Page, words: str) -> None:
    """The report, looked at again."""
    page.reload()
    expect(page.locator(".state").first).to_have_text(words)


@pytest.mark.browser
def test_what_is_chosen_counts_though_the_scripts_come_late(office: Office, boss: Page) -> None:
    number, _ = reported(office.server.url, 8, "书院街 4 号")
    for done in ("accept", "start"):
        office.server.command("reports", "move", number, done).well()
    page, late = boss.context.new_page(), list[Route]()
    page.route("**/moves.js*", lambda route: late.append(route))
    page.goto(f"{office.server.url}/console/reports/{number}", wait_until="commit")
    move(page, "处理好了")
    phrases = page.locator("details[open] [data-phrases]")
    phrases.select_option(index=1)
    note = page.locator("details[open] textarea")
    assert (len(late), note.input_value()) == (1, "")
    late[0].continue_()
    expect(note).to_have_value("已经清理干净，请看照片。")
    expect(phrases).to_have_value("")
    page.close()


@pytest.mark.browser
def test_words_of_a_ground_that_were_deleted_stay_so_when_looked_at_again(office: Office, boss: Page) -> None:
    number, _ = reported(office.server.url, 9, "书院街 6 号")
    office.go(boss, f"/queue?q={number}")
    boss.check("[name=report]")
    boss.select_option("#bulk [name=move]", "reject")
    boss.click("#bulk button.main")
    ground, note = boss.locator("[data-grounds]"), boss.locator("[name=note]")
    ground.select_option(index=1)
    expect(note).not_to_have_value("")
    note.fill("")
    boss.locator(".buttons button").last.click()
    expect(boss.locator("[data-grounds] option[selected]")).to_have_count(1)
    boss.wait_for_load_state()
    expect(ground).not_to_have_value("")
    expect(note).to_have_value("")


@pytest.mark.browser
def test_what_is_typed_outlives_the_session(office: Office, boss: Page) -> None:
    desk = office.accept(office.open(DESK), invite(office, boss, "钱文", "office"))
    number, _ = reported(office.server.url, 4, "码头 2 号")
    office.go(desk, f"/reports/{number}")
    move(desk, "回复居民")
    desk.locator("details[open] textarea").fill("写了很久的一段话")
    desk.context.clear_cookies(name="staff")
    desk.locator("details[open] button.main").click()
    expect(desk.locator("h1")).to_have_text("登录工作台")
    desk.fill("[name=login]", "钱文")
    desk.fill("[name=password]", PASSWORD)
    desk.click("button.main")
    expect(desk.locator("#banner")).to_contain_text("已经放回来了")
    kept = desk.locator("details.move[open] textarea")
    expect(kept).to_have_value("写了很久的一段话")
    confirm(desk)
    expect(desk.locator(".talk")).to_contain_text("写了很久的一段话")
    desk.reload()
    expect(desk.locator("#banner")).to_be_hidden()
    office.watch.errors.clear()  # the browser notes the 401


@pytest.mark.browser
def test_what_was_missed_is_framed_with_the_mouse_and_veiled(seeing: Office) -> None:
    desk = let_in(seeing, "孙悦", "dispatcher")
    number, _ = reported(seeing.server.url, 6, "果园路 3 号")
    seeing.go(desk, f"/reports/{number}")
    desk.locator(".photos p a").first.click()
    easel = desk.locator("#easel")
    expect(easel.locator("img")).to_have_js_property("complete", True)
    expect(easel).to_have_class(re.compile("drawing"))
    frame = easel.bounding_box()
    assert frame is not None
    corners = [(frame["x"] + frame["width"] * across, frame["y"] + frame["height"] * down) for across, down in PULLED]
    desk.mouse.move(*corners[0])
    desk.mouse.down()
    desk.mouse.move(*corners[1], steps=4)
    desk.mouse.up()
    expect(easel.locator("i")).to_have_count(1)
    typed = [float(desk.locator(f"[name={side}]").first.input_value()) for side in ("left", "top", "width", "height")]
    assert all(abs(one - wanted) < 1 for one, wanted in zip(typed, (20, 30, 40, 20), strict=True))
    desk.locator("[name=left]").nth(1).fill("0")
    for side in ("top", "width", "height"):
        desk.locator(f"[name={side}]").nth(1).fill("10")
    expect(easel.locator("i")).to_have_count(2)
    before = easel.locator("img").get_attribute("src")
    desk.click("#veil button.main")
    for _ in range(60):  # the process that looks for faces needs some seconds to start
        if "可以公开" in desk.locator(".lead").inner_text():
            break
        desk.wait_for_timeout(1000)
        desk.reload()
    expect(desk.locator(".lead")).to_have_text("打好码了，可以公开")
    assert easel.locator("img").get_attribute("src") != before
    found = Axe().run(desk)
    assert [one["id"] for one in found.response["violations"]] == []
    assert seeing.watch.errors == []


ROOMS = [f"/{name}" for name in ("today", "queue", "reports/{}", "map", "departments", "people", "audit", "sessions")]
ROOMS += ["/account", "/mutes", "/supervisions?state=signed", "/stats", "/stats?view=areas&beside=previous"]


VIOLATIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


ON_PAPER = """() => getComputedStyle(document.querySelector("h1")).color === "rgb(31, 40, 33)"
    && [...document.querySelectorAll("main form, main nav")].every((one) => !one.checkVisibility())
    && [...document.querySelectorAll("table.list")].every((one) => getComputedStyle(one).display === "table")"""


@pytest.mark.browser
def test_every_page_is_light_fits_and_can_be_read_by_everybody(office: Office, boss: Page) -> None:
    number, _ = reported(office.server.url, 5, "星湖大道 9 号")
    office.server.command("reports", "move", number, "supervise", "--note", "请今天办好").well()
    office.server.command("reports", "mute", number, "--days", "7", "--reason", "同一件报了三十次").well()
    axe, troubles = Axe(), []
    for size, dark in ((PHONE, True), (DESK, False)):
        page = office.open(size, dark=dark)
        page.context.add_cookies(boss.context.cookies())  # type: ignore[arg-type]
        for room in ROOMS:
            office.go(page, room.format(number))
            if room == "/map":
                expect(page.locator(".community")).to_have_count(13)
            # On the page of figures a style of its bars had once folded the frame's bar up.
            if page.locator("header.bar nav li a").first.evaluate("""link => {
                const box = link.getBoundingClientRect();
                const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
                return !link.contains(there);
            }"""):
                troubles.append(f"{room} {size}: nobody can get elsewhere")
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            if dark and room.startswith("/stats"):
                page.emulate_media(media="print")
                if not page.evaluate(ON_PAPER):
                    troubles.append(f"{room}: on paper its words are pale, or it prints what is only to be clicked")
                page.emulate_media(media="screen")
            found = axe.run(page, options=VIOLATIONS)
            troubles += [
                f"{room} {size} {one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]
            ]
            weight = page.evaluate("performance.getEntries().reduce((sum, one) => sum + (one.transferSize ?? 0), 0)")
            if weight > HEAVIEST or page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                troubles.append(f"{room} {size}: {weight} bytes, or wider than the screen")
    page = office.open((768, 1024))
    page.goto(f"{office.server.url}/console/sign-in")
    troubles += [one["id"] for one in axe.run(page).response["violations"]]
    assert troubles == []
    assert office.watch.errors == []
