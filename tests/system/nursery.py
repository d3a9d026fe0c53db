"""Where servers are born: a process that has imported Youli and read its content forks one whenever a test wants one.

That takes more than a second of processor, and is the same for each of some eighty servers. From the first line of its
command on, a server is a process like any other, with its own settings, folder, signals and end. That ``main.py`` also
comes up from nothing is seen where a server or a command is ``real``.
"""

import atexit
import fcntl
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import gettempdir
from threading import Lock
from typing import IO

ROOT = Path(__file__).parents[2]
PIECE = 65536  # bytes of an order that are read at once


class Born:
    """A process that a nursery made; answers as far as a test needs it like ``subprocess.Popen``."""

    def __init__(self, told: int) -> None:
        """``told`` is a pipe: the number of the process, and its exit code when it has ended, a line for each."""
        self._told = os.fdopen(told, "rb", buffering=0)
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def wait(self, timeout: float) -> int:
        """The exit code, as soon as it has ended; TimeoutExpired after some seconds."""
        if self.returncode is None:
            ready = select.poll()
            ready.register(self._told)
            if not ready.poll(timeout * 1000):
                raise subprocess.TimeoutExpired("main.py", timeout)
            with self._told:
                self.returncode = int(self._told.readline())
        return self.returncode

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def send_signal(self, number: signal.Signals, /) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


class Nursery:
    """The process with everything imported, one for all workers. It ends when the last of them has."""

    def __init__(self) -> None:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")
        path = Path(gettempdir()) / f"youli-nursery-{run}"
        self._orders = socket.socket(socket.AF_UNIX)
        self._lock = Lock()
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                self._orders.connect(str(path))
            except OSError:  # nobody has begun one
                _begin(path)
                self._orders.connect(str(path))
        atexit.register(self._orders.close)

    def bear(
        self,
        *words: str,
        cwd: Path,
        env: Mapping[str, str],
        stdout: IO[bytes],
        stderr: IO[bytes],
        blind: bool = False,
    ) -> Born:
        """A process of ``main.py words…``. A ``blind`` one lets photos wait for their veil, which costs more than all
        else that most tests have a server do."""
        told, tell = os.pipe()
        order = json.dumps([words, str(cwd), dict(env), blind]).encode() + b"\n"
        with self._lock:
            sent = socket.send_fds(self._orders, [order], [stdout.fileno(), stderr.fileno(), tell])
            self._orders.sendall(order[sent:])
        os.close(tell)
        return Born(told)


def _begin(path: Path) -> None:
    """Start the process. It is nobody's child: no worker has to wait for the end of what is there for all."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        subprocess.run([sys.executable, "-m", __name__], cwd=ROOT, stdin=door.fileno(), check=True)  # noqa: S603 - this file


@cache
def nursery() -> Nursery:
    """The one of this process."""
    return Nursery()


def born(role: str, folder: Path, environment: Mapping[str, str], log: IO[bytes]) -> Born:
    """For ``bench``, whose processes come back quickly so: what it looks for happens when they end, and with what they
    find then. Nothing of it is about the veil of photos."""
    return nursery().bear(role, cwd=folder, env=environment, stdout=log, stderr=log, blind=True)


def _attend() -> None:
    """Fork a server for each order, until nobody can order any more. Standard input is the door."""
    import bot.channels.telegram.api  # noqa: F401 - with the library, which only those load that have a token
    import db.sqlite  # noqa: F401
    import main  # noqa: F401 - is there for those who are born
    import serving  # noqa: F401
    from actions import daily
    from content.library import Library
    from tests.system.readings import READERS, Readings

    with suppress(ImportError):
        import uvloop  # noqa: F401
    readings = Readings()
    for module in READERS:
        module.load = readings.load  # type: ignore[attr-defined]
    Library.served = cache(Library.served)  # type: ignore[method-assign] # one for all, with what is prepared
    library = readings.load(ROOT / "content", "demo").served()
    for _ in chain(daily.prepare(library, datetime.now(UTC).date()), library.finder.prepare()):
        pass
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the tests is for them
    door = socket.socket(fileno=os.dup(0))
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    open_now = {door}
    while True:
        for ready in select.select(open_now, (), ())[0]:
            if ready is door:
                open_now.add(door.accept()[0])
            elif not _heard(ready, open_now):
                ready.close()
                open_now.remove(ready)
                if open_now == {door}:
                    for path in (Path(door.getsockname()), Path(f"{door.getsockname()}.lock")):
                        path.unlink(missing_ok=True)
                    return


def _heard(orders: socket.socket, inherited: Iterable[socket.socket]) -> bool:
    """Fork for one order; False when there will be no more. Who is born closes what it has inherited."""
    order, files, *_ = socket.recv_fds(orders, PIECE, 3)
    if not order:
        return False
    while not order.endswith(b"\n"):
        order += orders.recv(PIECE)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    if os.fork() == 0:
        for one in inherited:
            one.close()
        if _is_born(*files):
            _live(*json.loads(order))
        os._exit(0)
    for file in files:
        os.close(file)
    return True


def _is_born(out: int, log: int, tell: int) -> bool:
    """Fork once more: True for who is born, and False, when that has ended and is told of, for who waited for it."""
    born = os.fork()
    if born == 0:
        os.dup2(out, 1)
        os.dup2(log, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for file in (out, log):
        os.close(file)
    if born:
        os.write(tell, b"%d\n" % born)
        os.write(tell, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(born, 0)[1]))
    os.close(tell)
    return born == 0


def _live(words: list[str], folder: str, environment: dict[str, str], blind: bool) -> None:
    """What the command line would begin."""
    import main
    from bot import retoucher

    if blind:
        retoucher.AT_ONCE = 0
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = ["main.py", *words]
    main.cli()


if __name__ == "__main__" and os.fork() == 0:
    _attend()
