"""The door ``/wechat``: signature, decryption, parse, one turn, the passive reply within five seconds.

WeChat asks three times, five seconds apart, with the same id (protocols B3). The tries join the one turn that is
under way and get the same answer; only the third does not wait for a turn that takes longer: the answer then comes
as a customer-service message, or by «更多». Nothing is acknowledged before it is on disk or the third try is over.
Where several processes serve, or one was started anew meanwhile, a try may be the third at a door that saw none before:
its age tells.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic, time
from typing import Any

from bot.asgi import Gone, Receive, Scope, Send, TooBig, body, query, respond
from bot.channels.wechat.envelope import Envelope, Forged, Unreadable, between
from bot.channels.wechat.parse import parse
from bot.channels.wechat.render import card, compose, encoded, reply
from bot.channels.wechat.turns import Turns
from bot.channels.wechat.visit import Visit
from bot.messages import Exchange, Incoming
from db.database import passing

log = logging.getLogger("youli.wechat")
LARGEST = 64 * 1024  # bytes; WeChat's own messages stay far below, deep XML beyond costs seconds
PATIENCE = 0.9  # of WeChat's deadline, after which the third try is answered in any case
TRIES = 3
TEXT = b"text/plain; charset=utf-8"
XML = b"application/xml; charset=utf-8"
REFUSED = {Forged: (403, b"signature"), TooBig: (413, b"too big"), Unreadable: (400, b"unreadable")}
SUCCESS = b"success"  # «received, nothing to say»: WeChat neither repeats nor complains


class Flight:
    """A turn under way, and the tries that wait for it."""

    __slots__ = ("flying", "landed", "tries", "visit")

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.tries = 1
        self.landed: asyncio.Future[Exchange] | None = None
        self.flying: asyncio.Task[Exchange] | None = None  # where nobody stays with it to its end

    async def join(self, patience: Awaitable[None] | None) -> Exchange | None:
        """The turn's exchange; None when ``patience`` is over before. Raises what the turn raises."""
        if self.landed is None:
            self.landed = asyncio.get_running_loop().create_future()
        if patience is None:
            return await asyncio.shield(self.landed)
        over: asyncio.Future[Any] = asyncio.ensure_future(patience)
        await asyncio.wait({self.landed, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        return self.landed.result() if self.landed.done() else None

    def land(self, exchange: Exchange | None, error: BaseException | None = None) -> None:
        """Tell whoever waits."""
        if self.landed is None:
            return
        if error is not None:
            self.landed.set_exception(error)
            self.landed.exception()  # looked at, should nobody be left to do it
        elif exchange is not None:
            self.landed.set_result(exchange)


class Door:
    """ASGI: GET is the handshake, POST a message. Wrong signature 403, unreadable 400, too big 413."""

    def __init__(
        self,
        envelope: Envelope,
        turns: Turns,
        deadline: float,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._envelope, self._turns, self._deadline = envelope, turns, deadline
        self._clock, self._sleep = clock, sleep
        self._flights: dict[str, Flight] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = self._clock()
        parameters = query(scope)
        try:
            if "signature" in parameters or scope["method"] == "GET" or not self._envelope.encrypted:
                self._check(parameters)
            if scope["method"] == "GET":
                return await respond(send, 200, parameters.get("echostr", "").encode(), TEXT)
            raw = self._envelope.open(parameters, await body(receive, LARGEST))
            found = parse(raw)
        except (Forged, TooBig, Unreadable) as refused:
            log.info("message refused", extra={"kind": type(refused).__name__, "why": str(refused)})
            return await respond(send, *REFUSED[type(refused)], TEXT)
        except Gone:
            return None
        try:
            if isinstance(found, Incoming):
                return await self._answer(found, raw, began, send)
            if found is not None:
                await self._turns.note(found)
            await respond(send, 200, SUCCESS, TEXT)
        except Exception as error:
            if not passing(error):
                raise
            await respond(send, 503, b"busy", TEXT)  # WeChat asks again in five seconds
        return None

    def _check(self, parameters: dict[str, str]) -> None:
        """Before the body is read, so that nobody else can make us read one."""
        if not self._envelope.signed(parameters):
            raise Forged("signature")

    async def _answer(self, message: Incoming, raw: bytes, began: float, send: Send) -> None:
        key = f"{message.address.user} {message.id}"
        account = between(raw, b"<ToUserName>", b"</ToUserName>")
        flight = self._flights.get(key)
        first, last = flight is None, self._is_last(raw)
        if flight is None:
            if busy := self._turns.busy(message):  # told at once: a second try of everybody would make it worse
                return await self._send(reply(encoded(busy), message.address.user, account, int(time())), send)
            flight = self._flights[key] = Flight(self._turns.visit(message))
            if last:
                flight.flying = asyncio.create_task(self._fly(message, flight, key))
                flight.flying.add_done_callback(_told)
        else:
            flight.tries += 1
        if first and not last:
            exchange: Exchange | None = await self._fly(message, flight, key)
        else:
            patience = None
            if last or flight.tries >= TRIES:
                patience = self._sleep(began + PATIENCE * self._deadline - self._clock())
            exchange = await flight.join(patience)
            flight.visit.late = flight.visit.late or exchange is None
        await self._send(self._reply(message, exchange, flight.visit, account), send)
        if exchange is None:
            return None
        if (flight.visit.mail or exchange.repeated) and self._clock() - began < self._deadline:
            await self._turns.arrived(exchange)

    def _is_last(self, raw: bytes) -> bool:
        """Whether WeChat made this message as long ago as a third try is."""
        made = between(raw, b"<CreateTime>", b"</CreateTime>")
        ages = (TRIES - 1) * self._deadline - 1, TRIES * self._deadline + 1
        return made.isdecimal() and ages[0] <= time() - int(made) < ages[1]

    async def _send(self, content: bytes | None, send: Send) -> None:
        if content is None:
            await respond(send, 200, SUCCESS, TEXT)
        else:
            await respond(send, 200, self._envelope.seal(content, str(int(time()))), XML)

    async def _fly(self, message: Incoming, flight: Flight, key: str) -> Exchange:
        try:
            exchange = await self._turns.take(message, flight.visit)
        except BaseException as error:
            flight.land(None, error if isinstance(error, Exception) else OSError())
            raise
        finally:
            del self._flights[key]
        flight.land(exchange)
        if flight.visit.late:
            await self._turns.follow(exchange, flight.visit)
        return exchange

    def _reply(self, message: Incoming, exchange: Exchange | None, visit: Visit, account: str) -> bytes | None:
        user = message.address.user
        if exchange is None:
            late = self._turns.late(message)
            return reply(encoded(late), user, account, int(time())) if late else None
        at = int(exchange.at.timestamp())
        for item in exchange.answer:
            for url, title in item.images:
                if url.startswith("https://"):  # only cards hold whole addresses
                    return card(title, item.text, url, user, account, at)
        text = visit.text if visit.text is not None and not exchange.repeated else compose(exchange.answer)
        return reply(text, user, account, at) if text else None


def _told(flying: "asyncio.Task[Exchange]") -> None:
    """What went wrong with it is told to who waits for the flight."""
    if not flying.cancelled():
        flying.exception()
