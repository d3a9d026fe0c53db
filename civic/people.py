"""Residents as the rules see them."""

from civic.records import record


@record(frozen=True, slots=True)
class Resident:
    """A person who takes part. ``area`` is a community of the city pack; no ``tip_hour`` means no daily tip."""

    id: int
    language: str
    area: str | None
    tip_hour: int | None
    points_on: bool
    anonymous: bool
    source: str | None
    seen_day: str | None
