"""What a page of figures shows, public or in the console: both fill templates/figures/*.html."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from actions import figure_words
from actions.statistics import apart
from bot.house import House
from civic.errors import Refused
from civic.figures import Value
from civic.periods import Period
from civic.pieces import nearest
from content.library import Library
from web import editions
from web.figures.areas import shaded
from web.figures.asked import STEPS, Asked, calendar, choices
from web.figures.drawing import Rows, cards, charts
from web.figures.look import Eyes, Seen
from web.figures.views import AREAS, VIEWS, measures

BARS = 8  # in one chart of a view; the rest stands in its table


def page(house: House, eyes: Eyes, asked: Asked, at: datetime, found: Seen | Refused, rows: Rows) -> dict[str, Any]:
    """Everything but the frame around it."""
    library, language = house.library, asked.language
    seen = None if isinstance(found, Refused) else found
    values = seen.values if seen else ()
    areas = bool(seen and values and asked.view == AREAS and not asked.figure)
    frozen = seen.frozen if seen else None
    signed = frozen.words[language] if frozen else {}

    def told(key: str, **params: Any) -> str:
        kind, _, figure = key.partition(".")
        known = signed.get(figure, {}) if kind in {"label", "formula"} else {}
        return known.get(kind) or library.texts.render(language, f"stats.{key}", **params)

    return {
        "told": told,
        "edition": editions.banner(frozen, house, language) if frozen else None,
        "published": editions.links(seen.published, house, language) if seen else (),
        "published_title": library.texts.render(language, "edition.list"),
        "later_title": library.texts.render(language, "edition.later"),
        "asked": asked,
        "seen": seen,
        "refused": why(library, found, language) if isinstance(found, Refused) else None,
        "updated": f"{at:%Y-%m-%d %H:%M}",
        "choices": choices(at.date()),
        "whole": _whole(library, eyes, seen),
        "campaigns": [(one.id, one.in_language(language)) for one in library.city.campaigns],
        "views": list(VIEWS),
        "place": " · ".join(_places(library, asked)),
        "districts": library.city.districts,
        "channels": [(name, figure_words.label(library, "channel", name, language)) for name in house.manners],
        "calendar": calendar(at.date()),
        "named": {one.key for _, periods in calendar(at.date()) for one in periods} | set(library.city.campaign_days),
        "steps": list(STEPS),
        "cards": cards(library, seen, _of_here(eyes, asked, values), asked) if seen else [],
        "charts": charts(library, seen, values, asked, rows) if seen else [],
        "measures": [one.key for one in measures(eyes.catalogue)],
        "map": shaded(library, values[0], asked) if areas and (values[0].by or not eyes.public) else None,
        "most": None if asked.figure or asked.view == AREAS else BARS,
    }


def _of_here(eyes: Eyes, asked: Asked, values: Sequence[Value]) -> list[Value]:
    """Without those that the public is told of the whole city only, where somebody looks at a part of it."""
    asked_for = {name for name, key in (("area", asked.area), ("channel", asked.channel)) if key and eyes.public}
    told = {figure.key for figure in eyes.catalogue if asked_for <= {*figure.by}}
    return [value for value in values if value.key in told]


def _whole(library: Library, eyes: Eyes, seen: Seen | None) -> Period | None:
    """For public eyes: the nearest period that is told apart, where this one is not."""
    if seen is None or not eyes.public or apart(library, seen.period):
        return None
    return nearest(seen.period, library.city.statistics.apart, library.city.campaign_days)


def why(library: Library, refused: Refused, language: str) -> str:
    """A refusal in words."""
    params: dict[str, Any] = dict(refused.params)
    return library.texts.render(language, refused.key, **params)


def _places(library: Library, asked: Asked) -> Iterable[str]:
    """The names of what was filtered."""
    for dimension, key in (("area", asked.area), ("channel", asked.channel)):
        if key:
            yield figure_words.label(library, dimension, key, asked.language)
