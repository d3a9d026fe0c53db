"""One server process for all tests of the web chat."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.system.server import Server
from tests.system.visitor import Visitor, browser


@pytest.fixture(scope="session")
def chat(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Server]:
    """A running server without a pace, since tests type faster than people."""
    server = Server(tmp_path_factory.mktemp("chat"), tables=migrated, rate_limit="off").start()
    try:
        yield server
        server.stop()
    finally:
        server.end()


@pytest.fixture(scope="session")
def chat_url(chat: Server) -> str:
    """The address of the chat page."""
    return f"{chat.url}/chat"


@pytest.fixture
async def client(chat: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that was never here before."""
    async with browser(chat.url) as opened:
        yield opened


@pytest.fixture
def visitor(client: httpx.AsyncClient) -> Visitor:
    """Somebody who was never here before."""
    return Visitor(client)


@pytest.fixture
async def stranger(chat: Server) -> AsyncIterator[Visitor]:
    """Somebody else in the same chat."""
    async with browser(chat.url) as opened:
        yield Visitor(opened)
