"""How likely two reports are about the same thing: by place, category, time and pictures."""

from civic.phash import distance

NEAR = 300.0  # metres beyond which two places say nothing for one matter
LONG = 14 * 24.0  # hours after which a report is rarely about the same thing
ALIKE = 16  # differing bits from which on two pictures are not alike (of 64; up to 10 is most often one picture)
BLANK = "0" * 16  # the hash of a picture of one colour, alike to any other such picture
WEIGHTS = {"place": 4.0, "category": 3.0, "picture": 4.0, "time": 1.0}  # our own; unknown pictures have no weight
LIKELY = 0.5  # from here on they are worth showing


def likeness(*, metres: float | None, same_category: bool, hours: float, bits: int | None) -> float:
    """0–1: the weighted mean of what is known. ``metres`` between them, ``hours`` between their arrivals, ``bits`` in
    which their closest pictures differ; None where unknown. An unknown distance speaks neither for nor against."""
    place = 0.5 if metres is None else max(0.0, 1 - metres / NEAR)
    parts = {"category": float(same_category), "time": max(0.0, 1 - hours / LONG), "place": place}
    if bits is not None:
        parts["picture"] = max(0.0, 1 - bits / ALIKE)
    return sum(WEIGHTS[name] * value for name, value in parts.items()) / sum(WEIGHTS[name] for name in parts)


def closest(one: list[str], other: list[str]) -> int | None:
    """The fewest bits in which a picture of the one differs from one of the other; None without pictures that say
    anything."""
    mine, theirs = ([phash for phash in some if phash != BLANK] for some in (one, other))
    return min((distance(a, b) for a in mine for b in theirs), default=None)
