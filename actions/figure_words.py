"""Figures in words: names of cells, numbers for people, units, fractions."""

from civic.catalogue import BY_KEY
from civic.figures import Cell, Value
from civic.posters import origin
from content.library import Library
from content.texts import Texts

PERCENT = frozenset({"rate", "score"})  # units that are told in percent
EMPTY = "—"
HIDDEN = "c"  # in files for programs: confidential, as Eurostat and SDMX mark it


def label(library: Library, dimension: str, key: str, language: str) -> str:
    """The name of a breakdown's cell: of an area, topic, category, status, deed, channel; a day as it is."""
    texts = library.texts
    if not key:
        return texts.render(language, f"stats.unknown.{dimension}")
    if dimension == "department":
        return library.city.department_name(key, language)
    if dimension == "area":
        districts = {district.id: district for district in library.city.districts}
        place = library.city.communities.get(key) or districts.get(key)
        return place.in_language(language) if place else key
    if dimension == "source" and (poster := origin(key)) is not None:
        area, campaign = poster
        names = [label(library, "area", area, language)] if area else []
        campaigns = {one.id: one.in_language(language) for one in library.city.campaigns}
        names += [campaigns.get(campaign, campaign)] if campaign else []
        return texts.render(language, "stats.poster", name=" · ".join(names))
    if dimension == "topic" and key in library.topics:
        return library.topics[key].in_language(language).name
    if dimension == "category" and key in library.categories:
        return library.categories[key].in_language(language).name
    text = f"deed.{key}" if dimension == "deed" else f"stats.{dimension}.{key}"
    return texts.render(language, text) if texts.has(language, text) else key


def words(shown: Value | Cell, figure: str, texts: Texts, language: str) -> str:
    """A number for people, without its unit: 1,234 · 66.7% · 5.5 · — for an empty denominator."""
    if shown.hidden:  # for few people or for another such cell: which of the two would tell more of both
        return texts.render(language, "stats.not_shown")
    if shown.value is None:
        return EMPTY
    kind = BY_KEY[figure].unit
    if kind in PERCENT:
        return f"{shown.value:.1%}"
    if kind == "gain":
        return f"{100 * shown.value:+.1f}"
    return f"{shown.value:,.1f}" if kind in {"daily", "hours", "per_head"} else f"{shown.value:,.0f}"


def unit(shown: Value | Cell, figure: str, texts: Texts, language: str) -> str:
    """The word behind a number: people, hours …; nothing behind a percentage or where there is no number."""
    kind = BY_KEY[figure].unit
    if kind in PERCENT or shown.value is None:
        return ""
    alone = f"stats.unit_of_one.{kind}"
    return texts.render(language, alone if shown.value == 1 and texts.has(language, alone) else f"stats.unit.{kind}")


def written(shown: Value | Cell, figure: str, texts: Texts, language: str) -> str:
    """A number with its unit."""
    return f"{words(shown, figure, texts, language)} {unit(shown, figure, texts, language)}".strip()


def fraction(shown: Value | Cell) -> str:
    """What stands behind a rate or a mean: «12 / 34»; «n = 34» for a median; nothing for a plain count."""
    if shown.hidden or shown.denominator is None:
        return ""
    if shown.numerator is None:
        return f"n = {shown.denominator:,.0f}"
    # What counts in part has a fraction.
    return f"{shown.numerator:,.1f} / {shown.denominator:,.0f}".replace(".0 /", " /")
