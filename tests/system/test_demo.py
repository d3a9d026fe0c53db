"""``main.py demo`` as an operator meets it, and its figures in a real browser."""

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from typer.testing import CliRunner

import main
from tests.play import ROOT
from tests.system.conftest import Commands
from tests.system.server import Server, environment
from tests.web import browser as chromium
from tests.web.browser import Watch

browser = chromium.browser  # pytest finds fixtures by their names

ENDED = 1
TOLD = "演示：这里的居民、上报和数字都是编的，不是真的。"
HEAVIEST = 300_000  # bytes that a page may have the browser fetch, the first time


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A month of a small demo city, served."""
    server = Server(tmp_path_factory.mktemp("demo"))
    level, handlers = logging.root.level, list(logging.root.handlers)
    words, settings = ("demo", "--months", "1", "--people", "12"), environment(**server.settings)
    filled = CliRunner().invoke(main.cli, words, env=settings)  # in this process: it may take longer than a command
    logging.root.setLevel(level)
    logging.root.handlers[:] = handlers
    assert "The demo city is there" in filled.stdout, filled.stderr
    server.start()
    try:
        yield server
        server.stop()
    finally:
        server.end()


def test_every_page_of_a_demo_says_so(city: Server) -> None:
    for path in ("/chat", "/stats", "/privacy", "/console/sign-in"):
        page = httpx.get(f"{city.url}{path}", headers={"accept-language": "zh"}, follow_redirects=True)
        assert TOLD in page.text, path
    assert httpx.get(f"{city.url}/stats.json").json()["demo"] is True
    figures = {one["key"]: one["value"] for one in httpx.get(f"{city.url}/stats.json?period=last-90").json()["figures"]}
    assert figures["participants"] == 12
    assert figures["reports_received"] > 2


def test_it_is_neither_filled_nor_removed_under_a_running_server(city: Server) -> None:
    for words in ((), ("--remove",)):
        city.command("demo", *words).refused(ENDED, "先停下它")


def test_it_is_not_filled_twice_nor_into_a_real_city_and_what_is_not_there_is_not_removed(
    do: Commands, tmp_path: Path
) -> None:
    do("demo", "--remove").refused(ENDED, "没有演示数据")
    do("demo", city="template").refused(ENDED, "真的城市")
    do("chat", stdin="/start\n").well()
    do("demo").refused(ENDED, "1 位居民")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "scheme", "views"),
    [(360, "dark", ("overview", "reports", "areas")), (1280, "light", ("people", "learning", "satisfaction"))],
)
def test_every_view_of_the_figures_fits_is_light_and_can_be_read_by_everybody(
    city: Server, browser: Browser, width: int, scheme: str, views: tuple[str, ...]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, locale="zh-CN")  # type: ignore[arg-type]
    page, seen, axe, troubles = context.new_page(), Watch(), Axe(), []
    page.on("console", seen.console)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", seen.request)
    for view in views:
        page.goto(f"{city.url}/stats?view={view}&beside=previous")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        troubles += [
            f"{view}: {one['id']} {one['nodes'][0]['html'][:200]}" for one in axe.run(page).response["violations"]
        ]
        weight = page.evaluate("performance.getEntries().reduce((sum, one) => sum + (one.transferSize ?? 0), 0)")
        if weight > HEAVIEST or page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            troubles.append(f"{view}: {weight} bytes, or wider than the screen")
    assert troubles == []
    assert seen.errors == []
    assert seen.hosts == {urlsplit(city.url).netloc}
    context.close()


@pytest.mark.browser
@pytest.mark.skipif(not (ROOT / "web/static/vendor/uplot.js").exists(), reason="the web assets were not fetched here")
def test_a_day_opens_under_a_click_and_some_days_by_pulling(city: Server, browser: Browser) -> None:
    page, watch = browser.new_page(locale="zh-CN"), Watch()
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    page.goto(f"{city.url}/stats?view=people")
    chart = page.locator("[data-days]").filter(has=page.locator("#active-day"))
    plot = chart.locator(".u-over")
    expect(plot).to_be_visible()
    expect(chart.locator(".drawn")).to_be_hidden()
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 6, box["y"] + 40)
    last = chart.locator("tbody tr").last
    last_day, number = last.locator("th").text_content(), last.locator("td").first.text_content()
    expect(chart.locator(".u-legend")).to_contain_text(str(last_day))
    expect(chart.locator(".u-legend")).to_contain_text(str(number))  # the chart says what the table says
    page.mouse.click(box["x"] + box["width"] - 6, box["y"] + 40)
    page.wait_for_url(f"**period={last_day}**")
    page.go_back()
    plot.scroll_into_view_if_needed()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 40, steps=4)
    page.mouse.up()
    page.wait_for_url("**..**")
    [period] = parse_qs(urlsplit(page.url).query)["period"]
    first, _, until = period.partition("..")
    assert first < until
    page.emulate_media(media="print")
    page.goto(f"{city.url}/stats?view=people")
    expect(page.locator(".drawn").first).to_be_visible()
    expect(page.locator(".u-over").first).to_be_hidden()
    assert watch.errors == []
    page.close()
