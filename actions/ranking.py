"""Communities, districts and departments in the order of a figure, among their peers; never people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from pyroaring import BitMap

from actions.figure_words import label, words
from actions.statistics import statistics
from civic.catalogue import BY_KEY
from civic.errors import Refused
from civic.figures import SAMPLED, Figure, Value, share
from civic.periods import Period
from civic.rankings import Place, Unit, gains, rank, since
from content.library import Library
from db.casebook import COUNTED, Casebook, made_by_staff
from db.counting import View
from db.tx import Tx

Of = Literal["area", "district", "department"]
KINDS = {"rate": "rate", "per_head": "per_head"}  # unit of a figure → how it is ranked; all others by what they are
DOUBTS = ("staff", "merged")  # cases that a unit may pad its figures with


@dataclass(frozen=True)
class Group:
    """Peers in their order. ``gains``: doubt → who stands better by such cases: key → (place, place without)."""

    key: str
    places: Sequence[Place]
    gains: Mapping[str, Mapping[str, tuple[int, int | None]]]


@dataclass(frozen=True)
class Ranking:
    """Units by a figure, group by group; ``before`` is the period that they are compared with."""

    figure: Figure
    of: Of
    period: Period
    before: Period
    sample: int
    groups: Sequence[Group]


def ranking(tx: Tx, library: Library, key: str, of: Of, period: Period) -> Ranking:
    """Rank all units of the city. Raises Refused("ranking.none") for a figure by which such units are not ranked."""
    figure = BY_KEY.get(key)
    if figure is None:
        raise Refused("stats.unknown_figure", figure=key[:40])
    if (
        figure.better is None
        or (of != "district" and of not in figure.by)
        or (of == "district" and "area" not in figure.by)
    ):
        raise Refused("ranking.none", figure=key[:40], of=of)
    now, before = (_units(tx, library, figure, of, one) for one in (period, period.previous))
    doubted = _without(tx, library, figure, of, period) if figure.base in COUNTED or figure.crowd in COUNTED else {}
    groups = []
    for group, members in _peers(library, of).items():
        places, earlier = (_ranked(library, figure, [units[one] for one in members]) for units in (now, before))
        honest = {doubt: _ranked(library, figure, [units[one] for one in members]) for doubt, units in doubted.items()}
        found = {doubt: gains(places, without) for doubt, without in honest.items()}
        groups.append(Group(group, since(places, earlier), found))
    return Ranking(figure, of, period, period.previous, library.city.statistics.sample, groups)


def _ranked(library: Library, figure: Figure, units: Sequence[Unit]) -> list[Place]:
    assert figure.better is not None
    kind: Any = KINDS.get(figure.unit, "plain")
    return rank(units, kind, figure.better, library.city.statistics.sample)


def _names(library: Library, of: Of) -> list[str]:
    city = library.city
    districts = [district.id for district in city.districts]
    return {"area": list(city.communities), "district": districts, "department": list(city.department_ids)}[of]


def _peers(library: Library, of: Of) -> dict[str, list[str]]:
    """Group → its units; those of no group are a group of their own."""
    groups = {member: group.id for group in library.city.peers for member in group.members}
    found: dict[str, list[str]] = {}
    for name in _names(library, of):
        found.setdefault(groups.get(name, ""), []).append(name)
    return dict(sorted(found.items(), key=lambda item: (item[0] == "", item[0])))


def _units(tx: Tx, library: Library, figure: Figure, of: Of, period: Period) -> dict[str, Unit]:
    if of == "district":  # people of two communities may be the same: a district is counted, not added up
        chosen = [replace(figure, by=())]
        count = partial(statistics, tx, library, period, chosen=chosen, hiding=False)
        return {name: _unit(name, count(area=name)[0]) for name in _names(library, of)}
    [value] = statistics(tx, library, period, chosen=[replace(figure, by=(of,))], hiding=False)
    cells = {cell.key: cell for cell in (value.by or {}).get(of, ())}
    empty = Value(figure.key, None, 0, 0, None)
    return {name: _unit(name, cells.get(name, empty)) for name in _names(library, of)}


def _unit(name: str, shown: Any) -> Unit:
    return Unit(name, shown.value, shown.numerator, shown.denominator)


def _without(tx: Tx, library: Library, figure: Figure, of: Of, period: Period) -> dict[str, dict[str, Unit]]:
    """Doubt → the units as they would be without such reports. Medians are not looked at: no one case moves them."""
    if figure.unit in SAMPLED:
        return {}
    sets = [name for name in figure.sets if name in COUNTED]
    wanted = {("", name): {"merged", *(measure for group, measure in figure.counts if group == name)} for name in sets}
    book = Casebook(tx, View(period, None, None, wanted))
    whole = BitMap().union(*(book.whole[name] for name in sets))
    out = {"staff": made_by_staff(tx) & whole, "merged": book.flags["merged"] & whole}
    return {doubt: dict(_counted(book, library, figure, of, ids)) for doubt, ids in out.items() if ids}


def _counted(book: Casebook, library: Library, figure: Figure, of: Of, out: BitMap) -> Iterator[tuple[str, Unit]]:
    for name in _names(library, of):
        cells = [("department", name)] if of == "department" else [("area", one) for one in _inside(library, name)]
        numerator = sum(len(book.members(figure.numerator, *cell) - out) for cell in cells)
        if figure.denominator is None:
            yield name, Unit(name, numerator, numerator, None)
        elif figure.base == "base":
            heads = library.city.residents_of([one for _, one in cells]) or 0
            yield name, Unit(name, share(numerator, heads), numerator, heads)
        else:
            denominator = sum(len(book.members(figure.denominator, *cell) - out) for cell in cells)
            yield name, Unit(name, share(numerator, denominator), numerator, denominator)


def _inside(library: Library, name: str) -> list[str]:
    for district in library.city.districts:
        if district.id == name:
            return [community.id for community in district.communities]
    return [name]


def document(library: Library, ranked: Ranking, language: str) -> dict[str, Any]:
    """A ranking as JSON values, with how it was made in words."""
    texts, key = library.texts, ranked.figure.key
    peers = {group.id: group.in_language(language) for group in library.city.peers}
    dimension = "department" if ranked.of == "department" else "area"

    def name(unit: str) -> str:
        return label(library, dimension, unit, language)

    return {
        "figure": key,
        "label": texts.render(language, f"stats.label.{key}"),
        "formula": texts.render(language, f"stats.formula.{key}"),
        "better": ranked.figure.better,
        "how": texts.render(language, f"ranking.how.{KINDS.get(ranked.figure.unit, 'plain')}", sample=ranked.sample),
        "of": ranked.of,
        "period": {"key": ranked.period.key, "before": ranked.before.key},
        "groups": [
            {
                "key": group.key,
                "label": peers.get(group.key) or texts.render(language, f"ranking.others.{ranked.of}"),
                "places": [
                    {
                        "key": one.unit.key,
                        "label": name(one.unit.key),
                        "place": one.place,
                        "between": one.between,
                        "before": one.before,
                        "moved": one.moved,
                        "value": one.unit.value,
                        "number": words(_value(ranked.figure, one.unit), key, texts, language),
                        "numerator": one.unit.numerator,
                        "denominator": one.unit.denominator,
                        "score": one.score,
                    }
                    for one in group.places
                ],
                "gains": [
                    {
                        "key": unit,
                        "label": name(unit),
                        "by": doubt,
                        "place": place,
                        "without": without,
                        "words": texts.render(
                            language, f"ranking.gains.{doubt}", name=name(unit), place=place, without=without
                        ),
                    }
                    for doubt, found in group.gains.items()
                    for unit, (place, without) in found.items()
                ],
            }
            for group in ranked.groups
        ],
    }


def _value(figure: Figure, unit: Unit) -> Value:
    return Value(figure.key, unit.value, unit.numerator, unit.denominator, None)


def rows(library: Library, ranked: Ranking, language: str) -> list[tuple[str, ...]]:
    """The same for the terminal; the first row is the heading."""
    texts = library.texts
    names = ("group", "place", "unit", "value", "between", "moved")
    found = [tuple(texts.render(language, f"ranking.table.{name}") for name in names)]
    for group in document(library, ranked, language)["groups"]:
        for one in group["places"]:
            between = "–".join(str(place) for place in sorted(set(one["between"] or ())))
            fraction = (
                "" if one["denominator"] is None else f" ({one['numerator'] or 0:,.0f} / {one['denominator']:,.0f})"
            )
            moved = "" if one["moved"] is None else f"{one['moved']:+d}" if one["moved"] else "="
            place = texts.render(language, "ranking.small") if one["place"] is None else str(one["place"])
            found.append((group["label"], place, one["label"], one["number"] + fraction, between, moved))
    return found
