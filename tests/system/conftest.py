"""A server process of its own for a test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.server import Server

Starter = Callable[..., Server]


@pytest.fixture
def starter(tmp_path: Path) -> Iterator[Starter]:
    """Makes a server with settings; it is not started yet, and whatever runs is ended after the test."""
    made: list[Server] = []

    def make(**settings: object) -> Server:
        made.append(Server(tmp_path / f"server-{len(made)}", **settings))
        return made[-1]

    yield make
    for server in made:
        server.end()


@pytest.fixture
def server(starter: Starter) -> Iterator[Server]:
    """A running server; after the test it is told to stop and must end in order."""
    running = starter().start()
    yield running
    running.stop()
