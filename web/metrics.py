"""``/metrics`` for Prometheus: how long turns take, how many letters stand where, what waits."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.web.channel import Lookers
from db import letters
from db.database import Database

BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0)


class Turns(Collector):
    """The histogram of turns by channel. prometheus_client's own takes a lock twice for each: three times as long."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def observe(self, channel: str, seconds: float) -> None:
        """Count one."""
        if channel not in self._counts:
            self._counts[channel], self._seconds[channel] = [0] * (len(BUCKETS) + 1), 0.0
        self._counts[channel][bisect_left(BUCKETS, seconds)] += 1
        self._seconds[channel] += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """For the registry."""
        told = "From a parsed message to its durable answer."
        family = HistogramMetricFamily("youli_turn_seconds", told, labels=["channel"])
        for channel, counts in self._counts.items():
            limits = [*(str(limit) for limit in BUCKETS), "+Inf"]
            family.add_metric([channel], list(zip(limits, accumulate(counts), strict=True)), self._seconds[channel])
        yield family


class Metrics:
    """The figures of this process, and of the outbox they all share."""

    def __init__(self, database: Database, lookers: Lookers) -> None:
        self._database, self._lookers = database, lookers
        self._registry = CollectorRegistry()
        self._turns = Turns()
        self._registry.register(self._turns)
        self._letters = Gauge("youli_letters", "Letters in the outbox by state.", ["state"], registry=self._registry)
        self._streams = Gauge("youli_streams", "Open streams of pushed notices.", registry=self._registry)

    def turn(self, channel: str, seconds: float) -> None:
        """One turn was handled."""
        self._turns.observe(channel, seconds)

    def routes(self) -> list[Route]:
        """GET /metrics."""
        return [Route("/metrics", self._show)]

    async def _show(self, request: Request) -> Response:
        self._streams.set(self._lookers.count())
        for state, count in (await self._database.read(letters.counts)).items():
            self._letters.labels(state).set(count)
        return Response(generate_latest(self._registry), media_type="text/plain; version=0.0.4; charset=utf-8")
