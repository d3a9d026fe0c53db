"""A server process of its own for a test."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import main
from tests.system.readings import READERS, Readings
from tests.system.server import Ended, Server, environment

Commands = Callable[..., Ended]
Starter = Callable[..., Server]


@pytest.fixture
def starter(tmp_path: Path, migrated: Path) -> Iterator[Starter]:
    """Makes a server with settings; it is not started yet, and whatever runs is ended after the test."""
    made: list[Server] = []

    def make(role: str = "run", **settings: object) -> Server:
        tables = None if "database_url" in settings else migrated
        made.append(Server(tmp_path / f"server-{len(made)}", role, tables, **settings))
        return made[-1]

    yield make
    for server in made:
        server.end()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Server]:
    """A running server for a file of tests; at its end it is told to stop and must end in order."""
    running = Server(tmp_path_factory.mktemp("server"), tables=migrated).start()
    try:
        yield running
        running.stop()
    finally:
        running.end()


@pytest.fixture(scope="session")
def readings() -> Readings:
    """What commands that run here read."""
    return Readings()


@pytest.fixture
def reading(readings: Readings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that run here read content once while its files stay as they are."""
    for module in READERS:
        monkeypatch.setattr(module, "load", readings.load)


@pytest.fixture
def begun(tmp_path: Path, migrated: Path) -> None:
    """Commands find a database and need not make one."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    shutil.copy(migrated, data / "youli.db")


@pytest.fixture
def do(tmp_path: Path, reading: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commands]:
    """Runs commands of main.py here, which saves a second each; ``do("stats", "--json", port=1)``."""
    monkeypatch.chdir(tmp_path)  # no .env of a checkout
    for name in environment():
        monkeypatch.delenv(f"YOULI_{name}", raising=False)
    level, handlers = logging.root.level, list(logging.root.handlers)

    def run(*words: str, stdin: str = "", **settings: object) -> Ended:
        given = environment(**{"data_dir": tmp_path / "data", "port": 0} | settings) | {"COLUMNS": "200"}
        result = CliRunner().invoke(main.cli, words, input=stdin, env=given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    yield run
    logging.root.setLevel(level)
    logging.root.handlers[:] = handlers
