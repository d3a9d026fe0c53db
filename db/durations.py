"""How long reports took, counted on sets: the digits of all minutes in base two are one set each."""

from collections.abc import Collection, Mapping

from pyroaring import BitMap

from civic.figures import rank

MINUTES = 60  # to an hour
_NONE = BitMap()


class Durations:
    """The minutes of some reports, and of some more that are not in the sets."""

    def __init__(self, digits: Mapping[str, BitMap], ids: BitMap, more: Collection[int] = ()) -> None:
        self._digits = digits
        self._ids, self._more = ids, list(more)

    def __len__(self) -> int:
        return len(self._ids) + len(self._more)

    def median(self) -> float:
        """In hours; never of none."""
        lower, upper = (len(self) - 1) // 2, len(self) // 2
        below = self._ranked(lower)
        return (below + (below if upper == lower else self._ranked(upper))) / 2 / MINUTES

    def percentile(self, part: float) -> float:
        """The smallest that at least this part of all do not exceed, in hours; never of none."""
        return self._ranked(rank(len(self), part)) / MINUTES

    def _ranked(self, at: int) -> int:
        """The minutes that stand at this place (from 0) when all are sorted: decided digit by digit from the top."""
        ids, more, value = self._ids, self._more, 0
        tops = [int(digit) for digit in self._digits] + [minutes.bit_length() - 1 for minutes in more]
        for digit in range(max(tops, default=-1), -1, -1):
            ones = self._digits.get(f"{digit:02}", _NONE)
            size, high = len(ids), ids.intersection_cardinality(ones)
            low_more = [minutes for minutes in more if not minutes >> digit & 1] if more else more
            if at < (below := size - high + len(low_more)):
                ids, more = ids - ones if high else ids, low_more
            else:
                at -= below
                ids = ids & ones if high < size else ids
                more = [minutes for minutes in more if minutes >> digit & 1]
                value |= 1 << digit
        return value
