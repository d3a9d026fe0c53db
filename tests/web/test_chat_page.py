"""The web chat as people meet it: in a browser, on a phone, by keyboard, with a bad connection."""

import io
import re
import tomllib
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, Request, Route, expect

from content.library import Library
from tests.bot.test_photos import HEIC
from tests.web import browser as chromium
from tests.web.browser import Watch, phone

# pytest finds fixtures by their names in this module
browser, page, watch = chromium.browser, chromium.page, chromium.watch

ROOT = Path(__file__).parents[2]
WORDS = {
    language: tomllib.loads((ROOT / f"content/texts/{language}/page.toml").read_text("utf-8"))
    for language in ("zh", "en")
}


def jpeg(name: str, colour: tuple[int, int, int]) -> FilePayload:
    """A photo of 1600 × 1200, as a phone would send it."""
    file = io.BytesIO()
    light = Image.linear_gradient("L").resize((1600, 1200))
    dark = Image.new("RGB", light.size)
    Image.composite(Image.new("RGB", light.size, colour), dark, light).save(file, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": file.getvalue()}


def bot(page: Page) -> Locator:
    return page.locator(".message.bot")


def you(page: Page) -> Locator:
    return page.locator(".message.you")


def enter(page: Page, chat_url: str) -> None:
    """Open the chat for the first time and wait for the welcome with its first question."""
    page.goto(chat_url)
    expect(page.locator(".option").first).to_be_visible()


def say(page: Page, text: str) -> None:
    """Type and send a message, and wait until it has been answered."""
    answers = bot(page).count()
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")
    expect(bot(page).nth(answers)).to_be_visible()


@pytest.mark.browser
def test_a_new_resident_talks_sends_photos_and_finds_all_again(page: Page, watch: Watch, chat_url: str) -> None:
    enter(page, chat_url)
    expect(you(page)).to_have_count(0)  # the hello was said by the page, not by the person

    option = page.locator(".option").first
    label = option.inner_text()
    answers = bot(page).count()
    option.tap()
    expect(bot(page).nth(answers)).to_be_visible()
    expect(you(page).last.locator(".bubble")).to_have_text(label)
    expect(option).to_have_class(re.compile("chosen"))

    say(page, "遛狗要牵绳吗？")
    expect(page.locator("#text")).to_have_value("")
    expect(page.locator(".bot .source").first).to_have_text(re.compile("^依据：.+核对$"))

    answers = bot(page).count()
    heic: FilePayload = {"name": "two.heic", "mimeType": "image/heic", "buffer": HEIC}  # which Chromium can't show
    page.locator("#album").set_input_files([jpeg("one.jpg", (90, 160, 90)), heic])
    expect(page.locator("#strip li")).to_have_count(2)
    page.locator("#send").tap()
    expect(bot(page).nth(answers)).to_be_visible()
    expect(page.locator("#strip li")).to_have_count(0)
    expect(you(page).last.locator("img")).to_have_count(2)
    expect(page.locator(".state")).to_have_count(0)

    before = page.locator("#messages .bubble").all_inner_texts()
    page.reload()
    expect(you(page).last.locator("img")).to_have_count(2)
    expect(you(page).last.locator("img").first).to_have_js_property("complete", True)
    expect(page.locator(".photo.broken")).to_have_count(0)
    assert page.locator("#messages .bubble").all_inner_texts() == before
    # A photo that arrives between a scroll and the browser's word of it is no scrolling away from the end.
    grow = "list => { list.lastElementChild.style.paddingTop = '300px'; list.parentElement.dispatchEvent(%s) }"
    page.locator("#messages").evaluate(grow % "new Event('scroll')")
    expect(page.locator(".option").last).to_be_in_viewport(ratio=1)
    assert watch.errors == []
    assert watch.hosts == {urlsplit(chat_url).netloc}


@pytest.mark.browser
def test_several_answers_are_ticked_in_place_and_sent_once(
    page: Page, watch: Watch, chat_url: str, library: Library
) -> None:
    enter(page, chat_url)
    kinds = {tip.id: library.questions[tip.question] for tip in library.tips.values()}
    tip, question = next((tip, one) for tip, one in kinds.items() if one.kind == "multiple")
    say(page, f"/quiz tip:{tip}")
    asked = bot(page).count()
    boxes, ready = page.locator(".current [role=checkbox]"), page.locator(".current .ready")
    expect(boxes).to_have_count(len(question.zh.options))
    expect(ready).to_be_disabled()
    boxes.nth(0).tap()
    boxes.nth(1).focus()
    page.keyboard.press("Space")  # by keyboard, too
    for index in range(len(question.zh.options)):
        if (index in question.right) != (index < 2):
            boxes.nth(index).tap()
    for index in range(len(question.zh.options)):
        expect(boxes.nth(index)).to_have_attribute("aria-checked", "true" if index in question.right else "false")
    assert bot(page).count() == asked  # nothing was sent yet
    ready.tap()
    expect(bot(page).last).to_contain_text("对。")
    said = "、".join("ABCDEF"[index] for index in question.right)
    expect(you(page).last.locator(".bubble")).to_have_text(said)
    old = page.locator("fieldset")
    expect(old).to_have_js_property("disabled", True)  # its letters would answer the next question
    page.reload()
    expect(old.locator(".chosen")).to_have_count(len(question.right))
    expect(old).to_have_js_property("disabled", True)
    assert watch.errors == []


@pytest.mark.browser
def test_two_windows_side_by_side_show_the_same(page: Page, watch: Watch, chat_url: str) -> None:
    enter(page, chat_url)
    beside = page.context.new_page()
    beside.goto(chat_url)
    expect(bot(beside)).to_have_count(bot(page).count())
    with beside.expect_response("**/chat/events*"):
        beside.reload()
    expect(bot(beside)).to_have_count(bot(page).count())

    def bubbles(shown: Page) -> list[str]:
        return shown.locator("#messages .bubble").all_inner_texts()

    for here, there, words in ((page, beside, "菜单"), (beside, page, "积分"), (page, beside, "遛狗要牵绳吗？")):
        say(here, words)
        expect(you(there).last.locator(".bubble")).to_have_text(words)
        expect(bot(there)).to_have_count(bot(here).count())
        assert bubbles(here) == bubbles(there)
    expect(page.locator(".current .option").last).to_be_visible()
    expect(beside.locator(".current .option")).to_have_count(page.locator(".current .option").count())
    assert beside.title() == page.title()  # nothing of it is news
    assert watch.errors == []


@pytest.mark.browser
def test_a_photo_opens_over_the_page_and_closes_again(page: Page, chat_url: str) -> None:
    enter(page, chat_url)
    page.locator("#album").set_input_files([jpeg("one.jpg", (90, 160, 90)), jpeg("two.jpg", (160, 90, 90))])
    page.locator("#send").tap()
    photo = page.locator(".photo").first
    photo.tap()
    expect(page.locator("#viewer")).to_be_visible()
    expect(page.locator("#viewer-count")).to_have_text("1 / 2")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer-count")).to_have_text("2 / 2")
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(photo).to_be_focused()


@pytest.mark.browser
def test_a_tenth_photo_is_left_out_and_a_chosen_one_can_be_removed(page: Page, chat_url: str) -> None:
    enter(page, chat_url)
    page.locator("#album").set_input_files([jpeg(f"{n}.jpg", (90, 10 * n, 90)) for n in range(10)])
    expect(page.locator("#strip li")).to_have_count(9)
    expect(page.locator("#notice")).to_contain_text("9")
    page.locator("#strip .remove").first.tap()
    expect(page.locator("#strip li")).to_have_count(8)


@pytest.mark.browser
def test_a_file_that_is_no_photo_leaves_the_open_question_open(browser: Browser, chat_url: str) -> None:
    page = phone(browser)  # speaks Chinese
    page.goto(f"{chat_url}?lang=en")
    expect(page.locator(".current .option").first).to_be_visible()
    page.locator("#album").set_input_files(FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=b"no picture" * 99))
    page.locator("#send").tap()
    expect(page.locator(".state.refused")).to_contain_text("can't read this file")  # in the page's language
    expect(page.locator(".current .option").first).to_be_visible()
    page.context.close()


