"""What stands behind a number about reports: the reports themselves, for staff, as far as they see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from actions.statistics import communities
from civic.catalogue import BY_KEY
from civic.errors import Refused
from civic.figures import SAMPLED
from civic.periods import Period
from civic.staff import Staff
from content.library import Library
from db.casebook import COUNTED, Casebook
from db.counting import View
from db.queue import Sight, some
from db.reports import Report
from db.tx import Tx

MOST = 500  # reports that are listed
Part = Literal["numerator", "denominator"]


@dataclass(frozen=True)
class Behind:
    """``counted`` reports are behind the number; ``reports`` are those of them that this person may see, the newest
    first, at most MOST."""

    counted: int
    reports: Sequence[Report]


def behind(
    tx: Tx,
    library: Library,
    staff: Staff,
    figure: str,
    part: Part,
    period: Period,
    *,
    area: str | None = None,
    channel: str | None = None,
    cell: tuple[str, str] = ("", ""),
) -> Behind:
    """The reports that a figure's numerator or denominator counts, in one ``cell`` (dimension, key) of it.

    A median has no numerator: behind it stands the sample. Raises Refused("stats.unknown_figure") and, where no
    reports stand behind a number but people, Refused("stats.no_rows"): what single people did is nobody's to list.
    """
    known = BY_KEY.get(figure)
    if known is None:
        raise Refused("stats.unknown_figure", figure=figure[:40])
    name = known.denominator if part == "denominator" or known.unit in SAMPLED else known.numerator
    group, _, measure = (name or "").partition(".")
    if name is None or group not in COUNTED or cell[0] not in {"", *known.by}:
        raise Refused("stats.no_rows", figure=figure[:40])
    areas = None if area is None else communities(library, area)
    wanted = {(dimension, group): {measure} for dimension in ("", cell[0])}
    ids = Casebook(tx, View(period, areas, channel, wanted)).members(name, *cell)
    sight = Sight(staff.departments, staff.areas)
    return Behind(len(ids), some(tx, sight, list(ids), MOST))
