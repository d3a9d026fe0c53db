"""A deadline in words: «周四 18:00 前»."""

from datetime import datetime

from content.library import Library
from db.moments import from_ms

WEEK = 7  # days within which a weekday says which day is meant


def in_words(library: Library, language: str, at: int, now: datetime) -> str:
    """The moment ``at`` (milliseconds) as people say it on the city's clocks, ``now`` being the local time."""
    moment = from_ms(at).astimezone(now.tzinfo)
    days = (moment.date() - now.date()).days
    key = {0: "today", 1: "tomorrow"}.get(days, "weekday" if 0 < days < WEEK else "date")
    time = f"{moment:%H:%M}"
    return library.texts.render(
        language, f"due.{key}", time=time, weekday=moment.weekday(), month=moment.month, day=moment.day
    )
