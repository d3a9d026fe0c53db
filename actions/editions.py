"""Publishing the figures of a period: an edition is frozen, with its words and who signed; a later one corrects it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from actions.audit import record
from actions.statistics import statistics
from civic.catalogue import BY_KEY, FIGURES
from civic.errors import Refused
from civic.figures import Cell, Value
from civic.periods import Period
from civic.staff import Staff
from content.library import Library
from db import editions
from db.editions import Edition
from db.tally import behind
from db.tx import Tx

LANGUAGES = ("zh", "en")
LONGEST = 4000  # characters of the office's words, and of a note


@dataclass(frozen=True)
class Frozen:
    """An edition as it was signed. ``words``: language → figure → its label and formula on that day. ``later`` are the
    editions of the same days that came after it."""

    edition: Edition
    period: Period
    values: Sequence[Value]
    words: Mapping[str, Mapping[str, Mapping[str, str]]]
    later: Sequence[Edition]
    bulletins: Mapping[str, Any]


def prepare(tx: Tx, library: Library, period: Period) -> list[Value]:
    """The figures that would be published: what the office looks at before it signs.

    Raises Refused("edition.not_over") for a period with days to come or today in it, ("edition.adding_up") while a
    long journal is being added up.
    """
    if period.end >= period.today:
        raise Refused("edition.not_over", last=period.end.isoformat())
    if lines := behind(tx):
        raise Refused("edition.adding_up", n=lines)
    return statistics(tx, library, period)


def publish(
    tx: Tx,
    library: Library,
    staff: Staff,
    period: Period,
    values: Sequence[Value],
    *,
    text: str = "",
    note: str = "",
    bulletins: Mapping[str, Any] | None = None,
) -> Edition:
    """Freeze the figures that ``prepare`` found, signed by ``staff``, and the ``bulletins`` (language → JSON values)
    composed from them. An edition after the first needs a note.

    Raises Refused: staff.may_not, edition.needs_note, edition.too_long, edition.same (nothing is different).
    """
    if not staff.may("publish"):
        raise Refused("staff.may_not")
    text, note = text.strip(), note.strip()
    if max(len(text), len(note)) > LONGEST:
        raise Refused("edition.too_long", longest=LONGEST)
    content = _content(library, values) | {"bulletins": bulletins or {}}
    earlier = editions.list_editions(tx, 1, period.start.isoformat(), period.end.isoformat())
    if earlier:
        if not note:
            raise Refused("edition.needs_note", number=earlier[0].number, period=period.lasting)
        found = editions.find_edition(tx, earlier[0].id)
        assert found is not None
        if found[1]["figures"] == content["figures"] and text in {"", found[0].text}:
            raise Refused("edition.same", number=earlier[0].number, period=period.lasting)
    made = editions.add_edition(tx, period.lasting, period.start, period.end, staff.id, staff.name, text, note, content)
    record(tx, staff, "stats.published", f"edition {made.id}", f"{made.period} #{made.number}")
    return made


def find(tx: Tx, edition_id: int, today: date) -> Frozen:
    """An edition. Raises Refused("edition.unknown")."""
    found = editions.find_edition(tx, edition_id)
    if found is None:
        raise Refused("edition.unknown", edition=edition_id)
    edition, content = found
    period = Period(edition.period, date.fromisoformat(edition.first_day), date.fromisoformat(edition.last_day), today)
    later = [one for one in editions.list_editions(tx, 100, edition.first_day, edition.last_day) if one.id > edition_id]
    values = [_value(one) for one in content["figures"] if one["key"] in BY_KEY]
    return Frozen(edition, period, values, content["words"], later, content.get("bulletins", {}))


def chosen(values: Sequence[Value], breakdowns: Mapping[str, Collection[str]]) -> list[Value]:
    """The values of these figures, with these of their breakdowns."""
    return [
        Value(
            value.key,
            value.value,
            value.numerator,
            value.denominator,
            {name: cells for name, cells in (value.by or {}).items() if name in breakdowns[value.key]} or None,
            value.people,
        )
        for value in values
        if value.key in breakdowns
    ]


def of_community(values: Sequence[Value], area: str) -> list[Value]:
    """The same of one community, as far as they tell it apart: nothing is counted anew after the signature."""
    found = []
    for value in values:
        cells = (value.by or {}).get("area")  # None: it is told of the whole city only
        empty = Cell(area, None, None, None, hidden=cells is None)
        cell = next((one for one in cells or () if one.key == area), empty)
        numbers = (cell.value, cell.numerator, cell.denominator)
        found.append(Value(value.key, *numbers, None, cell.people, cell.hidden))
    return found


def _content(library: Library, values: Sequence[Value]) -> dict[str, Any]:
    words = {
        language: {
            figure.key: {
                "label": library.texts.render(language, f"stats.label.{figure.key}"),
                "formula": library.texts.render(language, f"stats.formula.{figure.key}"),
            }
            for figure in FIGURES
        }
        for language in LANGUAGES
    }
    figures = [
        {
            "key": value.key,
            "numbers": _numbers(value),
            "by": {name: [[cell.key, *_numbers(cell)] for cell in cells] for name, cells in (value.by or {}).items()},
        }
        for value in values
    ]
    return {"figures": figures, "words": words}


def _numbers(shown: Value | Cell) -> list[float | None]:
    return [shown.value, shown.numerator, shown.denominator, shown.people]


def _value(kept: Mapping[str, Any]) -> Value:
    number, numerator, denominator, people = kept["numbers"]
    by = {name: [Cell(*cell) for cell in cells] for name, cells in kept["by"].items()}
    return Value(kept["key"], number, numerator, denominator, by or None, people)
