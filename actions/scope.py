"""What somebody of the staff answers for, in numbers: their departments or areas, with figures that are for staff."""

from collections.abc import Iterator, Sequence

from actions import figure_words, statistics
from actions.bulletins import Bulletin, Number, Part
from civic.bulletins import Words
from civic.catalogue import BY_KEY
from civic.figures import Cell, Value
from civic.periods import Period
from civic.staff import Staff
from content.library import Library
from db.tx import Tx

KEYS = ("reports_received", "closing_rate", "on_time_rate", "hours_median", "backlog", "overdue_share")
MOST = 4  # units on one card


def scope(
    tx: Tx, library: Library, staff: Staff, period: Period, language: str, moment: str, *, made_up: bool = False
) -> Bulletin:
    """One row of figures for each department they belong to, else for each of their areas, else for the city; then of
    which ``moment`` (in words) they are. A unit that only reads; nothing is hidden: they see each report behind it."""
    dimension = "department" if staff.departments else "area"
    units = sorted(staff.departments or staff.areas)[:MOST]
    figures = statistics.drawn([BY_KEY[key] for key in KEYS], dict.fromkeys(KEYS, (dimension,) if units else ()))
    values = statistics.statistics(tx, library, period, chosen=figures, hiding=False)
    head: list[Part] = [
        Words("title", library.texts.render(language, "bulletin.scope", name=staff.name)),
        Words("words", f"{period.start} – {period.until}"),
    ]
    if made_up:
        head.insert(0, Words("small", library.texts.render(language, "demo.banner")))
    foot = Words("small", library.texts.render(language, "stats.updated", time=moment))
    parts = (*head, *_rows(library, language, values, dimension, units), foot)
    return Bulletin(period, None, language, parts, tuple(values))


def _rows(
    library: Library, language: str, values: Sequence[Value], dimension: str, units: Sequence[str]
) -> Iterator[Part]:
    if not units:
        yield tuple(_number(library, language, value, value) for value in values)
    for unit in units:
        yield Words("heading", figure_words.label(library, dimension, unit, language))
        cells = [_cell(value, dimension, unit) for value in values]
        yield tuple(_number(library, language, *pair) for pair in zip(values, cells, strict=True))


def _cell(value: Value, dimension: str, unit: str) -> Cell:
    found = (value.by or {}).get(dimension, ())
    empty = Cell(unit, None if BY_KEY[value.key].denominator else 0, 0, None)
    return next((cell for cell in found if cell.key == unit), empty)


def _number(library: Library, language: str, value: Value, shown: Value | Cell) -> Number:
    label = library.texts.render(language, f"stats.label.{value.key}")
    number = figure_words.written(shown, value.key, library.texts, language)
    return Number(label, number, figure_words.fraction(shown))
