"""The register of sources: every instrument, what cites it, and when it has to be looked at again."""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from content.category import Category
from content.items import Answer, Instrument, Question, Source, Tip

if TYPE_CHECKING:
    from content.library import Library


@dataclass(frozen=True)
class Registered:
    """An instrument with the ids of what cites it; ``verified_on`` is the oldest check among its citations,
    ``review_by`` the earliest that is due (both None when nothing cites it)."""

    instrument: Instrument
    cited_by: tuple[str, ...]
    verified_on: datetime.date | None
    review_by: datetime.date | None


def citations(library: "Library") -> Iterator[tuple[str, Source]]:
    """Every citation with the id of the item it stands in."""
    for entry in library.entries:
        if isinstance(entry.item, Tip | Question | Answer | Category):
            yield from ((entry.item.id, source) for source in entry.item.source)


def register(library: "Library") -> list[Registered]:
    """All instruments, in the order of the file."""
    found: defaultdict[str, list[tuple[str, Source]]] = defaultdict(list)
    for label, source in citations(library):
        found[source.instrument].append((label, source))
    return [
        Registered(
            instrument,
            tuple(dict.fromkeys(label for label, _ in found[code])),
            min((source.verified_on for _, source in found[code]), default=None),
            min((source.review_by for _, source in found[code]), default=None),
        )
        for code, instrument in library.instruments.items()
    ]
