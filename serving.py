"""Running until told to stop: uvicorn inside our own loop, workers beside it, an orderly end."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import uvicorn

from assembly import Built, at_work, open_house
from db.staff import is_empty
from opening import desk_path
from settings import Settings
from web.express import Express
from web.full import Threshold

log = logging.getLogger("youli")
FIRST = "a link for the first administrator: .venv/bin/python main.py staff add NAME --role administrator"
OTHERS = 1000  # connections beside the lines of open chat pages
BACKLOG = 2048  # connections that wait to be let in
YOUNG = 20_000  # new objects until the collector looks at them: some dozen turns; hardly anything is in circles
GRACE = 15  # seconds that open requests get when we stop


class PortTaken(Exception):
    """Somebody listens there already."""


def serve_until_stopped(settings: Settings, *, doors: bool, work: bool, upgrade: bool) -> None:
    """Block until SIGTERM or SIGINT. Raises PortTaken and what ``assembly.open_house`` raises."""
    leave_out()
    listening = _listen(settings) if doors else None
    if listening is not None and settings.port == 0:
        settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    with listening or contextlib.nullcontext():
        try:
            import uvloop
        except ImportError:  # not on every system; asyncio's own loop serves as well
            asyncio.run(_run(settings, listening, work, upgrade))
        else:
            uvloop.run(_run(settings, listening, work, upgrade))


def leave_out() -> None:
    """Load no colours for terminals. typer brings pygments along, and where it is there, httpx loads a command line and
    Mako, with Alembic, coloured pages of errors: 4 MB that nobody looks at, 7 after the first start."""
    sys.modules.setdefault("pygments", None)  # type: ignore[arg-type]  # its import fails, which both are prepared for


def _listen(settings: Settings) -> socket.socket:
    """Take the port first: a taken one is told at once, before anything else starts."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        if error.errno in {98, 48, 10048}:  # address in use: Linux, macOS, Windows
            raise PortTaken from None
        raise ValueError(f"YOULI_HOST={settings.host}: {error.strerror}") from None
    return listening


async def _run(settings: Settings, listening: socket.socket | None, work: bool, upgrade: bool) -> None:
    async with open_house(settings, upgrade=upgrade) as built, contextlib.AsyncExitStack() as stack:
        if settings.database.startswith("sqlite"):
            await built.desk.open(desk_path(settings))
            stack.push_async_callback(built.desk.close)
        await stack.enter_async_context(at_work([*(built.workers if work else ()), *built.watches]))
        # What start-up made stays for good: the collector need not look at it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG)
        if listening is None:
            await _until_told()
            return
        await stack.enter_async_context(built.database.hearing(built.lookers.wake))
        _greet(settings, manned=not await built.database.read(is_empty))
        await _Server(built, settings).serve(sockets=[listening])


class Porter:
    """Lets in whoever is at the port. uvloop's own server lets in one connection in each turn of the loop: when many
    come while turns are long, the last would stand outside for a minute."""

    def __init__(self, port: socket.socket, welcome: Callable[[], asyncio.Protocol]) -> None:
        self._port, self._welcome = port, welcome
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[Any]] = set()
        port.listen(BACKLOG)
        port.setblocking(False)

    def open(self) -> None:
        """Begin."""
        if self._port.fileno() >= 0:  # else all was closed while we paused
            self._loop.add_reader(self._port, self._let_in)

    def close(self) -> None:
        """Let nobody in any more."""
        self._loop.remove_reader(self._port)

    def _let_in(self) -> None:
        for _ in range(BACKLOG):
            try:
                line, _ = self._port.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:  # too many files are open: asyncio's own server waits as long
                log.error("no connection can be taken: %s", error.strerror)
                self.close()
                self._loop.call_later(1.0, self.open)
                return
            line.setblocking(False)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = self._loop.create_task(self._loop.connect_accepted_socket(self._welcome, line))
            self._coming.add(task)
            task.add_done_callback(self._coming.discard)


class _Server(uvicorn.Server):
    """uvicorn, but open streams of notices are ended first: else it would wait for them. And the signal that
    ends it is not raised a second time: that would kill us before the house is closed."""

    porters: Sequence[Porter] = ()

    def __init__(self, built: Built, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                built.site,
                interface="asgi3",
                http=Express,
                log_config=None,
                access_log=False,
                proxy_headers=False,  # nothing here depends on the caller's address
                lifespan="off",
                timeout_graceful_shutdown=GRACE,
                server_header=False,
                h11_max_incomplete_event_size=64 * 1024,
            )
        )
        connections, limit = self.server_state.connections, settings.open_pages + OTHERS
        self.config.app = Threshold(built.site, built.full, connections, limit)  # uvicorn's own limit has no words
        self._built = built

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        kind = self.config.http_protocol_class

        def welcome() -> asyncio.Protocol:
            return kind(config=self.config, server_state=self.server_state, app_state={})  # type: ignore[call-arg]

        self.porters = [Porter(one, welcome) for one in sockets or ()]
        for porter in self.porters:
            porter.open()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for porter in self.porters:
            porter.close()
        self._built.lookers.close()
        await super().shutdown(sockets)


async def _until_told() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    sys.stdout.write("\n  Youli 有礼 is at work.   Stop: Ctrl-C\n\n")
    sys.stdout.flush()
    await told.wait()


def _greet(settings: Settings, *, manned: bool) -> None:
    """Where it is and what to try first."""
    address = settings.public_url
    lines = (
        "",
        f"  Youli 有礼 is ready:  {address}/chat",
        "  Try there: 「答题」 a quiz · 「贴士」 a tip · send a photo to report something",
        f"  Staff: {address}/console" if manned else f"  Staff: nobody yet; {FIRST}",
        f"  Figures: {address}/stats   Stop: Ctrl-C",
        "",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
