"""What somebody wants to see of the figures. All of it stands in the address, so a view can be kept and passed on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

USUAL = "last-30"
NAMES = ("edition", "view", "period", "area", "channel", "figure", "measure", "beside", "lang")


@dataclass(frozen=True)
class Asked:
    """As they wrote it. ``beside`` is what it is compared with: previous, year_ago, any period, or a place;
    ``measure`` the figure that shades the map; ``lang`` a language that was chosen, not guessed; ``edition`` one that
    was published; ``compare`` asks the JSON door for both usual periods at once. ``path`` is the page itself."""

    path: str
    language: str
    period: str = USUAL
    view: str | None = None
    area: str | None = None
    channel: str | None = None
    figure: str | None = None
    measure: str | None = None
    beside: str | None = None
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
    names = {"edition", "view", "area", "channel", "figure", "measure", "beside"}
    if "edition" in given:  # of the whole city, as it was signed, and nothing beside it
        names -= {"area", "channel", "beside"}
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
        *((name, name) for name in ("today", "last-7", "last-30", "last-90", "weeks-4")),
        ("week", f"{year}-W{week:02}"),
        ("month", f"{today:%Y-%m}"),
        ("previous", f"{previous:%Y-%m}"),
    ]
