"""What is said to who comes when all connections are taken."""

from collections.abc import Awaitable, Callable, Sized
from random import randint

from starlette.requests import Request

from bot.asgi import Door, Receive, Scope, Send
from web.door import AGAIN, refusal
from web.parts import Parts

ALWAYS = frozenset({"/healthz", "/readyz", "/metrics"})  # a full house is well: nobody is to start it anew


class Full:
    """Words, and when to come again: as a sentence for who follows a link, as JSON for the chat page and programs."""

    def __init__(self, parts: Parts, turned_away: Callable[[str], None]) -> None:
        self._parts, self._turned_away = parts, turned_away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._turned_away("door")
        key = "bot.busy" if scope["method"] == "POST" else "bot.full"
        answer = refusal(Request(scope), self._parts, 503, key)
        pause = randint(*AGAIN)  # nosec B311 # noqa: S311 - only spreads them
        answer.headers.update({"retry-after": str(pause), "connection": "close", "x-content-type-options": "nosniff"})
        await answer(scope, receive, send)


class Threshold:
    """The outermost door: to the ``site`` while there are at most ``limit`` ``connections``, else to ``full``."""

    def __init__(self, site: Door, full: Door, connections: Sized, limit: int) -> None:
        self._site, self._full, self._connections, self._limit = site, full, connections, limit

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Not a coroutine of its own: this is passed at each request."""
        if len(self._connections) > self._limit and scope["type"] == "http" and scope["path"] not in ALWAYS:
            return self._full(scope, receive, send)
        return self._site(scope, receive, send)
