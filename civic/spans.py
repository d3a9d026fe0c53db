"""From when to when something was seen, as people type it: «14:20–14:35», «昨天下午2点到3点半», "2 to 2:30 pm"."""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

_DAYS = {"今": 0, "昨": 1, "前天": 2, "today": 0, "yesterday": 1}
_AFTERNOON = ("下午", "晚", "傍晚", "pm")
_MORNING = ("凌晨", "早", "上午", "am")
_CLOCK = re.compile(
    r"(?P<part>凌晨|早上|早|上午|中午|下午|傍晚|晚上|晚|夜里)?\s*"
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4])\s*"
    r"(?:[:.](?P<minute>[0-5]\d)(?!\d)|[时点](?:(?P<past>[0-5]\d)(?!\d)分?|(?P<half>半)|(?P<quarter>一刻)|整|钟)?"
    r"|(?=\s*[ap]\.?m))"
    r"\s*(?P<after>[ap])?(?:\.?m)?"
)
_DATE = re.compile(
    r"(?<!\d)(?:\d{4}\s*[-/年]\s*|(?=\d+\s*月))"
    r"(?P<month>1[0-2]|0?[1-9])\s*[-/月]\s*(?P<day>3[01]|[12]\d|0?[1-9])(?!\d)\s*[日号]?"
)
_SHARED = re.compile(r"(?<![\d:.])(\d{1,2})\s*(?:[-~–—到至]|to)\s*(?=\d{1,2}\s*[点时])")  # «2–3 点»
_ENGLISH = re.compile(r"^\s*(?:from\s+)?(\d{1,2})\s*(?:-|to)\s*(\d{1,2}(?:[:.]\d\d)?)\s*([ap])\.?m")
LONGEST = timedelta(hours=24)
OLDEST = timedelta(days=30)


@dataclass(frozen=True)
class Span:
    """The first and the last moment; the same one twice when only one is known. Local times without zone."""

    start: datetime
    end: datetime

    @property
    def lasted(self) -> bool:
        """Whether both ends are known."""
        return self.end > self.start

    def __str__(self) -> str:
        """As it is kept and shown: «2026-11-23 11:40–12:00»."""
        if not self.lasted:
            return f"{self.start:%Y-%m-%d %H:%M}"
        same_day = self.start.date() == self.end.date()
        return f"{self.start:%Y-%m-%d %H:%M}–{self.end:{'%H:%M' if same_day else '%Y-%m-%d %H:%M'}}"


def read_span(text: str, now: datetime) -> Span | None:
    """The one or two times of day in a text, on the day it names, else today, else (still to come) the day before.

    None when there is no time, more than two, or it is longer ago than OLDEST or still to come.
    ``now`` is local and without zone, like the result.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _SHARED.sub(r"\1点-", _ENGLISH.sub(r"\1 \3m - \2 \3m", plain))
    day, rest = _day(plain, now)
    times: list[timedelta] = []
    for found in _CLOCK.finditer(rest):
        times.append(_clock(found, times[-1] if times else None))
    if not 1 <= len(times) <= 2:
        return None
    start, end = times[0], times[-1]
    at = day or now.replace(hour=0, minute=0, second=0, microsecond=0)
    if at + end > now and day is None:
        at -= timedelta(days=1)
    span = Span(at + start, at + end)
    fits = span.end <= now + timedelta(minutes=5) and span.start > now - OLDEST and span.end - span.start < LONGEST
    return span if fits else None


def _clock(found: re.Match[str], before: timedelta | None) -> timedelta:
    """A time of day; the second of two is the next that its figures can mean."""
    hour = int(found["hour"]) % 24
    minute = 30 if found["half"] else 15 if found["quarter"] else int(found["minute"] or found["past"] or 0)
    part = found["part"] or (f"{found['after']}m" if found["after"] else "")
    if part.startswith(_AFTERNOON) and hour < 12:
        hour += 12
    elif (part.startswith("中午") and hour < 3) or (part.startswith(_MORNING) and hour == 12):
        hour = (hour + 12) % 24
    at = timedelta(hours=hour, minutes=minute)
    if before is None or at >= before:
        return at
    later = at + timedelta(hours=12)  # «下午 2 点到 3 点»
    return later if not part and hour < 12 and later >= before else at + timedelta(days=1)  # over midnight


def _day(text: str, now: datetime) -> tuple[datetime | None, str]:
    """The day that is named, if one is, and the text without it."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = _DATE.search(text)
    if found is not None:
        for year in (now.year, now.year - 1):
            with suppress(ValueError):
                day = midnight.replace(year=year, month=int(found["month"]), day=int(found["day"]))
                if day <= now:
                    return day, f"{text[: found.start()]} {text[found.end() :]}"
    ago = next((ago for word, ago in _DAYS.items() if word in text), None)
    return (None if ago is None else midnight - timedelta(days=ago)), text
