"""What somebody wants to see of the figures. All of it stands in the address, so a view can be kept and passed on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlencode

from actions.statistics import Step
from civic.periods import Period, last_over, parse_period

USUAL = "last-30"
NAMES = ("edition", "view", "period", "step", "area", "channel", "figure", "measure", "beside", "lang")
STEPS: Mapping[str, Step | None] = {"day": None, "week": "week", "month": "month"}


@dataclass(frozen=True)
class Asked:
    """As they wrote it. ``beside`` is what it is compared with: previous, year_ago, any period, or a place;
    ``measure`` the figure that shades the map; ``step`` week or month, instead of day, in charts through time; ``lang``
    a language that was chosen, not guessed; ``edition`` one that was published; ``compare`` asks the JSON door for both
    usual periods at once. ``path`` is the page itself."""

    path: str
    language: str
    period: str = USUAL
    view: str | None = None
    area: str | None = None
    channel: str | None = None
    figure: str | None = None
    measure: str | None = None
    beside: str | None = None
    step: str | None = None
    lang: str | None = None
    edition: str | None = None
    compare: bool = False

    def link(self, path: str | None = None, **changes: str | None) -> str:
        """The address of the same view with something changed."""
        query = {name: getattr(self, name) for name in NAMES} | changes
        return f"{path or self.path}?{urlencode({name: value for name, value in query.items() if value})}"

    def kept(self, *but: str) -> list[tuple[str, str]]:
        """What a form on this page passes on unseen."""
        return [(name, value) for name in NAMES if name not in but and (value := getattr(self, name))]


def asked(
    path: str, query: Mapping[str, str], language: str, languages: Collection[str] = ("zh", "en"), usual: str = USUAL
) -> Asked:
    """Read an address. ``from`` and ``to``, ``beside_from`` and ``beside_to`` are another way to write periods;
    ``language`` is the guessed one, ``usual`` the period if none is asked for."""
    given = {name: value.strip() for name, value in query.items() if value.strip()}
    period = _span(given, "from", "to") or given.get("period", usual)
    if beside := _span(given, "beside_from", "beside_to"):
        given["beside"] = beside
    lang = given.get("lang") if given.get("lang") in languages else None
    names = {"edition", "view", "step", "area", "channel", "figure", "measure", "beside"}
    if "edition" in given:  # as it was signed, and nothing beside it
        names -= {"channel", "beside", "step"}
    some = {name: given.get(name) for name in names}
    return Asked(path, lang or language, period, lang=lang, compare="compare" in given, **some)


def _span(given: Mapping[str, str], first: str, last: str) -> str:
    """The period of two days, or of the one that is given."""
    start, end = given.get(first, ""), given.get(last, "")
    return f"{start or end}..{end or start}" if start or end else ""


def choices(today: date) -> list[tuple[str, str]]:
    """The periods that are one tap away: name and key."""
    year, week, _ = today.isocalendar()
    previous = today.replace(day=1) - timedelta(days=1)
    return [
        *((name, name) for name in ("today", "last-7", "last-30", "last-90", "weeks-1", "weeks-4")),
        ("week", f"{year}-W{week:02}"),
        ("month", f"{today:%Y-%m}"),
        ("previous", f"{previous:%Y-%m}"),
    ]


def calendar(today: date) -> list[tuple[str, list[Period]]]:
    """Weeks, months and quarters that can be chosen by their names, the newest first: those of a year, the running ones
    too."""
    year, week, _ = today.isocalendar()
    found: list[tuple[Literal["week", "month", "quarter"], str, int]] = [
        ("week", f"{year}-W{week:02}", 26),
        ("month", f"{today:%Y-%m}", 12),
        ("quarter", f"{today.year}-Q{(today.month + 2) // 3}", 4),
    ]
    listed = []
    for kind, running, number in found:
        periods = [parse_period(running, today)]
        for _ in range(number):
            periods.append(last_over(kind, periods[-1].start))
        listed.append((f"{kind}s", periods))
    return listed