@pytest.mark.browser
def test_the_keyboard_alone_reaches_everything(page: Page, chat_url: str) -> None:
    enter(page, chat_url)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()

    answers = bot(page).count()
    page.keyboard.type("你好")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("在吗")
    page.keyboard.press("Enter")
    expect(bot(page).nth(answers)).to_be_visible()
    assert you(page).last.locator(".bubble").inner_text() == "你好\n在吗"

    answers = bot(page).count()
    option = page.locator(".option").last
    for _ in range(6):
        page.keyboard.press("Shift+Tab")
        if option.evaluate("button => button === document.activeElement"):
            break
    expect(option).to_be_focused()
    page.keyboard.press("Enter")
    expect(bot(page).nth(answers)).to_be_visible()

    page.locator("#menu-button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#menu")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#commands button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    expect(page.locator("#menu-button")).to_be_focused()


@pytest.mark.browser
def test_large_type_stays_large(page: Page, chat_url: str) -> None:
    enter(page, chat_url)
    page.locator("#menu-button").tap()
    page.locator("#large").tap()
    page.reload()
    expect(page.locator("#large")).to_have_attribute("aria-checked", "true")
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    assert bot(page).first.locator(".bubble").evaluate(size) >= 22
    assert page.locator("#text").evaluate(size) >= 22
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_a_notice_in_large_type_covers_nothing_that_was_just_written(page: Page, chat_url: str) -> None:
    enter(page, chat_url)
    page.locator("#menu-button").tap()
    page.locator("#large").tap()
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    page.locator("#text").fill("贴士")
    page.locator("#text").press("Enter")
    expect(page.locator("#notice")).not_to_be_empty()
    expect(you(page).last.locator(".bubble")).to_be_in_viewport(ratio=1)


