"""When the night ends that it is now."""

from datetime import datetime, time

import pytest

from civic.night import morning

OVER_MIDNIGHT = (time(22), time(7))
AFTER_MIDNIGHT = (time(0, 30), time(6))


@pytest.mark.parametrize(
    ("night", "now", "ends"),
    [
        (OVER_MIDNIGHT, "11-23 21:59", None),
        (OVER_MIDNIGHT, "11-23 22:00", "11-24 07:00"),
        (OVER_MIDNIGHT, "11-23 23:59", "11-24 07:00"),
        (OVER_MIDNIGHT, "11-24 00:00", "11-24 07:00"),
        (OVER_MIDNIGHT, "11-24 06:59", "11-24 07:00"),
        (OVER_MIDNIGHT, "11-24 07:00", None),
        (AFTER_MIDNIGHT, "11-24 00:29", None),
        (AFTER_MIDNIGHT, "11-24 00:30", "11-24 06:00"),
        (AFTER_MIDNIGHT, "11-24 06:00", None),
        ((time(7), time(7)), "11-24 07:00", None),
        ((time(7), time(7)), "11-24 23:00", None),
    ],
)
def test_the_night_and_its_end(night: tuple[time, time], now: str, ends: str | None) -> None:
    def at(text: str) -> datetime:
        return datetime.strptime(f"2026-{text} +0800", "%Y-%m-%d %H:%M %z")

    assert morning(night, at(now)) == (at(ends) if ends else None)
