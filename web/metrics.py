"""``/metrics`` for Prometheus: how long turns take, how many letters stand where, what waits."""

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.web.channel import Lookers
from db import letters
from db.database import Database

BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The figures of this process, and of the outbox they all share."""

    def __init__(self, database: Database, lookers: Lookers) -> None:
        self._database, self._lookers = database, lookers
        self._registry = CollectorRegistry()
        self._turns = Histogram(
            "youli_turn_seconds",
            "From a parsed message to its durable answer.",
            ["channel"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._by_channel: dict[str, Histogram] = {}
        self._letters = Gauge("youli_letters", "Letters in the outbox by state.", ["state"], registry=self._registry)
        self._streams = Gauge("youli_streams", "Open streams of pushed notices.", registry=self._registry)

    def turn(self, channel: str, seconds: float) -> None:
        """One turn was handled."""
        turns = self._by_channel.get(channel)
        if turns is None:
            turns = self._by_channel[channel] = self._turns.labels(channel)
        turns.observe(seconds)

    def routes(self) -> list[Route]:
        """GET /metrics."""
        return [Route("/metrics", self._show)]

    async def _show(self, request: Request) -> Response:
        self._streams.set(self._lookers.count())
        for state, count in (await self._database.read(letters.counts)).items():
            self._letters.labels(state).set(count)
        return Response(generate_latest(self._registry), media_type="text/plain; version=0.0.4; charset=utf-8")
