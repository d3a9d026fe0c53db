"""What somebody wants to see of the public figures, and the unit that finds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request

from actions import statistics
from actions.editions import Frozen
from actions.statistics import Compared
from bot.house import House
from civic.catalogue import PUBLIC
from civic.errors import Refused
from civic.figures import Figure, Value, publish
from civic.periods import Period, parse_period
from db.editions import Edition, list_editions
from db.tx import Tx
from web import editions
from web.door import preferred

USUAL = "last-30"
SHOWN = {  # the breakdowns drawn on the overview; all others stand behind their figure
    "active": ("day",),
    "accuracy": ("topic",),
    "quiz_answers": ("topic",),
    "reports_received": ("category", "status"),
    "points": ("deed",),
}
_FIGURES = {figure.key: figure for figure in PUBLIC}


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see, as they wrote it. ``lang`` is a language that was chosen, not guessed; ``compare``:
    beside the period before and a year ago."""

    period: str
    area: str | None
    channel: str | None
    figure: str | None
    language: str
    lang: str | None
    compare: bool = False
    edition: str | None = None

    def link(self, path: str = "/stats", **changes: str | None) -> str:
        """The address of the same view with something changed."""
        names = ("edition", "period", "area", "channel", "figure", "lang")
        query = {name: getattr(self, name) for name in names} | changes
        return f"{path}?{urlencode({name: value for name, value in query.items() if value})}"


@dataclass(frozen=True)
class Seen:
    """The figures of a period as the public sees them now, or as they were published (``frozen``); if asked for with
    how they changed. ``behind``: so many lines of the journal are not in yet; ``published``: the latest editions."""

    period: Period
    values: Sequence[Value]
    behind: int
    compared: Compared | None = None
    frozen: Frozen | None = None
    published: Sequence[Edition] = ()


def read(request: Request, usual: str) -> Asked:
    """From the address; ``usual`` is the city's language."""
    query = {key: value.strip() for key, value in request.query_params.items()}
    start, end = query.get("from", ""), query.get("to", "")
    period = f"{start or end}..{end or start}" if start or end else query.get("period") or USUAL
    area, channel, figure = (query.get(key) or None for key in ("area", "channel", "figure"))
    edition = query.get("edition") or None
    if edition is not None:  # of the whole city, as it was signed
        area = channel = None
    lang = query.get("lang") if query.get("lang") in {"zh", "en"} else None
    language = lang or preferred(request.headers.get("accept-language", ""), usual)
    return Asked(period, area, channel, figure, language, lang, bool(query.get("compare")), edition)


def look(tx: Tx, house: House, asked: Asked, all_of_it: bool) -> tuple[datetime, Seen | Refused]:
    """The unit behind every door: the moment, and the figures (all of it, or what a page draws) or why not."""
    at = tx.local(house.zone)
    try:
        if asked.channel is not None and asked.channel not in house.manners:
            channels = ", ".join(house.manners)
            raise Refused("stats.unknown_channel", channel=asked.channel[:40], channels=channels)
        if asked.figure is not None and asked.figure not in _FIGURES:
            raise Refused("stats.unknown_figure", figure=asked.figure[:40])
        chosen = PUBLIC if all_of_it else _drawn(asked)
        if asked.edition is not None:
            frozen = editions.frozen(tx, asked.edition, at.date())
            return at, Seen(
                frozen.period, list(publish(editions.shown(frozen, chosen), filtered=False)), 0, None, frozen
            )
        period = parse_period(asked.period, at.date(), house.library.city.campaign_days)
        values = statistics.statistics(
            tx,
            house.library,
            period,
            area=asked.area,
            channel=asked.channel,
            chosen=chosen,
        )
    except Refused as refused:
        return at, refused
    shown = list(publish(values, filtered=bool(asked.area or asked.channel)))
    if not asked.compare:
        return at, Seen(period, shown, statistics.behind(tx), published=list_editions(tx, editions.SHOWN))
    compared = statistics.compared(
        tx, house.library, period, shown, area=asked.area, channel=asked.channel, chosen=chosen, public=True
    )
    return at, Seen(period, shown, statistics.behind(tx), compared)


def _drawn(asked: Asked) -> Sequence[Figure]:
    """The figures that a page draws: all with some of their breakdowns, or one with all of them."""
    return [_FIGURES[asked.figure]] if asked.figure else statistics.drawn(PUBLIC, SHOWN)
