"""What the counting of figures shares: the view that is asked for, and how rows become measures."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, true

from civic.figures import Wanted
from civic.periods import Period

Cells = Mapping[str, float]  # cell → number
Entry = tuple[str, str, Cells]  # dimension, set.measure, and some of its cells
Column = ColumnElement[Any]
Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class View:
    """What is looked at: a period, if not the whole city the communities and the channel, and which sets by which
    dimension, with their measures; a set that is wanted by any is wanted as a whole, too."""

    period: Period
    areas: Collection[str] | None
    channel: str | None
    wanted: Wanted

    @cached_property
    def _by(self) -> Mapping[str, Mapping[str, Collection[str]]]:
        found = defaultdict[str, dict[str, Collection[str]]](dict)
        for (dimension, name), measures in self.wanted.items():
            found[dimension][name] = measures
        return found

    @cached_property
    def _asked(self) -> Collection[str]:
        return {name for _, name in self.wanted}

    def wants(self, dimension: str, *names: str) -> bool:
        """Whether any of these sets is wanted by this dimension."""
        return any((dimension, name) in self.wanted for name in names)

    def asks(self, name: str) -> bool:
        """Whether this set is wanted at all."""
        return name in self._asked

    def sets(self, dimension: str) -> list[str]:
        """The sets that are wanted by this dimension."""
        return sorted(self._by.get(dimension, ()))

    def telling(self, dimension: str, measure: str) -> set[str]:
        """The sets of which this measure is wanted by this dimension."""
        return {name for name, measures in self._by.get(dimension, {}).items() if measure in measures}

    def measures(self, names: Collection[str]) -> set[str]:
        """All measures that are wanted of these sets."""
        return {one for (_, name), measures in self.wanted.items() if name in names for one in measures}

    def during(self, day: Column) -> Column:
        """The day lies in the period."""
        return day.between(self.period.start.isoformat(), self.period.end.isoformat())

    def inside(self, area: Column) -> Column:
        """Within the areas."""
        return area.in_(self.areas) if self.areas is not None else true()


def grouped(column: Column | None, numbers: Sequence[Column], where: Sequence[Column]) -> Query:
    """The numbers for each value of a column; without a column: for all, as one row."""
    if column is None:
        return select(literal(""), *numbers).where(*where)
    return select(column, *numbers).where(*where).group_by(column)
