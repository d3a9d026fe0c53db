"""A Youli of one's own: ``main.py run`` as a process, reached the way anybody reaches it."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import httpx

from tests.play import PATIENCE, ROOT
from tests.system.nursery import Born, nursery
from tests.system.visitor import certificates

MAIN = (sys.executable, str(ROOT / "main.py"))
TOKEN = "a-token-of-the-test"  # of WeChat


def environment(**settings: object) -> dict[str, str]:
    """The variables of this process without settings of a Youli, and these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YOULI_")}
    return kept | {f"YOULI_{name.upper()}": str(value) for name, value in settings.items()}


def free_port() -> int:
    """A port that nobody uses now; needed where a server comes back to its old address."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Ended:
    """A command that ended: its exit code and what it said."""

    code: int
    out: str
    err: str

    def well(self) -> str:
        """It worked and had nothing to complain of; what it printed."""
        assert (self.code, self.err) == (0, "")
        return self.out

    def refused(self, code: int, *words: str) -> None:
        """It ended with this code and said why: one clear line for each of these words."""
        assert self.code == code, self
        assert "Traceback" not in self.err
        lines = self.err.strip().splitlines()
        assert len(lines) == len(words), self.err
        assert all(word in line for word, line in zip(words, lines, strict=True)), self.err


class Server:
    """A server process with everything in one folder; may be stopped, killed and started again."""

    def __init__(self, folder: Path, role: str = "run", tables: Path | None = None, **settings: object) -> None:
        """``role`` is the command: run, serve or work; ``tables`` a file to begin with, so that a first start need not
        make them."""
        self.folder, self.role, self._tables = folder, role, tables
        self.data = folder / "data"
        self.settings = {"data_dir": self.data, "port": 0, "wechat_token": TOKEN, **settings}
        self.url = ""
        self._process: subprocess.Popen[bytes] | Born | None = None
        self._out, self._log = folder / "server.out", folder / "server.log"
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, real: bool = False) -> "Server":
        """Start and wait until it answers («work», which answers nobody, says that it is at work). A ``real`` one comes
        up from nothing, as an operator's does; others begin with everything imported, which is much quicker."""
        if self._tables is not None and not self.data.exists():
            self.data.mkdir(mode=0o700)
            shutil.copy(self._tables, self.data / "youli.db")
        with self._out.open("wb") as out, self._log.open("ab") as log:
            cwd, env = self.folder, environment(**self.settings)
            if real:
                command = [*MAIN, self.role]
                self._process = subprocess.Popen(command, cwd=cwd, env=env, stdout=out, stderr=log)  # noqa: S603 - our own program
            else:
                self._process = nursery().bear(self.role, cwd=cwd, env=env, stdout=out, stderr=log, blind=True)
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process.poll() is None, f"it ended with {self._process.returncode}: {self.log}"
            assert time.monotonic() < until, f"it does not answer: {self.log}"
            time.sleep(0.02)
        return self

    def _answers(self) -> bool:
        said = self._out.read_text("utf-8")
        if self.role == "work":
            return "is at work" in said
        found = re.search(r"(http://\S+)/chat", said)
        if found is None:
            return False
        self.url = found[1]
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2, verify=certificates()).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> float:
        """Tell it to stop; how many seconds that took. It must end in order, with nothing left behind."""
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        assert self.wait() == 0, self.log
        assert "Traceback" not in self.log, self.log
        assert not (self.data / "youli.sock").exists()
        return time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL: it ends without a goodbye."""
        self.signal(signal.SIGKILL)
        self.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        """Wait for the end; the exit code."""
        assert self._process is not None
        return self._process.wait(PATIENCE)

    def end(self) -> None:
        """Make sure that nothing runs any more, whatever happened."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    @property
    def log(self) -> str:
        """All that was logged since the first start."""
        return self._log.read_text("utf-8")

    def command(self, *words: str, real: bool = False, **settings: object) -> Ended:
        """Run another command of main.py on the same data, as an operator would; ``real`` is as for ``start``."""
        settings = self.settings | settings
        if real:
            return command(*words, folder=self.folder, settings=settings)
        with TemporaryFile() as out, TemporaryFile() as err:
            born = nursery().bear(*words, cwd=self.folder, env=environment(**settings), stdout=out, stderr=err)
            code = born.wait(PATIENCE)
            out.seek(0)
            err.seek(0)
            return Ended(code, out.read().decode(), err.read().decode())

    def break_table(self, name: str) -> None:
        """Take a table away under the server, to see it fail."""
        with closing(sqlite3.connect(self.data / "youli.db")) as connection, connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute(f"DROP TABLE {name}")

    def overdue(self) -> None:
        """While it is down, the time passes for which letters were to wait."""
        with closing(sqlite3.connect(self.data / "youli.db")) as connection, connection:
            connection.execute("UPDATE letters SET due_at = 0 WHERE state = 'waiting'")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the database file, past all of our code."""
        with closing(sqlite3.connect(f"file:{self.data / 'youli.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def counts(self) -> Mapping[str, int]:
        """How many rows each table has, but for what the clock notes and adds up by itself."""
        own = {"ticks", "marks", "rollups", "report_sets"}
        tables = [row[0] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counted = [f"SELECT '{name}', count(*) FROM {name}" for name in tables if name not in own]
        return dict(self.rows(" UNION ALL ".join(counted)))


def command(*words: str, folder: Path, settings: Mapping[str, object]) -> Ended:
    """``main.py words…`` with these settings, as a process started in a folder."""
    done = subprocess.run(  # noqa: S603 - our own program
        [*MAIN, *words],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
