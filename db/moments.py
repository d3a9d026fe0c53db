"""Moments in the database: integer milliseconds since 1970 in UTC, alike on both databases."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of a moment that knows its zone."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """The moment, in UTC."""
    return EPOCH + timedelta(milliseconds=milliseconds)
