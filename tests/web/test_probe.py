"""``main.py check`` on the public address."""

from collections.abc import Callable

import httpx
import pytest

from bot.channels.web.probe import probe


def cut(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no way there")


@pytest.mark.parametrize(
    ("answer", "runs_here", "state", "words"),
    [
        (lambda request: httpx.Response(200), False, "ok", "https://youli.example/chat"),
        (lambda request: httpx.Response(502), True, "wrong", "healthz says 502"),
        (cut, True, "wrong", "though a server runs here"),
        (cut, False, "note", "main.py run"),
    ],
)
async def test_the_public_address(
    answer: Callable[[httpx.Request], httpx.Response], runs_here: bool, state: str, words: str
) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        found = await probe("https://youli.example", runs_here, http)
    assert found[0] == state and words in found[1]