@pytest.mark.browser
def test_enter_that_picks_a_candidate_sends_nothing(page: Page, chat_url: str) -> None:
    enter(page, chat_url)
    page.locator("#text").fill("ni hao")
    for composing in ({"isComposing": True}, {"keyCode": 229}):  # Safari tells it only by the second
        page.locator("#text").dispatch_event("keydown", {"key": "Enter", "cancelable": True, **composing})
    expect(you(page)).to_have_count(0)
    expect(page.locator("#text")).to_have_value("ni hao")


@pytest.mark.browser
def test_what_could_not_be_sent_survives_a_reload_and_arrives_once(browser: Browser, chat_url: str) -> None:
    page = phone(browser, service_workers="block")
    enter(page, chat_url)
    ids = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/chat/messages"):
            ids.append((request.post_data_json or {})["id"])

    def lose_the_answer(route: Route) -> None:
        """The server has it, the phone never hears so."""
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.on("request", note)
    page.route("**/chat/messages", lose_the_answer)
    page.locator("#text").fill("只说一次的话")
    page.locator("#text").press("Enter")
    expect(you(page)).to_have_attribute("data-state", re.compile("sending|waiting"))
    page.wait_for_timeout(1500)  # at least one more attempt
    page.unroute_all(behavior="ignoreErrors")  # an attempt may be under way
    page.reload()
    expect(page.locator(".message.you[data-id]:not([data-state])")).to_have_count(1)
    expect(you(page)).to_have_count(1)
    assert len(ids) >= 2
    assert len(set(ids)) == 1
    page.context.close()


@pytest.mark.browser
def test_what_was_turned_away_says_so_and_goes_again_by_itself(browser: Browser, chat_url: str) -> None:
    page = phone(browser, service_workers="block")
    enter(page, chat_url)
    tries: list[tuple[str, str | None]] = []

    def turn_away_once(route: Route) -> None:
        tries.append(((route.request.post_data_json or {})["id"], route.request.headers.get("x-again")))
        if len(tries) > 1:
            route.continue_()
        else:
            error = {"error": {"code": "bot.busy", "text": "words for who writes by hand"}}
            route.fulfill(status=503, headers={"Retry-After": "1"}, json=error)

    page.route("**/chat/messages", turn_away_once)
    answers = bot(page).count()
    page.locator("#text").fill("菜单")
    page.locator("#text").press("Enter")
    expect(you(page).last).to_contain_text(WORDS["zh"]["live"]["busy"])
    expect(bot(page).nth(answers)).to_be_visible()
    assert [again for _, again in tries] == [None, "1"]
    assert len({number for number, _ in tries}) == 1
    page.context.close()


