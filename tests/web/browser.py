"""A real Chromium for tests: the system's own, found by YOULI_TEST_CHROMIUM or by its usual names."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.play import PATIENCE

# First the one without windows, which Playwright, too, takes for what nobody watches.
NAMES = ("chromium-headless-shell", "/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
# Without a sandbox it runs in containers; the rest keeps it from calling home on its own account.
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The pages of its address bar, which nobody sees: half a second of processor for every window.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
]


def chromium() -> str | None:
    """Path of the Chromium to use, or None when the machine has none."""
    wanted = os.environ.get("YOULI_TEST_CHROMIUM")
    names = (wanted,) if wanted else NAMES
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file of tests. Tests without it are skipped, and say how to get it."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium here: install one, or name it in YOULI_TEST_CHROMIUM")
    expect.set_options(timeout=PATIENCE * 1000)  # milliseconds: a busy machine takes its time
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield launched
        launched.close()


def phone(browser: Browser, service_workers: Literal["allow", "block"] = "allow") -> Page:
    """A new person's phone: no cookies, nothing remembered. Routes see every request only without workers."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        service_workers=service_workers,
    )
    context.set_default_timeout(PATIENCE * 1000)
    return context.new_page()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone for one test."""
    opened = phone(browser)
    yield opened
    opened.context.close()


@dataclass
class Watch:
    """What a page should not do: complain in the console, or ask other hosts for anything."""

    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("blob", "data"):
            self.hosts.add(address.netloc)


@pytest.fixture
def watch(page: Page) -> Watch:
    """Complaints and hosts of ``page``, from its first request on."""
    seen = Watch()
    page.on("console", seen.console)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", seen.request)
    return seen
