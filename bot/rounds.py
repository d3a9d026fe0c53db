"""What a process does again and again beside its conversations."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress


async def rounds(
    work: Callable[[], Awaitable[object]], every: float, stop: asyncio.Event, failed: Callable[[], None]
) -> None:
    """Do the work until ``stop`` is set, with ``every`` seconds in between. One round that raises does not end the
    others: ``failed`` tells of it, inside the handling of its error."""
    while not stop.is_set():
        try:
            await work()
        except Exception:
            failed()
        with suppress(TimeoutError):
            async with asyncio.timeout(every):
                await stop.wait()