@pytest.mark.browser
def test_a_place_comes_from_the_device_or_is_typed(page: Page, chat_url: str) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 30.12345, "longitude": 120.54321})
    enter(page, chat_url)
    page.locator("#attach-button").tap()
    page.locator("#place-button").tap()
    page.locator("#place-here").tap()
    expect(you(page).last).to_contain_text("30.12345, 120.54321")
    expect(page.locator("#place")).to_be_hidden()

    page.locator("#attach-button").tap()
    page.locator("#place-button").tap()
    page.locator("#place-typed").fill("文昌路 12 号门口")
    page.locator("#place-typed").press("Enter")
    expect(you(page).last.locator(".bubble")).to_have_text("文昌路 12 号门口")


@pytest.mark.browser
def test_text_is_never_markup(page: Page, watch: Watch, chat_url: str) -> None:
    enter(page, chat_url)
    text = '<img src=x onerror="alert(1)"> https://example.org/a?b=1。 //example.org 1/2 /privacy'
    say(page, text)
    said = you(page).last.locator(".bubble")
    assert said.inner_text() == text
    expect(said.locator("img")).to_have_count(0)
    links = said.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links == ["https://example.org/a?b=1", "/privacy"]
    assert watch.errors == []


@pytest.mark.browser
def test_without_a_network_a_page_says_so_and_nothing_said_is_cached(page: Page, chat_url: str) -> None:
    enter(page, chat_url)
    say(page, "你好")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.wait_for_timeout(500)  # the offline page is being put away
    kept = page.evaluate(
        "caches.open('youli-offline').then(cache => cache.keys()).then(all => all.map(one => one.url))"
    )
    assert sorted(Path(urlsplit(url).path).name for url in kept) == ["look.css", "offline", "page.css"]
    page.context.set_offline(True)
    page.goto(chat_url)
    expect(page.locator("main.offline")).to_be_visible()
    page.context.set_offline(False)
    page.locator("a.main").click()
    expect(bot(page).first).to_be_visible()


@pytest.mark.browser
def test_it_can_be_installed(page: Page, chat_url: str) -> None:
    page.goto(chat_url)
    address = page.locator("link[rel=manifest]").evaluate("link => link.href")
    manifest = page.request.get(address).json()
    assert urlsplit(chat_url).path.startswith(manifest["scope"])
    for icon in manifest["icons"]:
        found = page.request.get(urljoin(address, icon["src"]))
        assert found.ok
        if icon["type"] == "image/png":
            width, height = Image.open(io.BytesIO(found.body())).size
            assert icon["sizes"] == f"{width}x{height}"


def test_every_word_of_the_page_exists_in_both_languages() -> None:
    template = (ROOT / "web/templates/chat.html").read_text("utf-8")
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / "web/static/chat").glob("*.js"))
    manifest = (ROOT / "web/templates/manifest.webmanifest").read_text("utf-8")
    asked = set(re.findall(r"""words\(["']page\.([a-z_.]+)["']\)""", template + manifest))
    lists = re.findall(r"set (live|place) = \[(.*?)\]", template, re.DOTALL)
    handed = {f"{table}.{key}" for table, keys in lists for key in re.findall(r'"(\w+)"', keys)}
    said = set(re.findall(r'"((?:live|place)\.[a-z_]+)"', scripts))
    assert said == handed
    there = {language: set(_keys(words)) for language, words in WORDS.items()}
    assert there["zh"] == there["en"] == asked | handed


def _keys(table: dict[str, object], prefix: str = "") -> list[str]:
    found = []
    for key, value in table.items():
        found += _keys(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key]
    return found
