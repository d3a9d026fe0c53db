"""One time for all processes of a city: that of the database's machine.

Leases, due dates and «once a day» compare what different processes wrote. Were each to go by its own clock, one that is
some minutes ahead would take letters that another is just sending. Between two looks the time goes on by a clock that
nobody sets, so a machine whose clock jumps does not notice.
"""

from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Connection, text

AGAIN = 60.0  # seconds between looks
_NOW = text("SELECT extract(epoch FROM clock_timestamp())")


class Timepiece:
    """Of one process."""

    def __init__(self) -> None:
        self._zero = 0.0  # seconds since 1970 when our own clock stood at nought
        self._looked: float | None = None

    def now(self, connection: Connection) -> datetime:
        """The time, in UTC; now and then it is asked for over the connection. Raises what the connection raises."""
        at = monotonic()
        if self._looked is None or at - self._looked > AGAIN:
            told = float(connection.execute(_NOW).scalar_one())
            looked = monotonic()
            self._zero, self._looked = told - (at + looked) / 2, looked
        return datetime.fromtimestamp(self._zero + at, UTC)
