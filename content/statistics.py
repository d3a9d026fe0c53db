"""How a city counts: [statistics] of its city.toml, its campaigns and its peer groups."""

import datetime
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from pydantic import Field

from civic.periods import LONGEST
from civic.pieces import Grid
from civic.weighing import Weights
from content.items import Named, Record
from content.sheets import Entry, Problem, Sheet


class Shares(Record):
    """How much the three rates of a survey weigh in the overall one; together 1."""

    response: float = Field(default=0.1, ge=0, le=1)
    solved: float = Field(default=0.5, ge=0, le=1)
    satisfied: float = Field(default=0.4, ge=0, le=1)


class Statistics(Record):
    """``sample``: a unit with a smaller denominator is not ranked. ``fairly``: what «fairly satisfied» counts of
    «satisfied». ``weights`` make one number of the three rates of a survey. ``apart``: the public is told apart by
    place, category and the like what happened in whole weeks, or in whole months (civic.pieces). ``bulletins``: when
    such a period is over a bulletin is composed, and who signs is told."""

    sample: int = Field(default=10, ge=1)
    fairly: float = Field(default=0.9, ge=0, le=1)
    weights: Shares = Shares()
    apart: Grid = "week"
    bulletins: tuple[Literal["week", "month", "quarter", "campaign"], ...] = ("week", "month")

    @property
    def weighing(self) -> Weights:
        """The same for civic.weighing."""
        return Weights(self.fairly, self.weights.response, self.weights.solved, self.weights.satisfied)

    def problems(self, about: Sheet) -> Iterator[Problem]:
        """Weights that are no shares of one."""
        weights = self.weights
        if abs(weights.response + weights.solved + weights.satisfied - 1) > 1e-9:
            yield about.problem("statistics", ["weights"], "三个权重加起来要等于 1")


class Campaign(Named):
    """A campaign has a name and days; its id stands for them wherever a period is asked for."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    start: datetime.date
    end: datetime.date


class Peers(Named):
    """Units that are ranked among each other: communities, districts or departments of a like size and task."""

    id: str
    members: tuple[str, ...] = Field(min_length=1)


def campaign_problems(campaigns: Sequence[Entry[Campaign]]) -> Iterator[Problem]:
    """A campaign ends after it begins and within a year, and is not called as another period."""
    for entry in campaigns:
        one = entry.item
        if not 0 <= (one.end - one.start).days < LONGEST:
            yield entry.problem("end", f"要在 start 之后，最长 {LONGEST} 天")
        if one.id == "today" or one.id.startswith("last-"):
            yield entry.problem("id", f"{one.id} 已经是一种写法，换一个名字")


def peer_problems(peers: Sequence[Entry[Peers]], units: Collection[str]) -> Iterator[Problem]:
    """Every member exists, and is in one group only: two ranks for one unit would be no rank."""
    seen: set[str] = set()
    for entry in peers:
        for member in entry.item.members:
            if member not in units:
                yield entry.problem("members", f"没有 {member}(areas.toml、departments.toml)")
            if member in seen:
                yield entry.problem("members", f"{member} 已经在别的组里")
            seen.add(member)
