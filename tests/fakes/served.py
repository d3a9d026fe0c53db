"""A fake on a port of its own, for servers that are processes of their own."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from tests.play import PATIENCE


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an ASGI application on a thread of its own; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None))
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),))
    thread.start()
    try:
        until(lambda: server.started)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


def until(seen: Callable[[], object]) -> None:
    """Wait until something is so that another thread or process does. The longer it lasts, the less often it is looked
    for: they have work to do."""
    began = time.monotonic()
    while not seen():
        waited = time.monotonic() - began
        assert waited < PATIENCE
        time.sleep(min(0.1, 0.01 + waited / 10))
