"""``/metrics`` for Prometheus: how long turns and commits take, what waits and since when, what runs, how much room
there is.

Names and units as Prometheus has them (prometheus.io/docs/practices/naming): seconds, bytes, ``_total`` for counters.
deploy/grafana and deploy/prometheus use them; a test compares.
"""

import shutil
from bisect import bisect_left
from collections.abc import Collection, Iterator
from itertools import accumulate
from pathlib import Path
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.web.channel import Lookers
from db.database import Database
from db.vitals import Vitals, vitals

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0)
UNITS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Histogram(Collector):
    """A histogram by one label. prometheus_client's own takes a lock twice for each value: three times as long."""

    def __init__(self, name: str, told: str, label: str, limits: Collection[float]) -> None:
        self._name, self._told, self._label = name, told, label
        self._limits = tuple(limits)
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def observe(self, label: str, value: float) -> None:
        """Count one."""
        if label not in self._counts:
            self._counts[label], self._sums[label] = [0] * (len(self._limits) + 1), 0.0
        self._counts[label][bisect_left(self._limits, value)] += 1
        self._sums[label] += value

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """For the registry."""
        family = HistogramMetricFamily(self._name, self._told, labels=[self._label])
        for label, counts in self._counts.items():
            limits = [*(str(limit) for limit in self._limits), "+Inf"]
            family.add_metric([label], list(zip(limits, accumulate(counts), strict=True)), self._sums[label])
        yield family


class Metrics:
    """The figures of this process, and of what all processes share in the database. ``folder`` is the data folder,
    ``mass_a_month`` how many mass messages WeChat allows this account and Youli sends; 0: none are sent."""

    def __init__(self, lookers: Lookers, folder: Path, zone: ZoneInfo, mass_a_month: int = 0) -> None:
        self._lookers, self._folder, self._zone, self._mass_a_month = lookers, folder, zone, mass_a_month
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        turns = "From a parsed message to its durable answer, by channel."
        self._turns = Histogram("youli_turn_seconds", turns, "channel", SECONDS)
        commits = "From the first unit of a batch until it is on the disk."
        self._commits = Histogram("youli_commit_seconds", commits, "database", SECONDS)
        self._units = Histogram("youli_commit_units", "Units that one commit made durable.", "database", UNITS)
        for histogram in (self._turns, self._commits, self._units):
            registry.register(histogram)
        away = "Messages that would have waited too long and were asked to come again, by channel."
        self._away = Counter("youli_turned_away", away, ["channel"], registry=registry)

        def gauge(name: str, told: str, *labels: str) -> Gauge:
            return Gauge(f"youli_{name}", told, labels, registry=registry)

        self._letters = gauge("letters", "Letters in the outbox.", "state")
        self._overdue = gauge("letters_overdue_seconds", "How long a channel's oldest due letter waits.", "channel")
        self._photos = gauge("photos", "Photos by state; «waiting» are still at their channel.", "state")
        self._photos_overdue = gauge("photos_overdue_seconds", "How long the oldest photo waits to be fetched.")
        self._updates = gauge("telegram_updates", "Updates that are kept; «dead» could not be handled.", "state")
        self._jobs = gauge("job_finished_timestamp_seconds", "When the clock last finished a task.", "job")
        self._behind = gauge("journal_behind_lines", "Lines of the journal that the rollups do not hold yet.")
        self._mass = gauge("wechat_mass_messages_month", "Mass messages since the month began.")
        self._left = gauge("quota_left", "What a platform still allows us; only quotas that are used up.", "quota")
        self._streams = gauge("streams", "Open streams of pushed notices.")
        self._disk = gauge("data_free_bytes", "Room on the disk of the data folder.")

    def turn(self, channel: str, seconds: float) -> None:
        """One turn was handled."""
        self._turns.observe(channel, seconds)

    def turned_away(self, channel: str) -> None:
        """One message was asked to come again."""
        self._away.labels(channel).inc()

    def commit(self, units: int, seconds: float) -> None:
        """One commit made so many units durable (SQLite; PostgreSQL commits each unit by itself)."""
        self._commits.observe("sqlite", seconds)
        self._units.observe("sqlite", units)

    def routes(self, database: Database, pushing: Collection[str]) -> list[Route]:
        """GET /metrics. ``pushing`` are the channels whose letters leave by themselves: only they can be overdue."""

        async def show(request: Request) -> Response:
            self._set(await database.read(vitals, self._zone), pushing)
            return Response(generate_latest(self._registry), media_type="text/plain; version=0.0.4; charset=utf-8")

        return [Route("/metrics", show)]

    def _set(self, now: Vitals, pushing: Collection[str]) -> None:
        for family, values in (
            (self._letters, now.letters),
            (self._photos, now.photos),
            (self._updates, now.updates),
            (self._overdue, {channel: now.overdue.get(channel, 0) for channel in pushing}),
            (self._jobs, {job: at / 1000 for job, at in now.jobs.items()}),
        ):
            family.clear()
            for label, value in values.items():
                family.labels(label).set(value)
        self._photos_overdue.set(now.photos_overdue)
        self._behind.set(now.behind)
        self._mass.set(now.mass)
        if self._mass_a_month:
            self._left.labels("wechat_mass_month").set(max(0, self._mass_a_month - now.mass))
        self._streams.set(self._lookers.count())
        self._disk.set(shutil.disk_usage(self._folder).free)
