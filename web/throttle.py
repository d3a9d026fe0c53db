"""How fast somebody may write. One process counts by itself; several on PostgreSQL count together in the database."""

from dataclasses import dataclass
from typing import Protocol

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from db import paces
from db.database import Database


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``amount`` in a span of ``seconds``."""

    name: str
    amount: int
    seconds: int


class Throttle(Protocol):
    """Counts what somebody does."""

    async def wait(self, rate: Rate, who: str) -> int:
        """Seconds until it would be let through; 0: it is, and was counted."""


class Unlimited:
    """Everything is let through: for load tests."""

    async def wait(self, rate: Rate, who: str) -> int:
        """Never."""
        return 0


class Alone:
    """Counts in the memory of this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def wait(self, rate: Rate, who: str) -> int:
        """At most the whole span."""
        let = await self._limiter.hit(RateLimitItemPerSecond(rate.amount, rate.seconds), rate.name, who)
        return 0 if let else rate.seconds


class Together:
    """Counts in the database that all processes share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def wait(self, rate: Rate, who: str) -> int:
        """As long as it really takes."""
        left = await self._database.write(paces.hit, f"{rate.name}:{who}", rate.amount, rate.seconds)
        return -(-left // 1000)
