"""Start the bots that are measured on their own core, read from /proc what they cost, stop them for sure."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
STOPPING = 10.0  # seconds a server has to stop by itself
STARTING = 20.0


@dataclass(frozen=True)
class Recipe:
    """How a server is started; ``{port}``, ``{data}`` and ``{api}`` stand for its port, its folder and the address
    of the Bot API that is played."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    health: str = ""  # the path that tells it is ready; empty: it is when it accepts connections


def cores() -> tuple[int, int]:
    """The core of the servers and that of the load; the same one where the machine has no second.

    The first and the last: neighbours are often two threads of one core.
    """
    mine = sorted(os.sched_getaffinity(0))
    return mine[0], mine[-1]


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Processes started meanwhile, and all their threads, stay on this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Server:
    """A running server. Use it as a context: leaving it stops the whole process group."""

    def __init__(self, recipe: Recipe, data: Path, core: int, api: str = "") -> None:
        """Start it in the folder ``data``. Raises RuntimeError when it does not become ready."""
        self.port = _free_port()
        self.log = data / "server.log"
        data.mkdir(parents=True, exist_ok=True)
        stands_for = {"port": str(self.port), "data": str(data), "api": api}
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("YOULI_")},
            **{name: value.format_map(stands_for) for name, value in recipe.environment.items()},
            "BENCH_DATA": str(data),
            "PYTHONPATH": str(ROOT),
        }
        began = time.perf_counter()
        with pinned(core), self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [part.format_map(stands_for) for part in recipe.command],
                cwd=data,  # where no .env of the checkout is found
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            self._wait(recipe.health, began + STARTING)
        except BaseException:
            self.stop()
            raise
        self.started_in = time.perf_counter() - began

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process that was started; its workers are its children."""
        return self._process.pid

    def cpu_seconds(self) -> float:
        """What the server and its children have worked so far."""
        # proc(5): fields 14 and 15, utime and stime; the name in parentheses may hold blanks.
        stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self._pids())
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICK

    def megabytes(self) -> float:
        """Its resident memory now, its workers' added."""
        pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self._pids())
        return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def complaints(self) -> list[str]:
        """Lines of its log that tell of errors: an apology is an answer, too, but no turn."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in ("Traceback", "ERROR", "CRITICAL"))]

    def kill(self) -> None:
        """End it as a power cut would."""
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask it to stop, then make it."""
        # The second signal is for workers that outlive the first process of their group.
        for signum in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(self.pid, signum)
                self._process.wait(STOPPING)

    def _wait(self, health: str, until: float) -> None:
        while time.perf_counter() < until:
            if self._process.poll() is not None:
                raise RuntimeError(f"it stopped with code {self._process.returncode}:\n{self._last_words()}")
            if _is_ready(self.port, health):
                return
            time.sleep(0.005)
        raise RuntimeError(f"it was not ready within {STARTING:.0f} s:\n{self._last_words()}")

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def _pids(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_ready(port: int, health: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            if not health:
                return True
            line.sendall(f"GET {health} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            return line.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
