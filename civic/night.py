"""The night, in which nobody is written to."""

from datetime import datetime, time, timedelta


def morning(night: tuple[time, time], local: datetime) -> datetime | None:
    """When the night ends that it is now by the city's clocks; None by day. A night that begins later than it ends
    goes over midnight; one that begins when it ends is none."""
    begins, ends = night
    now = local.time()
    inside = begins <= now < ends if begins <= ends else now >= begins or now < ends
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if now >= ends else 0)
    return datetime.combine(day, ends, local.tzinfo)
