"""The unit behind every page of figures: counted for what is asked, and beside it for what it is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from actions import figure_words, statistics
from actions.editions import Frozen, of_community
from actions.statistics import Compared
from bot.house import House
from civic.comparing import OTHERS
from civic.errors import Refused
from civic.figures import Figure, Value
from civic.periods import Period, parse_period
from content.library import Library
from db.editions import Edition, list_editions
from db.tx import Tx
from web import editions
from web.figures.asked import STEPS, Asked
from web.figures.views import AREAS, OVERVIEW, VIEWS, chosen, measures

USUAL_MEASURE = "active"


@dataclass(frozen=True)
class Beside:
    """What the figures are compared with: another period, or another place; ``name`` says which."""

    name: str
    period: Period
    area: str | None
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Seen:
    """The figures of a period as they are now, or as they were published (``frozen``). ``behind``: so many lines of the
    journal are not in yet; ``published``: the latest editions."""

    period: Period
    values: Sequence[Value]
    behind: int
    beside: Beside | None = None
    compared: Compared | None = None
    frozen: Frozen | None = None
    published: Sequence[Edition] = ()


@dataclass(frozen=True)
class Eyes:
    """Who looks: with ``public`` eyes what stands on few people is hidden."""

    catalogue: Sequence[Figure]
    public: bool

    def figure(self, key: str) -> Figure:
        """A figure of theirs. Raises Refused("stats.unknown_figure")."""
        found = next((one for one in self.catalogue if one.key == key), None)
        if found is None:
            raise Refused("stats.unknown_figure", figure=key[:40])
        return found


def settled(eyes: Eyes, asked: Asked) -> Asked:
    """What is asked for, with the view and the map's figure that are shown if none is named. Raises Refused."""
    view = asked.view or OVERVIEW
    if view not in VIEWS:
        raise Refused("stats.unknown_view", view=view[:40], views=", ".join(VIEWS))
    if asked.step is not None and asked.step not in STEPS:
        raise Refused("stats.unknown_step", step=asked.step[:40], steps=", ".join(STEPS))
    if asked.figure is not None:
        eyes.figure(asked.figure)
    if view != AREAS:
        return replace(asked, view=view)
    measure = asked.measure or USUAL_MEASURE
    if eyes.figure(measure) not in measures(eyes.catalogue):
        raise Refused("stats.unknown_figure", figure=measure[:40])
    return replace(asked, view=view, measure=measure)


def look(tx: Tx, house: House, eyes: Eyes, asked: Asked, all_of_it: bool) -> tuple[datetime, Asked, Seen | Refused]:
    """The moment, what was asked in full, and the figures (all of it, or what a page draws) or why not."""
    at, library = tx.local(house.zone), house.library
    try:
        if asked.channel is not None and asked.channel not in house.manners:
            raise Refused("stats.unknown_channel", channel=asked.channel[:40], channels=", ".join(house.manners))
        asked = settled(eyes, asked)
        wanted = eyes.catalogue
        if not all_of_it:
            wanted = chosen(eyes.catalogue, asked.view or OVERVIEW, asked.figure, asked.measure)
        if asked.edition is not None:
            frozen = editions.frozen(tx, asked.edition, at.date())
            return at, asked, Seen(frozen.period, _signed(tx, library, frozen, wanted, asked.area), 0, frozen=frozen)
        period = parse_period(asked.period, at.date(), library.city.campaign_days)
        values = _count(tx, house, eyes, wanted, period, asked, asked.area)
        beside = None if all_of_it else _beside(tx, house, eyes, wanted, period, asked)
    except Refused as refused:
        return at, asked, refused
    compared = None
    if asked.compare:
        place = {"area": asked.area, "channel": asked.channel}
        compared = statistics.compared(tx, library, period, values, chosen=wanted, public=eyes.public, **place)
    published = list_editions(tx, editions.SHOWN)
    return at, asked, Seen(period, values, statistics.behind(tx), beside, compared, published=published)


def _signed(tx: Tx, library: Library, frozen: Frozen, wanted: Sequence[Figure], area: str | None) -> Sequence[Value]:
    """What the public may see of an edition: of the whole city, or of one community. Raises Refused."""
    if area is None:
        return statistics.veiled(tx, library, frozen.period, editions.shown(frozen, wanted))
    if statistics.communities(library, area) != [area]:
        raise Refused("edition.one_community")  # people of a district are no sum
    apart = [replace(figure, by=("area",)) for figure in wanted]
    return of_community(statistics.veiled(tx, library, frozen.period, editions.shown(frozen, apart)), area)


def _count(
    tx: Tx, house: House, eyes: Eyes, wanted: Sequence[Figure], period: Period, asked: Asked, area: str | None
) -> list[Value]:
    count = statistics.published if eyes.public else partial(statistics.statistics, hiding=False)
    values = count(tx, house.library, period, area=area, channel=asked.channel, chosen=wanted)
    step = STEPS.get(asked.step or "day")
    if step is None:
        return values
    place = {"area": area, "channel": asked.channel}
    return statistics.stepped(tx, house.library, period, step, values, public=eyes.public, **place)


def _beside(tx: Tx, house: House, eyes: Eyes, wanted: Sequence[Figure], period: Period, asked: Asked) -> Beside | None:
    """The same figures of another period or place. Raises Refused for neither."""
    if asked.beside is None:
        return None
    other, area, name = period, asked.area, asked.beside
    library, texts = house.library, house.library.texts
    if asked.beside in OTHERS:
        other = getattr(period, asked.beside)
        name = texts.render(asked.language, f"stats.beside.{asked.beside}")
    elif _is_place(library, asked.beside):
        area, name = asked.beside, figure_words.label(library, "area", asked.beside, asked.language)
    else:
        other = parse_period(asked.beside, period.today, library.city.campaign_days)
    counted = _count(tx, house, eyes, wanted, other, asked, area)
    return Beside(name, other, area, {value.key: value for value in counted})


def _is_place(library: Library, key: str) -> bool:
    return key in library.city.communities or any(district.id == key for district in library.city.districts)
